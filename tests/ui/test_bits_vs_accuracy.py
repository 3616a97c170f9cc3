"""What the BitsVsAccuracy widget shows of stored studies."""

import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.ui.bits_vs_accuracy import BitsVsAccuracy, Point, dominates, front_of, points_of
from edgekit.ui.figures import facts

TABLE = {"float": (4000, 0.9), "nearest8": (1000, 0.89), "together8": (1000, 0.9), "trained8": (1000, 0.88),
         "nearest4": (600, 0.6), "together4": (600, 0.84), "trained4": (600, 0.87), "nearest2": (300, 0.1),
         "together2": (300, 0.5), "trained2": (300, 0.7), "ternary": (350, 0.85), "binary": (250, 0.4)}


def study(table=TABLE):
    values = {name: [mean - 0.01, mean, mean, mean, mean + 0.01] for name, (_, mean) in table.items()}
    values |= {f"bytes_{name}": [size] * 5 for name, (size, _) in table.items()} | {"tuned": [0.9] * 5}
    return SimpleNamespace(values=values, interval=lambda key: (values[key][1] - 0.02, values[key][1] + 0.02))


def test_the_front_by_hand():
    front = [point.name for point in front_of(points_of(study()))]
    assert front == ["binary", "trained2", "ternary", "trained4", "together8"]


def point(size, mean):
    return Point("x", "nearest", 4, size, (mean,), mean, mean, mean)


@given(st.lists(st.builds(point, st.integers(1, 9), st.sampled_from([0.1, 0.2, 0.3, 0.4])), min_size=1, max_size=12))
def test_the_front_is_what_nothing_beats_and_everything_else_is_beaten_by_it(points):
    front = front_of(points)
    assert front
    for candidate in points:
        beaten = any(other.weight_bytes <= candidate.weight_bytes and other.mean >= candidate.mean
                     and (other.weight_bytes, other.mean) != (candidate.weight_bytes, candidate.mean)
                     for other in points)
        assert beaten == (candidate not in front) == any(dominates(other, candidate) for other in front)


def test_points_hold_what_the_study_holds():
    points = {p.name: p for p in points_of(study(), ("trained", "ternary"))}
    assert set(points) == {"float", "trained8", "trained4", "trained2", "ternary"}
    assert (points["trained4"].num_bits, points["trained4"].weight_bytes) == (4, 600)
    assert points["trained4"].mean == pytest.approx(0.87)
    assert (points["ternary"].low, points["ternary"].high) == (0.83, 0.87)
    assert points["float"].words == "float"


def test_the_sentence_names_what_beats_the_choice():
    explorer = BitsVsAccuracy({"pulse": study()})
    explorer.set(method="together", num_bits=4)
    assert "together, 4 bits: 600 bytes, macro F1 0.840; trained with the grid, 4 bits is" in explorer.headline.value
    explorer.set(method="trained", num_bits=8)
    assert "ternary" not in explorer.headline.value
    assert "rounded together, 8 bits is no larger and better" in explorer.headline.value
    explorer.set(num_bits=4)
    assert explorer.headline.value.endswith("on the front</p>")
    assert "3.0 (1.0 to 5.0)" in explorer.numbers.value
    assert "6.7 times" in explorer.numbers.value


def test_bits_have_no_effect_on_ternary_and_binary():
    explorer = BitsVsAccuracy({"pulse": study()})
    explorer.set(method="ternary", num_bits=2)
    assert explorer.controls["num_bits"].disabled
    assert explorer.compute("pulse", "ternary", 2) == explorer.compute("pulse", "ternary", 8)
    explorer.set(method="nearest")
    assert not explorer.controls["num_bits"].disabled


def test_the_figure_shows_means_the_front_and_the_interval_of_the_choice():
    explorer = BitsVsAccuracy({"pulse": study()})
    explorer.set(method="trained", num_bits=2)
    figure = explorer.figure
    assert (list(figure.ring.get_xdata()), list(figure.ring.get_ydata())) == ([300], [0.7])
    assert list(figure.interval.get_ydata()) == pytest.approx([0.68, 0.72])
    assert list(figure.front.get_xdata()) == [250, 300, 350, 600, 1000]
    assert [text.get_text() for text in figure.bits if text.get_visible()] == ["8 bits", "4 bits", "2 bits"]


def test_a_task_with_other_bits_gets_the_nearest():
    other = study({name: entry for name, entry in TABLE.items() if "4" not in name})
    explorer = BitsVsAccuracy({"pulse": study(), "camera": other})
    explorer.set(data="camera", method="trained", num_bits=4)
    assert explorer.compute(**explorer.values).chosen.num_bits in (2, 8)


def test_every_move_takes_less_than_a_tenth_of_a_second():
    explorer = BitsVsAccuracy({"pulse": study(), "camera": study()})
    for name, way in {"data": ["camera", "pulse"], "method": ["binary", "nearest"], "num_bits": [2, 8]}.items():
        for value in way:
            start = time.process_time()  # of this process alone, however busy the machine
            explorer.set(**{name: value})
            assert time.process_time() - start < 0.1


@pytest.mark.parametrize(("studies", "methods", "message"), [
    ({}, ("trained",), "no studies"),
    ({"a": study({"trained4": (1, 0.5)})}, ("trained",), "no value 'float'"),
    ({"a": study({"float": (1, 0.5)})}, ("trained",), "none of the methods"),
])
def test_studies_that_do_not_fit(studies, methods, message):
    with pytest.raises(ValueError, match=message):
        BitsVsAccuracy(studies, methods)


def test_a_long_headline_breaks_into_lines_that_stay_within_the_figure():
    explorer = BitsVsAccuracy({"a task whose name alone fills a good part of the line above the figure": study()})
    explorer.set(method="trained", num_bits=8)
    figure = explorer.static()
    headline = next(text for text in figure.texts if text.get_text() == figure.get_suptitle())
    box = headline.get_window_extent(figure.canvas.get_renderer())
    assert figure.get_suptitle().count("\n") == 1
    assert box.x1 <= figure.bbox.x1
    assert box.y1 <= figure.bbox.y1
    assert facts(figure).startswith(explorer.sentence(explorer.compute(**explorer.values)))


def test_the_axis_is_as_high_as_the_values_are_far_apart():
    table = {"float": (4000, 0.93), "nearest8": (1000, 0.92), "trained4": (600, 0.91), "ternary": (350, 0.90)}
    axes = BitsVsAccuracy({"pulse": study(table)}).figure.axes[0]
    low, high = axes.get_ylim()
    assert low < 0.90 - 0.01
    assert high > 0.93 + 0.01
    assert (0.93 - 0.90) / (high - low) > 0.4


def test_each_task_has_its_own_metric():
    explorer = BitsVsAccuracy({"pulse": study(), "camera": study()}, metric={"pulse": "macro F1", "camera": "accuracy"})
    assert explorer.figure.axes[0].get_ylabel() == "macro F1"
    explorer.set(data="camera", method="trained", num_bits=4)
    assert explorer.figure.axes[0].get_ylabel() == "accuracy"
    assert "600 bytes, accuracy 0.870" in explorer.headline.value


def test_a_task_without_a_metric_is_named():
    with pytest.raises(ValueError, match="what 'camera' measured"):
        BitsVsAccuracy({"camera": study()}, metric={"pulse": "macro F1"})
