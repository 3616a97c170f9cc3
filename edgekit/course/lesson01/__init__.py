"""The exercises of lesson 01, quantizing a tensor: references, cases, known misconceptions, hints."""

from edgekit.course.lesson01.channels import PER_CHANNEL
from edgekit.course.lesson01.codes import DEQUANTIZE, QUANTIZE
from edgekit.course.lesson01.predictions import PREDICTIONS
from edgekit.course.lesson01.qparams import AFFINE

EXERCISES = {exercise.name: exercise for exercise in (AFFINE, QUANTIZE, DEQUANTIZE, PER_CHANNEL, *PREDICTIONS)}
