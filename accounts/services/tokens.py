"""API tokens: shown once, kept as a hash, with an end; and signing in with user name and password for one."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import ApiToken, User, hash_token
from accounts.services.users import sign_in_name
from itag.core.clock import now
from itag.core.errors import Denied, Invalid

MAX_HOURS = 24 * 366
#: The code of every refusal until somebody has chosen a password of their own.
PASSWORD_CHANGE = "password_change"  # noqa: S105  a code, no password
#: A token whose scopes hold "read" may only read; without scopes it may do what the person may.
SCOPES = ("read",)


def create_token(
    *, user: User, name: str = "", hours: int = 12, scopes: Iterable[str] = ()
) -> tuple[ApiToken, str]:
    """Make a token; the second value is the only time that its secret is seen."""
    scopes = sorted(set(scopes))
    if not 1 <= hours <= MAX_HOURS:
        raise Invalid.field("hours", _("Between 1 and %(most)s hours.") % {"most": MAX_HOURS})
    if set(scopes) - set(SCOPES):
        raise Invalid.field("scopes", _("There is no such scope."))
    if len(name) > 100:
        raise Invalid.field("name", _("At most 100 characters."))
    secret = ApiToken.new_secret()
    token = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        digest=hash_token(secret),
        scopes=scopes,
        expires_at=now() + timedelta(hours=hours),
    )
    return token, secret


def sign_in(*, username: str, password: str) -> User:
    """The person with this user name or address and password.

    One error for everything that can be wrong, and one password hash computed either way, so that neither the answer
    nor its time says whether there is such a person.
    """
    # Nobody's user name is empty, and an empty address is left out by the constraint of its column.
    user = User.objects.filter(**sign_in_name(username)).first()
    if user is None:
        User().set_password(password)
    elif user.check_password(password) and user.is_active:
        require_own_password(user)
        return user
    raise AuthenticationFailed(_("User name or password is wrong."), code="authentication_failed")


def require_own_password(user: User) -> None:
    """Raise Denied while somebody has the password that another person chose for them: no token leads around it."""
    if user.must_change_password:
        raise Denied(
            _("Choose a password of your own first: sign in with a browser."),
            code=PASSWORD_CHANGE,
        )


def authenticate(secret: str) -> tuple[User, ApiToken]:
    """Whose token this is; unknown, revoked, expired and closed accounts are one and the same error."""
    token = (
        ApiToken.objects.valid()
        .select_related("user")
        .filter(digest=hash_token(secret), user__is_active=True)
        .first()
    )
    if token is None:
        raise AuthenticationFailed(_("The token is not valid."), code="authentication_failed")
    require_own_password(token.user)
    moment = now()
    # Once a minute is precise enough, and a client at work does not write a row at each call.
    if token.last_used_at is None or moment - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).filter(
            Q(last_used_at=None) | Q(last_used_at__lt=moment)
        ).update(last_used_at=moment)
        token.last_used_at = moment
    return token.user, token


def revoke_token(*, token: ApiToken) -> None:
    """End the token; a second time changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now())
    token.refresh_from_db(fields=["revoked_at"])
