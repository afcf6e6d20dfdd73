"""What a server runs: the site, with the library opened and its index following the journal."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
application = get_asgi_application()

from broadsheet.library import shared  # noqa: E402  (models need the set-up above)

shared().follow()
