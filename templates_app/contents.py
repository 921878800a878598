"""Content components (views): what each type can show."""

from templates_app.schema import Flag, ListOf, Literal, Record, Schema, Text

#: View type → types of dataset fields it shows; the order is that of the component list.
SHOWS: dict[str, tuple[str, ...]] = {
    "Image": ("image",),
    "Pdf": ("pdf",),
    "Text": ("text", "number"),
    "Audio": ("audio",),
    "Video": ("video",),
    "Markdown": ("text",),
    "Link": ("text",),
}

FIELD = Text(least=1, most=200)
VIEW_TYPE = Literal(*SHOWS, name="ViewType")
#: `title` stands above the view; `hide`: it is there for questions that need it, but not shown.
_MORE: dict[str, Schema] = {"title": Text(most=100), "hide": Flag()}
#: A view in a template: `bindField` is the field it shows unless the job binds another.
TEMPLATE_VIEWS = ListOf(
    Record({"type": VIEW_TYPE, "bindField": FIELD}, optional=_MORE), least=1, most=20
)
#: A view as the browser gets it: `field` is the dataset's field.
VIEW = Record({"type": VIEW_TYPE, "bindField": FIELD, "field": FIELD}, optional=_MORE, name="View")
