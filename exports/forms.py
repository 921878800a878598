"""The form that asks for an export."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exports.models import Export
from jobs.models import Job, JobQuerySet

#: What each scope means, beside its name.
MEANINGS = {
    Export.Scope.FINISHED: _("One line for each item that has passed the last stage."),
    Export.Scope.ALL: _("One line for each item, with what was submitted for it so far."),
}


class ExportForm(forms.Form):
    """`key` makes a form that is sent twice one export."""

    job = forms.ModelChoiceField(
        label=_("Job"), queryset=Job.objects.none(), empty_label=_("Choose …")
    )
    scope = forms.ChoiceField(
        label=_("Content"),
        choices=[(scope.value, label) for scope, label in (
            (Export.Scope.FINISHED, _("Finished packages")), (Export.Scope.ALL, _("All items")),
        )],
        widget=forms.RadioSelect,
        initial=Export.Scope.FINISHED,
    )  # fmt: skip
    key = forms.CharField(
        max_length=100, widget=forms.HiddenInput, initial=lambda: secrets.token_urlsafe(16)
    )

    def __init__(self, *args: Any, jobs: JobQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["job"].queryset = jobs  # type: ignore[attr-defined]
