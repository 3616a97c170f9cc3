"""The exercises of lesson 08, knowledge distillation: references, cases, known misconceptions, hints."""

from edgekit.course.lesson08.detector import DETECTOR
from edgekit.course.lesson08.loss import LOSS
from edgekit.course.lesson08.predictions import PREDICTIONS
from edgekit.course.lesson08.step import STEP
from edgekit.course.lesson08.variants import VARIANTS as VARIANTS

EXERCISES = {exercise.name: exercise for exercise in (LOSS, STEP, DETECTOR, *PREDICTIONS)}
