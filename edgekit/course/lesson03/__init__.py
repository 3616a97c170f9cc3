"""The exercises of lesson 03, integer-only inference: references, cases, known misconceptions, hints."""

from edgekit.course.lesson03.layer import LAYER
from edgekit.course.lesson03.multiplier import MULTIPLIER
from edgekit.course.lesson03.predictions import PREDICTIONS
from edgekit.course.lesson03.rescale import RESCALE
from edgekit.course.lesson03.variants import VARIANTS as VARIANTS

EXERCISES = {exercise.name: exercise for exercise in (MULTIPLIER, RESCALE, LAYER, *PREDICTIONS)}
