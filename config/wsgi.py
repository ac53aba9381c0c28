"""The WSGI application that granian serves."""

from django.core.wsgi import get_wsgi_application

from config.env import default_settings

default_settings()
application = get_wsgi_application()
