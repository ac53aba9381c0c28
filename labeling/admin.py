"""Django's admin: people and projects to change, labels to look at. Editing a label here would bypass the consensus."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from labeling.models import Adjudication, Annotation, Consensus, ImportBatch, Membership, Project, User


class ReadOnly(admin.ModelAdmin):
    """Looking only."""

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    """Who works in a project."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People; passwords are set by access links, never here."""

    list_display = ("email", "full_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "full_name")
    fields = ("email", "full_name", "language", "is_active", "is_staff", "last_login")
    readonly_fields = ("last_login",)


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    """Projects; the seed and the held-out share are fixed once photos are drawn by them."""

    list_display = ("name", "slug", "labels_wanted", "created_at")
    search_fields = ("name", "slug")
    readonly_fields = ("slug", "seed", "held_out_share", "labels_wanted")
    inlines = (MembershipInline,)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Annotation)
class AnnotationAdmin(ReadOnly):
    """What people said, for tracing a label back to its author."""

    list_display = (
        "id",
        "photo_id",
        "annotator",
        "source",
        "kind",
        "decided_at",
        "withdrawn_at",
    )
    list_select_related = ("annotator",)
    raw_id_fields = ("photo", "stage", "stage_upper")
    search_fields = ("=photo__id", "annotator__email")
    show_full_result_count = False


@admin.register(Consensus, Adjudication)
class OutcomeAdmin(ReadOnly):
    """What followed from it."""

    list_display = ("photo_id", "project")
    list_select_related = ("project",)
    raw_id_fields = ("photo",)
    search_fields = ("=photo__id",)
    show_full_result_count = False


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnly):
    """Imports and what they refused."""

    list_display = ("name", "project", "label_use", "state", "total", "received", "refused")
    list_select_related = ("project",)
