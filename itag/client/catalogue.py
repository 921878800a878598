"""All scenarios of `itag demo` by name, in the order in which they are played."""

from collections.abc import Callable

from itag.client.scenarios import (
    Scenario,
    image_classification,
    object_detection,
    text_classification,
)
from itag.client.scenarios_custom import custom_mix, llm_preference
from itag.client.scenarios_image import matting, ocr
from itag.client.scenarios_pages import documents, table
from itag.client.scenarios_text import entity_recognition, entity_relationship
from itag.client.scenarios_time import (
    audio_classification,
    audio_recognition,
    audio_segmentation,
    video_classification,
)

SCENARIOS: dict[str, Callable[[], Scenario]] = {
    "image-classification": image_classification,
    "object-detection": object_detection,
    "ocr": ocr,
    "matting": matting,
    "table": table,
    "pdf": documents,
    "text-classification": text_classification,
    "entity-recognition": entity_recognition,
    "entity-relationship": entity_relationship,
    "video-classification": video_classification,
    "audio-classification": audio_classification,
    "audio-segmentation": audio_segmentation,
    "audio-recognition": audio_recognition,
    "custom-mix": custom_mix,
    "llm-preference": llm_preference,
}
