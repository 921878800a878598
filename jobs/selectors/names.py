"""By which name one person sees another in a job: their own, or only what they do there."""

from functools import cached_property
from typing import TypedDict

from django.utils.translation import gettext as _

from accounts.grants import held
from accounts.models import User, Workspace
from accounts.visibility import People, visible_people
from jobs.models import Job, Stage


class Person(TypedDict):
    """A person in JSON; without id and user name where the name is hidden."""

    id: int | None
    username: str
    name: str


def title(stage: str) -> str:
    """What somebody is called whose name is hidden; the stage in which they worked, "" for none."""
    return {
        "": _("Task administrator"),
        Stage.LABELING: _("Labeler"),
        Stage.CHECK: _("Checker"),
        Stage.ACCEPTANCE: _("Accepter"),
    }[stage]


class Names:
    """The names of people as one viewer sees them in one job; asks nothing of the database before the first name.

    `stage`: where the viewer works just now, "" for none. Task administrators and whoever leads or creates in the
    workspace see every name. A supplier's people see those of their own team. Where the job hides names between
    stages (limit `hide_names`), workers see the names of their own stage.
    """

    def __init__(self, viewer: User, job: Job, *, stage: str = "") -> None:
        self.viewer, self.job, self.stage = viewer, job, stage

    @cached_property
    def _workspace(self) -> Workspace:
        # Only its key is asked for, so a job that came without its workspace fetches none.
        return Workspace(pk=self.job.workspace_id)

    @cached_property
    def _known(self) -> People:
        return visible_people(self.viewer, self._workspace)

    @cached_property
    def _leads(self) -> bool:
        """Whether nothing is hidden from the viewer; two queries at most."""
        return bool(
            held(self.viewer, self.job, "manage_job")
            or held(self.viewer, self._workspace, "create_in_workspace", "lead_workspace")
        )

    def sees(self, person_id: int, stage: str) -> bool:
        """Whether the viewer may know who this person is, who worked in this stage."""
        if person_id == self.viewer.pk:
            return True
        open_to_all = not self.job.limit("hide_names") or (stage and stage == self.stage)
        return bool(open_to_all and person_id in self._known) or self._leads

    def of(self, person: User | None, stage: str) -> str | None:
        """The name to show; None for nobody."""
        if person is None:
            return None
        return person.get_full_name() if self.sees(person.pk, stage) else title(stage)

    def person(self, person: User | None, stage: str) -> Person | None:
        """The same as the API gives people; None for nobody."""
        if person is None:
            return None
        if not self.sees(person.pk, stage):
            return {"id": None, "username": "", "name": title(stage)}
        return {"id": person.pk, "username": person.username, "name": person.get_full_name()}
