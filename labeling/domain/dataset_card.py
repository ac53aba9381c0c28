"""The card that goes with an export: what is in it, by which rules, where it came from. Markdown, as data hubs read it.

Counts come from the rows that went by, not from the database, so that card and data cannot differ.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from labeling.domain.dataset import DatasetHeader, DatasetRow, Stage, canonical_line

SIZE_CATEGORIES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
NO_LICENCE = "unspecified"


@dataclass
class DatasetTally:
    """Counts and content hash of rows, taken as they pass."""

    n_rows: int = 0
    n_photos: int = 0
    n_held_out: int = 0
    n_gold: int = 0
    n_adjudicated: int = 0
    by_stage: Counter[int] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    by_model: Counter[str] = field(default_factory=Counter)
    first_day: str = ""
    last_day: str = ""
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    _last_photo: int = -1

    def add(self, row: DatasetRow) -> None:
        """Count a row; rows of one photo follow each other."""
        photo, label = row.photo, row.label
        self._digest.update(canonical_line(row))
        self.n_rows += 1
        if photo.photo_id != self._last_photo:
            self._last_photo = photo.photo_id
            self.n_photos += 1
            self.n_held_out += photo.is_held_out
            self._note_day(row)
        self.by_kind[label.kind] += 1
        if label.stage is not None:
            self.by_stage[label.stage.position] += 1
        if label.source:
            self.by_source[label.source] += 1
        if row.model is not None:
            self.by_model[row.model.version] += 1
        self.n_gold += bool(label.is_gold)
        self.n_adjudicated += bool(label.is_adjudicated)

    @property
    def content_sha256(self) -> str:
        """The hash of the canonical rows so far, in hex."""
        return self._digest.hexdigest()

    def _note_day(self, row: DatasetRow) -> None:
        if row.photo.taken_at is None:
            return
        day = row.photo.taken_at.date().isoformat()
        self.first_day = min(self.first_day or day, day)
        self.last_day = max(self.last_day, day)


def dataset_card(header: DatasetHeader, tally: DatasetTally, *, form: str) -> str:
    """The card in Markdown, with the front matter that Hugging Face reads. ``form`` says how the rows are written."""
    parts = [
        _front_matter(header, tally),
        f"# {_plain(header.project)}\n",
        *([f"{_plain(header.description)}\n"] if header.description.strip() else []),
        _contents(header, tally, form),
        _scale(header, tally),
        _policy(header),
        _provenance(header, tally),
    ]
    return "\n".join(parts)


def _front_matter(header: DatasetHeader, tally: DatasetTally) -> str:
    size = next((name for limit, name in SIZE_CATEGORIES if tally.n_photos < limit), "n>1M")
    licence = "".join(c for c in header.licence if c.isalnum() or c in "-._+ ").strip().lower() or "unknown"
    return (
        f"---\nlicense: {licence}\ntask_categories:\n- image-classification\ntags:\n- phenology\n"
        f"size_categories:\n- {size}\n---\n"
    )


def _contents(header: DatasetHeader, tally: DatasetTally, form: str) -> str:
    one = "photo, its consensus" if header.unit == "consensus" else "annotation that counts"
    lines = [
        "## Contents\n",
        f"- Rows: {tally.n_rows}, one per {one}; photos: {tally.n_photos}, of these held out for evaluation:"
        f" {tally.n_held_out}",
        f"- Form: {form}",
        f"- Content hash (SHA-256 of the canonical rows): `{tally.content_sha256}`",
        f"- Licence: {_plain(header.licence) or NO_LICENCE}",
        f"- Photographed: {tally.first_day} to {tally.last_day}" if tally.first_day else "- Photographed: unknown",
        "- Places: " + ("rounded to 0.01 degree, with consent" if header.has_places else "not included"),
        "- Annotators: " + ("by name" if header.has_names else "by number"),
    ]
    others = [f"{kind}: {n}" for kind, n in sorted(tally.by_kind.items()) if kind != "stage"]
    if others:
        lines.append("- Rows that do not name one stage: " + ", ".join(others))
    return "\n".join(lines) + "\n"


def _scale(header: DatasetHeader, tally: DatasetTally) -> str:
    order = "ordered" if header.is_ordered else "without an order"
    lines = [
        f"## Stages (scale version {header.scale_version}, {order})\n",
        "| position | name in files | English | Spanish | BBCH | rows |",
        "|---:|---|---|---|---|---:|",
        *[_scale_line(stage, tally.by_stage[stage.position]) for stage in header.stages],
    ]
    return "\n".join(lines) + "\n"


def _scale_line(stage: Stage, n_rows: int) -> str:
    names = f"`{stage.slug}` | {_plain(stage.name_en)} | {_plain(stage.name_es)}"
    return f"| {stage.position} | {names} | {stage.bbch or '-'} | {n_rows} |"


def _policy(header: DatasetHeader) -> str:
    lines = [
        "## How a consensus is reached\n",
        *[f"- {_plain(what)}: {_plain(value)}" for what, value in header.policy],
    ]
    return "\n".join(lines) + "\n"


def _provenance(header: DatasetHeader, tally: DatasetTally) -> str:
    lines = [
        "## Provenance\n",
        f"- Project: `{header.slug}`, exported {header.exported_at.isoformat(timespec='seconds')} by Antesis"
        + (f" (revision {header.revision})" if header.revision else ""),
        f"- Gold: {tally.n_gold}, settled by an adjudicator: {tally.n_adjudicated}",
    ]
    lines += [f"- Annotations by {_plain(source)}: {n}" for source, n in tally.by_source.most_common(50)]
    lines += [f"- Suggestions of model {_plain(version)}: {n}" for version, n in tally.by_model.most_common(20)]
    lines += [
        f"- Import: {_plain(name)}" + (f", labels by {_plain(source)}" if source else "")
        for name, source in header.imports
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Text people wrote, on one line and without what Markdown or HTML would act on."""
    return "".join("\\" + c if c in "\\`*_[]<>#|!" else c for c in " ".join(text.split()))
