"""From the bytes a stranger sent to what the product keeps of a photo. Pillow and NumPy only; no Django.

Everything here is a function of the bytes: the same bytes give the same answer, so ingest may be repeated at any time.
"""

from .exif import Position
from .perceptual import hamming_distance, perceptual_hash
from .quality import Quality, Verdict, judge, measure_quality
from .reading import MAX_BYTES, MIN_SIDE, Upright, read_upright
from .refusal import MESSAGES as REFUSALS
from .refusal import ImageRefused
from .renditions import FULL_SIDE, MODEL_SHORT_SIDE, VIEW_SIDE, Renditions, renditions
from .sniffing import sniff
from .stripping import stripped

__all__ = [
    "FULL_SIDE",
    "MAX_BYTES",
    "MIN_SIDE",
    "MODEL_SHORT_SIDE",
    "REFUSALS",
    "VIEW_SIDE",
    "ImageRefused",
    "Position",
    "Quality",
    "Renditions",
    "Upright",
    "Verdict",
    "hamming_distance",
    "judge",
    "measure_quality",
    "perceptual_hash",
    "read_upright",
    "renditions",
    "sniff",
    "stripped",
]
