"""What a scenario needs before anybody works: its dataset, its template, its job."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from itag.client.answers import Keys
from itag.client.cast import Cast, Say
from itag.client.manifest import Off
from itag.client.scenarios import Scenario
from itag.client.yard import expect

Json = dict[str, Any]


def prepare(scenario: Scenario, cast: Cast, *, say: Say) -> Json:
    """Upload the dataset and create the job on it; answers the job once its packages are there."""
    return create_job(scenario, cast, upload(scenario, cast, say), say)


def upload(scenario: Scenario, cast: Cast, say: Say) -> Json:
    """Create the dataset and wait until it is ready."""
    admin = cast.admin.client
    samples = scenario.samples
    name = f"demo-{cast.run}-{scenario.name}"
    if scenario.samples[0].media:
        made = _upload_parts(scenario, cast, name)
    elif all(sample.content is not None for sample in samples):
        made = admin.upload_dataset(
            workspace=cast.workspace,
            name=name,
            kind=scenario.kind,
            files=[(s.source, s.content) for s in samples if s.content is not None],
        )
    else:
        made = admin.upload_dataset(
            workspace=cast.workspace,
            name=name,
            kind=scenario.kind,
            manifest="".join(f"{s.line}\n" for s in samples).encode(),
        )
    ready = admin.wait(f"/datasets/{made['id']}", lambda d: d["state"] != "importing")
    if ready["state"] != "ready":
        raise Off(f"the import failed: {ready['import']}")
    expect(ready["item_count"], len(samples), "items of the dataset")
    say(f"dataset {name}: {ready['item_count']} items ({scenario.kind})")
    return ready


def _upload_parts(scenario: Scenario, cast: Cast, name: str) -> Json:
    """A dataset whose items have a text and files of several kinds: each kind is uploaded, then named in lines."""
    admin, samples = cast.admin.client, scenario.samples
    places: dict[str, Json] = {}
    for field, (kind, _name, _content) in samples[0].media.items():
        made = admin.upload_dataset(
            workspace=cast.workspace,
            name=f"{name}-{field}",
            kind=kind,
            files=[(s.media[field][1], s.media[field][2]) for s in samples],
        )
        places[field] = admin.wait(f"/datasets/{made['id']}", lambda d: d["state"] != "importing")
        expect(places[field]["state"], "ready", f"state of the files of {field}")
    for sample in samples:
        files = {
            field: f"{places[field]['prefix']}/{sample.media[field][1]}".lstrip("/")
            for field in sample.media
        }
        sample.data = json.dumps({"source": sample.source, **files}, ensure_ascii=False)
    made = admin.upload_dataset(
        workspace=cast.workspace,
        name=name,
        kind=scenario.kind,
        manifest="".join(f"{s.line}\n" for s in samples).encode(),
        storage=next(iter(places.values()))["storage"],
    )
    return dict(made)


def _template(scenario: Scenario, cast: Cast) -> Json:
    """The general template, or the team's own, made anew."""
    admin = cast.admin.client
    if scenario.custom is not None:
        name = f"{scenario.custom['name']} {cast.run}"
        body = {**scenario.custom, "name": name, "workspace": cast.workspace}
        made: Json = admin.post("/label-templates", body)
        return made
    found = next(
        (t for t in admin.pages("/label-templates") if t["key"] == scenario.template), None
    )
    if found is None:
        raise Off(f"the server has no template {scenario.template}")
    return dict(found)


def create_job(scenario: Scenario, cast: Cast, dataset: Json, say: Say) -> Json:
    """Create the job, after a preview, and wait until its packages are there."""
    admin = cast.admin.client
    template = _template(scenario, cast)
    body = {
        "workspace": cast.workspace,
        "name": f"demo-{cast.run}-{scenario.name}",
        "description": "Made by `itag demo`.",
        "dataset": dataset["id"],
        "template": template["id"],
        "field_bindings": {view["bindField"]: view["bindField"] for view in template["views"]},
        "selected_questions": list(scenario.asked),
        "options": {
            question: [_option(scenario, label) for label in labels]
            for question, labels in scenario.labels.items()
        },
        "shapes": {question: list(names) for question, names in scenario.shapes.items()},
        "workflow": "labeling,check,acceptance",
        "check_ratio": scenario.check_ratio,
        "acceptance_ratio": scenario.acceptance_ratio,
        "allocation": {"type": "fixed", "size": scenario.package_size},
        "members": {
            "labeling": {"users": [p.id for p in cast.labelers], "teams": []},
            "check": {"users": [cast.checker.id], "teams": []},
            "acceptance": {"users": [cast.accepter.id], "teams": []},
        },
        "language": scenario.language,
    }
    count = -(-len(scenario.samples) // scenario.package_size)
    preview = admin.post("/jobs/preview", body)
    expect(preview["packages"], count, "packages of the preview")
    made = admin.post("/jobs", body)
    job = admin.wait(f"/jobs/{made['id']}", lambda j: j["state"] != "initialising")
    expect(job["state"], "running", f"state of the job ({job.get('split')})")
    expect(job["package_count"], count, "packages of the job")
    sizes = ", ".join(f"{s['count']} of {s['size']}" for s in preview["sizes"])
    say(
        f"job {job['id']} (label-{job['task_id']}): {count} packages ({sizes}), "
        f"check {scenario.check_ratio} %, acceptance {scenario.acceptance_ratio} %"
    )
    return dict(job)


def _option(scenario: Scenario, label: str) -> Json:
    """A label with those below it."""
    below = [_option(scenario, name) for name in scenario.under.get(label, ())]
    return {"label": label, **({"children": below} if below else {})}


def keys_of(job: Json) -> Keys:
    """The keys of the job's options by question and label."""
    return {question: dict(_keys(options)) for question, options in job["options"].items()}


def _keys(options: Sequence[Json]) -> Iterator[tuple[str, str]]:
    for option in options:
        yield option["label"], option["key"]
        yield from _keys(option.get("children", []))
