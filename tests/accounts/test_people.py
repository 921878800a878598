"""Accounts, teams, tokens and one-time links: the services."""

from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from accounts.grants import held
from accounts.models import ApiToken, Membership, OneTimeLink, Team, User, Workspace, hash_token
from accounts.services import links, tokens
from accounts.services.teams import create_team, update_team
from accounts.services.users import create_user, set_user_active, update_profile
from accounts.services.workspaces import remove_membership, set_membership
from accounts.signals import access_lost
from itag.core.errors import Conflict, Denied, Invalid, NotFound
from tests.factories import PASSWORD, UserFactory, WorkspaceFactory, member

pytestmark = pytest.mark.django_db


# --- accounts -----------------------------------------------------------------------------------------------------


def test_a_new_person_is_a_worker_unless_named_otherwise(
    workspace: Workspace, admin_user: User
) -> None:
    user = create_user(
        username=" kim ", password=PASSWORD, name=" Kim ", actor=admin_user, workspace=workspace
    )
    assert (user.username, user.name) == ("kim", "Kim")
    assert user.check_password(PASSWORD)
    assert not user.is_superuser
    assert not user.is_staff
    assert Membership.objects.get(user=user).role == "operator"
    assert held(user, workspace) == {"view_workspace"}


def test_every_wrong_field_is_named_at_once(workspace: Workspace) -> None:
    create_user(username="Kim", password=PASSWORD, email="kim@example.org")
    with pytest.raises(Invalid) as error:
        create_user(username="kIM", password="123", email="KIM@example.org", workspace=workspace)
    assert {e["field"] for e in error.value.errors} == {"username", "email", "password"}
    with pytest.raises(Invalid) as error:
        create_user(username="a b", password=PASSWORD, email="no address")
    assert {e["field"] for e in error.value.errors} == {"username", "email"}
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "username", ["", "a/b", "a b", "ki\nm", "ki\0m", "kim@example.org", "x" * 65]
)
def test_user_names_that_are_refused(username: str) -> None:
    with pytest.raises(Invalid) as error:
        create_user(username=username, password=PASSWORD)
    assert error.value.errors[0]["field"] == "username"


def test_a_leader_makes_workers_only(workspace: Workspace, leader: User) -> None:
    with pytest.raises(Denied):
        create_user(
            username="boss", password=PASSWORD, actor=leader, workspace=workspace, role="admin"
        )
    assert not User.objects.filter(username="boss").exists()
    create_user(username="hand", password=PASSWORD, actor=leader, workspace=workspace)
    assert User.objects.filter(username="hand").exists()


def test_a_changed_address_no_longer_signs_in_by_the_old_one(labeler: User) -> None:
    update_profile(user=labeler, email="old@example.org")
    EmailAddress.objects.create(user=labeler, email="old@example.org", primary=True)
    user = update_profile(user=labeler, name="Lars", email="new@example.org", language="zh-hans")
    assert (user.name, user.email, user.language) == ("Lars", "new@example.org", "zh-hans")
    assert not EmailAddress.objects.exists()
    UserFactory(email="taken@example.org")
    with pytest.raises(Invalid):
        update_profile(user=labeler, email="Taken@example.org")
    with pytest.raises(Invalid):
        update_profile(user=labeler, language="klingon")


def test_accounts_are_closed_by_superusers_and_never_the_last_administrators(
    workspace: Workspace, admin_user: User, labeler: User
) -> None:
    root = UserFactory(is_superuser=True, is_staff=True)
    with pytest.raises(Denied):
        set_user_active(user=labeler, active=False, actor=admin_user)
    with pytest.raises(Conflict) as error:
        set_user_active(user=admin_user, active=False, actor=root)
    assert error.value.code == "last_administrator"
    with pytest.raises(Conflict):
        set_user_active(user=root, active=False, actor=root)
    set_user_active(user=labeler, active=False, actor=root)
    labeler.refresh_from_db()
    assert not labeler.is_active
    assert not held(labeler, workspace)
    set_user_active(user=labeler, active=True, actor=root)
    labeler.refresh_from_db()
    assert held(labeler, workspace) == {"view_workspace"}


# --- teams --------------------------------------------------------------------------------------------------------


def test_a_team_has_a_group_of_its_people(
    workspace: Workspace, leader: User, labeler: User, labeler2: User
) -> None:
    team = create_team(
        workspace=workspace, name=" Night ", members=[labeler], leaders=[leader], actor=leader
    )
    assert team.name == "Night"
    assert list(team.group.user_set.all()) == [labeler]
    gone = []

    def hear(sender, users, **_):  # type: ignore[no-untyped-def]
        gone.extend(users)

    access_lost.connect(hear)
    try:
        update_team(team=team, actor=leader, name="Day", members=[labeler2])
    finally:
        access_lost.disconnect(hear)
    team.refresh_from_db()
    assert team.name == "Day"
    assert list(team.group.user_set.all()) == [labeler2]
    assert list(team.leaders.all()) == [leader]
    assert gone == [labeler.pk]


