"""Label templates: the built-in ones, what a job may make of them, and what the browser gets."""

from templates_app.services.check import check_template
from templates_app.services.install import install_builtin
from templates_app.services.job import (
    JobConfig,
    may_be_left_out,
    usual_labels,
    validate_job_config,
)
from templates_app.services.resolve import in_language, resolve

__all__ = [
    "JobConfig",
    "check_template",
    "in_language",
    "install_builtin",
    "may_be_left_out",
    "resolve",
    "usual_labels",
    "validate_job_config",
]
