"""Exports: asked for, built in the background, cancelled."""

from exports.services.build import build_export
from exports.services.files import locate
from exports.services.requests import cancel_export, request_export, requeue_stuck

__all__ = ["build_export", "cancel_export", "locate", "request_export", "requeue_stuck"]
