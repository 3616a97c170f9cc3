"""The exercises of lesson 05, very low bits: references, cases, known misconceptions, hints."""

from edgekit.course.lesson05.packing import PACKING
from edgekit.course.lesson05.predictions import PREDICTIONS
from edgekit.course.lesson05.signs import SIGNS
from edgekit.course.lesson05.ternary import TERNARY
from edgekit.course.lesson05.variants import VARIANTS as VARIANTS

EXERCISES = {exercise.name: exercise for exercise in (TERNARY, SIGNS, PACKING, *PREDICTIONS)}
