"""Accounts from a table: pasted or read from a file, looked at, then made."""

import csv
import io
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from accounts.context import person
from accounts.forms import TableForm
from accounts.models import Membership
from accounts.services.imports import (
    COLUMNS,
    MAX_PASSWORDS,
    MAX_ROWS,
    Account,
    import_accounts,
    read_csv,
)
from accounts.views.members import MembersPage
from itag.core.errors import ItagError

#: Rows of a preview that are drawn; what is wrong is always listed.
SHOWN = 200


class ImportAccounts(MembersPage):
    """First the table, then what would be made of it, then the accounts with their one-time passwords, this once."""

    rule = "members.invite"
    template = "accounts/import.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(TableForm())

    def _page(self, form: TableForm, status: int = 200, **context: Any) -> HttpResponse:
        response = self.page(
            form=form,
            columns=COLUMNS,
            most=MAX_ROWS,
            most_passwords=MAX_PASSWORDS,
            status=status,
            **context,
        )
        # Passwords may stand in it.
        response["Cache-Control"] = "no-store"
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TableForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        make = "make" in request.POST
        try:
            accounts = import_accounts(
                workspace=self.object,
                actor=person(request),
                rows=read_csv(form.cleaned_data["table"]),
                dry_run=not make,
            )
        except ItagError as exc:
            if exc.status == 403:
                raise
            return self._page(form, status=422, error=exc)
        shown = [
            {"account": one, "role": Membership.Role(one.role).label} for one in accounts[:SHOWN]
        ]
        more = max(0, len(accounts) - SHOWN)
        if not make:
            return self._page(form, preview=shown, count=len(accounts), more=more)
        return self._page(
            TableForm(), made=shown, count=len(accounts), more=more, file=_file(accounts)
        )


def _file(accounts: list[Account]) -> str:
    """The one-time passwords as the address of a file, which is kept nowhere; "" where there are none."""
    rows = [one for one in accounts if one.password]
    if not rows:
        return ""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["username", "password"])
    for one in rows:
        # A name that begins like a formula is a text to a spreadsheet too.
        name = one.user.username
        writer.writerow([f"'{name}" if name[0] in "+-" else name, one.password])
    return "data:text/csv;charset=utf-8," + quote("\ufeff" + out.getvalue())
