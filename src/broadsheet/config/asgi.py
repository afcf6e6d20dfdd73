"""What a server runs: the site, with the library opened and its index following the journal."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
django.setup(set_prefix=False)

from broadsheet.config.serving import Site  # noqa: E402  (models need the set-up above)
from broadsheet.library import shared  # noqa: E402

application = Site(presses=settings.PRESSES)
shared().follow()
