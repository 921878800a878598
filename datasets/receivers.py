"""What happens here when something happens in an app below."""

from typing import Any

from accounts.models import Workspace
from datasets.models import Storage
from datasets.services.storages import UPLOADS_NAME


def prepare_workspace(sender: type[Workspace], instance: Workspace, **kwargs: Any) -> None:
    """A new workspace has its storage of uploads from the beginning, so that pages need not make it."""
    if kwargs["created"] and not kwargs["raw"]:
        Storage.objects.create(
            workspace=instance, name=UPLOADS_NAME, root=str(instance.pk), is_upload=True
        )
