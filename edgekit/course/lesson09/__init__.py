"""The exercises of lesson 09, efficient architectures: references, cases, known misconceptions, hints."""

from edgekit.course.lesson09.budget import BUDGET
from edgekit.course.lesson09.counting import GROUPED, SEPARABLE
from edgekit.course.lesson09.predictions import PREDICTIONS
from edgekit.course.lesson09.sizes import SIZES
from edgekit.course.lesson09.variants import VARIANTS as VARIANTS

EXERCISES = {exercise.name: exercise for exercise in (SIZES, GROUPED, SEPARABLE, BUDGET, *PREDICTIONS)}
