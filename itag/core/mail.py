"""Whether mail goes anywhere."""

from django.conf import settings

#: Django's backend that sends nothing: what holds where no mail was configured.
NOWHERE = "django.core.mail.backends.dummy.EmailBackend"


def mail_works() -> bool:
    """Whether mail was configured; without it nothing may be promised that comes by mail."""
    return bool(settings.EMAIL_BACKEND != NOWHERE)
