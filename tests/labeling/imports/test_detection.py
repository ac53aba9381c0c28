"""What a file is, by its first bytes."""

from __future__ import annotations

import pytest

from labeling.services.import_formats.detection import kind_of_table


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PAR1...", "parquet"),
        (b'[{"data": {}}]', "json"),
        (b'{"images": [], "annotations": []}', "json"),
        (b'{\n  "images": [\n', "json"),
        (b'{"sha256": "ab", "note": "a { of an open mind"}\n{"sha256": "cd"}\n', "jsonl"),
        (b'\xef\xbb\xbf\n{"sha256": "ab"}\r\n{"sha256": "cd"}\r\n', "jsonl"),
        (b"path;stage\n", "csv"),
        (b"", ""),
        (b"\x00\x01", ""),
    ],
)
def test_kind_of_table(head, kind):
    assert kind_of_table(head) == kind
