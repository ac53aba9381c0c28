"""Scales to start from, so that nobody begins with an empty form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StageInput:
    """A stage as somebody asks for it; what is left empty (slug, colour, hotkey) is filled in."""

    name_es: str
    name_en: str
    slug: str = ""
    bbch_first: str = ""
    bbch_last: str = ""
    description_es: str = ""
    description_en: str = ""
    color: str = ""
    hotkey: str = ""


@dataclass(frozen=True)
class ScaleTemplate:
    """A named list of stages."""

    key: str
    name_es: str
    name_en: str
    is_ordered: bool
    stages: tuple[StageInput, ...]


_BLOSSOM = (
    StageInput(
        "Yema hinchada", "Bud swelling", "bud-swelling", "51", "53",
        "Las yemas engordan; escamas marrones todavía cerradas, con bordes claros.",
        "Buds swell; brown scales still closed, with light edges.",
    ),
    StageInput(
        "Yema verde", "Green bud", "green-bud", "54", "56",
        "Las escamas se abren: puntas verdes y botones florales verdes juntos.",
        "Scales part: green leaf tips, then green flower buds held together.",
    ),
    StageInput(
        "Botón rosa", "Pink bud", "pink-bud", "57", "59",
        "Los botones se separan y enseñan pétalos rosas, todos cerrados.",
        "Flower buds separate and show pink petals, all of them closed.",
    ),
    StageInput(
        "Primeras flores", "First flowers", "first-flowers", "60", "62",
        "Se abre la flor central y alguna más; el resto sigue en globo.",
        "The king flower and a few more are open; the rest are still balloons.",
    ),
    StageInput(
        "Plena floración", "Full flowering", "full-flowering", "65", "65",
        "Al menos la mitad de las flores abiertas, anteras amarillas, pétalos enteros.",
        "At least half of the flowers open, yellow anthers, petals complete.",
    ),
    StageInput(
        "Caída de pétalos", "Petal fall", "petal-fall", "67", "69",
        "Caen los pétalos; las anteras se secan y pardean.",
        "Petals are falling; anthers dry and turn brown.",
    ),
    StageInput(
        "Cuajado", "Fruit set", "fruit-set", "71", "73",
        "Sin pétalos: ovarios que engordan con restos del cáliz en la punta.",
        "No petals: ovaries swell, with the dry calyx at their tip.",
    ),
)  # fmt: skip
_RIPENESS = (
    StageInput(
        "Verde", "Green", "green", "79", "79",
        "Tamaño casi final, todavía verde y duro.",
        "Nearly full size, still green and hard.",
    ),
    StageInput(
        "Envero", "Turning", "turning", "81", "83",
        "Empieza a cambiar de color.",
        "Colour begins to change.",
    ),
    StageInput(
        "Maduro", "Ripe", "ripe", "85", "87",
        "Color del fruto maduro; listo para cosechar.",
        "Colour of the ripe fruit; ready to pick.",
    ),
    StageInput(
        "Pasado", "Overripe", "overripe", "89", "89",
        "Blando, arrugado o a punto de caer.",
        "Soft, shrivelled or about to fall.",
    ),
)  # fmt: skip

TEMPLATES: tuple[ScaleTemplate, ...] = (
    ScaleTemplate(
        key="blank_ordered",
        name_es="Tres etapas en orden",
        name_en="Three stages in order",
        is_ordered=True,
        stages=(StageInput("Inicio", "Early"), StageInput("Mitad", "Middle"), StageInput("Final", "Late")),
    ),
    ScaleTemplate(
        key="blossom_7",
        name_es="Floración de frutal (7 etapas, BBCH 51-73)",
        name_en="Blossom of fruit trees (7 stages, BBCH 51-73)",
        is_ordered=True,
        stages=_BLOSSOM,
    ),
    ScaleTemplate(
        key="ripeness_4",
        name_es="Maduración (4 etapas, BBCH 79-89)",
        name_en="Ripeness (4 stages, BBCH 79-89)",
        is_ordered=True,
        stages=_RIPENESS,
    ),
    ScaleTemplate(
        key="blank_unordered",
        name_es="Clases sin orden",
        name_en="Classes without an order",
        is_ordered=False,
        stages=(StageInput("Clase A", "Class A"), StageInput("Clase B", "Class B"), StageInput("Clase C", "Class C")),
    ),
)
