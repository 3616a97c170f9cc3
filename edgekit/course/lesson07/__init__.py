"""The exercises of lesson 07, structured pruning: references, cases, known misconceptions, hints."""

from edgekit.course.lesson07.count import COUNT
from edgekit.course.lesson07.coupled import COUPLED
from edgekit.course.lesson07.dead import DEAD
from edgekit.course.lesson07.predictions import PREDICTIONS
from edgekit.course.lesson07.variants import VARIANTS as VARIANTS
from edgekit.course.lesson07.width import WIDTH

EXERCISES = {exercise.name: exercise for exercise in (COUNT, COUPLED, DEAD, WIDTH, *PREDICTIONS)}
