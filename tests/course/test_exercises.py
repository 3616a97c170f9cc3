"""Every check accepts what is right, however written, and rejects what is wrong, by name."""

import importlib
import pkgutil
import re
import threading
import time

import numpy as np
import pytest

import edgekit.course
from edgekit.course import checks, guard
from edgekit.course.exercises import Case, Exercise, Mutant, Report, Rule, examine, find

LESSONS = sorted(name for _, name, _ in pkgutil.iter_modules(edgekit.course.__path__)
                 if re.fullmatch(r"lesson[\dA]\d", name))
EXERCISES = {key: exercise for name in LESSONS
             for key, exercise in importlib.import_module(f"edgekit.course.{name}").EXERCISES.items()}
FUNCTIONS = [name for name, exercise in EXERCISES.items() if not exercise.predict]


def loop_qparams(low, high, num_bits):
    if low != low or high != high or abs(low) == float("inf") or abs(high) == float("inf"):
        raise ValueError("not finite")
    low, high, top = min(low, 0), max(high, 0), 2 ** (num_bits - 1) - 1
    if high == low:
        return np.array(0.1), np.int64(0)
    scale = np.float32((high - low) / (2**num_bits - 1))
    return scale, round(top - high / float(scale))  # from the other end of the range


def loop_quantize(x, scale, zero_point, qmin, qmax):
    codes = []
    for value in x.tolist():
        if value - value != 0:
            raise ValueError("not finite")
        codes.append(min(max(round(value / scale) + zero_point, qmin), qmax))  # Python rounds half to even
    return codes


def float_dequantize(q, scale, zero_point):
    return np.float32(scale) * (q.astype(np.float32) - zero_point)


def loop_scales(w, num_bits):
    return [max(abs(v) for v in channel.ravel().tolist()) / (2 ** (num_bits - 1) - 1) or 0.5 for channel in w]


VARIANTS = {"01/affine_qparams": loop_qparams, "01/quantize": loop_quantize, "01/dequantize": float_dequantize,
            "01/per_channel_scales": loop_scales, "01/predict_codes": 128.0, "01/predict_outlier": 20.2,
            "01/predict_wrap": -1.01}
for name in LESSONS:  # the other lessons keep theirs beside their exercises
    VARIANTS |= getattr(importlib.import_module(f"edgekit.course.{name}"), "VARIANTS", {})


def test_every_exercise_has_the_number_of_its_lesson_and_every_lesson_is_found():
    assert {f"lesson{key[:2]}" for key in EXERCISES} == set(LESSONS) >= {"lesson00", "lesson01"}
    assert all(find(key) is exercise for key, exercise in EXERCISES.items())


@pytest.mark.parametrize("name", VARIANTS)
def test_reference_and_an_independent_variant_are_accepted(name):
    for answer in (EXERCISES[name].reference, VARIANTS[name]):
        report = examine(EXERCISES[name], answer)
        assert report.ok, str(report)
        assert str(report) == f"check {name}: {report.total} of {report.total} cases pass"


@pytest.mark.parametrize("name", EXERCISES)
def test_at_least_five_mutants_are_rejected_each_by_its_own_name(name):
    mutants = EXERCISES[name].mutants
    assert len(mutants) >= 5
    for key, mutant in mutants.items():
        report = examine(EXERCISES[name], mutant.answer)
        assert not report.ok, f"{name} accepts {key}"
        assert report.misconception == key, str(report)
        assert mutant.says in str(report)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_kind_of_case_is_there(name):
    assert {case.kind for case in EXERCISES[name].cases} == {"literal", "property", "edge"}


@pytest.mark.parametrize("name", EXERCISES)
def test_three_hints_then_the_last_again(name, capsys):
    for level in (1, 2, 3, 3):
        checks.hint(name)
        assert capsys.readouterr().out.startswith(f"hint {level} of 3 for {name}: ")
    checks.hint(name, 1)
    assert "hint 1 of 3" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"level must be 1\.\.3, got 4"):
        checks.hint(name, 4)


