"""The seven stages the generator draws, and how a continuous age is cut into them.

Age runs from 0 (buds begin to swell) to 7 (fruits have set); stage ``k`` is the age interval ``[k, k + 1)``. The cut is
a convention laid over a continuous drawing, so photos on both sides of it truly look alike.
"""

from __future__ import annotations

import numpy as np

from labeling.domain.scale_templates import TEMPLATES
from labeling.domain.stages import complete_stages

TEMPLATE_KEY = "blossom_7"
STAGES = tuple(complete_stages(next(template for template in TEMPLATES if template.key == TEMPLATE_KEY).stages))
"""Names in both languages, BBCH codes, colours and keys: those of the blossom template, complete, in order."""

N_STAGES = len(STAGES)
AGE_MIN = 0.0
AGE_MAX = float(np.nextafter(np.float64(N_STAGES), 0.0))


def stage_of(age: float) -> int:
    """Position of the stage that ``age`` falls in; ages outside the scale belong to its ends."""
    return int(np.clip(age, AGE_MIN, AGE_MAX))
