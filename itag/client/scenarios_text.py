"""Scenarios of texts whose words are marked: entities, and what holds between them."""

from collections.abc import Mapping
from typing import Any

from itag.client.manifest import latest
from itag.client.marked import Link, Span, Spans, find
from itag.client.scenarios import Sample, Scenario

#: (text, {words: what they are}).
NEWS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "阿里巴巴收购两家服务美国小企业的电子商务解决方案供应商Vendio及Auctiva。",
        {"阿里巴巴": "Organisation", "Vendio": "Organisation", "Auctiva": "Organisation", "美国": "Place"},
    ),
    (
        "Ada Lovelace met Charles Babbage in London when she was seventeen.",
        {"Ada Lovelace": "Person", "Charles Babbage": "Person", "London": "Place"},
    ),
    (
        "😀 王小明上周从北京飞到上海，参加华为的发布会。",
        {"王小明": "Person", "北京": "Place", "上海": "Place", "华为": "Organisation"},
    ),
    (
        "The University of Vienna was founded by Rudolf IV in 1365.",
        {"University of Vienna": "Organisation", "Vienna": "Place", "Rudolf IV": "Person"},
    ),
    (
        "浙江大学的李华在杭州发表了这项研究。",
        {"浙江大学": "Organisation", "李华": "Person", "杭州": "Place"},
    ),
    ("Grace Hopper worked for the US Navy.", {"Grace Hopper": "Person", "US Navy": "Organisation"}),
)  # fmt: skip


def entity_recognition() -> Scenario:
    """Who, what and where is spoken of? One text has a span within another, one begins with an emoji."""

    def sample(number: int) -> Sample:
        text, words = NEWS[number - 1]
        truth = [
            find(text, said, {"1.2": [kind]}, f"span-{number}-{place}")
            for place, (said, kind) in enumerate(words.items())
        ]
        hasty = {"1": truth[:-1]}
        whole = {"1": truth}
        return Sample(
            source=text, first=hasty if number in (1, 3) else whole, truth=whole, data=_data(text)
        )

    return Scenario(
        name="entity-recognition",
        template="entity-recognition",
        kind="text",
        language="zh-hans",
        questions=(Spans("1", {"1.2": "文本内容"}, {}),),
        labels={"1.2": ("Person", "Organisation", "Place")},
        asked=("1.2",),
        samples=tuple(sample(number) for number in range(1, len(NEWS) + 1)),
        read=read_entities,
        package_size=2,
    )


def _data(text: str) -> str:
    return '{"source":"' + text + '"}'


def read_entities(row: Mapping[str, Any], task: str) -> list[tuple[str, list[str]]]:
    """What a tagger's training program sees: the words as the offsets cut them out of the text, and their labels."""
    (element,) = latest(row, task)["results"]
    text = row["data"]["source"]
    return [
        (text[entry["start"] : entry["end"] + 1], next(iter(entry["result"].values())))
        for entry in element["objects"]
    ]


#: (text, {words: what they are}, (who, whom, how)).
FACTS: tuple[tuple[str, dict[str, str], tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Marie Curie was born in Warsaw and worked in Paris.",
        {"Marie Curie": "Person", "Warsaw": "Place", "Paris": "Place"},
        (("Marie Curie", "Warsaw", "born in"), ("Marie Curie", "Paris", "lives in")),
    ),
    (
        "马云出生于杭州，是阿里巴巴的创始人。",
        {"马云": "Person", "杭州": "Place", "阿里巴巴": "Organisation"},
        (("马云", "杭州", "born in"), ("马云", "阿里巴巴", "works for")),
    ),
    (
        "Linus Torvalds, born in Helsinki, lives in Portland.",
        {"Linus Torvalds": "Person", "Helsinki": "Place", "Portland": "Place"},
        (("Linus Torvalds", "Helsinki", "born in"), ("Linus Torvalds", "Portland", "lives in")),
    ),
    (
        "屠呦呦在北京的中国中医科学院工作。",
        {"屠呦呦": "Person", "北京": "Place", "中国中医科学院": "Organisation"},
        (("屠呦呦", "中国中医科学院", "works for"), ("屠呦呦", "北京", "lives in")),
    ),
)


def entity_relationship() -> Scenario:
    """What does the text say of its people? Entities, and labelled arrows between them."""

    def sample(number: int) -> Sample:
        text, words, facts = FACTS[number - 1]
        spans: dict[str, Span] = {
            said: find(text, said, {"1.1": kind}, f"entity-{number}-{place}")
            for place, (said, kind) in enumerate(words.items())
        }
        links = [
            Link(spans[who].id, spans[whom].id, {"1.3": how}, f"relation-{number}-{place}")
            for place, (who, whom, how) in enumerate(facts)
        ]
        truth = {"1": [*spans.values(), *links]}
        hasty = {"1": [*spans.values(), *links[:-1]]}
        return Sample(
            source=text, first=hasty if number in (1, 3) else truth, truth=truth, data=_data(text)
        )

    return Scenario(
        name="entity-relationship",
        template="entity-relationship",
        kind="text",
        language="en",
        questions=(Spans("1", {"1.1": "Text content"}, {"1.3": "Relation"}),),
        labels={
            "1.1": ("Person", "Organisation", "Place"),
            "1.3": ("born in", "lives in", "works for"),
        },
        asked=("1.1",),
        samples=tuple(sample(number) for number in range(1, len(FACTS) + 1)),
        read=read_facts,
        package_size=2,
    )


def read_facts(row: Mapping[str, Any], task: str) -> list[tuple[str, str, str]]:
    """What a program that builds a knowledge graph sees: (who, how, whom)."""
    (element,) = latest(row, task)["results"]
    words = {entry["id"]: entry["text"] for entry in element["objects"]}
    return [
        (words[link["from"]], next(iter(link["result"].values()))[0], words[link["to"]])
        for link in element["relations"]
    ]