def test_a_learner_reads_the_call_what_came_what_was_expected_and_why(capsys, monkeypatch):
    monkeypatch.delenv("EDGEKIT_STRICT", raising=False)
    checks.check("01/affine_qparams", lambda low, high, num_bits: ((high - low) / 256, -13))
    assert capsys.readouterr().out == (
        "check 01/affine_qparams: 0 of 12 cases pass\n"
        "  call      affine_qparams(low=-1.0, high=1.2, num_bits=8)  [literal]\n"
        "  came      (0.00859375, -13)\n"
        "  expected  (0.008627451, -12)\n"
        '  Stuck? hint("01/affine_qparams")\n')


def test_a_wrong_prediction_does_not_give_the_answer_away():
    text = str(examine(find("01/predict_wrap"), 1.2))
    assert "-1.00" not in text
    assert "8 bits cannot hold 1.2" in text


@pytest.mark.parametrize("unwritten", [None, ..., lambda *args: None, lambda *args: ..., 3])
def test_not_written_yet_is_a_friendly_line(unwritten):
    report = examine(find("01/quantize"), unwritten)
    assert report.passed == 0
    assert "Not written yet" in str(report)


def test_the_placeholder_is_a_friendly_line():
    def quantize(x, scale, zero_point, qmin, qmax):
        raise NotImplementedError

    assert "Not written yet" in str(examine(find("01/quantize"), quantize))
    assert "Not written yet" in str(examine(find("01/predict_codes"), ...))


def test_an_error_is_reported_with_its_line():
    def quantize(x, scale, zero_point, qmin, qmax):
        y = x / scale
        return y.rounded()

    text = str(examine(find("01/quantize"), quantize))
    assert "AttributeError: 'numpy.ndarray' object has no attribute 'rounded', in the line `return y.rounded()`" in text


def test_wrong_arguments_are_reported():
    assert "TypeError" in str(examine(find("01/quantize"), lambda x: x))


def test_floats_are_not_codes():
    def quantize(x, scale, zero_point, qmin, qmax):
        return np.clip(np.rint(x / scale) + zero_point, qmin, qmax)

    text = str(examine(find("01/quantize"), quantize))
    assert "as integers, not as floats" in text


def test_an_argument_that_is_written_into_is_noticed():
    def dequantize(q, scale, zero_point):
        x = scale * (q.astype(int) - zero_point)
        q[:] = 0
        return x

    assert "leaves as they were" in str(examine(find("01/dequantize"), dequantize))


def test_a_loop_without_end_is_interrupted():
    def forever():
        while True:
            pass

    start = time.monotonic()
    outcome = guard.call(forever, (), limit_s=0.2)
    assert outcome.timed_out
    assert "never ends" in outcome.describe(0.2)
    assert time.monotonic() - start < 5
    assert guard.call(lambda: 3, (), limit_s=0.2).value == 3
    time.sleep(0.3)  # no late interrupt


def test_a_real_interrupt_goes_through():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guard.call(interrupted, ())


def test_in_another_thread_it_works_without_the_clock():
    found = []
    thread = threading.Thread(target=lambda: found.append(guard.call(lambda x: x + 1, (1,))))
    thread.start()
    thread.join()
    assert found[0].value == 2


def test_strict_raises_for_a_wrong_solution_only(monkeypatch, capsys):
    monkeypatch.setenv("EDGEKIT_STRICT", "1")
    checks.check("01/predict_codes", 128)
    with pytest.raises(checks.CheckFailed, match="you count every code"):
        checks.check("01/predict_codes", 256)
    with pytest.raises(checks.CheckFailed, match="Not written yet"):
        checks.check("01/predict_codes", ...)
    monkeypatch.delenv("EDGEKIT_STRICT")
    checks.check("01/predict_codes", 256)
    assert "0 of 1 cases pass" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["99/nothing", "01/nothing", "nothing"])
def test_unknown_exercise(name):
    with pytest.raises(ValueError, match="exercise: no"):
        find(name)


def test_a_result_of_another_kind_fails_a_rule_quietly():
    exercise = Exercise("00/x", lambda x: x, (Case("property", (1.0,), Rule("a positive number", lambda r, x: r > 0)),),
                        {"zero": Mutant("it is zero", lambda x: 0.0)}, ("a", "b", "c"))
    report = examine(exercise, lambda x: "text")
    assert isinstance(report, Report)
    assert "expected  a positive number" in str(report)
