"""Plays a scenario against a server, through the public API only, and checks everything that comes back.

People are clients of their own: labelers work in threads at once, then the checker, then the accepter, again and
again until the job is finished. A ledger keeps what the server must know by then; the export is compared with it.
"""

import json
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itag.client.answers import Keys, same
from itag.client.api import ApiError
from itag.client.cast import Cast, Person, Say
from itag.client.manifest import Expected, Off, check_lines
from itag.client.prepare import keys_of, prepare
from itag.client.scenarios import Answer, Sample, Scenario
from itag.client.yard import expect

Json = dict[str, Any]

#: How often the people look for work before the job must be finished.
TURNS = 8


@dataclass
class Standing:
    """What the server must know of one item: the answer in force, and under each key of the manifest."""

    in_force: Answer | None = None
    keys: dict[str, Answer | None] = field(default_factory=dict)
    """{"" | "-check" | "-verify": answer}; None is an abandoned item."""
    feedback: str = ""


class Play:
    """One scenario, from upload to the checked manifest."""

    def __init__(self, scenario: Scenario, cast: Cast, *, folder: Path, say: Say) -> None:
        self.scenario, self.cast, self.folder = scenario, cast, folder
        self._say = say
        self.samples = {sample.source: sample for sample in scenario.samples}
        self.ledger = {source: Standing() for source in self.samples}
        self.claims: dict[tuple[int, str, int], str] = {}
        self.drawn: dict[str, int] = {"check": 0, "acceptance": 0}
        self.deeds: dict[str, int] = {"modified": 0, "rejected": 0, "reworked": 0, "accepted": 0}
        self._lock = threading.Lock()
        self.job: Json = {}
        self.keys: Keys = {}
        self.abandon_reason = ""

    def say(self, text: str) -> None:
        self._say(f"[{self.scenario.name}] {text}")

    def perform(self) -> Json:
        """Play everything and answer the summary; raises Off or ApiError at the first thing that is not right."""
        self.job = prepare(self.scenario, self.cast, say=self.say)
        self.keys = keys_of(self.job)
        for turn in range(1, TURNS + 1):
            self.label(turn)
            self.inspect("check", self.cast.checker)
            self.inspect("acceptance", self.cast.accepter)
            if self.finished():
                break
        else:
            raise Off(f"the job is not finished after {TURNS} turns: {self.job['progress']}")
        self.check_deeds()
        return self.export()

    # --- work -------------------------------------------------------------------------------------------------

    def claim(self, person: Person, stage: str) -> Json | None:
        """The next package of the job for this person; no package may be given twice in a round of a stage."""
        answer = person.client.post(
            f"/jobs/{self.job['id']}/claim", {"stage": stage}, repeatable=True
        )
        assignment: Json | None = answer["assignment"]
        if assignment is None:
            return None
        slot = (assignment["package"]["number"], stage, assignment["round"])
        with self._lock:
            taken_by = self.claims.setdefault(slot, person.name)
        if taken_by != person.name:
            raise Off(f"package {slot[0]} was given to {taken_by} and to {person.name}")
        return assignment

    def label(self, turn: int) -> None:
        """All labelers at once, each until no package is left for them."""
        start = threading.Barrier(len(self.cast.labelers))

        def work(person: Person) -> None:
            start.wait(timeout=60)
            while assignment := self.claim(person, "labeling"):
                self.label_package(person, assignment)

        with ThreadPoolExecutor(len(self.cast.labelers)) as pool:
            for done in [pool.submit(work, person) for person in self.cast.labelers]:
                done.result()
        if turn == 1:
            expect(len(self.claims), self.job["package_count"], "packages claimed by labelers")

    def open(self, person: Person, assignment: Json) -> tuple[Json, list[tuple[Json, Sample]]]:
        """The assignment and its items, each with the sample it shows."""
        opened = person.client.get(f"/assignments/{assignment['id']}")
        payloads = person.client.get(
            f"/assignments/{assignment['id']}/items", first=1, limit=len(opened["items"])
        )["results"]
        expect(len(payloads), len(opened["items"]), "items of the package")
        items = []
        for payload in payloads:
            source = payload["data"]["source"]
            if source not in self.samples:
                raise Off(f"package {assignment['package']['number']} shows {source!r}")
            items.append((payload, self.samples[source]))
        return opened, items

    def label_package(self, person: Person, assignment: Json) -> None:
        number, again = assignment["package"]["number"], assignment["round"] > 1
        opened, items = self.open(person, assignment)
        if any(row["state"] == "unsampled" for row in opened["items"]):
            raise Off("the labeler is told what was drawn for inspection")
        if not self.abandon_reason:
            self.abandon_reason = opened["template"]["abandon_reasons"][0]
        self.see_media(person, *items[0])
        answered = 0
        for payload, sample in items:
            self.see_prior(payload, sample)
            if payload["state"] == "locked":
                continue
            answered += 1
            standing = self.ledger[sample.source]
            if again:
                self.see_feedback(payload, standing)
            if sample.abandoned:
                self.judge(person, assignment, payload, "abandon", {"reason": self.abandon_reason})
                answer = None
            else:
                answer = sample.truth if again else sample.first
                self.save(person, assignment, payload, sample, answer)
            # What later stages said of an earlier answer is no longer worth anything.
            standing.in_force, standing.keys = answer, {"": answer}
        person.client.post(f"/assignments/{assignment['id']}/submit")
        if again:
            self.deeds["reworked"] += answered
        self.say(
            f"{person.name} {'reworked' if again else 'labeled'} package {number}: "
            f"{answered} of {len(items)} items"
        )

    def see_media(self, person: Person, payload: Json, sample: Sample) -> None:
        """The files that the person is shown are those that were uploaded."""
        for place, (_kind, name, content) in sample.media.items():
            if person.client.media(payload["media"][place]["url"]) != content:
                raise Off(f"{name} is not the file that was uploaded")
        if sample.content is None:
            return
        media = payload["media"]["source"]
        if sample.size != (0, 0):  # a document has no size of its own
            expect((media["width"], media["height"]), sample.size, f"size of {sample.source}")
        if person.client.media(media["url"]) != sample.content:
            raise Off(f"{sample.source} is not the file that was uploaded")

    def see_prior(self, payload: Json, sample: Sample) -> None:
        """What earlier jobs said of the item is shown as it came."""
        wanted = {name: json.loads(text) for name, text in sample.others.items()}
        expect(payload["prior"], wanted, f"earlier results of {sample.source}")

    def see_feedback(self, payload: Json, standing: Standing) -> None:
        told = [entry["feedback"] for entry in payload["previous_feedback"]]
        if standing.feedback and standing.feedback not in told:
            raise Off(f"the labeler is not told why the item was rejected: {told}")

    def save(
        self, person: Person, assignment: Json, payload: Json, sample: Sample, answer: Answer
    ) -> None:
        """Save an answer, twice with one write id: the second time must change nothing."""
        now = {element["questionId"]: element for element in payload["results"]}
        ops = [
            op
            for question in self.scenario.questions
            for op in question.ops(
                answer[question.id], self.keys, sample.size, now.get(question.id)
            )
        ]
        path = f"/assignments/{assignment['id']}/items/{payload['position']}"
        body = {"write": str(uuid.uuid4()), "ops": ops, "seconds": 2}
        headers = {"If-Match": f'"{payload["version"]}"'}
        saved = person.client.patch(path, body, headers=headers, repeatable=True)
        again = person.client.patch(path, body, headers=headers, repeatable=True)
        expect(again["version"], saved["version"], f"version of {sample.source} saved twice")
        kept = person.client.get(path)["results"]
        wanted = self.canonical(sample, answer)
        if not same(kept, wanted):
            raise Off(f"{sample.source}: the server keeps {kept}, saved was {wanted}")

    def canonical(self, sample: Sample, answer: Answer) -> list[Json]:
        return [
            question.element(answer[question.id], self.keys, sample.size)
            for question in self.scenario.questions
            if answer[question.id] is not None
        ]

    def judge(
        self, person: Person, assignment: Json, payload: Json, verb: str, body: Json | None = None
    ) -> None:
        """Post a verdict, or an abandonment, on one item."""
        person.client.post(
            f"/assignments/{assignment['id']}/items/{payload['position']}/{verb}",
            {"write": str(uuid.uuid4()), **(body or {})},
            repeatable=True,
        )

    # --- inspection -------------------------------------------------------------------------------------------

    def inspect(self, stage: str, person: Person) -> None:
        """Judge every package of the stage that is there for this person."""
        while assignment := self.claim(person, stage):
            self.inspect_package(person, assignment, stage)

    def inspect_package(self, person: Person, assignment: Json, stage: str) -> None:
        suffix = "-check" if stage == "check" else "-verify"
        _opened, items = self.open(person, assignment)
        sampled = [(p, s) for p, s in items if p["state"] != "unsampled"]
        if assignment["round"] == 1:
            self.drawn[stage] += len(sampled)
        said, rest = [], 0
        for payload, sample in sampled:
            standing = self.ledger[sample.source]
            self.see_base(payload, sample, standing)
            verdict = self.verdict(stage, sample, standing)
            if verdict == "modify":
                better = sample.truth if stage == "check" else sample.final
                assert better is not None
                self.save(person, assignment, payload, sample, better)
                standing.in_force = better
                standing.keys.pop("-verify", None)
                self.deeds["modified" if stage == "check" else "accepted"] += 1
                said.append(f"modified item {payload['position']}")
            elif verdict == "reject":
                standing.feedback = f"Please look again at {sample.source[:40].strip()}"
                self.judge(person, assignment, payload, "reject", {"feedback": standing.feedback})
                self.deeds["rejected"] += 1
                said.append(f"rejected item {payload['position']}")
            else:
                rest += 1
            standing.keys[suffix] = standing.in_force
        if rest:
            passed = person.client.post(f"/assignments/{assignment['id']}/pass-rest")["passed"]
            expect(passed, rest, "items passed at once")
            said.append(f"passed {rest}")
        person.client.post(f"/assignments/{assignment['id']}/submit")
        self.say(
            f"{person.name} judged package {assignment['package']['number']}, round "
            f"{assignment['round']} ({len(sampled)} of {len(items)} drawn): {', '.join(said)}"
        )

    def see_base(self, payload: Json, sample: Sample, standing: Standing) -> None:
        """What is shown for judgement is what is in force."""
        base = payload["base"]
        if standing.in_force is None:
            expect(bool(base["abandoned"]), wanted=True, what=f"{sample.source} shown as abandoned")
        elif not same(base["results"], self.canonical(sample, standing.in_force)):
            raise Off(f"{sample.source}: shown for judgement is {base['results']}")

    def verdict(self, stage: str, sample: Sample, standing: Standing) -> str:
        """Checker: the first slip is corrected, the second returned. Accepter: the first item is changed, if any."""
        if standing.in_force is None:
            return "pass"
        if stage == "acceptance":
            return "modify" if sample.final and not self.deeds["accepted"] else "pass"
        if standing.in_force is sample.first and sample.first is not sample.truth:
            if not self.deeds["modified"]:
                return "modify"
            if not self.deeds["rejected"]:
                return "reject"
        return "pass"

    # --- end --------------------------------------------------------------------------------------------------

    def finished(self) -> bool:
        """Whether the job is done; the last package may still be on its way to the job's state."""
        self.job = self.cast.admin.client.get(f"/jobs/{self.job['id']}")
        if self.job["progress"]["finished"]["packages"] < self.job["package_count"]:
            return False
        self.job = self.cast.admin.client.wait(
            f"/jobs/{self.job['id']}", lambda job: job["state"] == "finished", timeout=90
        )
        self.say(f"job finished: {self.job['progress']['finished']['items']} items")
        return True

    def check_deeds(self) -> None:
        """Everything that the scenario is there to show has happened."""
        for deed in ("modified", "rejected", "reworked"):
            if not self.deeds[deed]:
                raise Off(f"nothing was {deed} on the way")
        count = len(self.samples)
        given_up = sum(sample.abandoned for sample in self.samples.values())
        for stage, ratio, subjects in (
            ("check", self.scenario.check_ratio, len(self.cast.labelers)),
            ("acceptance", self.scenario.acceptance_ratio, 1),
        ):
            drawn, wanted = self.drawn[stage], count * ratio / 100
            rejected = self.deeds["rejected"] * self.scenario.package_size
            if not wanted - subjects - rejected <= drawn <= wanted + subjects + given_up:
                raise Off(f"{drawn} of {count} items were drawn for {stage}, wanted {ratio} %")

    def export(self) -> Json:
        """Export to a manifest, follow its progress, download it and compare it line by line."""
        admin = self.cast.admin.client
        body = {
            "job": self.job["id"],
            "format": "manifest",
            "scope": "finished",
            "idempotency_key": f"demo-{self.cast.run}-{self.scenario.name}",
        }
        asked = admin.post("/exports", body, repeatable=True)
        expect(admin.post("/exports", body)["id"], asked["id"], "export asked for twice")
        seen: list[int] = []

        def progress(run: Json) -> None:
            if not seen or seen[-1] != run["percent"]:
                seen.append(run["percent"])

        run = admin.wait_for_run(f"/exports/{asked['id']}", progress=progress)
        target = self.folder / f"{self.scenario.name}.manifest"
        digest = admin.download(f"/exports/{asked['id']}/file", target)
        expect(digest, run["digest"], "digest of the export")
        expect(target.stat().st_size, run["size"], "size of the export")
        self.compare(target.read_text(encoding="utf-8"))
        self.say(
            f"export {' → '.join(f'{percent} %' for percent in seen)}: {target} sha256 {digest}"
        )
        return {
            "name": self.scenario.name,
            "template": self.scenario.template,
            "items": len(self.samples),
            "packages": self.job["package_count"],
            "manifest": str(target),
            "sha256": digest,
        }

    def compare(self, text: str) -> None:
        """Every line is what was answered, and a training program reads from it what holds in the end."""
        task = self.job["task_id"]
        rows = check_lines(text, [self.expected(s, task) for s in self.samples.values()])
        for row, sample in zip(rows, self.samples.values(), strict=True):
            if sample.abandoned:
                continue
            results = self.expected(sample, task).results
            read = self.scenario.read(row, task)
            wanted = self.scenario.read({"data": row["data"], **results}, task)
            if not same(read, wanted):
                raise Off(f"{sample.source}: a training program reads {read}, expected {wanted}")

    def expected(self, sample: Sample, task: str) -> Expected:
        standing = self.ledger[sample.source]
        return Expected(
            data=sample.data,
            source=sample.source,
            others=sample.others,
            results={
                f"label-{task}{suffix}": self.exported(sample, standing.keys[suffix])
                for suffix in ("", "-check", "-verify")
                if suffix in standing.keys
            },
        )

    def exported(self, sample: Sample, answer: Answer | None) -> Json:
        if answer is None:
            return {
                "results": [],
                "abandonFlag": True,
                "abandonRemark": self.abandon_reason,
            }
        return {
            "results": [
                question.exported(answer[question.id], sample.size)
                for question in self.scenario.questions
                if answer[question.id] is not None
            ]
        }


def play(
    scenarios: Sequence[Scenario], cast: Cast, *, folder: Path, say: Say
) -> tuple[list[Json], str]:
    """Play scenarios one after the other; answers their summaries and what went wrong ("" if nothing)."""
    summaries = []
    for scenario in scenarios:
        try:
            summaries.append(Play(scenario, cast, folder=folder, say=say).perform())
        except (Off, ApiError) as exc:
            return summaries, f"{scenario.name}: {exc}"
    return summaries, ""
