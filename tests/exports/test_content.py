"""What an export holds: which answer under which key, byte for byte the rest."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from datasets.models import Item
from exports import services
from exports.models import Export
from exports.selectors import Answer, held_by_keys
from jobs.models import Job, PackageItem
from templates_app.models import LabelTemplate
from tests.exports.rows import answer, finish, judge, label_all, submit
from tests.factories import choice, make_dataset, make_job

pytestmark = pytest.mark.django_db

Lines = list[dict[str, Any]]


def exported(job: Job, scope: str = "all", **changes: Any) -> bytes:
    """The bytes of an export of the job, made here and now."""
    export = services.request_export(job=job, user=job.created_by, scope=scope)
    Export.objects.filter(pk=export.pk).update(**changes)
    services.build_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == "succeeded", export.error
    return services.locate(export).read_bytes()


def lines(job: Job, scope: str = "all", **changes: Any) -> Lines:
    return [json.loads(line) for line in exported(job, scope, **changes).splitlines()]


def labels(line: dict[str, Any], job: Job) -> dict[str, Any]:
    """Stage suffix → the label of question 1, or "abandoned: why", for what the line holds of the job."""
    found = {}
    prefix = f"label-{job.task_id}"
    for key, value in line.items():
        if key.startswith(prefix):
            found[key.removeprefix(prefix)] = (
                f"abandoned: {value['abandonRemark']}"
                if value.get("abandonFlag")
                else value["results"][0]["data"]
            )
    return found


@pytest.fixture
def job(db: None) -> Job:
    """One package of six texts; check and acceptance follow labeling."""
    return make_job(items=6, size=6)


def package(job: Job) -> Any:
    return job.packages.get(number=1)


class TestKeys:
    def test_an_unfinished_item_has_no_key(self, job: Job) -> None:
        assert [list(line) for line in lines(job)] == [["data"]] * 6

    def test_a_draft_is_not_submitted(self, job: Job) -> None:
        claimed = submit(package(job), "labeling", state="claimed", submitted_at=None)
        answer(claimed, 1)
        assert [list(line) for line in lines(job)] == [["data"]] * 6

    def test_labeled(self, job: Job) -> None:
        labeling = submit(package(job), "labeling")
        answer(labeling, 2, "k2")
        found = lines(job)
        assert labels(found[1], job) == {"": "dog"}
        assert list(found[1]) == ["data", f"label-{job.task_id}"]
        assert found[1][f"label-{job.task_id}"]["results"] == [
            {"questionId": "1", "data": "dog", "markTitle": "single-choice", "type": "survey/value"}
        ]

    def test_passed_modified_sampled_out(self, job: Job) -> None:
        labeling = submit(package(job), "labeling")
        for position in range(1, 7):
            answer(labeling, position, "k1")
        check = submit(package(job), "check")
        judge(check, 1, "passed")
        judge(check, 2, "modified", "k2")
        acceptance = submit(package(job), "acceptance")
        judge(acceptance, 2, "passed")
        judge(acceptance, 3, "modified", "k2")
        finish(package(job))
        found = [labels(line, job) for line in lines(job, "finished")]
        assert found == [
            {"": "cat", "-check": "cat"},
            {"": "cat", "-check": "dog", "-verify": "dog"},
            {"": "cat", "-verify": "dog"},
            {"": "cat"},
            {"": "cat"},
            {"": "cat"},
        ]

    def test_rejected_relabeled_passed(self, job: Job) -> None:
        """The design's test: modify → reject to labeling → relabel → pass."""
        labeling = submit(package(job), "labeling")
        answer(labeling, 1, "k1")
        check = submit(package(job), "check")
        judge(check, 1, "modified", "k2")
        acceptance = submit(package(job), "acceptance")
        judge(acceptance, 1, "rejected", feedback="no")
        assert labels(lines(job)[0], job) == {"": "cat", "-check": "dog", "-verify": "dog"}

        rework = submit(package(job), "labeling", 2)
        answer(rework, 1, [choice("k1")], reason="again")
        assert labels(lines(job)[0], job) == {"": "cat"}, "nobody has judged the new answer yet"

        again = submit(package(job), "check", 2)
        judge(again, 1, "passed")
        assert labels(lines(job)[0], job) == {"": "cat", "-check": "cat"}
        last = submit(package(job), "acceptance", 2)
        judge(last, 1, "passed")
        finish(package(job))
        assert labels(lines(job, "finished")[0], job) == {
            "": "cat",
            "-check": "cat",
            "-verify": "cat",
        }

    def test_locked_items_keep_what_was_in_force(self, job: Job) -> None:
        """Rework opens the rejected item only; a modified one next to it stays as it was."""
        labeling = submit(package(job), "labeling")
        answer(labeling, 1, "k1")
        answer(labeling, 2, "k1")
        check = submit(package(job), "check")
        judge(check, 1, "rejected", feedback="no")
        judge(check, 2, "modified", "k2")
        rework = submit(package(job), "labeling", 2)
        answer(rework, 1, "k2")
        again = submit(package(job), "check", 2)
        judge(again, 1, "passed")
        found = [labels(line, job) for line in lines(job)]
        assert found[:2] == [{"": "dog", "-check": "dog"}, {"": "cat", "-check": "dog"}]

    def test_back_to_check_only(self, job: Job) -> None:
        """Acceptance returns to check; what check changes there, acceptance has not seen yet."""
        labeling = submit(package(job), "labeling")
        answer(labeling, 1, "k1")
        judge(submit(package(job), "check"), 1, "passed")
        judge(submit(package(job), "acceptance"), 1, "rejected", feedback="no")
        judge(submit(package(job), "check", 2), 1, "modified", "k2")
        assert labels(lines(job)[0], job) == {"": "cat", "-check": "dog"}
        judge(submit(package(job), "acceptance", 2), 1, "passed")
        assert labels(lines(job)[0], job) == {"": "cat", "-check": "dog", "-verify": "dog"}

    def test_abandoned(self, job: Job) -> None:
        labeling = submit(package(job), "labeling")
        answer(labeling, 1, [], abandoned=True, reason='无效 "x"')
        answer(labeling, 2, "k1", abandoned=True, reason="half done")
        check = submit(package(job), "check")
        judge(check, 1, "passed")
        judge(check, 2, "modified", "k2")
        found = lines(job)
        assert labels(found[0], job) == {
            "": 'abandoned: 无效 "x"',
            "-check": 'abandoned: 无效 "x"',
        }
        assert found[0][f"label-{job.task_id}"]["results"] == []
        assert labels(found[1], job) == {"": "abandoned: half done", "-check": "dog"}

    def test_late_saves_and_released_work_are_not_in_it(self, job: Job) -> None:
        released = submit(package(job), "labeling", state="released", ended_at=None)
        answer(released, 1, "k1")
        holder = make_job(items=1).created_by
        taken = package(job).assignments.create(
            job=job, stage="labeling", number=1, state="submitted", holder=holder,
            claimed_at=released.claimed_at, submitted_at=released.claimed_at,
        )  # fmt: skip
        answer(taken, 1, "k2")
        answer(taken, 2, None)
        found = [labels(line, job) for line in lines(job)]
        assert found[:2] == [{"": "dog"}, {}]


