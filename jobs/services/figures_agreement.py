"""How far voters agree, from a sample of the packages whose votes are complete.

Of choices Krippendorff's alpha (nominal) over all voters and Cohen's kappa of every pair, from NLTK's metrics; of
what is marked the mean of `comparators.agreement`, for boxes the mean intersection over union of matched boxes. The
sample is bounded, so that it costs the same however many packages there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations
from random import Random
from typing import Any

import orjson
from django.core.cache import cache
from django.db import connection

from accounts.models import User
from accounts.visibility import EVERYBODY, People
from jobs.models import Job, PackageTally
from jobs.selectors.template import job_questions, template_key
from jobs.services.comparators import agreement, nominal
from templates_app.questions.base import Question

Json = dict[str, Any]

#: The packages looked at, those whose votes came last, and the items of each.
PACKAGES, ITEMS = 200, 5
#: Larger answers are left out (characters): comparing them takes too long for a page.
LARGEST = 200_000
#: Pairs of people that are shown, those with most items in common.
PAIRS = 50
#: How long an answer is kept (seconds), as long as no further votes come.
KEEP = 600

_VOTES = """
SELECT i.id, n.author_id, a.vote, n.abandoned, n.results::text
FROM unnest(%s::bigint[], %s::int[]) w(package, position)
JOIN jobs_packageitem i ON i.package_id = w.package AND i.position = w.position AND i.origin = 'data'
JOIN jobs_assignment a ON a.package_id = i.package_id AND a.stage = 'labeling' AND a.round = 1 AND a.state = 'submitted'
JOIN jobs_annotation n ON n.package_item_id = i.id AND n.assignment_id = a.id AND n.author_id IS NOT NULL
WHERE a.vote < %s AND octet_length(n.results::text) <= %s
ORDER BY i.id, a.vote
"""


@dataclass
class _Question:
    """The answers to one question, {item: {voter: element, or None without an answer}}, and who abandoned which item."""

    question: Question
    answers: dict[int, dict[int, Json | None]] = field(default_factory=lambda: defaultdict(dict))
    abandoned: set[tuple[int, int]] = field(default_factory=set)

    def value(self, item: int, voter: int) -> str:
        """The answer as a category."""
        if (item, voter) in self.abandoned:
            return ":abandoned"
        return repr(_plain(nominal(self.question, self.answers[item][voter])))

    def similarity(self, item: int, one: int, other: int) -> float:
        """From 0 to 1."""
        left, right = (item, one) in self.abandoned, (item, other) in self.abandoned
        if left or right:
            return float(left and right)
        answers = self.answers[item]
        return agreement(self.question, answers[one], answers[other])


def voter_agreement(*, job: Job, people: People = EVERYBODY) -> Json:
    """{"packages", "items", "of", "questions": [{"question", "title", "type", "items", "alpha", "mean", "pairs"}]}.

    `of`: how many packages have all their votes, up to PACKAGES the sample; `alpha` None for what is not chosen from
    options, or where everybody always said the same; `mean`: the mean agreement, 0 to 1; `pairs`: [{"a", "b", "items",
    "kappa", "mean"}], most items in common first. Only votes of these people are looked at.
    """
    if job.vote_count < 2:
        return {"packages": 0, "items": 0, "questions": []}
    latest = list(
        PackageTally.objects.filter(job=job, voted_at__isnull=False, package__discarded_at=None)
        .order_by("-voted_at")
        .values_list("package", "package__item_count", "voted_at")[:PACKAGES]
    )
    if not latest:
        return {"packages": 0, "items": 0, "questions": []}
    seen = "all" if people.everybody else ",".join(map(str, sorted(people.ids or ())))
    who = sha256(seen.encode()).hexdigest()[:16]
    key = f"agreement:{job.pk}:{who}:{len(latest)}:{latest[0][2] or ''}".replace(" ", "T")
    found: Json | None = cache.get(key)
    if found is None:
        found = _compute(job, people, [(pk, count) for pk, count, _at in latest])
        cache.set(key, found, KEEP)
    return found


def _compute(job: Job, people: People, packages: Sequence[tuple[int, int]]) -> Json:
    questions = {
        key: _Question(question)
        for key, question in job_questions(template_key(job)).items()
        if job.votes.get(key, {}).get("VoteNum", 1) > 1
    }
    items = _read(job, people, packages, questions)
    found = [_measured(each) for each in questions.values() if each.answers]
    names = {
        user.pk: {"id": user.pk, "username": user.username, "name": user.get_full_name()}
        for user in User.objects.filter(
            pk__in={pk for each in found for pair in each["pairs"] for pk in (pair["a"], pair["b"])}
        )
    }
    for each in found:
        for pair in each["pairs"]:
            pair["a"], pair["b"] = names[pair["a"]], names[pair["b"]]
    return {"packages": len(packages), "items": len(items), "questions": found}


def _read(
    job: Job,
    people: People,
    packages: Sequence[tuple[int, int]],
    questions: dict[str, _Question],
) -> set[int]:
    """Put the votes on the sampled items to their questions; the items."""
    places = [
        (pk, position)
        for pk, count in packages
        for position in _drawn(Random(f"{job.seed}:{pk}"), count)  # noqa: S311  nothing secret
    ]
    items = set()
    with connection.cursor() as cursor:
        cursor.execute(
            _VOTES, [[p[0] for p in places], [p[1] for p in places], job.vote_count, LARGEST]
        )
        for item, author, vote, abandoned, results in cursor.fetchall():
            if author not in people:
                continue
            items.add(item)
            elements = {each["questionId"]: each for each in orjson.loads(results or "[]")}
            for key, question in questions.items():
                if vote < job.votes[key]["VoteNum"]:
                    question.answers[item][author] = elements.get(key)
                    if abandoned:
                        question.abandoned.add((item, author))
    return items


def _drawn(random: Random, count: int) -> list[int]:
    return random.sample(range(1, count + 1), min(ITEMS, count))


def _measured(each: _Question) -> Json:
    common: dict[tuple[int, int], list[int]] = defaultdict(list)
    for item, answers in each.answers.items():
        for pair in combinations(sorted(answers), 2):
            common[pair].append(item)
    pairs: list[Json] = []
    total, count = 0.0, 0
    for (one, other), items in common.items():
        similar = sum(each.similarity(item, one, other) for item in items)
        total, count = total + similar, count + len(items)
        pairs.append(
            {"a": one, "b": other, "items": len(items), "mean": round(similar / len(items), 4)}
        )
    pairs.sort(key=lambda pair: (-pair["items"], pair["a"], pair["b"]))
    del pairs[PAIRS:]
    chosen = each.question.takes_options
    for entry in pairs:
        items = common[entry["a"], entry["b"]]
        entry["kappa"] = _kappa(each, entry, items) if chosen else None
    return {
        "question": each.question.id,
        "title": each.question.title,
        "type": each.question.type,
        "items": sum(len(answers) > 1 for answers in each.answers.values()),
        "alpha": _alpha(each) if chosen else None,
        "mean": round(total / count, 4) if count else None,
        "pairs": pairs,
    }


def _alpha(each: _Question) -> float | None:
    """Krippendorff's alpha over all voters; None where nothing varies, since chance then explains everything."""
    ratings = [
        (voter, item, each.value(item, voter))
        for item, answers in each.answers.items()
        if len(answers) > 1
        for voter in answers
    ]
    if len({value for _voter, _item, value in ratings}) < 2:
        return None
    return round(float(_task(ratings).alpha()), 4)


def _kappa(each: _Question, pair: Json, items: Iterable[int]) -> float | None:
    """Cohen's kappa of two people; None where both always said the same one thing."""
    ratings = [
        (voter, item, each.value(item, voter)) for item in items for voter in (pair["a"], pair["b"])
    ]
    if len({value for _voter, _item, value in ratings}) < 2:
        return None
    return round(float(_task(ratings).kappa_pairwise(str(pair["a"]), str(pair["b"]))), 4)


def _task(ratings: Iterable[tuple[int, int, str]]) -> Any:
    # Imported where it is used: 30 MB and a third of a second, in the processes that show this only.
    from nltk.metrics.agreement import AnnotationTask

    return AnnotationTask([(str(voter), str(item), value) for voter, item, value in ratings])


def _plain(value: Any) -> Any:
    """A set in a fixed order."""
    return sorted(value) if isinstance(value, frozenset) else value
