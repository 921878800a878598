"""People's Markdown as HTML that may stand in a page: no HTML of theirs, no address that runs, no foreign picture.

Two walls: the parser takes HTML for text and knows no address but those of SCHEMES, and what it made goes through an
allow-list of elements and attributes.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

#: A picture is named by its own name after this; there is no other kind.
PICTURE = "guide:"
SCHEMES = frozenset({"http", "https", "mailto"})
#: From the name of a picture to its address, or None where there is none of this name.
Pictures = Callable[[str], str | None]

_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "a", "img", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
}
#: The address of a file of ours, whatever the parser made of the text.
_OWN = re.compile(r"/[A-Za-z0-9/_.-]+")
_ALIGN = {"left", "center", "right"}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def render_markdown(text: str, *, picture: Pictures) -> str:
    """The HTML of the text; headings begin at h2, links open a page of their own.

    A picture that `picture` does not know is left out, its description stands in its place.
    """
    return _clean(_parser.render(text, {"picture": picture}))


def render_foreign(text: str) -> str:
    """The HTML of a text out of a dataset: as `render_markdown`, but nothing is fetched for it.

    A picture is a link to it, for whoever wants to open it.
    """
    return _clean(_parser.render(text, {"picture": lambda _name: None, "linked": True}))


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"loading": "lazy"}},
    )


def pictures_in(text: str) -> list[tuple[str, int]]:
    """The addresses of all pictures in the text as they are written there, each with the number of its line."""
    found: list[tuple[str, int]] = []

    def walk(tokens: Sequence[Token], line: int) -> None:
        for token in tokens:
            here = token.map[0] + 1 if token.map else line
            if token.type == "image":
                found.append((str(token.attrs.get("src", "")), here))
            walk(token.children or (), here)

    walk(_parser.parse(text, {}), 1)
    return found


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("img", "src"):
        return value if _OWN.fullmatch(value) and "//" not in value else None
    if name == "align":
        return value if value in _ALIGN else None
    if (tag, name) == ("ol", "start"):
        return value if value.isdecimal() and len(value) < 10 else None
    return value


def _valid_link(url: str) -> bool:
    """Addresses with a scheme of SCHEMES, pictures by name, and nothing relative: a guide is read in several places."""
    match = _SCHEME.match(url.strip())
    return match is not None and (match[1].lower() in SCHEMES or url.startswith(PICTURE))


class _Renderer(RendererHTML):
    """The parser's own, with headings one level down and pictures looked up."""

    def heading_open(self, tokens: Sequence[Token], idx: int, *_rest: Any) -> str:
        return f"<{_lower(tokens[idx].tag)}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, *_rest: Any) -> str:
        return f"</{_lower(tokens[idx].tag)}>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, *_rest: Any) -> str:
        return _cell(tokens[idx])

    def td_open(self, tokens: Sequence[Token], idx: int, *_rest: Any) -> str:
        return _cell(tokens[idx])

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        alt = escapeHtml(self.renderInlineAsText(token.children or [], options, env))
        name = str(token.attrs.get("src", ""))
        src = env["picture"](name.removeprefix(PICTURE)) if name.startswith(PICTURE) else None
        if src is None:
            linked = env.get("linked") and name.lower().startswith(("http:", "https:"))
            if not linked or _in_link(tokens, idx):
                return alt
            return f'<a href="{escapeHtml(name)}">{alt or escapeHtml(name)}</a>'
        title = escapeHtml(str(token.attrs.get("title", "")))
        return f'<img src="{escapeHtml(src)}" alt="{alt}"' + (
            f' title="{title}">' if title else ">"
        )


def _in_link(tokens: Sequence[Token], idx: int) -> bool:
    """Whether a link stands open at this place."""
    opened = sum(token.type == "link_open" for token in tokens[:idx])
    return opened > sum(token.type == "link_close" for token in tokens[:idx])


def _lower(tag: str) -> str:
    return f"h{min(6, int(tag[1:]) + 1)}"


def _cell(token: Token) -> str:
    # The parser says it by a style, which the page's policy forbids.
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} align="{side}">' if side in _ALIGN else f"<{token.tag}>"


_parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
_parser.enable(["table", "strikethrough"])
_parser.validateLink = _valid_link  # type: ignore[method-assign]
