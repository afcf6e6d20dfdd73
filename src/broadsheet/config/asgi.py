"""What a server runs: the site, with the library opened and its index following the journal."""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
# A static file is streamed from disk by a worker thread, which is what this warning would have us do.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
application = get_asgi_application()

from broadsheet.library import shared  # noqa: E402  (models need the set-up above)

shared().follow()
