"""Jobs, their packages, and who holds, answered, judged what.

Lock order: Job → Package → Assignment → PackageItem / Annotation, by primary key, FOR NO KEY UPDATE.
"""

from jobs.models.annotation import Annotation, AnnotationVersion
from jobs.models.figures import ErrorTally, LabelTally, PackageTally, StageTally, TallyDue
from jobs.models.guide import Guide, GuideConfirmation, GuideFile
from jobs.models.job import (
    STAGE_PERMISSION,
    Batch,
    Job,
    JobEvent,
    JobGroupPermission,
    JobQuerySet,
    JobSummary,
    JobUserPermission,
    SplitRun,
    Stage,
    Workflow,
)
from jobs.models.lot import Lot
from jobs.models.notice import Delivery, NoticeEvent, Notification, Webhook
from jobs.models.pace import JobPace
from jobs.models.talk import Appeal, Message, Thread, led_jobs
from jobs.models.work import (
    Assignment,
    Package,
    PackageEvent,
    PackageItem,
    Sample,
    SamplingCarry,
    SkipRecord,
)

__all__ = [
    "STAGE_PERMISSION",
    "Annotation",
    "AnnotationVersion",
    "Appeal",
    "Assignment",
    "Batch",
    "Delivery",
    "ErrorTally",
    "Guide",
    "GuideConfirmation",
    "GuideFile",
    "Job",
    "JobEvent",
    "JobGroupPermission",
    "JobPace",
    "JobQuerySet",
    "JobSummary",
    "JobUserPermission",
    "LabelTally",
    "Lot",
    "Message",
    "NoticeEvent",
    "Notification",
    "Package",
    "PackageEvent",
    "PackageItem",
    "PackageTally",
    "Sample",
    "SamplingCarry",
    "SkipRecord",
    "SplitRun",
    "Stage",
    "StageTally",
    "TallyDue",
    "Thread",
    "Webhook",
    "Workflow",
    "led_jobs",
]
