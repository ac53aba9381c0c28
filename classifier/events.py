"""Facts of the learning side, announced after they are committed; ids only. See ``labeling.events.announce``."""

from __future__ import annotations

from django.dispatch import Signal

training_run_requested = Signal()  # training_run_id
training_run_finished = Signal()  # training_run_id, project_id
class_report_requested = Signal()  # project_id
dashboard_requested = Signal()  # project_id
model_promoted = Signal()  # model_version_id, project_id
model_export_requested = Signal()  # model_export_id
refresh_requested = Signal()  # project_id
photo_map_requested = Signal()  # photo_map_id
