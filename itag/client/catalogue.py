"""All scenarios of `itag demo` by name, in the order in which they are played."""

from collections.abc import Callable

from itag.client.scenarios import (
    Scenario,
    image_classification,
    object_detection,
    text_classification,
)
from itag.client.scenarios_image import matting, ocr
from itag.client.scenarios_pages import documents, table

SCENARIOS: dict[str, Callable[[], Scenario]] = {
    "image-classification": image_classification,
    "object-detection": object_detection,
    "ocr": ocr,
    "matting": matting,
    "table": table,
    "pdf": documents,
    "text-classification": text_classification,
}
