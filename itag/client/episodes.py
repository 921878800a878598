"""What `itag demo` plays of the workflow engine besides whole jobs: each checks what the server must do, over the API."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from itag.client.cast import Cast, Say
from itag.client.manifest import Off
from itag.client.yard import Json, Yard, expect

#: Packages of the episode `acceptance-lot`, and the seconds within which its lot must be closed.
LOT_PACKAGES, LOT_SECONDS = 2000, 10


def workflows(yard: Yard) -> None:
    """Each of the four workflows, to its end."""
    yard.upload(4)
    cast = yard.cast
    for workflow in (
        "labeling",
        "labeling,check",
        "labeling,acceptance",
        "labeling,check,acceptance",
    ):
        yard.create(workflow=workflow, name=f"demo-{cast.run}-{workflow.replace(',', '-')}")
        expect(yard.label_all(), 2, f"packages labeled in {workflow}")
        for stage, person in (("check", cast.checker), ("acceptance", cast.accepter)):
            if stage in workflow:
                expect(yard.inspect_all(stage, person), 2, f"packages of {stage}")
        yard.finished()


def sampling(yard: Yard) -> None:
    """One-item packages at 30 %: what is drawn stays within one of the ratio; a fixed number besides."""
    yard.upload(20)
    yard.create(workflow="labeling,check", check_ratio=30, allocation={"type": "fixed", "size": 1})
    labeler = yard.cast.labelers[0]
    expect(yard.label_all([labeler]), 20, "packages labeled")
    expect(yard.inspect_all("check", yard.cast.checker), 6, "packages drawn of 20 at 30 %")
    yard.finished()
    yard.create(
        workflow="labeling,check", check_count=2, name=f"demo-{yard.cast.run}-fixed",
        allocation={"type": "fixed", "size": 5},
    )  # fmt: skip
    yard.label_all([labeler])
    assignment = yard.must_claim(yard.cast.checker, "check")
    drawn = [i for i in yard.items(yard.cast.checker, assignment) if i["state"] != "unsampled"]
    expect(len(drawn), 2, "items drawn of a package of five")


def rejection(yard: Yard) -> None:
    """Rejected items return to their author alone; after the last round a manager decides."""
    yard.upload(2)
    yard.create(workflow="labeling,check", limits={"max_rounds": 2})
    first, second = yard.cast.labelers[:2]
    yard.label(first, yard.must_claim(first))
    yard.inspect(yard.cast.checker, "check", 1, feedback="look again")
    if (other := yard.claim(second)) is not None:
        raise Off(f"returned work was given to somebody else: {other['package']}")
    back = yard.must_claim(first)
    expect((back["round"], back["is_return"]), (2, True), "the returned package")
    states = [item["state"] for item in yard.items(first, back)]
    expect(states, ["open", "locked"], "items of the returned package")
    yard.label(first, back, "pear")
    yard.inspect(yard.cast.checker, "check", 1)
    expect(yard.claim(first), None, "a third round without a manager")
    yard.admin.post(yard.at("/packages/1/release"), {"reason": "once more"})
    yard.label(first, yard.must_claim(first), "plum")
    yard.inspect(yard.cast.checker, "check")
    yard.finished()


def allocation(yard: Yard) -> None:
    """Fixed, average, by field; reserved by share and by number; the preview says the same as the job."""
    yard.upload(10, batch=lambda n: "abc"[n % 3])
    first, second = yard.cast.labelers[:2]
    shares = {"users": {str(first.id): 60, str(second.id): 40}}
    ranges: Json = {"packages": [{"first": 1, "last": 1, "user": second.id}]}
    for rule, sizes in (
        ({"type": "fixed", "size": 4}, [4, 4, 2]),
        ({"type": "average", "packages": 3}, [4, 3, 3]),
        ({"type": "field", "field": "batch"}, [4, 3, 3]),
        ({"type": "average", "packages": 5, "targets": shares}, [2, 2, 2, 2, 2]),
        ({"type": "fixed", "size": 5, "targets": ranges}, [5, 5]),
    ):
        name = f"demo-{yard.cast.run}-{rule['type']}-{len(sizes)}"
        body = yard.body(allocation=rule, workflow="labeling", name=name)
        expect(yard.admin.post("/jobs/preview", body)["packages"], len(sizes), f"preview of {rule}")
        yard.create(allocation=rule, workflow="labeling", name=name)
        found = sorted((p["item_count"] for p in yard.packages()), reverse=True)
        expect(found, sizes, f"sizes of {rule}")
        if rule.get("targets") is shares:
            taken = Counter(p.name for p in (first, second) for _ in range(_take_all(yard, p)))
            expect(dict(taken), {first.name: 3, second.name: 2}, "packages by share")
        elif rule.get("targets") is ranges:
            expect(yard.must_claim(second)["package"]["number"], 1, "the reserved package")


def _take_all(yard: Yard, person: Any) -> int:
    done = 0
    while assignment := yard.claim(person):
        yard.label(person, assignment)
        done += 1
    return done


def votes(yard: Yard) -> None:
    """Three answer, two must agree: what agrees is adopted, what does not is adjudicated."""
    yard.upload(2)
    yard.create(workflow="labeling,check", votes={"1": {"VoteNum": 3, "MinVote": 2}})
    answers = (("apple", "apple"), ("apple", "pear"), ("pear", "plum"))
    for person, (one, two) in zip(yard.cast.labelers, answers, strict=False):
        held = yard.must_claim(person)
        items = yard.items(person, held)
        if any(item.get("votes") for item in items):
            raise Off("a voter sees the others' answers")
        yard.save(person, held, items[0], one)
        yard.save(person, held, items[1], two)
        yard.submit(person, held)
    checker = yard.cast.checker
    held = yard.must_claim(checker, "check")
    items = yard.items(checker, held)
    expect([item["disputed"] for item in items], [False, True], "items without agreement")
    expect(len(items[1]["votes"]), 3, "votes side by side")
    yard.judge(checker, held, 1, "pass")
    yard.judge(checker, held, 2, "adopt", vote=2)
    yard.submit(checker, held)
    yard.finished()
    chosen = yard.admin.get(yard.at("/packages/1/items/2"))["results"][0]["data"]
    expect(chosen, yard.keys["pear"], "the adopted answer")


def acceptance_lot(yard: Yard) -> None:
    """Thousands of packages judged by one sample and decided on at once."""
    yard.upload(LOT_PACKAGES)
    yard.create(workflow="labeling,acceptance", allocation={"type": "fixed", "size": 1})
    expect(yard.label_all(), LOT_PACKAGES, "packages labeled")
    accepter = yard.cast.accepter.client
    asked = {"method": "count", "amount": 20, "target": 90}
    preview = accepter.post(yard.at("/lots/preview"), asked)
    expect((preview["packages"], preview["drawn"]), (LOT_PACKAGES, 20), "preview of the lot")
    lot = accepter.post(yard.at("/lots"), asked)
    path = f"/lots/{lot['id']}"
    lot = accepter.wait(path, lambda found: found["state"] != "drawing")
    expect((lot["state"], lot["drawn_count"], lot["unjudged"]), ("open", 20, 20), "the lot")
    for number, row in enumerate(accepter.get(f"{path}/items")["results"]):
        verb, body = ("reject", {"feedback": "wrong"}) if number == 0 else ("pass", {})
        yard.judge(yard.cast.accepter, {"id": row["assignment"]}, row["position"], verb, **body)
    effect = accepter.get(f"{path}/effect", decision="return_items")
    expect(effect["returned_packages"], 1, "packages that go back")
    begun = time.monotonic()
    accepter.post(f"{path}/close", {"decision": "return_items", "confirm": LOT_PACKAGES})
    lot = accepter.wait(path, lambda found: found["state"] == "closed")
    took = time.monotonic() - begun
    yard.say(f"lot of {LOT_PACKAGES} packages closed in {took:.1f} s")
    if took > LOT_SECONDS:
        raise Off(f"the lot was closed in {took:.1f} s, not within {LOT_SECONDS}")
    expect(
        yard.refresh()["progress"]["finished"]["packages"], LOT_PACKAGES - 1, "packages accepted"
    )


def offline_online(yard: Yard) -> None:
    """Offline: what is saved is kept, nothing moves; online everything goes on."""
    yard.upload(4)
    yard.create(workflow="labeling")
    person, other = yard.cast.labelers[:2]
    held = yard.must_claim(person)
    items = yard.items(person, held)
    yard.operate("pause")
    expect(yard.claim(other), None, "a claim while paused")
    yard.operate("resume")
    yard.operate("offline")
    for item in items:
        yard.save(person, held, item, "apple")
    yard.refused("offline", "submitting offline", lambda: yard.submit(person, held))
    expect(yard.claim(other), None, "a claim while offline")
    yard.operate("online")
    yard.submit(person, held)
    yard.label_all()
    yard.finished()


def transfer_release_skip_expire(yard: Yard) -> None:
    """Packages change hands: answers stay, nobody gets again what they gave back."""
    yard.upload(6)
    yard.create(workflow="labeling", limits={"give_back_limit": 1})
    first, second = yard.cast.labelers[:2]
    held = yard.must_claim(first)
    number = held["package"]["number"]
    yard.save(first, held, yard.items(first, held)[0], "plum")
    yard.admin.post(yard.at(f"/packages/{number}/transfer"), {"to": second.id, "reason": "shift"})
    taken = yard.must_claim(second)
    expect(taken["package"]["number"], number, "the transferred package")
    expect(yard.items(second, taken)[0]["state"], "answered", "the answer of the first holder")
    yard.label(second, taken)
    skipped = yard.must_claim(first)
    first.client.post(f"/assignments/{skipped['id']}/skip", {"reason": "too_hard"})
    again = yard.must_claim(first)
    if again["package"]["number"] == skipped["package"]["number"]:
        raise Off("a skipped package was offered again")
    yard.refused(
        "allowance",
        "giving back more than the allowance",
        lambda: first.client.post(f"/assignments/{again['id']}/release", {"reason": "no_time"}),
    )
    yard.admin.post(yard.at(f"/packages/{again['package']['number']}/extend"), {"hours": 48})
    yard.admin.post(yard.at(f"/packages/{again['package']['number']}/release"), {"reason": "ill"})
    expect(
        yard.package(again["package"]["number"])["assignment"]["state"], "waiting", "after release"
    )
    _take_all(yard, second)
    _take_all(yard, first)
    yard.finished()


def append(yard: Yard) -> None:
    """Further items become a batch of their own; its last package waits until it is full or the batch is closed."""
    yard.upload(4)
    yard.create(workflow="labeling")
    yard.label_all()
    yard.finished()
    yard.upload(3, first=5)
    yard.operate("append")
    yard.admin.wait(yard.at(), lambda j: j["state"] == "running" and j["item_count"] == 7)
    yard.admin.wait(yard.at(), lambda j: j["package_count"] == 4)
    expect(yard.label_all(), 1, "full packages of the batch")
    yard.operate("batches/2/close")
    expect(yard.label_all(), 1, "the short package of the closed batch")
    yard.finished()


#: Every episode by name, in the order in which `itag demo` plays them.
EPISODES: dict[str, Callable[[Yard], None]] = {
    "workflows": workflows,
    "sampling": sampling,
    "rejection": rejection,
    "allocation": allocation,
    "votes": votes,
    "acceptance-lot": acceptance_lot,
    "offline-online": offline_online,
    "transfer-release-skip-expire": transfer_release_skip_expire,
    "append": append,
}


def play_episode(name: str, cast: Cast, *, say: Say) -> Json:
    """Play the episode; answers {"name", "job", "items", "packages"}; raises Off or ApiError."""
    yard = Yard(cast, name, say)
    EPISODES[name](yard)
    job = yard.refresh()
    return {
        "name": name,
        "job": job["id"],
        "items": job["item_count"],
        "packages": job["package_count"],
    }
