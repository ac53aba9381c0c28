"""Colours of stages: ordered, and told apart with deutan, protan and tritan vision, in greyscale and in print.

The seven anchors are viridis from 0 to 0.93. For another number of stages the curve through them is cut into equal
steps of OKLab, so lightness rises from stage to stage and neighbours stay as far apart as the number allows.

References:
    Ottosson, B. 2020. A perceptual color space for image processing (OKLab).
"""

from __future__ import annotations

ANCHORS = ("#440154", "#453581", "#33628d", "#23888e", "#26ad81", "#6ccd5a", "#d2e21b")

OKLab = tuple[float, float, float]


def ordered_palette(n: int) -> list[str]:
    """``n`` colours as ``#rrggbb``, dark to light; the anchors themselves for ``n = 7``.

    Raises:
        ValueError: for ``n < 1``.
    """
    if n < 1:
        raise ValueError("a palette has at least one colour")
    if n == 1:
        return [ANCHORS[len(ANCHORS) // 2]]
    return [_at(i * (len(ANCHORS) - 1) / (n - 1)) for i in range(n)]


def lightness(color: str) -> float:
    """OKLab lightness of ``#rrggbb``, 0 (black) to 1 (white)."""
    return _to_oklab(color)[0]


def _at(place: float) -> str:
    """The colour at ``place`` along the anchors, 0 to ``len(ANCHORS) - 1``."""
    index = min(int(place), len(ANCHORS) - 2)
    share = place - index
    if share == 0 or share == 1:  # exact anchors do not pass through rounding
        return ANCHORS[index + int(share)]
    low, high = _to_oklab(ANCHORS[index]), _to_oklab(ANCHORS[index + 1])
    return _to_hex((_mix(low[0], high[0], share), _mix(low[1], high[1], share), _mix(low[2], high[2], share)))


def _mix(low: float, high: float, share: float) -> float:
    return low + (high - low) * share


def _to_oklab(color: str) -> OKLab:
    r, g, b = (_linear(int(color[i : i + 2], 16) / 255) for i in (1, 3, 5))
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _to_hex(lab: OKLab) -> str:
    long = (lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2]) ** 3
    medium = (lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2]) ** 3
    short = (lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2]) ** 3
    rgb = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(max(c, 0.0), 1.0))):02x}" for c in rgb)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