def test_teams_that_are_refused(
    workspace: Workspace, leader: User, labeler: User, stranger: User
) -> None:
    create_team(workspace=workspace, name="Night", members=[], actor=leader)
    for fields, field in (
        ({"name": "night", "members": [labeler]}, "name"),
        ({"name": " ", "members": [labeler]}, "name"),
        ({"name": "Day", "members": [labeler, stranger]}, "members"),
        ({"name": "Day", "members": [], "leaders": [stranger]}, "leaders"),
    ):
        with pytest.raises(Invalid) as error:
            create_team(workspace=workspace, actor=leader, **fields)  # type: ignore[arg-type]
        assert error.value.errors[0]["field"] == field
    with pytest.raises(Denied):
        create_team(workspace=workspace, name="Day", members=[], actor=labeler)
    with pytest.raises(NotFound):
        create_team(workspace=workspace, name="Day", members=[], actor=stranger)
    assert Team.objects.count() == 1


# --- tokens -------------------------------------------------------------------------------------------------------


def test_only_a_hash_of_the_token_is_kept(labeler: User) -> None:
    token, secret = tokens.create_token(user=labeler, name="script")
    row = ApiToken.objects.values().get(pk=token.pk)
    assert secret not in str(row)
    assert row["digest"] == hash_token(secret)
    assert timedelta(hours=11, minutes=59) < token.expires_at - timezone.now() < timedelta(hours=12)
    user, found = tokens.authenticate(secret)
    assert (user, found) == (labeler, token)


def test_a_token_ends_by_time_revocation_and_with_the_account(labeler: User) -> None:
    def refused(secret: str) -> bool:
        try:
            tokens.authenticate(secret)
        except AuthenticationFailed:
            return True
        return False

    token, secret = tokens.create_token(user=labeler)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert refused(secret)
    token, secret = tokens.create_token(user=labeler)
    tokens.revoke_token(token=token)
    assert refused(secret)
    at = token.revoked_at
    tokens.revoke_token(token=token)
    assert token.revoked_at == at
    _token, secret = tokens.create_token(user=labeler)
    assert not refused(secret)
    User.objects.update(is_active=False)
    assert refused(secret)
    assert refused("itag_" + "x" * 43)
    assert refused("")


def test_the_last_use_is_written_once_a_minute(labeler: User, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    _token, secret = tokens.create_token(user=labeler)
    with django_assert_num_queries(2):
        tokens.authenticate(secret)
    with django_assert_num_queries(1):
        tokens.authenticate(secret)


def test_tokens_that_are_refused(labeler: User) -> None:
    for fields in ({"hours": 0}, {"hours": 24 * 367}, {"scopes": ["fly"]}, {"name": "x" * 101}):
        with pytest.raises(Invalid):
            tokens.create_token(user=labeler, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("nobody", PASSWORD),
        ("lars", "wrong"),
        ("", PASSWORD),
        ("closed", PASSWORD),
        ("@", PASSWORD),
        ("lars\0", PASSWORD),
    ],
)
def test_whatever_is_wrong_the_error_is_one(
    username: str, password: str, labeler: User, workspace: Workspace
) -> None:
    member(workspace, username="closed", is_active=False)
    with pytest.raises(AuthenticationFailed) as error:
        tokens.sign_in(username=username, password=password)
    assert str(error.value) == "User name or password is wrong."


@pytest.mark.parametrize("name", ["lars", "LARS", " lars ", "Lars@Example.org"])
def test_signing_in_by_user_name_or_address(name: str, labeler: User) -> None:
    update_profile(user=labeler, email="lars@example.org")
    assert tokens.sign_in(username=name, password=PASSWORD) == labeler


