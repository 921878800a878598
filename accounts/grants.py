"""The one way to write and read guardian grants: direct tables, one query a question, nothing cached.

guardian's own `get_objects_for_user` answers differently from `has_perm` for inactive users and global permissions,
so lists and single checks both go through here.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model


def user_grants(model: type[Model] | Model) -> Any:
    """The table of the grants to people on objects of this model."""
    return get_user_obj_perms_model(model)  # type: ignore[arg-type]


def group_grants(model: type[Model] | Model) -> Any:
    """The table of the grants to teams' groups on objects of this model."""
    return get_group_obj_perms_model(model)  # type: ignore[arg-type]


def _permission(model: type[Model], codename: str) -> Permission:
    content_type = ContentType.objects.get_for_model(model)
    return Permission.objects.get(content_type=content_type, codename=codename)


def granted_ids(user: Any, model: type[Model], *codenames: str) -> QuerySet[Any]:
    """A subquery of the ids that the person holds one of these permissions on, directly or through a team's group."""
    users = user_grants(model).objects.filter(user=user, permission__codename__in=codenames)
    groups = group_grants(model).objects.filter(
        group__user=user, permission__codename__in=codenames
    )
    return (
        model._default_manager.order_by()
        .filter(
            Q(pk__in=users.values("content_object_id"))
            | Q(pk__in=groups.values("content_object_id"))
        )
        .values("pk")
    )


def holds(user: Any, obj: Model, *codenames: str) -> bool:
    """Whether the person holds one of these permissions on the object; one query."""
    return bool(held(user, obj, *codenames))


def holds_anywhere(user: Any, codename: str) -> bool:
    """Whether the person holds this permission on any object at all, of whatever kind."""
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser:
        return True
    for permission in Permission.objects.filter(codename=codename).select_related("content_type"):
        model = permission.content_type.model_class()
        if model is not None and granted_ids(user, model, codename).exists():
            return True
    return False


def held(user: Any, obj: Model, *codenames: str) -> set[str]:
    """Which of these permissions (all, if none is named) the person holds on the object; one query."""
    if not user.is_authenticated or not user.is_active:
        return set()
    if user.is_superuser:
        return set(codenames) or {
            *Permission.objects.filter(
                content_type=ContentType.objects.get_for_model(obj)
            ).values_list("codename", flat=True)
        }
    users = user_grants(obj).objects.filter(user=user, content_object=obj)
    groups = group_grants(obj).objects.filter(group__user=user, content_object=obj)
    if codenames:
        users = users.filter(permission__codename__in=codenames)
        groups = groups.filter(permission__codename__in=codenames)
    names = users.order_by().values_list("permission__codename", flat=True)
    return set(names.union(groups.order_by().values_list("permission__codename", flat=True)))


def grant(
    codename: str, obj: Model, *, users: Iterable[Any] = (), groups: Iterable[Group] = ()
) -> None:
    """Give the permission on the object to these people and groups; given twice is given once."""
    permission = _permission(type(obj), codename)
    user_model, group_model = user_grants(obj), group_grants(obj)
    user_model.objects.bulk_create(
        [user_model(permission=permission, user=user, content_object=obj) for user in users],
        ignore_conflicts=True,
    )
    group_model.objects.bulk_create(
        [group_model(permission=permission, group=group, content_object=obj) for group in groups],
        ignore_conflicts=True,
    )


def revoke(
    codename: str, obj: Model, *, users: Iterable[Any] = (), groups: Iterable[Group] = ()
) -> None:
    """Take the permission on the object from these people and groups."""
    permission = _permission(type(obj), codename)
    user_grants(obj).objects.filter(
        permission=permission, content_object=obj, user__in=list(users)
    ).delete()
    group_grants(obj).objects.filter(
        permission=permission, content_object=obj, group__in=list(groups)
    ).delete()


def holders(obj: Model, codename: str) -> tuple[QuerySet[Any], QuerySet[Group]]:
    """The people and the groups that hold the permission on the object directly."""
    users = user_grants(obj).objects.filter(content_object=obj, permission__codename=codename)
    groups = group_grants(obj).objects.filter(content_object=obj, permission__codename=codename)
    user_model = user_grants(obj)._meta.get_field("user").related_model
    return (
        user_model._default_manager.filter(pk__in=users.values("user_id")),
        Group.objects.filter(pk__in=groups.values("group_id")),
    )