places = st.tuples(st.integers(1, 4), st.integers(0, 2))


@given(st.data())
def test_the_last_key_is_the_answer_in_force(data: st.DataObject) -> None:
    """Whatever a package went through: -verify, else -check, else the plain key is what the engine holds in force."""
    history: list[Answer] = []
    in_force: Answer | None = None
    place = (1, 0)
    for number in range(data.draw(st.integers(0, 10))):
        if in_force is None or place[1] == 0:
            verdict, judged = "", None
            own = in_force is None or data.draw(st.booleans())
        else:
            verdict = data.draw(st.sampled_from(["passed", "modified", "rejected", "unsampled"]))
            judged, own = in_force.id, verdict == "modified"
        made = Answer(number + 1, place, judged, verdict, False, "", b"[]" if own else None)
        if own or verdict in ("passed", "rejected"):
            history.append(made)
        if own:
            in_force = made
        if place[1] and (verdict == "rejected" or data.draw(st.booleans())):
            place = (place[0] + 1, data.draw(st.integers(0, place[1] - 1)))
        elif place[1] < 2:
            place = (place[0], place[1] + data.draw(st.integers(1, 2 - place[1])))
        else:
            break
    keys = held_by_keys(history)
    last = keys.get("acceptance") or keys.get("check") or keys.get("labeling")
    assert last == in_force
    if "labeling" in keys:
        assert keys["labeling"].place[1] == 0


