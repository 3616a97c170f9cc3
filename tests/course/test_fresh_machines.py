"""Machines as a judge: the same sounds that the task hears, made by a seed of their own, resampled as machines."""

from types import SimpleNamespace

import numpy as np
import pytest

from edgekit import data, tasks
from edgekit.core.metrics import accuracy
from edgekit.course import fresh_machines
from edgekit.course.paired import Judge
from edgekit.data.synthetic.acoustic import files, training
from edgekit.nn import acoustic, apprentice


def of(right):
    return Judge(len(right), lambda chosen: 100 * accuracy(np.ones(len(chosen), int), right[chosen].astype(int)))


def test_what_is_heard_is_what_the_task_hears():
    heard = fresh_machines.heard(data.load("acoustic", "val"))
    x, y = tasks.get("acoustic-fault").inputs("val")
    np.testing.assert_array_equal(heard.x, x)
    np.testing.assert_array_equal(heard.y, y)
    assert len(np.unique(heard.unit)) == 15


def test_no_other_set_has_their_seed():
    embedded = [seed for _, _, seed in files.EMBEDDED.values()]
    trained = [acoustic.DATA_SEED + more for more in (*range(100), apprentice.UNITS_SEED)]
    assert fresh_machines.SEED not in [*embedded, files.RAW_SEED, training.SEED, *trained]


def test_fresh_machines_are_made_once_and_of_all_kinds(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(fresh_machines, "UNITS", 5)
    monkeypatch.setattr(acoustic, "TAKES", 3)
    heard = fresh_machines.fresh.__wrapped__()
    assert heard.x.shape == (15, 32, 40, 1)
    assert sorted(heard.y) == list(range(15))


def machines(count, sounds):
    """`count` machines of each of five kinds, `sounds` of each."""
    unit = np.repeat(np.arange(5 * count), sounds)
    return SimpleNamespace(unit=unit, y=3 * (unit % 5))


def test_sounds_of_one_machine_count_as_one():
    """Where all sounds of a machine agree, the error is that of a mean over machines, drawn within their kinds."""
    rng, heard = np.random.default_rng(3), machines(40, 6)
    lead = rng.integers(0, 2, 200) - rng.integers(0, 2, 200)
    right = (lead[heard.unit] >= 0).astype(bool), (lead[heard.unit] <= 0).astype(bool)
    within = np.mean([lead[kind::5].var() for kind in range(5)])
    expected = 100 * np.sqrt(within / 200)
    found = fresh_machines.machine_error(of(right[0]), of(right[1]), heard, resamples=400)
    assert found == pytest.approx(expected, rel=0.15)


def test_kinds_are_not_exchanged():
    """One kind is lost by all: with as many of each kind in every draw, nothing varies."""
    heard = machines(4, 3)
    a, b = heard.unit % 5 > 0, np.ones(len(heard.unit), bool)
    assert fresh_machines.machine_error(of(a), of(b), heard) == pytest.approx(0, abs=1e-9)


def test_judges_of_other_sounds_are_refused():
    heard = machines(1, 1)
    with pytest.raises(ValueError, match="know the 5 sounds of heard, got 5 and 4"):
        fresh_machines.machine_error(of(np.ones(5)), of(np.ones(4)), heard)
