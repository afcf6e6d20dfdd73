"""The tables of the community room, one module a subject."""

from broadsheet.community.models.bibliographies import Bibliography, Reference, Theme
from broadsheet.community.models.collections import Clipping, Collection
from broadsheet.community.models.comments import Comment, CommentText, Lock, Notification
from broadsheet.community.models.moderation import Act, Report
from broadsheet.community.models.moves import Move
from broadsheet.community.models.readers import Reader, Role, Token
from broadsheet.community.models.submissions import Claim, Feature, Submission
from broadsheet.community.models.votes import Read, Vote

__all__ = [
    "Act",
    "Bibliography",
    "Claim",
    "Clipping",
    "Collection",
    "Comment",
    "CommentText",
    "Feature",
    "Lock",
    "Move",
    "Notification",
    "Read",
    "Reader",
    "Reference",
    "Report",
    "Role",
    "Submission",
    "Theme",
    "Token",
    "Vote",
]
