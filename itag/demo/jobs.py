"""The jobs that a first start has, as data."""

from dataclasses import dataclass

from itag.client.scenarios_custom import custom_mix, llm_preference

PICTURES, TEXTS = "demo-pictures", "demo-texts"
SIGNS, TABLES, DOCUMENTS = "demo-signs", "demo-tables", "demo-documents"
NEWS, FACTS, CLIPS = "demo-news", "demo-facts", "demo-clips"
SOUNDS, SIGNALS, MORSE = "demo-sounds", "demo-signals", "demo-morse"
REPORTS, ANSWERS = "demo-reports", "demo-answers"


@dataclass(frozen=True)
class DemoJob:
    """One of the jobs that a first start has."""

    template: str
    dataset: str
    selected: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]
    """{question: its labels}."""
    size: int
    check_ratio: int
    acceptance_ratio: int
    description: str
    drawn_labels: tuple[str, ...] = ()
    """Labels of the first question that fit the drawn scenes, where there are no photographs."""
    shapes: tuple[str, ...] = ()
    """What may be drawn for question 1, where it is not what the template says."""

    @property
    def name(self) -> str:
        return f"demo-{self.template}"


JOBS = (
    DemoJob(
        template="image-classification",
        dataset=PICTURES,
        selected=("1",),
        labels={"1": ("Person", "Animal", "Everyday object", "Space", "Medical", "Texture")},
        drawn_labels=("Day", "Evening", "Night"),
        size=8,
        check_ratio=100,
        acceptance_ratio=50,
        description=(
            "What does the picture show? Choose the label that fits best; abandon pictures that show nothing clearly.\n"
            "图片的主要内容是什么？选择最合适的一个标签；看不清内容的图片请废弃并说明原因。"
        ),
    ),
    DemoJob(
        template="object-detection",
        dataset=PICTURES,
        selected=("1.1",),
        labels={"1.1": ("Person", "Cat", "Cup", "Spoon", "Rocket", "Tower", "Galaxy", "Lamp")},
        shapes=("rectangle", "rotated", "polygon", "polyline", "point", "mask"),
        drawn_labels=("House", "Tree", "Car", "Lamp"),
        size=5,
        check_ratio=50,
        acceptance_ratio=30,
        description=(
            "Mark every thing of these kinds, by a tight box or whatever tool fits; a part that is cut off by the edge "
            "counts as well.\n请标注每一个属于这些类别的物体：画紧贴边缘的矩形框，或使用更合适的工具；被画面边缘截断的部分也要标注。"
        ),
    ),
    DemoJob(
        template="ocr",
        dataset=SIGNS,
        selected=("1.1", "1.3"),
        labels={"1.1": ("Plate", "Meter")},
        size=4,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "Draw a box around every number and type what it says.\n框出每一处数字，并填写其内容。"
        ),
    ),
    DemoJob(
        template="matting",
        dataset=PICTURES,
        selected=("2", "3.1", "4"),
        labels={
            "1": ("Pass", "Reject", "Unsure"),
            "2": ("Advertising", "Low quality", "Other"),
            "3.1": ("Foreground",),
        },
        size=5,
        check_ratio=50,
        acceptance_ratio=30,
        description=(
            "Is the picture fit to be published? Cut out what it is about with the brush or the wand.\n"
            "图片能否发布？请用画笔或魔棒抠出图片的主体。"
        ),
    ),
    DemoJob(
        template="table",
        dataset=TABLES,
        selected=(),
        labels={},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "Lay the grid over the table and type what its cells say; the head spans two columns.\n"
            "将网格对准表格并填写单元格内容；表头跨两列。"
        ),
    ),
    DemoJob(
        template="pdf",
        dataset=DOCUMENTS,
        selected=("1.1", "1.3", "1.4", "2"),
        labels={
            "1.1": ("Title", "Amount"),
            "1.4": ("Cover", "Contents"),
            "2": ("Invoice", "Letter"),
        },
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "What kind of document is it, and each of its pages? Mark titles and amounts; boxes take the text beneath.\n"
            "判断文档与页面的类型；框出标题和金额，框会自动取得其下的文字。"
        ),
    ),
    DemoJob(
        template="text-classification",
        dataset=TEXTS,
        selected=("1",),
        labels={"1": ("Review", "News", "Support request", "Instructions", "Announcement")},
        size=20,
        check_ratio=20,
        acceptance_ratio=10,
        description=(
            "What kind of text is it? English and Chinese are mixed on purpose; the labels mean the same in both.\n"
            "判断文本的类型：评价、新闻、客服请求、操作说明、通知。中英文混合，标签含义相同。"
        ),
    ),
    DemoJob(
        template="entity-recognition",
        dataset=NEWS,
        selected=("1.2",),
        labels={"1.2": ("Person", "Organisation", "Place")},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "Mark every person, organisation and place; a name may stand within another.\n"
            "标出每一个人名、机构名和地名；名称之间可以嵌套。"
        ),
    ),
    DemoJob(
        template="entity-relationship",
        dataset=FACTS,
        selected=("1.1",),
        labels={
            "1.1": ("Person", "Organisation", "Place"),
            "1.3": ("born in", "lives in", "works for"),
        },
        size=2,
        check_ratio=100,
        acceptance_ratio=50,
        description=(
            "Mark the names, then draw an arrow from the person to where they were born, live or work.\n"
            "先标出名称，再从人物画箭头指向其出生地、居住地或工作单位。"
        ),
    ),
    DemoJob(
        template="audio-classification",
        dataset=SOUNDS,
        selected=("1",),
        labels={"1": ("tone", "noise", "sweep")},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description="What does it sound like?\n听起来是什么声音？",
    ),
    DemoJob(
        template="audio-segmentation",
        dataset=SIGNALS,
        selected=("1.1", "1.3"),
        labels={"1.1": ("high", "low")},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "Two stations send Morse code: mark when each of them sends, and type what.\n"
            "两个电台在发送莫尔斯电码：标出各自的时间段并填写内容。"
        ),
    ),
    DemoJob(
        template="audio-recognition",
        dataset=MORSE,
        selected=(),
        labels={},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description="Type the words that are sent in Morse code.\n写出用莫尔斯电码发送的词语。",
    ),
    DemoJob(
        template="video-classification",
        dataset=CLIPS,
        selected=("2",),
        labels={"2": ("red ball", "blue ball", "to the right", "to the left", "down")},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description="Which ball is it, and where does it roll?\n是哪个颜色的球，往哪个方向滚动？",
    ),
    DemoJob(
        template=custom_mix().name,
        dataset=REPORTS,
        selected=(),
        labels={},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "A picture, a report and a sound: mark the things, the words and the signal, and say whether they belong "
            "together.\n图片、报告和声音：标出物体、词语和信号，并判断三者是否相符。"
        ),
    ),
    DemoJob(
        template=llm_preference().name,
        dataset=ANSWERS,
        selected=(),
        labels={},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description="Which answer is better, how good is it, and why?\n哪个回答更好？好到什么程度？为什么？",
    ),
)
