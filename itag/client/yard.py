"""Short words for what people do in a job over the API, for the episodes of `itag demo`."""

import json
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from itag.client.api import ApiError
from itag.client.cast import Cast, Person, Say
from itag.client.manifest import Off

Json = dict[str, Any]
LABELS = ("apple", "pear", "plum")
QUESTION = "1"


def expect(found: Any, wanted: Any, what: str) -> None:
    """Raise Off unless both are equal."""
    if found != wanted:
        raise Off(f"{what}: {found!r}, not {wanted!r}")


class Yard:
    """One job of texts with a single choice, and its people."""

    def __init__(self, cast: Cast, name: str, say: Say) -> None:
        self.cast, self.name, self._say = cast, name, say
        self.dataset: Json = {}
        self.job: Json = {}
        self.keys: dict[str, str] = {}

    def say(self, text: str) -> None:
        self._say(f"[{self.name}] {text}")

    @property
    def admin(self) -> Any:
        return self.cast.admin.client

    # --- dataset and job ----------------------------------------------------------------------------------------------

    def upload(self, count: int, *, first: int = 1, **fields: Callable[[int], Any]) -> None:
        """A dataset of so many lines, or further lines of it; `fields`: further members of each line's data."""
        lines = "".join(
            json.dumps({"data": {"source": f"text {n}", **{k: f(n) for k, f in fields.items()}}})
            + "\n"
            for n in range(first, first + count)
        ).encode()
        if self.dataset:
            path = f"/datasets/{self.dataset['id']}"
            self.admin.send(
                "POST",
                f"{path}/imports",
                data={"origin": "manifest"},
                files=[("manifest", ("more.manifest", lines))],
            )
            wanted = self.dataset["item_count"] + count
            self.dataset = self.admin.wait(
                path, lambda d: d["state"] == "ready" and d["item_count"] >= wanted
            )
            return
        made = self.admin.upload_dataset(
            workspace=self.cast.workspace,
            name=f"demo-{self.cast.run}-{self.name}",
            kind="text",
            manifest=lines,
        )
        self.dataset = self.admin.wait(
            f"/datasets/{made['id']}", lambda d: d["state"] != "importing"
        )
        expect(self.dataset["state"], "ready", "state of the dataset")

    def body(self, **more: Any) -> Json:
        """The body of a job; `more` wins."""
        workflow = more.get("workflow", "labeling,check,acceptance")
        people = {
            "labeling": [p.id for p in self.cast.labelers],
            "check": [self.cast.checker.id],
            "acceptance": [self.cast.accepter.id],
        }
        template = next(
            (t for t in self.admin.pages("/label-templates") if t["key"] == "text-classification"),
            None,
        )
        if template is None:
            raise Off("the server has no template text-classification")
        return {
            "workspace": self.cast.workspace,
            "name": f"demo-{self.cast.run}-{self.name}",
            "description": "Made by `itag demo`.",
            "dataset": self.dataset["id"],
            "template": template["id"],
            "field_bindings": {"source": "source"},
            "selected_questions": [QUESTION],
            "options": {QUESTION: [{"label": label} for label in LABELS]},
            "workflow": workflow,
            "allocation": {"type": "fixed", "size": 2},
            "members": {
                stage: {"users": people[stage], "teams": []} for stage in workflow.split(",")
            },
            "language": "en",
            **more,
        }

    def create(self, **more: Any) -> Json:
        """The job, once its packages are there."""
        made = self.admin.post("/jobs", self.body(**more))
        self.job = self.admin.wait(f"/jobs/{made['id']}", lambda j: j["state"] != "initialising")
        expect(self.job["state"], "running", f"state of the job ({self.job.get('split')})")
        self.keys = {o["label"]: o["key"] for o in self.job["options"][QUESTION]}
        self.say(
            f"job {self.job['id']}: {self.job['item_count']} items in {self.job['package_count']} packages"
        )
        return self.job

    def refresh(self) -> Json:
        self.job = self.admin.get(f"/jobs/{self.job['id']}")
        return self.job

    def at(self, path: str = "") -> str:
        return f"/jobs/{self.job['id']}{path}"

    def packages(self) -> list[Json]:
        return list(self.admin.pages(self.at("/packages")))

    def package(self, number: int) -> Json:
        found: Json = self.admin.get(self.at(f"/packages/{number}"))
        return found

    def operate(self, verb: str, **body: Any) -> Any:
        return self.admin.post(self.at(f"/{verb}"), body)

    # --- work ---------------------------------------------------------------------------------------------------------

    def claim(self, person: Person, stage: str = "labeling") -> Json | None:
        answer = person.client.post(self.at("/claim"), {"stage": stage}, repeatable=True)
        found: Json | None = answer["assignment"]
        return found

    def must_claim(self, person: Person, stage: str = "labeling") -> Json:
        answer = person.client.post(self.at("/claim"), {"stage": stage}, repeatable=True)
        if answer["assignment"] is None:
            raise Off(f"{person.name} gets nothing in {stage}: {answer['reason']}")
        found: Json = answer["assignment"]
        return found

    def items(self, person: Person, assignment: Json) -> list[Json]:
        found: list[Json] = person.client.get(
            f"/assignments/{assignment['id']}/items", first=1, limit=50
        )["results"]
        return found

    def save(self, person: Person, assignment: Json, item: Json, label: str) -> Json:
        value = {"questionId": QUESTION, "type": "survey/value", "data": self.keys[label]}
        saved: Json = person.client.patch(
            f"/assignments/{assignment['id']}/items/{item['position']}",
            {
                "write": str(uuid.uuid4()),
                "ops": [{"questionId": QUESTION, "id": None, "value": value}],
            },
            headers={"If-Match": f'"{item["version"]}"'},
            repeatable=True,
        )
        return saved

    def judge(
        self, person: Person, assignment: Json, position: int, verb: str, **body: Any
    ) -> None:
        person.client.post(
            f"/assignments/{assignment['id']}/items/{position}/{verb}",
            {"write": str(uuid.uuid4()), **body},
            repeatable=True,
        )

    def submit(self, person: Person, assignment: Json) -> Json:
        done: Json = person.client.post(f"/assignments/{assignment['id']}/submit", repeatable=True)
        return done

    def label(self, person: Person, assignment: Json, label: str = "apple") -> None:
        """Answer every open item the same and submit."""
        for item in self.items(person, assignment):
            if item["state"] != "locked":
                self.save(person, assignment, item, label)
        self.submit(person, assignment)

    def label_all(self, people: Iterable[Person] | None = None) -> int:
        """Everybody at once until nothing is left for them; how many packages that were."""

        def work(person: Person) -> int:
            done = 0
            while assignment := self.claim(person):
                self.label(person, assignment)
                done += 1
            return done

        everybody = list(people or self.cast.labelers)
        with ThreadPoolExecutor(len(everybody)) as pool:
            return sum(pool.map(work, everybody))

    def inspect(self, person: Person, stage: str, *rejected: int, feedback: str = "wrong") -> Json:
        """One package of the stage: reject these positions, pass the rest, submit; answers the assignment."""
        assignment = self.must_claim(person, stage)
        for position in rejected:
            self.judge(person, assignment, position, "reject", feedback=feedback)
        person.client.post(f"/assignments/{assignment['id']}/pass-rest")
        self.submit(person, assignment)
        return assignment

    def inspect_all(self, stage: str, person: Person) -> int:
        done = 0
        while assignment := self.claim(person, stage):
            person.client.post(f"/assignments/{assignment['id']}/pass-rest")
            self.submit(person, assignment)
            done += 1
        return done

    def refused(self, code: str, what: str, act: Callable[[], Any]) -> ApiError:
        """The act must be refused with this code."""
        try:
            act()
        except ApiError as exc:
            expect(exc.code, code, what)
            return exc
        raise Off(f"{what}: it was not refused")

    def finished(self) -> None:
        """The job must be finished now."""
        self.admin.wait(self.at(), lambda j: j["state"] == "finished", timeout=90)
        self.say("finished")
