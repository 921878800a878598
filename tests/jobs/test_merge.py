"""What votes come to: which answer is adopted, and when there is none."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.services.merge import Ballot, Rules, merge_votes
from templates_app.questions import build
from tests.factories import choice

OPTIONS = [
    {"key": key, "label": key, "color": "#000000", "shortcut": ""} for key in ("a", "b", "c")
]
QUESTIONS = {
    key: build(
        {
            "questionId": key,
            "type": "RADIO",
            "markTitle": key,
            "mustFill": False,
            "options": OPTIONS,
        }
    )
    for key in ("1", "2")
}
PICTURE = build(
    {
        "questionId": "1", "type": "PICTURE", "markTitle": "p", "mustFill": False, "view": "source",
        "field": "source", "shapes": ["rectangle"], "children": [],
    }
)  # fmt: skip


def rules(votes: dict[str, tuple[int, int]], questions: Any = None) -> Rules:
    named = {key: {"VoteNum": n, "MinVote": m} for key, (n, m) in votes.items()}
    return Rules(questions or {"1": QUESTIONS["1"]}, named, iou_percent=80, gap_ms=200)


def ballot(voter: int, one: str = "", two: str = "", **more: Any) -> Ballot:
    """`-` abandons the item."""
    elements = {key: choice(data, key) for key, data in (("1", one), ("2", two)) if data}
    abandoned = one == "-"
    return Ballot(
        voter, 100 + voter, voter, {} if abandoned else elements, abandoned, "bad", **more
    )


def adopted(merged: Any, key: str = "1") -> int | None:
    found = merged.outcomes[key].adopted
    return None if found is None else found.voter


def vote(answers: str, least: int) -> Any:
    ballots = [ballot(number, answer) for number, answer in enumerate(answers)]
    return merge_votes(ballots, rules({"1": (len(answers), least)}))


def test_the_most_votes_decide_if_they_are_enough() -> None:
    assert adopted(vote("aba", 2)) == 0
    assert adopted(vote("abb", 2)) == 1
    assert adopted(vote("abb", 3)) is None
    assert adopted(vote("abc", 1)) is None
    assert adopted(vote("ab", 1)) is None
    assert adopted(vote("aabb", 2)) is None
    assert adopted(vote("aabbb", 2)) == 2
    merged = vote("abb", 2)
    assert merged.outcomes["1"].as_json() == {"adopted": 101, "agree": 2, "of": 3}
    assert merged.results() == [choice("b")]


def test_abandoning_is_an_answer() -> None:
    merged = vote("-a-", 2)
    assert merged.abandoned
    assert merged.results() == []
    assert merged.main.voter == 0
    assert adopted(vote("-ab", 2)) is None
    assert not vote("-aa", 2).abandoned


def test_voters_answer_the_questions_with_more_votes_than_their_number() -> None:
    both = rules({"1": (3, 2)}, QUESTIONS)
    merged = merge_votes([ballot(0, "a", "c"), ballot(1, "b"), ballot(2, "b")], both)
    assert merged.results() == [choice("b"), choice("c", "2")]
    assert (adopted(merged), adopted(merged, "2")) == (1, 0)
    # As much from the one as from the other: the lower voter's.
    assert merged.main.voter == 0
    # Abandoned by the one who alone answers the second question: in part is disputed.
    assert merge_votes([ballot(0, "-"), ballot(1, "b"), ballot(2, "b")], both).is_disputed


def test_extra_voters_decide_what_is_disputed_only() -> None:
    both = rules({"1": (2, 2), "2": (2, 2)}, QUESTIONS)
    first = [ballot(0, "a", "c"), ballot(1, "b", "c")]
    assert merge_votes(first, both).is_disputed
    merged = merge_votes([*first, ballot(2, "b", "a")], both)
    assert merged.results() == [choice("b"), choice("c", "2")]
    assert merged.outcomes["2"].of == 2
    assert merge_votes([*first, ballot(2, "c", "c")], both).is_disputed
    four = [*first, ballot(2, "c", "c"), ballot(3, "c", "c")]
    assert merge_votes(four, both).results()[0] == choice("c")


def test_adopting_a_vote_takes_the_rest_from_what_agrees() -> None:
    both = rules({"1": (3, 3)}, QUESTIONS)
    ballots = [ballot(0, "a", "c"), ballot(1, "b"), ballot(2, "b")]
    merged = merge_votes(ballots, both)
    assert merged.is_disputed
    assert merged.results_with(ballots[2], voted_on={"1": True}) == [choice("b"), choice("c", "2")]


def boxes(voter: int, *found: tuple[int, int]) -> Ballot:
    data = [
        {"id": f"{voter}-{x}", "type": "image/polygon", "shape": "rectangle", "labels": {},
         "value": [[x, 0], [x + width, 0], [x + width, 100], [x, 100]]}
        for x, width in found
    ]  # fmt: skip
    element = {
        "questionId": "1", "type": "image", "rotation": 0, "width": 900, "height": 900, "data": data,
    }  # fmt: skip
    return Ballot(voter, 100 + voter, voter, {"1": element})


def test_the_geometry_is_the_voters_with_the_highest_mean_agreement() -> None:
    picture = rules({"1": (4, 3)}, {"1": PICTURE})
    ballots = [boxes(0, (0, 100)), boxes(1, (4, 100)), boxes(2, (8, 100)), boxes(3, (500, 9))]
    merged = merge_votes(ballots, picture)
    assert merged.outcomes["1"].as_json() == {"adopted": 101, "agree": 3, "of": 4}
    # Equal is not transitive: both ends equal the middle, and not each other.
    apart = [boxes(0, (0, 100)), boxes(1, (10, 100)), boxes(2, (20, 100))]
    assert adopted(merge_votes(apart, rules({"1": (3, 3)}, {"1": PICTURE}))) == 1


answers = st.sampled_from(["a", "b", "c", "-", ""])
seconds = st.sampled_from(["a", "b", ""])
cast = st.integers(1, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(answers, seconds), min_size=n, max_size=n),
        st.integers(1, n),
        st.integers(1, n),
        st.lists(st.tuples(answers, seconds), max_size=2),
        st.randoms(),
    )
)


@settings(max_examples=200, deadline=None)
@given(cast)
def test_merging(drawn: Any) -> None:
    """It depends on no order of the votes; what is adopted has enough votes and more than any other answer."""
    found, second, least, extra, order = drawn
    setting = rules({"1": (len(found), least), "2": (second, min(least, second))}, QUESTIONS)
    ballots = [ballot(number, *pair) for number, pair in enumerate([*found, *extra])]
    merged = merge_votes(ballots, setting)
    assert merge_votes(order.sample(ballots, len(ballots)), setting) == merged
    without = merge_votes(ballots[: len(found)], setting)
    for key, outcome in merged.outcomes.items():
        votes = [
            "-" if one.abandoned else one.elements.get(key, choice(""))["data"] for one in ballots
        ]
        asked = votes[: setting.vote_num(key)]
        if outcome.of > len(asked):
            assert without.is_disputed
            asked += votes[len(found) :]
        assert outcome.of == len(asked)
        counts = {answer: asked.count(answer) for answer in asked}
        most = max(counts.values())
        assert outcome.agree == most
        leaders = [answer for answer, count in counts.items() if count == most]
        if outcome.adopted is None:
            assert len(leaders) > 1 or most < setting.min_vote(key)
        else:
            assert most >= setting.min_vote(key)
            assert votes[outcome.adopted.voter] == leaders[0]
            # Nothing tells equal choices apart but the voter's number.
            assert outcome.adopted.voter == votes.index(leaders[0])
    if not extra:
        assert merged == without
