"""The exercise on a whole layer, from codes to codes."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant, Rule
from edgekit.course.lesson03.rescale import rescale


def integer_dense(q_x, q_w, bias, zero_point_x, multiplier, shift, zero_point_y):
    """The reference: sums in 32 bits, one multiplication, the zero point, the ends of int8."""
    acc = (q_x.astype(np.int32) - zero_point_x) @ q_w.astype(np.int32).T + bias
    return np.clip(rescale(acc, multiplier, shift) + zero_point_y, -128, 127).astype(np.int8)


def _dense(q_x, q_w, bias, zero_x, multiplier, shift, zero_y, start=lambda q, z: q.astype(np.int32) - z, sums=np.int32,
           finish=lambda y: np.clip(y, -128, 127)):
    acc = (start(q_x, zero_x).astype(np.int64) @ q_w.astype(np.int64).T + bias).astype(sums)
    return finish(rescale(acc, multiplier, shift) + zero_y).astype(np.int8)


def _bias_after(q_x, q_w, bias, zero_x, multiplier, shift, zero_y):
    acc = (q_x.astype(np.int32) - zero_x) @ q_w.astype(np.int32).T
    return np.clip(rescale(acc, multiplier, shift) + bias + zero_y, -128, 127).astype(np.int8)


def _zero_y_first(q_x, q_w, bias, zero_x, multiplier, shift, zero_y):
    acc = (q_x.astype(np.int32) - zero_x) @ q_w.astype(np.int32).T + bias + zero_y
    return np.clip(rescale(acc, multiplier, shift), -128, 127).astype(np.int8)


def _within_half_a_step(codes, q_x, q_w, bias, zero_x, multiplier, shift, zero_y):
    real = multiplier * 2.0 ** (shift - 31) * ((q_x.astype(float) - zero_x) @ q_w.T.astype(float) + bias) + zero_y
    near = np.abs(np.asarray(codes, float) - np.clip(real, -128, 127)) <= 0.5 + 1e-9
    return np.shape(codes) == real.shape and bool(near.all())


NEAR = Rule("codes within half a step of the real result, on the grid -128..127", _within_half_a_step)
RNG = np.random.default_rng(4)
X, W = np.array([[10, -10], [3, 7]], np.int8), np.array([[2, 1], [-3, 4]], np.int8)
LONG = RNG.integers(-128, 128, (3, 400), np.int8), np.full((2, 400), 100, np.int8)
DRAWN = RNG.integers(-128, 128, (5, 30), np.int8), RNG.integers(-127, 128, (4, 30), np.int8)
FAR = np.array([[127, 127], [-128, 100]], np.int8)
HALF, TINY = (2**30, 0), (2**30, -12)

LAYER = Exercise(
    "03/integer_dense", integer_dense, integers=True,
    cases=(
        Case("literal", (X, W, np.array([4, 8], np.int32), 0, *HALF, 0), np.array([[7, -31], [9, 14]])),
        Case("literal", (X, W, np.array([4, 8], np.int32), 5, *HALF, -3), np.array([[-3, -36], [-2, 8]])),
        Case("property", (*DRAWN, np.array([50, -9000, 700, 0], np.int32), -7, 1300000000, -8, 11), NEAR),
        Case("property", (*LONG, np.array([-3000, 3000], np.int32), 20, *TINY, 4), NEAR),
        Case("edge", (FAR, W, np.array([0, 0], np.int32), -128, 2**30, -3, 0), np.array([[48, 16], [14, 57]])),
        Case("edge", (FAR, W, np.array([4000, -4000], np.int32), 0, *HALF, 1), np.array([[127, -128], [127, -128]])),
        Case("edge", (0 * X, W, np.array([100, -100], np.int32), 0, 2**30, -2, 100), np.array([[113, 88], [113, 88]])),
    ),
    mutants={
        "no_zero_point_x": Mutant("the zero point of the input is forgotten: code 0 is not the value 0",
                                  lambda *a: _dense(*a, start=lambda q, z: q.astype(np.int32))),
        "plus_zero_point_x": Mutant("the zero point of the input is added; it is subtracted",
                                    lambda *a: _dense(*a, start=lambda q, z: q.astype(np.int32) + z)),
        "int8_difference": Mutant("q_x - zero_point_x is taken in int8, where it wraps round",
                                  lambda *a: _dense(*a, start=lambda q, z: (q.astype(int) - z).astype(np.int8))),
        "int16_sum": Mutant("the sum is kept in 16 bits, where it wraps round: the accumulator needs 32",
                            lambda *a: _dense(*a, sums=np.int16)),
        "bias_after": Mutant("it is multiplied before the bias is added: the bias lies on the grid of the sums",
                             _bias_after),
        "bias_forgotten": Mutant("the bias is left out", lambda x, w, b, *a: integer_dense(x, w, 0 * b, *a)),
        "zero_point_y_first": Mutant("the zero point of the output is added before the multiplication: it is a code of "
                                     "the output", _zero_y_first),
        "no_clip": Mutant("codes beyond the grid wrap round to its other end; clip them to -128..127",
                          lambda *a: _dense(*a, finish=lambda y: y)),
    },
    hints=(
        "Four steps: the sums in 32 bits, the bias, the multiplication, the zero point of the output and the clip.",
        "(q_x.astype(np.int32) - zero_point_x) @ q_w.astype(np.int32).T + bias is the accumulator.",
        'np.clip(multiply_fixed(acc, multiplier, shift, "D") + zero_point_y, -128, 127).astype(np.int8)',
    ),
)
