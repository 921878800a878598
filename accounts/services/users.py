"""Accounts of people."""

import secrets
from collections.abc import Container
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.grants import held
from accounts.models import Membership, Team, User, Workspace, led_suppliers
from accounts.services.teams import add_to_team
from accounts.services.workspaces import KEEP, administrators, require_role, set_membership
from accounts.signals import access_lost
from itag.core.errors import Conflict, FieldError, Invalid
from itag.core.policy import require
from itag.core.text import UNSTORABLE, fold

#: Letters and digits that are not mistaken for one another on paper.
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"


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
    team: Team | None = None,
    must_change_password: bool = False,
    is_demo: bool = False,
    is_superuser: bool = False,
    language: str = "",
) -> User:
    """Make an account and, with a workspace, its membership (role: labeling worker unless named) and team.

    Every wrong field is named at once (Invalid). Whoever only leads the workspace may add labeling workers, a
    supplier's leader those of their own team, which is the one they lead where none is named.
    """
    role = role or Membership.Role.OPERATOR
    if actor is not None and workspace is not None:
        require_role(actor, workspace, role)
        team = team_to_fill(actor, workspace, team)
    user = new_user(
        username=username,
        email=email,
        name=name,
        language=language,
        is_demo=is_demo,
        is_staff=is_superuser,
        is_superuser=is_superuser,
        must_change_password=must_change_password,
    )
    errors = problems(user) + password_problems(password, user)
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as exc:  # somebody took the name meanwhile
        errors = problems(user)
        if not errors:
            raise
        raise Invalid(errors[0]["message"], errors=errors) from exc
    if workspace is not None:
        # The right was asked above: whoever is new is in no team yet that it could be read from.
        set_membership(workspace=workspace, user=user, role=role, actor=None)
        if team is not None:
            add_to_team(team=team, users=[user])
    return user


def new_user(*, username: str, email: str = "", name: str = "", **fields: Any) -> User:
    """An account that is not saved yet, its names spelled as they are kept."""
    return User(
        username=fold(username),
        email=User.objects.normalize_email(email.strip()),
        name=name.strip(),
        **fields,
    )


def team_to_fill(actor: User, workspace: Workspace, team: Team | None) -> Team | None:
    """The team that the actor puts a new account into: the named one, a supplier's leader's only one, or none.

    Raises Invalid where a supplier's leader has to choose, or the team is not the workspace's; Denied or NotFound
    where the actor may not fill it.
    """
    if team is None and not held(actor, workspace, "manage_workspace", "lead_workspace"):
        own = list(led_suppliers(actor).filter(workspace=workspace)[:2])
        if len(own) != 1:
            raise Invalid.field("team", _("Choose one of your teams."))
        return own[0]
    if team is not None:
        if team.workspace_id != workspace.pk:
            raise Invalid.field("team", _("Choose a team of this workspace."))
        require(actor, "teams.fill", team)
    return team


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
    if errors := problems(user):
        raise Invalid(errors[0]["message"], errors=errors)
    user.save(update_fields=["name", "email", "language"])
    if changed:
        # A row of the old address would still let it sign in and reset the password.
        EmailAddress.objects.filter(user=user).delete()
    return user


@transaction.atomic
def set_user_active(*, user: User, active: bool, actor: User, held: str = KEEP) -> User:
    """Close or reopen an account everywhere; the last administrator of a workspace stays (Conflict).

    Closing ends every session and token for good: reopening gives back the account, not what was signed in with it.
    `held`: what becomes of the packages that the person holds, "release" or "keep" until somebody reassigns them.
    """
    require(actor, "users.change", user)
    # Locks the workspaces first, as changes of members do.
    places = list(Membership.objects.filter(user=user, active=True))
    spaces = {
        workspace.pk: workspace
        for workspace in Workspace.objects.select_for_update(no_key=True)
        .filter(pk__in=[place.workspace_id for place in places])
        .order_by("pk")
    }
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        return user
    if user.pk == actor.pk:
        raise Conflict(_("Nobody closes their own account."), code="own_account")
    for place in places:
        workspace = spaces[place.workspace_id]
        if (
            place.role == Membership.Role.ADMIN
            and not administrators(workspace).exclude(user=user).exists()
        ):
            raise Conflict(
                _("%(workspace)s would have no administrator left.")
                % {"workspace": workspace.name},
                code="last_administrator",
            )
    user.is_active = False
    user.session_number += 1
    user.save(update_fields=["is_active", "session_number"])
    user.end_tokens()
    for workspace in spaces.values():
        access_lost.send(sender=User, workspace=workspace, users=[user.pk], held=held)
    return user


@transaction.atomic
def reset_password(*, user: User, actor: User) -> str:
    """Give the person a one-time password, answered this once: they choose another when they sign in.

    Every session and token of theirs ends. Who may is the rule `users.reset`.
    """
    require(actor, "users.reset", user)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    return password


def one_time_password() -> str:
    """Twenty letters and digits in groups of five, 99 random bits, none of them easily mistaken for another."""
    letters = "".join(secrets.choice(_CLEAR) for _number in range(20))
    return "-".join(letters[start : start + 5] for start in range(0, 20, 5))


def sign_in_name(text: str) -> dict[str, Any]:
    """How to look a person up by what they typed: an address if it holds an @, else a user name; case ignored."""
    text = fold(text)
    if UNSTORABLE.search(text):  # PostgreSQL takes no such text, and nobody has such a name
        text = ""
    return {"email__iexact": text} if "@" in text else {"username__iexact": text}


def problems(user: User, *, taken: Container[tuple[str, str]] | None = None) -> list[FieldError]:
    """What is wrong with the account's fields. `taken`: (field, lower case) of what others have, else they are asked."""
    errors: list[FieldError] = []
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as exc:
        errors = [
            {"field": field, "message": messages[0]} for field, messages in exc.message_dict.items()
        ]
    named = {error["field"] for error in errors}
    others = User.objects.exclude(pk=user.pk)

    def is_taken(field: str) -> bool:
        text = getattr(user, field)
        if not text or field in named:
            return False
        if taken is not None:
            return (field, text.lower()) in taken
        return others.filter(**{f"{field}__iexact": text}).exists()

    if is_taken("username"):
        errors.append({"field": "username", "message": _("This user name is taken.")})
    if is_taken("email"):
        errors.append({"field": "email", "message": _("Another account has this address.")})
    return errors


def password_problems(password: str, user: User) -> list[FieldError]:
    try:
        validate_password(password, user)
    except ValidationError as exc:
        return [{"field": "password", "message": " ".join(exc.messages)}]
    return []
