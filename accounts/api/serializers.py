"""What people, workspaces, teams and tokens look like in JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import ApiToken, Membership, OneTimeLink, Team, User, Workspace
from accounts.services.workspaces import KEEP, RELEASE
from accounts.shortcuts import MOST_KEYS, check_shortcuts

Role = Membership.Role


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person as other people see them; `name` is the user name where no name was given."""

    name = serializers.CharField(source="get_full_name", read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "name"]
        read_only_fields = fields


class UserSerializer(PersonSerializer):
    """A person as those see them who choose or manage people."""

    class Meta(PersonSerializer.Meta):
        fields = ["id", "username", "name", "email", "is_active"]
        read_only_fields = fields


class UserCreateSerializer(serializers.Serializer):
    workspace = serializers.IntegerField()
    username = serializers.CharField(max_length=64)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    role = serializers.ChoiceField(choices=Role.choices, required=False, default=Role.OPERATOR)
    team = serializers.IntegerField(required=False, allow_null=True, default=None)
    must_change_password = serializers.BooleanField(
        required=False, default=False, help_text="Whether they choose another when they sign in."
    )


class UserChangeSerializer(serializers.Serializer):
    is_active = serializers.BooleanField()
    held = serializers.ChoiceField([RELEASE, KEEP], required=False, default=KEEP)


class OneTimePasswordSerializer(serializers.Serializer):
    """The only answer that holds the password."""

    password = serializers.CharField()


class AccountRowSerializer(serializers.Serializer):
    """One account of a table; what is wrong with it the service says, with its position."""

    username = serializers.CharField(allow_blank=True, trim_whitespace=False)
    name = serializers.CharField(required=False, allow_blank=True)
    email = serializers.CharField(required=False, allow_blank=True)
    role = serializers.CharField(required=False, allow_blank=True)
    team = serializers.CharField(
        required=False, allow_blank=True, help_text="The name of a team of the workspace."
    )
    password = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class ImportSerializer(serializers.Serializer):
    workspace = serializers.IntegerField()
    rows = AccountRowSerializer(many=True)
    dry_run = serializers.BooleanField(required=False, default=False)


class ImportedAccountSerializer(serializers.Serializer):
    """An account that was made, or would be; `password` where one was chosen for it, this once."""

    id = serializers.IntegerField(allow_null=True)
    username = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    team = serializers.IntegerField(allow_null=True)
    password = serializers.CharField(allow_null=True)


class ImportedSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField()
    count = serializers.IntegerField()
    accounts = ImportedAccountSerializer(many=True)


class CalendarSerializer(serializers.Serializer):
    """Working hours; an empty object stands for Monday to Friday, 9 to 17 o'clock."""

    days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        required=False,
        max_length=7,
        help_text="1 is Monday, 7 is Sunday.",
    )
    opens = serializers.CharField(required=False, max_length=5, help_text="HH:MM")
    closes = serializers.CharField(required=False, max_length=5, help_text="HH:MM, 24:00 too")


class WorkspaceSerializer(serializers.ModelSerializer[Workspace]):
    class Meta:
        model = Workspace
        fields = [
            "id", "name", "time_zone", "calendar", "is_default", "created_at", "archived_at",
        ]  # fmt: skip
        read_only_fields = fields

    calendar = CalendarSerializer(read_only=True)


class WorkspaceWriteSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100)
    time_zone = serializers.CharField(max_length=64, required=False, default="UTC")
    calendar = CalendarSerializer(required=False)


class WorkspaceChangeSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100, required=False)
    time_zone = serializers.CharField(max_length=64, required=False)
    calendar = CalendarSerializer(required=False)


class MyWorkspaceSerializer(serializers.Serializer):
    """A workspace of the person's own and what they are in it; null for a superuser who is no member."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices, allow_null=True)


class ShortcutsField(serializers.DictField):
    """Keys of the labeling page that were changed: {binding: its keys}; what is not named has its own."""

    child = serializers.ListField(child=serializers.CharField(max_length=40), max_length=MOST_KEYS)

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        return check_shortcuts(data)


class MeSerializer(serializers.ModelSerializer[User]):
    """The person who asks."""

    workspaces = serializers.SerializerMethodField()
    shortcuts = ShortcutsField(read_only=True)

    class Meta:
        model = User
        fields = [
            "id", "username", "name", "email", "language", "is_superuser", "claim_next", "shortcuts",
            "workspaces",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(MyWorkspaceSerializer(many=True))
    def get_workspaces(self, user: User) -> list[dict[str, Any]]:
        roles = dict(
            Membership.objects.filter(user=user, active=True).values_list("workspace_id", "role")
        )
        found = Workspace.objects.visible_to(user).filter(archived_at=None)
        return [{"id": w.pk, "name": w.name, "role": roles.get(w.pk)} for w in found]


class MeChangeSerializer(serializers.ModelSerializer[User]):
    """What a person sets for themselves."""

    shortcuts = ShortcutsField(required=False)

    class Meta:
        model = User
        fields = ["claim_next", "shortcuts"]


class MemberSerializer(serializers.ModelSerializer[Membership]):
    user = UserSerializer(read_only=True)

    class Meta:
        model = Membership
        fields = ["user", "role", "active", "created_at"]
        read_only_fields = fields


class MemberWriteSerializer(serializers.Serializer):
    role = serializers.ChoiceField(choices=Role.choices)
    active = serializers.BooleanField(required=False, default=True)
    held = serializers.ChoiceField(
        [RELEASE, KEEP],
        required=False,
        default=RELEASE,
        help_text="What becomes of the packages held by somebody who is made inactive.",
    )


class InvitationSerializer(serializers.ModelSerializer[OneTimeLink]):
    """An open invitation, without its secret."""

    created_by = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = OneTimeLink
        fields = ["id", "role", "team", "created_by", "created_at", "expires_at"]
        read_only_fields = fields


class InvitationWriteSerializer(serializers.Serializer):
    role = serializers.ChoiceField(choices=Role.choices, required=False, default=Role.OPERATOR)
    team = serializers.IntegerField(required=False, allow_null=True, default=None)
    days = serializers.IntegerField(required=False, default=7)


class NewInvitationSerializer(serializers.Serializer):
    """The only answer that holds the link."""

    url = serializers.CharField()


class TeamSerializer(serializers.ModelSerializer[Team]):
    members = PersonSerializer(source="group.user_set", many=True, read_only=True)
    leaders = PersonSerializer(many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["id", "workspace", "name", "is_supplier", "members", "leaders", "created_at"]
        read_only_fields = fields


class TeamWriteSerializer(serializers.Serializer):
    workspace = serializers.IntegerField()
    name = serializers.CharField(max_length=100)
    members = serializers.ListField(child=serializers.IntegerField(), max_length=5000)
    leaders = serializers.ListField(
        child=serializers.IntegerField(), max_length=5000, required=False, default=list
    )
    is_supplier = serializers.BooleanField(required=False, default=False)


class TeamChangeSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100, required=False)
    members = serializers.ListField(
        child=serializers.IntegerField(), max_length=5000, required=False
    )
    leaders = serializers.ListField(
        child=serializers.IntegerField(), max_length=5000, required=False
    )
    is_supplier = serializers.BooleanField(required=False)


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its secret."""

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "scopes",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        ]
        read_only_fields = fields


class TokenRequestSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class NewTokenSerializer(serializers.Serializer):
    """The only answer that holds a token's secret."""

    id = serializers.IntegerField()
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
