"""Rows with photos as TFRecord files, written without TensorFlow: a frame, two checksums, a protocol buffer.

A record is a ``tf.train.Example``; the few of its fields that are used are encoded here.

References:
    https://www.tensorflow.org/tutorials/load_data/tfrecord (the frame, the masked CRC32C, tf.train.Example).
    https://protobuf.dev/programming-guides/encoding/ (wire format).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from labeling.domain.dataset import DatasetRow

_LENGTH_DELIMITED = 2
_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3

Feature = bytes | str | Sequence[float] | int

READING = """\
import tensorflow as tf

FEATURES = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/sha256": tf.io.FixedLenFeature([], tf.string),
    "label": tf.io.FixedLenFeature([], tf.int64),  # position in the scale; -1 where the label names no stage
    "label/text": tf.io.FixedLenFeature([], tf.string),
    "label/kind": tf.io.FixedLenFeature([], tf.string),
    "target": tf.io.VarLenFeature(tf.float32),  # probability of each stage; empty where no stage is named
    "group": tf.io.FixedLenFeature([], tf.string),  # never split a group between training and evaluation
}
train = tf.data.TFRecordDataset(tf.io.gfile.glob("train-*.tfrecord")).map(
    lambda record: tf.io.parse_single_example(record, FEATURES)
)
"""
"""Goes with the files, so that nobody has to guess."""


def framed(data: bytes) -> bytes:
    """One record: length, its checksum, data, its checksum."""
    length = struct.pack("<Q", len(data))
    return b"".join((length, _masked_crc(length), data, _masked_crc(data)))


def example(row: DatasetRow, photo: bytes, *, form: str, n_stages: int) -> bytes:
    """A photo and its label as a serialised ``tf.train.Example``; ``form`` is "jpg", "png" or "webp"."""
    facts, label = row.photo, row.label
    features: dict[str, Feature] = {
        "image/encoded": photo,
        "image/format": form,
        "image/sha256": facts.sha256,
        "label": label.stage.position if label.stage else -1,
        "label/text": label.stage.slug if label.stage else "",
        "label/kind": label.kind,
        "label/source": label.source,
        "target": _target(row, n_stages),
        "site": facts.site,
        "plant": facts.plant,
        "taken_at": facts.taken_at.isoformat() if facts.taken_at else "",
        "group": facts.group,
    }
    return serialised(features)


def serialised(features: Mapping[str, Feature]) -> bytes:
    """``features`` as a ``tf.train.Example``: text and bytes, lists of floats, whole numbers."""
    entries = (
        _field(1, _field(1, name.encode()) + _field(2, _feature(value))) for name, value in sorted(features.items())
    )
    return _field(1, b"".join(entries))


def _target(row: DatasetRow, n_stages: int) -> list[float]:
    label = row.label
    if label.distribution:
        return list(label.distribution)
    if label.stage is None:
        return []
    target = [0.0] * n_stages
    ends = [label.stage, label.stage_upper or label.stage]
    for stage in ends:
        target[stage.position] += 0.5
    return target


def _feature(value: Feature) -> bytes:
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return _field(_BYTES_LIST, _field(1, value))
    if isinstance(value, int):
        packed = _varint(value % 2**64)
        return _field(_INT64_LIST, _field(1, packed))
    return _field(_FLOAT_LIST, _field(1, struct.pack(f"<{len(value)}f", *value)))


def _field(number: int, data: bytes) -> bytes:
    return b"".join((_varint(number << 3 | _LENGTH_DELIMITED), _varint(len(data)), data))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _masked_crc(data: bytes) -> bytes:
    import google_crc32c  # noqa: PLC0415 - only this format needs it

    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17 & 0xFFFF_FFFF) + 0xA282_EAD8) & 0xFFFF_FFFF)
