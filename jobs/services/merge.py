"""What several people's votes on one item come to; pure, and the same in whatever order the votes are given.

Per question the answer is adopted that equals the most votes, its own counted, if those are as many as the question
asks for; two answers that equal as many and not each other are a disagreement. To have abandoned the item is an
answer of its own. Which of the equal answers: the one with the highest mean agreement with all the others, of those
the one of the lowest voter.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.services.comparators import agreement, equal
from templates_app.questions.base import Question

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ballot:
    """One voter's answer to an item: `voter` is the slot's number, `elements` the answers by question."""

    voter: int
    annotation: int
    author: int | None
    elements: Mapping[str, Json]
    abandoned: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question came to: the ballot adopted (None: no agreement), how many of how many agree."""

    adopted: Ballot | None
    agree: int
    of: int

    def as_json(self) -> Json:
        adopted = self.adopted.annotation if self.adopted else None
        return {"adopted": adopted, "agree": self.agree, "of": self.of}


@dataclass(frozen=True, slots=True)
class Rules:
    """How many people answer each question and how many must agree; from where on two answers are equal."""

    questions: Mapping[str, Question]
    votes: Mapping[str, Mapping[str, int]]
    iou_percent: int
    gap_ms: int

    def vote_num(self, key: str) -> int:
        return self.votes.get(key, {}).get("VoteNum", 1)

    def min_vote(self, key: str) -> int:
        return self.votes.get(key, {}).get("MinVote", 1)

    @property
    def vote_count(self) -> int:
        return max(map(self.vote_num, self.questions), default=1)


@dataclass(frozen=True, slots=True)
class Merged:
    """What an item came to, by question in their order."""

    outcomes: dict[str, Outcome]

    @property
    def adopted(self) -> list[Ballot]:
        """The ballots adopted, one for every question that agreed."""
        return [o.adopted for o in self.outcomes.values() if o.adopted is not None]

    @property
    def abandoned(self) -> bool:
        """Whether the votes agree that the item cannot be labeled."""
        return not self.is_disputed and all(ballot.abandoned for ballot in self.adopted)

    @property
    def is_disputed(self) -> bool:
        """Whether some question has no agreement, or an item would be abandoned in part."""
        adopted = self.adopted
        if len(adopted) < len(self.outcomes):
            return True
        return len({ballot.abandoned for ballot in adopted}) > 1

    @property
    def main(self) -> Ballot:
        """The ballot from which most was adopted, of equals the lowest voter's."""
        counts = Counter(ballot.voter for ballot in self.adopted)
        return min(self.adopted, key=lambda ballot: (-counts[ballot.voter], ballot.voter))

    def results(self) -> list[Json]:
        """The adopted answers as canonical results."""
        return _picked({key: outcome.adopted for key, outcome in self.outcomes.items()})

    def results_with(self, ballot: Ballot, *, voted_on: Mapping[str, Any]) -> list[Json]:
        """The ballot's answers to the questions that its voter was asked, the adopted ones to all others."""
        return _picked(
            {
                key: ballot if key in voted_on else outcome.adopted
                for key, outcome in self.outcomes.items()
            }
        )


def merge_votes(ballots: Sequence[Ballot], rules: Rules) -> Merged:
    """What the ballots of one item come to; extra voters' count where the others' do not agree."""
    ballots = sorted(ballots, key=lambda ballot: ballot.voter)
    extra = [ballot for ballot in ballots if ballot.voter >= rules.vote_count]
    outcomes = {
        key: _decide(
            key, [ballot for ballot in ballots if ballot.voter < rules.vote_num(key)], rules
        )
        for key in rules.questions
    }
    first = Merged(outcomes)
    if not extra or not first.is_disputed:
        return first
    # Where it would be abandoned in part, the questions that say so are asked again.
    for key, outcome in outcomes.items():
        if outcome.adopted is None or outcome.adopted.abandoned:
            those = [ballot for ballot in ballots if ballot.voter < rules.vote_num(key)]
            outcomes[key] = _decide(key, those + extra, rules)
    return Merged(outcomes)


def _decide(key: str, ballots: list[Ballot], rules: Rules) -> Outcome:
    question = rules.questions[key]
    size = len(ballots)
    same = [[row == column for column in range(size)] for row in range(size)]
    for row in range(size):
        for column in range(row):
            same[row][column] = same[column][row] = _equal(
                question, ballots[row], ballots[column], rules
            )
    counts = [sum(row) for row in same]
    most = max(counts, default=0)
    leaders = [place for place in range(size) if counts[place] == most]
    unequal = any(not same[one][other] for one in leaders for other in leaders)
    if unequal or most < rules.min_vote(key) or not leaders:
        return Outcome(None, most, size)
    best = max(leaders, key=lambda place: (_mean(question, place, ballots), -place))
    return Outcome(ballots[best], most, size)


def _equal(question: Question, a: Ballot, b: Ballot, rules: Rules) -> bool:
    if a.abandoned or b.abandoned:
        return a.abandoned and b.abandoned
    return equal(
        question,
        a.elements.get(question.id),
        b.elements.get(question.id),
        iou_percent=rules.iou_percent,
        gap_ms=rules.gap_ms,
    )


def _mean(question: Question, place: int, ballots: list[Ballot]) -> float:
    """How far the ballot agrees with the others on average."""
    ours = ballots[place]
    if ours.abandoned or len(ballots) == 1:
        return 0.0
    total = sum(
        agreement(question, ours.elements.get(question.id), other.elements.get(question.id))
        for number, other in enumerate(ballots)
        if number != place and not other.abandoned
    )
    return round(total / (len(ballots) - 1), 9)


def _picked(chosen: Mapping[str, Ballot | None]) -> list[Json]:
    return [
        ballot.elements[key]
        for key, ballot in chosen.items()
        if ballot is not None and not ballot.abandoned and key in ballot.elements
    ]