class TestScope:
    def test_finished_packages_only(self) -> None:
        job = make_job(items=5, size=2)
        label_all(job)
        job.packages.filter(number=2).update(state="open", finished_at=None)
        found = lines(job, "finished")
        assert [line["data"]["source"] for line in found] == [
            "text number 1", "text number 2", "text number 5",
        ]  # fmt: skip
        assert len(lines(job, "all")) == 5

    def test_discarded_packages_are_left_out(self) -> None:
        job = make_job(items=4, size=2)
        label_all(job)
        job.packages.filter(number=1).update(discarded_at="2026-01-01T00:00:00Z")
        assert len(lines(job, "all")) == len(lines(job, "finished")) == 2

    def test_gold_is_never_exported(self) -> None:
        job = make_job(items=4, size=4)
        label_all(job)
        PackageItem.objects.filter(job=job, ordinal=2).update(origin="gold")
        assert len(lines(job)) == 3

    def test_what_is_submitted_later_is_not_in_it(self, job: Job) -> None:
        """Frozen at the request: both the items and the answers."""
        label_all(job)
        export = services.request_export(job=job, user=job.created_by)
        rework = submit(package(job), "labeling", 2)
        answer(rework, 1, "k2")
        services.build_export(export_id=export.pk)
        export.refresh_from_db()
        first = json.loads(services.locate(export).read_bytes().splitlines()[0])
        assert labels(first, job) == {"": "cat"}

    def test_items_appended_later_are_not_in_it(self, job: Job) -> None:
        assert len(lines(job, last_ordinal=4)) == 4

    def test_an_empty_export_is_an_empty_file(self, job: Job) -> None:
        assert exported(job, "finished") == b""


