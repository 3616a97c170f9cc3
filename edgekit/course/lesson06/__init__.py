"""The exercises of lesson 06, unstructured pruning: references, cases, known misconceptions, hints."""

from edgekit.course.lesson06.gaps import GAPS
from edgekit.course.lesson06.mask import MASK
from edgekit.course.lesson06.predictions import PREDICTIONS
from edgekit.course.lesson06.size import SIZE
from edgekit.course.lesson06.step import STEP
from edgekit.course.lesson06.variants import VARIANTS as VARIANTS

EXERCISES = {exercise.name: exercise for exercise in (MASK, STEP, SIZE, GAPS, *PREDICTIONS)}
