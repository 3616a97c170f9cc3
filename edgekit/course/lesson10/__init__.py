"""The exercises of lesson 10, architecture search: references, cases, known misconceptions, hints."""

from edgekit.course.lesson10.budgets import BUDGETS
from edgekit.course.lesson10.choosing import CHOOSING
from edgekit.course.lesson10.dominance import DOMINANCE
from edgekit.course.lesson10.mutation import MUTATION
from edgekit.course.lesson10.predictions import PREDICTIONS
from edgekit.course.lesson10.variants import VARIANTS as VARIANTS

EXERCISES = {exercise.name: exercise for exercise in (MUTATION, DOMINANCE, CHOOSING, BUDGETS, *PREDICTIONS)}
