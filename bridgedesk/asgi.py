"""The web process: granian serves `application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")
application = get_asgi_application()
