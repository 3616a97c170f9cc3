"""The exercises of lesson 04, quantization-aware training: references, cases, known misconceptions, hints."""

from edgekit.course.lesson04.clipping import CLIPPING
from edgekit.course.lesson04.predictions import PREDICTIONS
from edgekit.course.lesson04.step import STEP
from edgekit.course.lesson04.through import THROUGH
from edgekit.course.lesson04.variants import VARIANTS as VARIANTS

EXERCISES = {exercise.name: exercise for exercise in (THROUGH, STEP, CLIPPING, *PREDICTIONS)}
