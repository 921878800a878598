"""What forms share: a service's refusal shown at the fields that it names."""

from django.forms import BaseForm

from itag.core.errors import ItagError


def add_errors(form: BaseForm, error: ItagError) -> None:
    """Put each message at its field (the part before a dot or bracket), else above the form."""
    for one in error.errors or [{"message": error.detail}]:
        name = one.get("field", "").split(".")[0].split("[")[0]
        form.add_error(name if name in form.fields else None, one["message"])
