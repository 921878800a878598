"""Where the apps are. In a checkout they lie beside this package, in the wheel below it in `_apps`.

Only the server's entry points (`itag.cli`, `itag.wsgi`, `itag.celery`) call this: an app named `datasets` in
site-packages itself would replace Hugging Face's package of that name for everybody (design decision 13).
"""

import sys
from pathlib import Path


def add_apps() -> None:
    """Put the apps of an installed wheel on sys.path, before anything else of the same name."""
    apps = Path(__file__).resolve().parent / "_apps"
    if apps.is_dir() and str(apps) not in sys.path:
        sys.path.insert(0, str(apps))
