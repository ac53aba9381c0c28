"""Rows of an export, drawn: what the database may hold and no more."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from labeling.domain.dataset import DatasetHeader, DatasetRow, LabelFacts, ModelFacts, PhotoFacts, Stage

STAGES = (
    Stage(0, "bud-swelling", "Yema hinchada", "Bud swelling", "51", "53"),
    Stage(1, "green-bud", "Yema verde", "Green bud", "54", "56"),
    Stage(2, "full-bloom", "Plena floración", "Full bloom", "65", "65"),
    Stage(3, "fruit-set", "Cuajado", "Fruit set", "", ""),
)
HEADER = DatasetHeader(
    project="Ciruelos | <b>2026</b>",
    slug="plums",
    description="# A plum orchard",
    unit="annotation",
    exported_at=datetime(2026, 6, 1, 12, 0, tzinfo=UTC),
    licence="CC-BY-4.0",
    scale_version=2,
    is_ordered=True,
    stages=STAGES,
    policy=(("Annotations wanted per photo", "2"),),
    imports=(("Season 2025", "Thesis"), ("Season 2026", "")),
    has_places=False,
    has_names=False,
    revision="abc123",
)

#: What PostgreSQL keeps as text: no NUL, no lone surrogates. Formulas, quotes, markup and other scripts come often.
texts = st.one_of(
    st.sampled_from(["", "=1+1", "+5", "-3", "@SUM(A1)", "'quoted", "''", '"', "a,b;c", "línea\nnueva", "\tx", "\r",
                     "\u202eevil", "🌸", "=HYPERLINK(\"http://x\")", "<script>", " padded ", "ñ"]),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30),
)  # fmt: skip
names = st.one_of(st.just(""), st.sampled_from(["=Huerto", "Parcela 1", "-A", "🌸"]))
moments = st.datetimes(
    datetime(2020, 1, 1),
    datetime(2027, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3)), timezone(timedelta(hours=5, minutes=30))]),
)
shares = st.floats(0, 1, allow_nan=False)


@st.composite
def photos(draw, photo_id: int) -> PhotoFacts:
    site = draw(names)
    return PhotoFacts(
        photo_id=photo_id,
        sha256=hashlib.sha256(str(photo_id).encode()).hexdigest(),
        original_name=draw(texts),
        site=site,
        plant=draw(names) if site else "",
        taken_at=draw(st.none() | moments),
        width=draw(st.integers(32, 9000)),
        height=draw(st.integers(32, 9000)),
        camera=draw(texts),
        is_held_out=draw(st.booleans()),
        group=f"photo:{photo_id}",
        place=draw(st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))),
    )


@st.composite
def labels(draw, source: str) -> LabelFacts:
    kind = draw(st.sampled_from(["stage", "between", "cannot_tell", "unusable"]))
    position = draw(st.integers(0, len(STAGES) - 2))
    is_staged = kind in {"stage", "between"}
    return LabelFacts(
        kind=kind,
        stage=STAGES[position] if is_staged else None,
        stage_upper=STAGES[position + 1] if kind == "between" else None,
        source=source,
        reason="" if is_staged else "other",
        note=draw(texts),
        decided_at=draw(moments),
        mode="single",
        is_blind=draw(st.booleans()),
        lead_time_ms=draw(st.none() | st.integers(0, 10**6)),
        distribution=tuple(draw(st.lists(shares, max_size=4))),
        quality=draw(st.none() | shares),
        is_gold=draw(st.booleans()),
    )


models = st.builds(ModelFacts, st.sampled_from(STAGES), shares, st.sampled_from(["v1", "3f2b"]))


@st.composite
def datasets(draw, max_photos: int = 6) -> list[DatasetRow]:
    """Rows in order of photo, several of one photo by different sources."""
    rows = []
    for photo_id in draw(st.lists(st.integers(1, 10**6), unique=True, max_size=max_photos).map(sorted)):
        photo, model = draw(photos(photo_id)), draw(st.none() | models)
        for source in draw(st.lists(st.sampled_from(["annotator-1", "=Thesis", "Elena"]), unique=True, min_size=1)):
            rows.append(DatasetRow(photo, draw(labels(source)), model))
    return rows
