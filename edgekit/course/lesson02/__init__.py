"""The exercises of lesson 02, post-training quantization: references, cases, known misconceptions, hints."""

from edgekit.course.lesson02.balance import BALANCE
from edgekit.course.lesson02.folding import FOLDING
from edgekit.course.lesson02.predictions import PREDICTIONS
from edgekit.course.lesson02.shift import SHIFT
from edgekit.course.lesson02.variants import VARIANTS as VARIANTS

EXERCISES = {exercise.name: exercise for exercise in (FOLDING, BALANCE, SHIFT, *PREDICTIONS)}
