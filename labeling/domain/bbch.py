"""BBCH codes of growth stages.

A code is a string: "09" (emergence) is not 9, and "9" is no code at all. The first digit is the principal growth stage;
codes of three digits split a stage further ("101" is within "10"). Codes of one crop sort as text.

References:
    Meier, U. (ed.) 2018. Growth stages of mono- and dicotyledonous plants. BBCH Monograph. doi:10.5073/20180906-074619.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = re.compile(r"[0-9]{2,3}")

PRINCIPAL_STAGES: tuple[tuple[str, str], ...] = (
    ("Germinación, brotación, desarrollo de la yema", "Germination, sprouting, bud development"),
    ("Desarrollo de las hojas", "Leaf development"),
    ("Formación de brotes laterales", "Formation of side shoots"),
    ("Crecimiento del tallo, desarrollo de los brotes", "Stem elongation, shoot development"),
    ("Desarrollo de partes vegetativas cosechables", "Development of harvestable vegetative parts"),
    ("Aparición del órgano floral", "Inflorescence emergence"),
    ("Floración", "Flowering"),
    ("Desarrollo del fruto", "Development of fruit"),
    ("Maduración del fruto y la semilla", "Ripening of fruit and seed"),
    ("Senescencia, comienzo de la dormición", "Senescence, beginning of dormancy"),
)
"""Name (es, en) of each principal growth stage, by its digit."""


class BBCHInvalid(ValueError):
    """The text is no BBCH code, or the range runs backwards."""


@dataclass(frozen=True, order=True)
class BBCHCode:
    """One code, e.g. ``BBCHCode("65")``, full flowering.

    Raises:
        BBCHInvalid: unless ``text`` is two or three digits.
    """

    text: str

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.text):
            raise BBCHInvalid(f"{self.text!r} is not a BBCH code: two or three digits, such as 09 or 65")

    def __str__(self) -> str:
        return self.text

    @property
    def principal_stage(self) -> int:
        """0 (germination, bud development) to 9 (senescence)."""
        return int(self.text[0])


@dataclass(frozen=True)
class BBCHRange:
    """The codes from ``first`` to ``last``, both included.

    Raises:
        BBCHInvalid: when ``last`` comes before ``first``.
    """

    first: BBCHCode
    last: BBCHCode

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BBCHInvalid(f"the range {self.first}-{self.last} runs backwards")

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def __contains__(self, code: object) -> bool:
        """Whether ``code`` lies in the range; "691" lies in 67-69, since it is a part of "69"."""
        return (
            isinstance(code, BBCHCode)
            and self.first.text <= code.text
            and code.text[: len(self.last.text)] <= self.last.text
        )

    @property
    def principal_stages(self) -> range:
        """The principal stages the range touches."""
        return range(self.first.principal_stage, self.last.principal_stage + 1)


def parse_range(first: str, last: str = "") -> BBCHRange | None:
    """The range of two texts as people type them: ``("61", "65")``, ``("65", "")``; None for ``("", "")``.

    Raises:
        BBCHInvalid: for anything else.
    """
    first, last = first.strip(), last.strip()
    if not first and not last:
        return None
    return BBCHRange(BBCHCode(first), BBCHCode(last or first))
