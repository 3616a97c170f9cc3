import os

import numpy as np
import pytest

from edgekit import data
from edgekit.core.metrics import mae
from edgekit.tasks import ppg


@pytest.fixture(scope="module")
def sealed():
    """The readable windows of the sealed test split, raw."""
    test = data.load("ppg", "test", purpose="report")
    return test.subset(test.y != ppg.CLASS_NAMES.index("artefact"))


def test_heart_rate_on_the_sealed_people(sealed, record_property):
    error = mae(sealed.extras["bpm"], ppg.heart_rate(sealed.x, sealed.fs))
    record_property("bpm_mae", error)
    assert error <= 2.0


def test_heart_rate_does_not_depend_on_units_or_polarity(sealed):
    some = sealed.subset(np.arange(60))
    first, second = (ppg.heart_rate(x, some.fs) for x in (some.x.astype(float), 5 - 0.01 * some.x.astype(float)))
    np.testing.assert_allclose(first, second, rtol=0, atol=2.0)


@pytest.mark.skipif("EDGEKIT_DATA" not in os.environ, reason="EDGEKIT_DATA is not set: no Welltory recordings")
def test_heart_rate_against_a_chest_strap(record_property):
    from edgekit.data.features import heart_rate
    from edgekit.data.public import welltory

    errors = []
    for subject in welltory.subjects():
        recording = welltory.load(subject)
        errors.append(abs(heart_rate(recording.x, recording.fs) - 60 / recording.rr.mean()))
    record_property("median_error_bpm", float(np.median(errors)))
    assert len(errors) == 21
    assert np.median(errors) <= 2.0


def test_a_regular_pulse_is_counted_exactly():
    time = np.arange(1000) / 100
    for bpm in (48.0, 75.0, 120.0):
        phase = time * bpm / 60 % 1
        pulse = np.exp(-0.5 * ((phase - 0.2) / 0.08) ** 2) + 0.4 * np.exp(-0.5 * ((phase - 0.5) / 0.12) ** 2)
        assert ppg.heart_rate(pulse[None], 100.0)[0] == pytest.approx(bpm, abs=1.0)
