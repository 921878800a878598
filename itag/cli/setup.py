"""`itag setup-link`."""

import os

from itag.cli.console import Stop, tell
from itag.cli.prepare import setup_link
from itag.cli.servers import ensured
from itag.home import running


def print_link(url: str | None) -> int:
    """Print a link that makes the first administrator; refused when there is one."""
    with ensured():
        import django

        django.setup()
        from accounts.models import User

        if User.objects.filter(is_active=True, is_superuser=True).exists():
            raise Stop("There is an administrator already, who can invite others.")
        address = url or os.environ.get("SITE_URL") or running("url") or "http://127.0.0.1:8000"
        tell(setup_link(address.rstrip("/")))
    return 0
