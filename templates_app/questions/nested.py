"""The questions asked of every object of one kind: its `labels`, {question id: answer}."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from templates_app.questions.base import Choosing, DataQuestion, Json, children, normal
from templates_app.schema import Errors, fail, join


class Nested:
    """Checks, completes, exports and reads the labels of objects."""

    def __init__(self, configs: list[Json]) -> None:
        self.by_id = {child.id: child for child in children(configs)}
        self._by_title = {title: child for child in self.by_id.values() for title in child.titles}
        #: Those that may find an answer wanting.
        self._asking = [child for child in self.by_id.values() if child.asks]
        self._exports = [
            (child.id, child.title, child.export_data) for child in self.by_id.values()
        ]

    def check(self, labels: Json, path: str, errors: Errors) -> Json:
        """The labels; what is wrong with them is noted."""
        found = {}
        for key, data in labels.items():
            child = self.by_id.get(key)
            if child is None:
                fail(errors, f"{path}.{key}", _("There is no such question."))
                continue
            child.check_data(data, f"{path}.{key}", errors)
            found[key] = data
        return found

    def wanting(self, labels: Json, top: Choosing) -> Iterator[tuple[DataQuestion, str]]:
        """The questions whose answer is not complete, with what is wrong ("": it is missing)."""
        for child in self._asking:
            data = labels.get(child.id)
            blank = data is None or child.is_blank(data)
            problem = "" if blank else child.unfit(data)
            if (child.must_fill if blank else problem) and self.is_shown(child, labels, top):
                yield child, problem

    def is_complete(self, labels: Json) -> bool:
        """Whether nothing is wanting whatever is shown."""
        for child in self._asking:
            data = labels.get(child.id)
            if data is None or child.is_blank(data):
                if child.must_fill:
                    return False
            elif child.unfit(data):
                return False
        return True

    def is_shown(self, child: DataQuestion, labels: Json, top: Choosing) -> bool:
        """Whether the condition of a question is met, by these labels or the answers beside the object."""
        rule = child.show_if
        if rule is None:
            return True
        other = self.by_id.get(rule.question)
        if other is None:
            return bool(rule.keys & top.get(rule.question, frozenset()))
        if other.id not in labels or not rule.keys & other.chosen(labels[other.id]):
            return False
        return self.is_shown(other, labels, top)

    def shown(self, labels: Json, top: Choosing) -> Json:
        """The labels without those of hidden questions; the same object where nothing is hidden."""
        hidden = [
            key
            for key in labels
            if (child := self.by_id.get(key)) and not self.is_shown(child, labels, top)
        ]
        return {key: labels[key] for key in labels if key not in hidden} if hidden else labels

    def export(self, labels: Json) -> Json:
        """The labels by title, with labels for keys."""
        return {title: write(labels[key]) for key, title, write in self._exports if key in labels}

    def read(self, given: Any, path: str, errors: Errors) -> Json:
        """The labels of {title: value}, keys in the order of the questions."""
        if not isinstance(given, dict):
            fail(errors, path, _("An object is expected."))
            return {}
        labels = {}
        for title, data in given.items():
            child = self._by_title.get(normal(title))
            at = join(path, title)
            if child is None:
                fail(errors, at, _("There is no such question."))
            else:
                labels[child.id] = child.read_data(data, at, errors)
        return {key: labels[key] for key in self.by_id if key in labels}
