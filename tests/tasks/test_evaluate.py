import numpy as np
import pytest

from edgekit import tasks
from edgekit.tasks.evaluate import report, scores

NAMES = ("a", "b", "c")
SCORES = np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [0.4, 0.5, 0.1]])


def test_report_by_hand():
    result = report(SCORES, np.array([0, 1, 2, 1]), NAMES)
    assert result["n"] == 4
    assert result["accuracy"] == 0.75
    assert result["confusion"] == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    assert result["macro_f1"] == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)


def test_only_named_classes_can_be_predicted():
    result = report(SCORES, np.array([0, 1, 1, 1]), NAMES, named=(1, 0))
    assert result["confusion"] == [[1, 0, 0], [0, 3, 0], [0, 0, 0]]
    assert result["accuracy"] == result["macro_f1"] == 1.0


def test_groups_are_reported_one_by_one():
    result = report(SCORES, np.array([0, 1, 2, 1]), NAMES, group=np.array(["s1", "s2", "s1", "s2"]))
    assert result["per_group"]["s1"]["accuracy"] == 1.0
    assert result["per_group"]["s2"] == {"n": 2, "accuracy": 0.5, "macro_f1": pytest.approx(1 / 3)}
    assert result["per_group"]["s1"]["macro_f1"] == 1.0


def test_front_end_refuses_what_is_no_window():
    task = tasks.get("ppg")
    with pytest.raises(ValueError, match=r"shape \(N, L\)"):
        task.cut(np.zeros((2, 3, 4)), 100.0)
    with pytest.raises(ValueError, match="unknown task 'dance'; known: ppg"):
        tasks.get("dance")


class TestPulse:
    """The shipped model through the front end of its task."""

    @pytest.fixture
    def windows(self):
        from edgekit import data

        return data.load("ppg", "val").subset(np.arange(120))

    @pytest.fixture
    def shipped(self):
        from edgekit.nn import zoo

        return zoo.load(tasks.get("ppg").shipped)

    def test_units_offset_and_polarity_do_not_matter(self, windows, shipped):
        task = tasks.get("ppg")
        x = windows.x.astype(float)
        first, second = (scores(shipped, task, v, windows.fs) for v in (x, 7.0 - 0.003 * x))
        assert np.array_equal(first.argmax(1), second.argmax(1))

    def test_long_recordings_are_cut_and_averaged(self, windows, shipped):
        task = tasks.get("ppg")
        x = windows.x[:2].astype(float)
        long = np.concatenate([x, x[:, ::-1]], axis=1)
        pieces, owner = task.cut(long, windows.fs)
        assert owner.tolist() == [0, 0, 0, 1, 1, 1]
        values = scores(shipped, task, long, windows.fs)
        single = scores(shipped, task, pieces, windows.fs)
        np.testing.assert_allclose(values[0], single[:3].mean(axis=0), rtol=0, atol=4 * np.finfo(np.float32).eps)

    def test_a_pause_of_the_sensor_does_not_cost_the_recording(self, windows, shipped):
        task = tasks.get("ppg")
        x = np.concatenate([windows.x[:1].astype(float), np.zeros((1, 2000))], axis=1)
        expected = scores(shipped, task, windows.x[:1].astype(float), windows.fs)
        assert scores(shipped, task, x, windows.fs).argmax() == expected.argmax()
        with pytest.raises(ValueError, match=r"x\[1\] is constant \(1 of 2"):
            scores(shipped, task, np.stack([x[0], np.full(3000, 4.0)]), windows.fs)

    def test_scores_are_probabilities_of_the_six_classes(self, windows, shipped):
        values = scores(shipped, tasks.get("ppg"), windows.x, windows.fs)
        assert values.shape == (120, 6)
        np.testing.assert_allclose(values.sum(1), 1, rtol=0, atol=8 * np.finfo(np.float32).eps)
        assert (values.argmax(1) == windows.y).mean() > 0.8
