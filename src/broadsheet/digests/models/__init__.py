"""The tables of the digests room, one module a subject."""

from broadsheet.digests.models.alerts import Alert, AlertMatch, Position
from broadsheet.digests.models.issues import AlarmMail, Bounce, Delivery, Issue, SentPaper
from broadsheet.digests.models.outages import OutageMail
from broadsheet.digests.models.subscribers import Feedback, Interest, Subscriber, Suppression

__all__ = [
    "AlarmMail",
    "Alert",
    "AlertMatch",
    "Bounce",
    "Delivery",
    "Feedback",
    "Interest",
    "Issue",
    "OutageMail",
    "Position",
    "SentPaper",
    "Subscriber",
    "Suppression",
]
