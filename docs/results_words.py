"""The words of the results pages, in both languages."""

from __future__ import annotations

ROWS = {
    "en": {
        "A0": "A0 network from scratch, raw labels",
        "A1": "A1 A0 + algorithms",
        "A2": "A2 A0 + reviewed labels, most doubtful first",
        "A2-random": "as much review, at random",
        "A3": "A3 A0 + classes as the evidence proposes",
        "A3-trial": "trial: one class fewer, against A0 mapped",
        "A4": "A4 A0 + binary specialists",
        "A4-rival": "as much computing, more networks like A0",
        "A5": "A5 all four",
    },
    "es": {
        "A0": "A0 red desde cero, etiquetas tal como llegan",
        "A1": "A1 A0 + algoritmos",
        "A2": "A2 A0 + etiquetas revisadas, primero las más dudosas",
        "A2-random": "la misma revisión, al azar",
        "A3": "A3 A0 + clases que propone la evidencia",
        "A3-trial": "prueba: una clase menos, frente a A0 reasignado",
        "A4": "A4 A0 + especialistas binarios",
        "A4-rival": "el mismo cómputo, más redes como A0",
        "A5": "A5 los cuatro",
    },
}
SETS = {
    "en": {
        "generated": "(a) Generated apple blossom",
        "dandelion-stages": "(b) Dandelion",
        "banana-ripeness": "(c) Banana ripeness",
    },
    "es": {
        "generated": "(a) Flor de manzano generada",
        "dandelion-stages": "(b) Diente de león",
        "banana-ripeness": "(c) Madurez del plátano",
    },
}
LEVERS = {
    "en": {
        "algorithms": "algorithms",
        "curation": "reviewed labels",
        "classes": "classes",
        "specialists": "specialists",
    },
    "es": {
        "algorithms": "algoritmos",
        "curation": "etiquetas revisadas",
        "classes": "clases",
        "specialists": "especialistas",
    },
}
LEARNERS = {
    "en": {
        "prototypes": "prototypes",
        "matching": "matching",
        "siamese": "siamese",
        "linear_head": "linear head (for comparison)",
    },
    "es": {
        "prototypes": "prototipos",
        "matching": "matching",
        "siamese": "siamesa",
        "linear_head": "cabeza lineal (para comparar)",
    },
}
WORDS = {
    "en": {
        "scope": (
            "{photos} photos of {stages} stages in {groups} groups. Finished: {folds} outer folds of {seeds} seed(s) "
            "({per_seed} folds a seed), {scored} scored photos. Vectors: `{space}`{pretrained}."
        ),
        "not_pretrained": " (no pretrained weights: A1 is without transfer)",
        "head": (
            "| | accuracy against gold | over A0, points | macro-F1 | MAE, stages | QWK | bits | labelled "
            "photos | expert minutes |"
        ),
        "planned_head": "| planned comparison | difference, points | p | p after Holm |",
        "against": "{arm} against {rival}",
        "levers_head": "| lever | Shapley share of A5 − A0, points | A5 less A5 without it, points |",
        "one_shot_head": "| learner, on frozen features and raw labels | 1 photo a stage | 5 | 20 |",
        "cut_holds": "**A5 takes away {cut} % of A0's errors ({low} to {high}); the goal of {goal} % is met.**",
        "cut_missed": ("**A5 takes away {cut} % of A0's errors ({low} to {high}); the goal of {goal} % is missed.**"),
        "best": " The best of the 16 combinations is {arm} at {accuracy} %.",
        "a0_holds": " A0 lies within the 70-80 % of the field case.",
        "a0_missed": " A0 lies outside the 70-80 % of the field case.",
        "ceiling": (
            "Ceiling. Two experts agree on {agree} % of the photos. One expert is right on {expert} %, the "
            "middle of three on {panel} %: a model without fault, scored against one expert's labels, would "
            "read {expert} %.{reader} A0 reads {a0_expert} % against one expert and {a0_panel} % against the "
            "panel; A5 {a5_expert} and {a5_panel} %. Wrong labels to learn from: {raw} % as they come, "
            "{random} % after review at random, {a2} % after A2's review, {a5} % after A5's."
        ),
        "reader": " Someone who reads the drawn age without error is right on {reader} %.",
        "cost": (
            "Reviewed labels bring {gain} points for {minutes} more expert minutes: {hour} points a labelled "
            "hour; at random {random} points a labelled hour."
        ),
        "classes": (
            "Classes. In {n} of {folds} folds the evidence proposed a merger. Trial: a network trained on one"
            " class fewer is right on {trial} % and tells {trial_bits} bits; A0's predictions, mapped, on "
            "{mapped} % and {mapped_bits} bits."
        ),
        "specialists": (
            "Specialists. {tried} pairs a fold were tried for A4, {kept} kept; for A5 {tried5} and {kept5}. "
            "The rival of equal computing has {networks} networks."
        ),
        "chart": "accuracy against gold, 95 %",
        "expert_line": "one expert",
        "panel_line": "three experts",
        "shares": "Shapley share, points",
        "not_run": "Not run: {reason}.",
    },
    "es": {
        "scope": (
            "{photos} fotos de {stages} estados en {groups} grupos. Terminado: {folds} particiones externas de "
            "{seeds} semilla(s) ({per_seed} por semilla), {scored} fotos puntuadas. Vectores: `{space}`{pretrained}."
        ),
        "not_pretrained": " (sin pesos preentrenados: A1 va sin transferencia)",
        "head": (
            "| | acierto frente al oro | sobre A0, puntos | macro-F1 | MAE, estados | QWK | bits | fotos "
            "etiquetadas | minutos de experto |"
        ),
        "planned_head": "| comparación prevista | diferencia, puntos | p | p tras Holm |",
        "against": "{arm} frente a {rival}",
        "levers_head": "| palanca | parte de Shapley de A5 − A0, puntos | A5 menos A5 sin ella, puntos |",
        "one_shot_head": (
            "| aprendiz, sobre vectores fijos y etiquetas tal como llegan | 1 foto por estado | 5 | 20 |"
        ),
        "cut_holds": (
            "**A5 quita el {cut} % de los errores de A0 ({low} a {high}); el objetivo del {goal} % se cumple.**"
        ),
        "cut_missed": (
            "**A5 quita el {cut} % de los errores de A0 ({low} a {high}); el objetivo del {goal} % no se cumple.**"
        ),
        "best": " La mejor de las 16 combinaciones es {arm}, con {accuracy} %.",
        "a0_holds": " A0 queda dentro del 70-80 % del caso de campo.",
        "a0_missed": " A0 queda fuera del 70-80 % del caso de campo.",
        "ceiling": (
            "Techo. Dos expertos coinciden en el {agree} % de las fotos. Un experto acierta el {expert} %, el"
            " del medio de tres el {panel} %: un modelo sin fallo, medido con las etiquetas de un solo "
            "experto, marcaría {expert} %.{reader} A0 marca {a0_expert} % frente a un experto y {a0_panel} % "
            "frente al panel; A5, {a5_expert} y {a5_panel} %. Etiquetas erróneas de las que se aprende: {raw}"
            " % tal como llegan, {random} % tras revisar al azar, {a2} % tras la revisión de A2, {a5} % tras "
            "la de A5."
        ),
        "reader": " Quien lee sin error la edad dibujada acierta el {reader} %.",
        "cost": (
            "Las etiquetas revisadas dan {gain} puntos por {minutes} minutos más de experto: {hour} puntos "
            "por hora de etiquetado; al azar, {random} puntos por hora."
        ),
        "classes": (
            "Clases. En {n} de {folds} particiones la evidencia propuso una fusión. Prueba: una red entrenada"
            " con una clase menos acierta el {trial} % y dice {trial_bits} bits; las predicciones de A0, "
            "reasignadas, el {mapped} % y {mapped_bits} bits."
        ),
        "specialists": (
            "Especialistas. Para A4 se probaron {tried} pares por partición y quedaron {kept}; para A5, "
            "{tried5} y {kept5}. El rival de igual cómputo tiene {networks} redes."
        ),
        "chart": "acierto frente al oro, 95 %",
        "expert_line": "un experto",
        "panel_line": "tres expertos",
        "shares": "parte de Shapley, puntos",
        "not_run": "No se hizo: {reason}.",
    },
}
