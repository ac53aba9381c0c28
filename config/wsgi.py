"""The WSGI application that granian serves."""

import gc

from django.core.wsgi import get_wsgi_application

from config.env import default_settings

default_settings()
application = get_wsgi_application()

# What is loaded now stays. Passing over it again and again costs every hundredth request tens of milliseconds, and what
# a request leaves behind is nearly always freed by its reference count.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