def test_a_password_is_hashed_whether_there_is_such_a_person_or_not(
    labeler: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of a refusal is the time of one hash in every case."""
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda self, raw: hashed.append("unknown"))
    monkeypatch.setattr(User, "check_password", lambda self, raw: hashed.append("known") or False)
    for name in ("nobody", "lars", ""):
        with pytest.raises(AuthenticationFailed):
            tokens.sign_in(username=name, password="x")
    assert hashed == ["unknown", "known", "unknown"]


# --- one-time links -----------------------------------------------------------------------------------------------


def test_an_invitation_lets_one_person_in(workspace: Workspace, admin_user: User) -> None:
    secret = links.create_link(
        purpose="invite", workspace=workspace, role="leader", actor=admin_user
    )
    assert secret not in str(OneTimeLink.objects.values().get())
    user = links.use_invitation(secret=secret, username="kim", password=PASSWORD)
    assert Membership.objects.get(user=user).role == "leader"
    with pytest.raises(NotFound):
        links.use_invitation(secret=secret, username="kim2", password=PASSWORD)
    assert not User.objects.filter(username="kim2").exists()


def test_a_refused_account_leaves_the_invitation_usable(
    workspace: Workspace, admin_user: User
) -> None:
    secret = links.create_link(purpose="invite", workspace=workspace, actor=admin_user)
    with pytest.raises(Invalid):
        links.use_invitation(secret=secret, username="kim", password="123")
    links.use_invitation(secret=secret, username="kim", password=PASSWORD)


def test_invitations_end_by_time_withdrawal_and_with_the_inviters_right(
    workspace: Workspace, admin_user: User, stranger: User
) -> None:
    def refused(secret: str) -> bool:
        try:
            links.use_invitation(secret=secret, username="kim", password=PASSWORD)
        except (NotFound, Denied):
            return True
        return False

    secret = links.create_link(purpose="invite", workspace=workspace, actor=admin_user)
    OneTimeLink.objects.update(expires_at=timezone.now())
    assert refused(secret)
    secret = links.create_link(purpose="invite", workspace=workspace, actor=admin_user)
    link = OneTimeLink.objects.open().get()
    with pytest.raises(NotFound):
        links.revoke_link(link=link, actor=stranger)
    links.revoke_link(link=link, actor=admin_user)
    assert refused(secret)
    leader = member(workspace, "leader")
    secret = links.create_link(purpose="invite", workspace=workspace, actor=leader)
    remove_membership(workspace=workspace, user=leader, actor=admin_user)
    assert refused(secret)
    assert not User.objects.filter(username="kim").exists()


def test_a_leader_invites_workers_only(workspace: Workspace, leader: User, labeler: User) -> None:
    with pytest.raises(Denied):
        links.create_link(purpose="invite", workspace=workspace, role="admin", actor=leader)
    with pytest.raises(Denied):
        links.create_link(purpose="invite", workspace=workspace, actor=labeler)
    assert not OneTimeLink.objects.exists()


def test_somebody_with_an_account_joins_with_it(
    workspace: Workspace, admin_user: User, stranger: User
) -> None:
    secret = links.create_link(purpose="invite", workspace=workspace, actor=admin_user)
    assert links.join_by_invitation(secret=secret, user=stranger) == workspace
    assert held(stranger, workspace) == {"view_workspace"}


def test_joining_changes_no_role_and_reopens_nothing(
    workspace: Workspace, admin_user: User, labeler: User
) -> None:
    secret = links.create_link(purpose="invite", workspace=workspace, actor=admin_user)
    with pytest.raises(Conflict):
        links.join_by_invitation(secret=secret, user=admin_user)
    assert held(admin_user, workspace, "manage_workspace")
    set_membership(
        workspace=workspace, user=labeler, role="operator", active=False, actor=admin_user
    )
    with pytest.raises(Denied):
        links.join_by_invitation(secret=secret, user=labeler)
    assert OneTimeLink.objects.open().exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_people_with_one_link_one_gets_in(at_once) -> None:  # type: ignore[no-untyped-def]
    workspace = WorkspaceFactory()
    for n in range(3):
        secret = links.create_link(purpose="invite", workspace=workspace)
        results = at_once(
            *(
                partial(links.use_invitation, secret=secret, username=f"p{n}{i}", password=PASSWORD)
                for i in range(4)
            )
        )
        assert sum(isinstance(r, User) for r in results) == 1
        assert User.objects.filter(username__startswith=f"p{n}").count() == 1


def test_the_first_administrator_comes_by_a_link() -> None:
    old = links.create_link(purpose="setup")
    secret = links.create_link(purpose="setup")
    with pytest.raises(NotFound):
        links.use_setup_link(secret=old, username="root", password=PASSWORD)
    user = links.use_setup_link(secret=secret, username="root", password=PASSWORD)
    assert user.is_superuser
    assert user.is_staff
    assert Membership.objects.get(user=user, role="admin").workspace.is_default
    with pytest.raises(NotFound):
        links.use_setup_link(secret=secret, username="root2", password=PASSWORD)
    with pytest.raises(Conflict):
        links.create_link(purpose="setup")


def test_a_setup_link_is_void_once_there_is_an_administrator() -> None:
    secret = links.create_link(purpose="setup")
    create_user(username="root", password=PASSWORD, is_superuser=True)
    with pytest.raises(NotFound):
        links.use_setup_link(secret=secret, username="root2", password=PASSWORD)


@pytest.mark.parametrize("days", [0, 31])
def test_how_long_a_link_may_live(days: int, workspace: Workspace) -> None:
    with pytest.raises(Invalid):
        links.create_link(purpose="invite", workspace=workspace, days=days)
