"""What gunicorn serves: `gunicorn web.wsgi:app`."""

from web.app import create_app
from web.config import Settings

app = create_app(Settings())