class TestBytes:
    def write(self, job: Job, ordinal: int, data: str, extra: str | None = None) -> None:
        """The item as an import leaves it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE datasets_item SET data = %s::json, extra = %s::json "
                "WHERE dataset_id = %s AND ordinal = %s",
                [data, extra, job.dataset_id, ordinal],
            )

    @pytest.mark.parametrize(
        "data",
        [
            '{"source":"a"}',
            '{ "z": 1.10, "a":1e400,"source":"\\u4e2d/\\/" , "big":123456789012345678901234567890}',
            '{"source":"中文 😀","b":[1,  2],"nested":{"b":0.1000,"a":-0}}',
        ],
    )
    def test_data_leaves_as_it_came(self, job: Job, data: str) -> None:
        self.write(job, 1, data)
        label_all(job)
        first = exported(job).splitlines()[0]
        assert first.startswith(b'{"data":' + data.encode() + b',"label-')

    def test_foreign_members_leave_as_they_came(self, job: Job) -> None:
        foreign = '"label-1":{"results" : [ 1.0 ]},"id":12345678901234567890,"\\u0065":"\\u00e9"'
        self.write(job, 1, '{"source":"a"}', "{" + foreign + "}")
        self.write(job, 2, '{"source":"b"}', "{}")
        label_all(job)
        found = exported(job).splitlines()
        number = job.task_id
        assert found[0].startswith(
            f'{{"data":{{"source":"a"}},{foreign},"label-{number}":{{"results":['.encode()
        )
        assert found[1].startswith(f'{{"data":{{"source":"b"}},"label-{number}":'.encode())

    def test_a_key_of_the_same_job_is_replaced(self, job: Job) -> None:
        """An export fed in again, its key spelled with an escape even: never two keys of one name."""
        number = job.task_id
        spelled = f"\\u006cabel-{number}"
        foreign = (
            f'{{"{spelled}":{{"results":[]}},"x":1,"label-{number}-check":2,"label-{number}9":3}}'
        )
        self.write(job, 1, '{"source":"a"}', foreign)
        self.write(job, 2, '{"source":"b"}', foreign)
        labeling = submit(package(job), "labeling")
        answer(labeling, 1, "k1")
        found = exported(job).splitlines()
        pairs = json.loads(found[0], object_pairs_hook=list)
        assert [key for key, _ in pairs] == ["data", "x", f"label-{number}9", f"label-{number}"]
        assert json.loads(found[1]) == {"data": {"source": "b"}, "x": 1, f"label-{number}9": 3}

    def test_a_line_stays_a_line(self, job: Job) -> None:
        self.write(job, 1, '{"source":\n"a"}', '{"x":\n1}')
        assert exported(job).splitlines()[0] == b'{"data":{"source": "a"},"x": 1}'

    def test_nothing_in_data_becomes_a_path(self, job: Job, tmp_path: Any) -> None:
        """Attack family 5: values that look like paths are only values."""
        (tmp_path / "secret").write_text("top secret")
        self.write(job, 1, '{"source":"../../secret","x":"file:///etc/passwd"}')
        assert b"top secret" not in exported(job)


class TestPictures:
    def test_boxes_as_itag_writes_them(self) -> None:
        template = LabelTemplate.objects.latest().get(key="object-detection")
        option = {"key": "k1", "label": "车", "color": "#d22a1e", "shortcut": "1"}
        job = make_job(
            dataset=make_dataset(1, kind="image"),
            template=template,
            selected_questions=["1.1"],
            options={"1.1": [option]},
            language="zh-hans",
        )
        value = [[1.25, 2], [30.5, 2], [30.5, 40], [1.25, 40]]
        answer(
            submit(package(job), "labeling"),
            1,
            [
                {
                    "questionId": "1", "type": "image", "rotation": 0, "width": 640, "height": 480,
                    "data": [
                        {"id": "a", "type": "image/polygon", "shape": "rectangle", "value": value,
                         "labels": {"1.1": "k1"}}
                    ],
                }
            ],
        )  # fmt: skip
        text = exported(job).decode()
        assert text == (
            f'{{"data":{{"source":"1.jpg"}},"label-{job.task_id}":'
            '{"results":[{"questionId":"1","data":[{"id":"a","type":"image/polygon",'
            '"value":[[1.25,2],[30.5,2],[30.5,40],[1.25,40]],"labels":{"标签":"车"}}],'
            '"rotation":0,"markTitle":"目标检测标签配置","width":640,"type":"image","height":480}]}}\n'
        )
        assert easycv_detection(text) == [
            ("1.jpg", [("车", [1.25, 2.0, 30.5, 40.0])]),
        ]

    def test_classification_read_as_easycv_reads_it(self, job: Job) -> None:
        label_all(job, "k2")
        judge(submit(package(job), "check"), 1, "modified", "k1")
        found = easycv_classification(exported(job).decode())
        assert found[:2] == [("text number 1", "cat"), ("text number 2", "dog")]


def _result(row: dict[str, Any], order: tuple[Callable[[str], bool], ...]) -> Any:
    """The results of the first kind of key there is; EasyCV refuses keys of several jobs."""
    keys = [key for key in row if key.startswith("label-")]
    assert len({key.split("-")[1] for key in keys}) == 1
    for wanted in order:
        for key in keys:
            if wanted(key):
                return row[key]["results"]
    raise AssertionError(keys)


def plain(key: str) -> bool:
    return key.count("-") == 1


def easycv_detection(text: str) -> list[tuple[str, list[tuple[str, list[float]]]]]:
    """EasyCV's pai_format.py: `-check`, else plain, else `-verify`; one entry in labels; box from the point sums."""
    found = []
    for line in text.splitlines():
        row = json.loads(line)
        assert "source" in row["data"], "iTAG v2"
        order = (lambda key: key.endswith("-check"), plain, lambda key: key.endswith("-verify"))
        boxes = []
        for result in _result(row, order):
            for item in result["data"]:
                (label,) = item["labels"].values()
                assert item["type"] == "image/polygon"
                least = min(item["value"], key=sum)
                most = max(item["value"], key=sum)
                boxes.append((label, [*map(float, least), *map(float, most)]))
        found.append((row["data"]["source"], boxes))
    return found


def easycv_classification(text: str) -> list[tuple[str, str]]:
    """EasyCV's image_list.py: verify, else check, else plain; the label is `results[0]["data"]`."""
    order = (lambda key: key.endswith("-verify"), lambda key: key.endswith("-check"), plain)
    return [
        (row["data"]["source"], _result(row, order)[0]["data"])
        for row in map(json.loads, text.splitlines())
    ]


def test_an_export_is_a_dataset_again(job: Job) -> None:
    """Exported, imported, exported by another job: the first job's keys stand there as they were."""
    from datasets.services.manifest import parse_line

    label_all(job)
    first = exported(job).splitlines()
    second_job = make_job(items=[{"source": "x"}] * 6, size=6)
    for ordinal, line in enumerate(first, 1):
        read = parse_line(line)
        Item.objects.filter(dataset=second_job.dataset, ordinal=ordinal).update(
            data=read.raw, extra=read.extra
        )
    label_all(second_job, "k2")
    for before, after in zip(first, exported(second_job).splitlines(), strict=True):
        assert after.startswith(before[:-1] + b',"label-%d":' % second_job.task_id)
