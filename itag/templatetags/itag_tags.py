"""Tags of the pages; built in, so no template needs to load them."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from itag.core.policy import Verdict
from itag.core.policy import can as ask

register = template.Library()


@register.simple_tag(takes_context=True)
def can(context: template.Context, name: str, obj: Any = None) -> Verdict:
    """`{% can "jobs.manage" job as verdict %}`: whether the reader may, with the reason if not."""
    return ask(context["request"].user, name, obj)


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "plus" %}`: a drawing from static/site/icons.svg; always beside a text, so hidden from readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("site/icons.svg"),
        name,
    )


@register.simple_tag
def attribute(name: str, value: Any) -> SafeString:
    """`{% attribute "data-theme" theme %}`: the attribute, or nothing where the value is empty."""
    return format_html(' {}="{}"', name, value) if value else SafeString("")


@register.inclusion_tag("includes/field.html")
def field(bound: BoundField, **options: Any) -> dict[str, Any]:
    """`{% field form.name %}`: label, input, help and errors, tied together for screen readers.

    `label="…"`, `help="…"`, `placeholder="…"` and `required=…` replace the field's own; `meanings=mapping` adds a sentence to each
    choice, by its value. Choices by radio buttons or check boxes become a fieldset.
    """
    widget = bound.field.widget
    name = bound.id_for_label or bound.auto_id
    help_text = options.get("help", bound.help_text)
    kind = (
        "group"
        if isinstance(widget, RadioSelect | CheckboxSelectMultiple)
        else "check"
        if isinstance(widget, CheckboxInput)
        else "plain"
    )
    attrs: dict[str, Any] = {}
    if described := [f"{name}_help"] * bool(help_text) + [f"{name}_error"] * bool(bound.errors):
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if "placeholder" in options:
        attrs["placeholder"] = options["placeholder"]
    meanings = options.get("meanings") or {}
    return {
        "field": bound,
        "label": options.get("label", bound.label),
        "input": bound.as_widget(attrs={**widget.attrs, **attrs}) if kind != "group" else "",
        "choices": [(one, meanings.get(one.data["value"], "")) for one in bound.subwidgets]
        if kind == "group"
        else [],
        "help": help_text,
        "id": name,
        "kind": kind,
        "many": isinstance(widget, CheckboxSelectMultiple),
        "required": options.get("required", bound.field.required),
    }


@register.filter
def initials(user: Any) -> str:
    """One or two characters that stand for the person."""
    words = (getattr(user, "name", "") or str(user)).split()
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][:2] if words[0].isascii() else words[0][-1]
    return words[0][0] + words[-1][0]


@register.filter
def duration(seconds: Any) -> str:
    """Seconds as hours and minutes, below a minute as seconds: 2:05 h, 7 min, 12 s."""
    seconds = int(seconds or 0)
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02} h" if hours else f"{minutes} min"


@register.filter
def clock(seconds: Any) -> str:
    """The length of a sound or a video: 1:02:03, 0:07, and 0.4 s below a second."""
    seconds = float(seconds or 0)
    if seconds < 1:
        return f"{seconds:.1g} s"
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """The mapping's value for the key, None where it has none."""
    return mapping.get(key)
