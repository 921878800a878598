"""Accounts of people."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, User, Workspace
from accounts.services.workspaces import administrators, require_role, set_membership
from itag.core.errors import Conflict, FieldError, Invalid
from itag.core.policy import require


@transaction.atomic
def create_user(
    *,
    username: str,
    password: str,
    name: str = "",
    email: str = "",
    actor: User | None = None,
    workspace: Workspace | None = None,
    role: str | None = None,
    is_demo: bool = False,
    is_superuser: bool = False,
    language: str = "",
) -> User:
    """Make an account and, with a workspace, its membership (role: labeling worker unless named).

    Every wrong field is named at once (Invalid). Whoever only leads the workspace may add labeling workers.
    """
    role = role or Membership.Role.OPERATOR
    if actor is not None and workspace is not None:
        require_role(actor, workspace, role)
    user = User(
        username=username.strip(),
        email=User.objects.normalize_email(email.strip()),
        name=name.strip(),
        language=language,
        is_demo=is_demo,
        is_staff=is_superuser,
        is_superuser=is_superuser,
    )
    errors = _problems(user) + _password_problems(password, user)
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as exc:  # somebody took the name meanwhile
        errors = _problems(user)
        if not errors:
            raise
        raise Invalid(errors[0]["message"], errors=errors) from exc
    if workspace is not None:
        set_membership(workspace=workspace, user=user, role=role, actor=actor)
    return user


@transaction.atomic
def update_profile(
    *,
    user: User,
    name: str | None = None,
    email: str | None = None,
    language: str | None = None,
) -> User:
    """Change what a person says of themselves; a changed address forgets what allauth knew of the old one."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if name is not None:
        user.name = name.strip()
    if language is not None:
        user.language = language
    changed = False
    if email is not None:
        email = User.objects.normalize_email(email.strip())
        changed = email.lower() != user.email.lower()
        user.email = email
    if errors := _problems(user):
        raise Invalid(errors[0]["message"], errors=errors)
    user.save(update_fields=["name", "email", "language"])
    if changed:
        # A row of the old address would still let it sign in and reset the password.
        EmailAddress.objects.filter(user=user).delete()
    return user


@transaction.atomic
def set_user_active(*, user: User, active: bool, actor: User) -> User:
    """Close or reopen an account everywhere; the last administrator of a workspace stays (Conflict)."""
    require(actor, "users.change", user)
    # Locks the workspaces first, as changes of members do.
    ours = Membership.objects.filter(user=user, active=True, role=Membership.Role.ADMIN)
    spaces = list(
        Workspace.objects.select_for_update(no_key=True)
        .filter(pk__in=ours.values("workspace_id"))
        .order_by("pk")
    )
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not active:
        if user.pk == actor.pk:
            raise Conflict(_("Nobody closes their own account."), code="own_account")
        for workspace in spaces:
            if not administrators(workspace).exclude(user=user).exists():
                raise Conflict(
                    _("%(workspace)s would have no administrator left.")
                    % {"workspace": workspace.name},
                    code="last_administrator",
                )
    user.is_active = active
    user.save(update_fields=["is_active"])
    return user


def sign_in_name(text: str) -> dict[str, Any]:
    """How to look a person up by what they typed: an address if it holds an @, else a user name; case ignored."""
    text = text.strip()
    if "\0" in text:  # PostgreSQL takes no such text, and nobody has such a name
        text = ""
    return {"email__iexact": text} if "@" in text else {"username__iexact": text}


def _problems(user: User) -> list[FieldError]:
    errors: list[FieldError] = []
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as exc:
        errors = [
            {"field": field, "message": messages[0]} for field, messages in exc.message_dict.items()
        ]
    named = {error["field"] for error in errors}
    others = User.objects.exclude(pk=user.pk)
    if "username" not in named and others.filter(username__iexact=user.username).exists():
        errors.append({"field": "username", "message": _("This user name is taken.")})
    if user.email and "email" not in named and others.filter(email__iexact=user.email).exists():
        errors.append({"field": "email", "message": _("Another account has this address.")})
    return errors


def _password_problems(password: str, user: User) -> list[FieldError]:
    try:
        validate_password(password, user)
    except ValidationError as exc:
        return [{"field": "password", "message": " ".join(exc.messages)}]
    return []
