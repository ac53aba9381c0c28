"""The seven stages the generator draws, and how a continuous age is cut into them.

Age runs from 0 (buds begin to swell) to 7 (fruits have set); stage ``k`` is the age interval ``[k, k + 1)``. The cut is
a convention laid over a continuous drawing, so photos on both sides of it truly look alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SyntheticStage:
    """One stage of the apple scale, worded for both languages."""

    position: int
    slug: str
    name_es: str
    name_en: str
    description_es: str
    description_en: str
    bbch_first: str
    bbch_last: str
    color: str
    hotkey: str


STAGES: tuple[SyntheticStage, ...] = (
    SyntheticStage(
        0, "bud-swelling", "Yema hinchada", "Bud swelling",
        "Las yemas engordan; escamas marrones todavía cerradas, con bordes claros.",
        "Buds swell; brown scales still closed, with light edges.",
        "51", "53", "#440154", "1",
    ),
    SyntheticStage(
        1, "green-bud", "Yema verde", "Green bud",
        "Las escamas se abren: puntas verdes y botones florales verdes juntos.",
        "Scales part: green leaf tips, then green flower buds held together.",
        "54", "56", "#453581", "2",
    ),
    SyntheticStage(
        2, "pink-bud", "Botón rosa", "Pink bud",
        "Los botones se separan y enseñan pétalos rosas, todos cerrados.",
        "Flower buds separate and show pink petals, all of them closed.",
        "57", "59", "#33628d", "3",
    ),
    SyntheticStage(
        3, "first-flowers", "Primeras flores", "First flowers",
        "Se abre la flor central y alguna más; el resto sigue en globo.",
        "The king flower and a few more are open; the rest are still balloons.",
        "60", "62", "#23888e", "4",
    ),
    SyntheticStage(
        4, "full-flowering", "Plena floración", "Full flowering",
        "Al menos la mitad de las flores abiertas, anteras amarillas, pétalos enteros.",
        "At least half of the flowers open, yellow anthers, petals complete.",
        "65", "65", "#26ad81", "5",
    ),
    SyntheticStage(
        5, "petal-fall", "Caída de pétalos", "Petal fall",
        "Caen los pétalos; las anteras se secan y pardean.",
        "Petals are falling; anthers dry and turn brown.",
        "67", "69", "#6ccd5a", "6",
    ),
    SyntheticStage(
        6, "fruit-set", "Cuajado", "Fruit set",
        "Sin pétalos: ovarios que engordan con restos del cáliz en la punta.",
        "No petals: ovaries swell, with the dry calyx at their tip.",
        "71", "73", "#d2e21b", "7",
    ),
)  # fmt: skip
N_STAGES = len(STAGES)
AGE_MIN = 0.0
AGE_MAX = float(np.nextafter(np.float64(N_STAGES), 0.0))


def stage_of(age: float) -> int:
    """Position of the stage that ``age`` falls in; ages outside the scale belong to its ends."""
    return int(np.clip(age, AGE_MIN, AGE_MAX))
