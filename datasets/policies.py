"""Who may see, make, fill and delete datasets, and name the folders that they are read from."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.grants import held
from accounts.models import Workspace
from accounts.policies import unless_archived
from datasets.models import Dataset, Storage
from itag.core.policy import ALLOWED, HIDDEN, Verdict, denied, rule


@rule("datasets.view")
def view(user: Any, dataset: Dataset) -> Verdict:
    """Who may create in its workspace, and to whom it was granted."""
    if dataset.deleted_at is not None:
        return HIDDEN
    if held(user, dataset.workspace, "create_in_workspace") or held(user, dataset, "view_dataset"):
        return ALLOWED
    return HIDDEN


@rule("datasets.create")
def create(user: Any, workspace: Workspace | None) -> Verdict:
    return _in_workspace(
        user,
        workspace,
        "create_in_workspace",
        _("Only administrators and annotation administrators make datasets."),
    )


@rule("datasets.import", "datasets.delete")
def change(user: Any, dataset: Dataset) -> Verdict:
    if dataset.deleted_at is not None:
        return HIDDEN
    if held(user, dataset.workspace, "create_in_workspace"):
        return unless_archived(dataset.workspace)
    if held(user, dataset, "view_dataset"):
        return denied(_("Only administrators and annotation administrators change datasets."))
    return HIDDEN


@rule("storages.view")
def view_storage(user: Any, storage: Storage) -> Verdict:
    return ALLOWED if held(user, storage.workspace, "create_in_workspace") else HIDDEN


@rule("storages.create")
def create_storage(user: Any, workspace: Workspace | None) -> Verdict:
    return _in_workspace(
        user,
        workspace,
        "manage_workspace",
        _("Only administrators of the workspace name storages."),
    )


def _in_workspace(user: Any, workspace: Workspace | None, codename: str, reason: str) -> Verdict:
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    grants = held(user, workspace, "view_workspace", codename)
    if codename in grants:
        return unless_archived(workspace)
    return denied(reason) if grants else HIDDEN
