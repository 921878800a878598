"""The people of a run of the demo, each with a connection of their own."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from itag.client.api import Client
from itag.client.manifest import Off

Say = Callable[[str], None]


@dataclass
class Person:
    """Somebody with a connection of their own."""

    name: str
    id: int
    client: Client


@dataclass
class Cast:
    """Who takes part in a run of the demo."""

    run: str
    workspace: int
    admin: Person
    labelers: list[Person]
    checker: Person
    accepter: Person

    @classmethod
    def gather(
        cls, connect: Callable[[], Client], admin: Client, *, labelers: int, say: Say
    ) -> "Cast":
        """Make the people of this run: an administrator signed in already makes all the others."""
        me = admin.get("/me")
        places = [entry for entry in me["workspaces"] if entry["role"] == "admin"]
        if not places:
            raise Off(f"{me['username']} administers no workspace")
        workspace = places[0]["id"]
        run = secrets.token_hex(4)

        def hire(part: str) -> Person:
            username, password = f"demo-{run}-{part}", secrets.token_urlsafe(15)
            made = admin.post(
                "/users",
                {
                    "workspace": workspace,
                    "username": username,
                    "password": password,
                    "name": part.replace("-", " ").capitalize(),
                    "email": "",
                    "role": "operator",
                },
            )
            client = connect()
            client.sign_in(username, password, name="itag demo")
            return Person(username, made["id"], client)

        cast = cls(
            run=run,
            workspace=workspace,
            admin=Person(me["username"], me["id"], admin),
            labelers=[hire(f"labeler-{number}") for number in range(1, labelers + 1)],
            checker=hire("checker"),
            accepter=hire("accepter"),
        )
        say(
            f"people: {', '.join(p.name for p in cast.labelers)}, "
            f"{cast.checker.name}, {cast.accepter.name}"
        )
        return cast

    def close(self) -> None:
        for person in (*self.labelers, self.checker, self.accepter):
            person.client.close()
