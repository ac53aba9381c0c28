"""Which kind of source a path, an archive or a single file is; told, or found out from what is in it."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from labeling.services.import_formats.class_folders import ClassFolders
from labeling.services.import_formats.coco import CocoFiles
from labeling.services.import_formats.containers import Container, FolderContainer, NoContainer, ZipContainer
from labeling.services.import_formats.doccano import DoccanoLines
from labeling.services.import_formats.label_studio import LabelStudioTasks
from labeling.services.import_formats.rows import ImportSource, SourceUnusable
from labeling.services.import_formats.tables import Tables

AUTO = "auto"
FORMATS = (AUTO, "folders", "table", "image_folder", "coco", "label_studio", "doccano")
"""What a source may be said to be."""
HEAD = 64 * 1024
_TABLE = re.compile(r"(.*/)?labels\.(csv|tsv|jsonl|parquet)")
_METADATA = re.compile(r"(.*/)?metadata\.(csv|jsonl|parquet)")
_COCO_KEYS = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')
_TASK_KEYS = re.compile(rb'"(annotations|predictions|data)"\s*:')


def source_of(path: Path, form: str = AUTO) -> ImportSource:
    """The source for a folder, a ``.zip`` or a table with paths relative to its own folder.

    Raises:
        SourceUnusable: there is no such file, or it is of another kind.
    """
    if path.is_dir():
        return _in_container(FolderContainer(path), form)
    if path.is_file() and zipfile.is_zipfile(path):
        return _in_container(ZipContainer(path), form)
    if path.is_file() and path.suffix.lower() in {".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"}:
        return _of_file(FolderContainer(path.parent), path.name, form, path.open("rb").read(HEAD))
    raise SourceUnusable("source_unknown", f"{path} is neither a folder, a ZIP nor a table.")


def source_of_upload(stream: BinaryIO, form: str = AUTO) -> ImportSource:
    """The source for what somebody sent: a ZIP, or a table or list of tasks about photos that the project has.

    Raises:
        SourceUnusable: it is neither.
    """
    stream.seek(0)
    if zipfile.is_zipfile(stream):
        stream.seek(0)
        return _in_container(ZipContainer(stream), form)
    stream.seek(0)
    head = stream.read(HEAD)
    kind = kind_of_table(head)
    if not kind:
        raise SourceUnusable("source_unknown", "This is neither a ZIP nor a table.")
    return _of_file(NoContainer(stream), f"upload.{kind}", form, head)


def kind_of_table(head: bytes) -> str:
    """One of csv, jsonl, json and parquet, by the first bytes; "" for what is no table."""
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text or b"\x00" in text:
        return ""
    if text.startswith(b"["):
        return "json"
    if text.startswith(b"{"):
        is_line = _is_json(text.split(b"\n", 1)[0])
        return "jsonl" if is_line and not _COCO_KEYS.search(head) else "json"
    return "csv"


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    except RecursionError:  # whoever reads the rows refuses it by its own code
        return True
    return True


def _of_file(container: Container, name: str, form: str, head: bytes) -> ImportSource:
    """A table (or task list) given by itself."""
    form = _form_of(name, head) if form == AUTO else form
    makers: dict[str, Any] = {"coco": CocoFiles, "label_studio": LabelStudioTasks, "doccano": DoccanoLines}
    if form in makers:
        made: ImportSource = makers[form](container, [name])
        return made
    if form in {"table", "image_folder"}:
        return Tables(container, [name], is_class_by_folder=form == "image_folder")
    raise SourceUnusable("source_unknown", f"A single file cannot be read as {form}.")


def _in_container(container: Container, form: str) -> ImportSource:
    """A folder or an archive: what tells of the photos in it decides, in this order."""
    found = _tables_in(container)
    if form != AUTO:
        found = {form: found.get(form) or _named_like(container, form)}
    for kind in ("table", "image_folder", "label_studio", "coco", "doccano"):
        names = found.get(kind, [])
        if not names and form == kind:
            raise SourceUnusable("source_unknown", f"There is no file in it that can be read as {form}.")
        if names and kind in {"table", "image_folder"}:
            return Tables(container, names, is_class_by_folder=kind == "image_folder")
        if names:
            makers: dict[str, Any] = {"coco": CocoFiles, "label_studio": LabelStudioTasks, "doccano": DoccanoLines}
            made: ImportSource = makers[kind](container, names)
            return made
    return ClassFolders(container)


def _named_like(container: Container, form: str) -> list[str]:
    """Files that may be of a form that somebody says they are, though it does not show in their first bytes."""
    suffix = {"label_studio": ".json", "coco": ".json", "doccano": ".jsonl"}.get(form)
    return [name for name in container.names() if suffix and name.lower().endswith(suffix)]


def _tables_in(container: Container) -> dict[str, list[str]]:
    """Names of the files that tell of photos, by kind. Files of other shapes are left alone."""
    found: dict[str, list[str]] = {}
    for name in container.names():
        if any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts):
            continue
        if _TABLE.fullmatch(name):
            found.setdefault("table", []).append(name)
        elif _METADATA.fullmatch(name):
            found.setdefault("image_folder", []).append(name)
        elif name.lower().endswith((".json", ".jsonl")):
            with container.table(name) as opened:
                form = _form_of(name, opened.read(HEAD))
            if form != "table":
                found.setdefault(form, []).append(name)
    return found


def _form_of(name: str, head: bytes) -> str:
    """By the first bytes: a list of tasks, an object with images, lines with file names, or a plain table."""
    kind = kind_of_table(head)
    if kind == "json" and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        is_empty = head.strip(b"\xef\xbb\xbf \t\r\n[]") == b""
        return "label_studio" if is_empty or _TASK_KEYS.search(head) else "table"
    if kind == "json":
        return "coco" if _COCO_KEYS.search(head) else "table"
    if kind == "jsonl" and b'"label"' in head and b'"filename"' in head and b'"sha256"' not in head:
        return "doccano"
    return "table"
