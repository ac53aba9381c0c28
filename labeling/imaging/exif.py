"""When, where and with what a photo was taken, from its EXIF. Anything malformed counts as absent."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

_TIME_TAGS = ((Base.DateTimeOriginal, Base.OffsetTimeOriginal), (Base.DateTimeDigitized, Base.OffsetTimeDigitized))
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_EARLIEST_YEAR = 1990  # cameras whose clock was never set say 1970 or 1980


@dataclass(frozen=True)
class Position:
    """A place on earth in degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class ExifFacts:
    """What was found. ``taken_at`` is aware when the camera wrote its offset, else naive local time."""

    taken_at: datetime | None = None
    camera: str = ""
    position: Position | None = None


def read_exif(image: Image.Image) -> ExifFacts:
    """Read the facts we use; never raises, whatever the bytes of the block are."""
    try:
        exif = image.getexif()
        details = exif.get_ifd(IFD.Exif)
        place = exif.get_ifd(IFD.GPSInfo)
    except Exception:  # Pillow's EXIF parser raises anything from struct.error to SyntaxError on bad blocks
        return ExifFacts()
    return ExifFacts(taken_at=_taken_at(exif, details), camera=_camera(exif), position=_position(place))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return "".join(c for c in str(value or "") if c.isprintable()).strip() if isinstance(value, str) else ""


def _taken_at(exif: Any, details: dict[int, Any]) -> datetime | None:
    candidates = [(details.get(moment), details.get(offset)) for moment, offset in _TIME_TAGS]
    candidates.append((exif.get(Base.DateTime), details.get(Base.OffsetTime)))
    for moment, offset in candidates:
        try:
            taken_at = datetime.strptime(_text(moment)[:19], "%Y:%m:%d %H:%M:%S")  # the zone follows
        except ValueError:
            continue
        if taken_at.year >= _EARLIEST_YEAR:
            zone = _zone(_text(offset))
            return taken_at.replace(tzinfo=zone) if zone else taken_at
    return None


def _zone(offset: str) -> timezone | None:
    match = _OFFSET.fullmatch(offset)
    if match is None:
        return None
    shift = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if shift > timedelta(hours=14):
        return None
    return timezone(-shift if match[1] == "-" else shift)


def _camera(exif: Any) -> str:
    make, model = _text(exif.get(Base.Make)), _text(exif.get(Base.Model))
    return (model if model.lower().startswith(make.lower()) else f"{make} {model}").strip()[:80]


def _position(place: dict[int, Any]) -> Position | None:
    latitude = _degrees(place.get(GPS.GPSLatitude), _text(place.get(GPS.GPSLatitudeRef)), "S", 90)
    longitude = _degrees(place.get(GPS.GPSLongitude), _text(place.get(GPS.GPSLongitudeRef)), "W", 180)
    if latitude is None or longitude is None or latitude == longitude == 0:  # 0, 0 is "no fix yet"
        return None
    return Position(latitude, longitude)


def _degrees(parts: Any, reference: str, negative: str, limit: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return -value if reference.upper() == negative else value
