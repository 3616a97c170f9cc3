"""The driver of all widgets: every control at its least, most, first and random values; an exception fails."""

import importlib
import io
import pkgutil

import ipywidgets as W
import numpy as np
import pytest
from PIL import Image

from edgekit import data, ui
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.sensitivity import Report, Row
from edgekit.search.solve import Candidate
from edgekit.ui.bits_vs_accuracy import BitsVsAccuracy
from edgekit.ui.block_explorer import BlockExplorer
from edgekit.ui.browser import DatasetBrowser
from edgekit.ui.budget import BudgetExplorer
from edgekit.ui.calibration_explorer import CalibrationExplorer
from edgekit.ui.channel_groups import ChannelGroupExplorer
from edgekit.ui.explorer import WIDGET_VIEW, Explorer, latency_ms, positions, table
from edgekit.ui.fixed_point_explorer import FixedPointExplorer
from edgekit.ui.search_replay import SearchReplay
from edgekit.ui.sensitivity import LayerSensitivity
from edgekit.ui.temperature import TemperatureExplorer
from edgekit.ui.widgets import QuantizationExplorer
from tests.ui.test_bits_vs_accuracy import study as few_bits_study
from tests.ui.test_channel_groups import residual
from tests.ui.test_search_replay import history as searched
from tests.ui.test_sparsity_explorer import make as make_sparsity_explorer
from tests.ui.test_temperature import CLIPS, NAMES, grid

RNG = np.random.default_rng(3)
WEIGHTS = RNG.normal(0, 0.2, (6, 1, 5, 4)) * np.geomspace(0.3, 2, 6)[:, None, None, None]
TENSORS = {
    "weights": WEIGHTS,
    "outliers": np.append(RNG.normal(0, 0.2, 400), [3.0, -2.0]),
    "positive": RNG.random((3, 50)),
    "all zero": np.zeros((2, 8)),
    "one value": np.array([0.5]),
}

SHELF = [
    Candidate(f"{bits} bits", value, {"weight_bytes": 11_000 * bits, "peak_ram_bytes": 3_000 * bits})
    for bits, value in ((32, 0.93), (8, 0.928), (4, 0.90), (2, 0.6))
]

ACTIVATIONS = {
    "relu": np.maximum(RNG.normal(size=(20, 4, 30)), 0),
    "both signs": RNG.normal(size=(20, 50)),
    "all zero": np.zeros((3, 8)),
    "one value": np.ones((1, 1)),
}
REPORTS = {
    bits: Report((Row("x", "x", "input", 40.0 + n, 5.0, 0.9, 0.4), Row("a", "conv", "conv2d", n - 4.0, 30.0, 0.2, 0.8),
                  Row("b", "head", "dense", float("inf"), 4.0, 0.93, 0.3)), -1.5, 0.93, 0.31)
    for n, bits in enumerate(("8 bits", "4 bits"))
}

#: every widget, as a function that makes one; a new widget is added here
WIDGETS = {
    "QuantizationExplorer": lambda: QuantizationExplorer(TENSORS),
    "DatasetBrowser": lambda: DatasetBrowser(data.load("ppg", "val")),
    "BudgetExplorer": lambda: BudgetExplorer(SHELF, baseline=0.93),
    "CalibrationExplorer": lambda: CalibrationExplorer(ACTIVATIONS),
    "LayerSensitivity": lambda: LayerSensitivity(REPORTS, "macro F1"),
    "FixedPointExplorer": FixedPointExplorer,
    "ChannelGroupExplorer": lambda: ChannelGroupExplorer({"residual": residual()}),
    "BlockExplorer": BlockExplorer,
    "BitsVsAccuracy": lambda: BitsVsAccuracy({"pulse": few_bits_study()}),
    "TemperatureExplorer": lambda: TemperatureExplorer(CLIPS, NAMES, grid()),
    "SearchReplay": lambda: SearchReplay([searched("random"), searched("evolution", 1)], "macro F1"),
    "SparsityExplorer": make_sparsity_explorer,
}


@pytest.fixture(params=WIDGETS, scope="module")
def explorer(request):
    return WIDGETS[request.param]()


def shown(explorer):
    """The picture as pixels."""
    return np.asarray(Image.open(io.BytesIO(explorer.image.value)).convert("RGB")).astype(int)


def check_shown(explorer):
    assert 'role="alert"' not in explorer.headline.value
    assert 'role="status"' in explorer.headline.value
    assert shown(explorer).shape[1] > 600
    for word in ("nan", "inf dB", "None"):
        assert word not in explorer.headline.value + explorer.numbers.value


def test_every_widget_of_the_kit_is_driven():
    for module in pkgutil.iter_modules(ui.__path__):
        importlib.import_module(f"edgekit.ui.{module.name}")
    assert {kind.__name__ for kind in Explorer.__subclasses__() if kind.__module__.startswith("edgekit.")} == set(
        WIDGETS
    )


def test_every_control_has_a_name_and_a_hint(explorer):
    for name, control in explorer.controls.items():
        assert control.description, name
        assert control.tooltip, name


def test_every_control_at_least_most_and_first(explorer):
    for control in explorer.controls.values():
        first = control.value
        for value in (positions(control)[0], positions(control)[-1], first):
            control.value = value
            check_shown(explorer)


def test_random_values_of_all_controls(explorer):
    rng = np.random.default_rng(11)
    for _ in range(40):
        ways = {name: positions(control) for name, control in explorer.controls.items()}
        explorer.set(**{name: way[rng.integers(len(way))] for name, way in ways.items()})
        check_shown(explorer)


def test_the_same_values_show_the_same_picture(explorer):
    values = explorer.values
    explorer.refresh()
    before = explorer.image.value
    for control in explorer.controls.values():
        control.value = positions(control)[-1]
    explorer.set(**values)
    assert explorer.image.value == before


def test_a_still_picture_stands_in_where_widgets_cannot_run(explorer):
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", WIDGET_VIEW}
    assert bundle["text/html"].startswith("<img alt=")
    assert bundle["text/plain"].startswith("figure: ")
    assert "| y: " in bundle["text/plain"]
    assert explorer.static() is not explorer.figure


def test_an_unknown_control_is_named(explorer):
    with pytest.raises(ValueError, match="no control named 'bits'"):
        explorer.set(bits=3)


class Broken(Explorer):
    """Divides by its control."""

    def make_controls(self):
        return {"divisor": W.IntSlider(1, 0, 3, description="divisor")}

    def make_figure(self):
        return QuantizationExplorer({"x": WEIGHTS}).figure

    def compute(self, divisor):
        return 1 / divisor

    def draw(self, figure, state):
        figure.state = state

    def sentence(self, state):
        return f"one part is {state:.2f}"


def test_an_error_is_shown_and_raised_and_passes():
    explorer = Broken()
    assert "one part is 1.00" in explorer.headline.value
    with pytest.raises(ZeroDivisionError):
        explorer.controls["divisor"].value = 0
    assert 'role="alert"><b>division by zero' in explorer.headline.value
    explorer.set(divisor=2)
    assert "one part is 0.50" in explorer.headline.value


def test_table_escapes_and_may_be_empty():
    assert table([]) == ""
    assert "a &lt; b" in table([("a < b", "1")])


CHANGES = [
    ({}, {"num_bits": 5}),
    ({}, {"num_bits": 8}),
    ({}, {"tensor": "positive"}),
    ({}, {"granularity": "per channel"}),
    ({"tensor": "positive"}, {"scheme": "affine"}),
    ({"tensor": "outliers"}, {"observer": "percentile"}),
    ({"tensor": "outliers"}, {"observer": "mse"}),
    ({"tensor": "outliers", "observer": "percentile"}, {"percent": 91.0}),
]


@pytest.mark.parametrize(("start", "change"), CHANGES)
def test_the_picture_changes_when_a_control_with_effect_moves(start, change):
    explorer = QuantizationExplorer(TENSORS)
    explorer.set(**start)
    before, sentence = shown(explorer), explorer.headline.value
    ((name, value),) = change.items()
    explorer.controls[name].value = value
    assert np.mean(np.any(shown(explorer) != before, axis=-1)) > 0.002
    assert explorer.headline.value != sentence


def test_controls_without_effect_are_switched_off():
    explorer = QuantizationExplorer(TENSORS)
    assert explorer.controls["percent"].disabled
    explorer.set(observer="percentile")
    assert not explorer.controls["percent"].disabled
    explorer.set(observer="mse")
    assert explorer.controls["granularity"].disabled
    explorer.set(observer="minmax", tensor="outliers")
    assert explorer.controls["granularity"].disabled  # a vector has no channels


def test_more_bits_never_hurt_and_bytes_grow():
    explorer = QuantizationExplorer({"weights": WEIGHTS})
    states = [explorer.compute(**explorer.values | {"num_bits": n}) for n in positions(explorer.controls["num_bits"])]
    assert np.all(np.diff(states[0].curve) > 0)
    assert [state.outcome.payload_bytes for state in states] == [-(-n * WEIGHTS.size // 8) for n in range(2, 9)]


def test_a_graph_gives_its_weights():
    tensors = {
        "x": Tensor("x", (4,)),
        "y": Tensor("y", (2,)),
        "b": Tensor("b", (2,), data=np.zeros(2, np.float32)),
        "head.weight.folded": Tensor("head.weight.folded", (2, 4), data=np.ones((2, 4), np.float32)),
    }
    graph = Graph("g", tensors, [Node("dense", ("x", "head.weight.folded", "b"), "y")], ("x",), ("y",))
    assert QuantizationExplorer(graph).controls["tensor"].options == ("head",)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({}, "no tensors"),
        ({"w": np.zeros((0, 3))}, "'w'"),
        ({"w": np.array([1.0, np.nan])}, "'w'"),
    ],
)
def test_unusable_tensors_are_named(tensors, message):
    with pytest.raises(ValueError, match=message):
        QuantizationExplorer(tensors)


def test_positions_of_each_kind_of_control():
    assert positions(W.FloatSlider(min=0.1, max=0.4, step=0.1)) == [0.1, 0.2, 0.3, 0.4]
    assert positions(W.FloatLogSlider(value=1, base=2, min=-1, max=1, step=1)) == [0.5, 1, 2]
    assert positions(W.Dropdown(options={"one": 1, "two": 2})) == [1, 2]
    assert positions(W.Dropdown(options=[("one", 1), ("two", 2)])) == [1, 2]
    assert positions(W.ToggleButtons(options=["a", "b"])) == ["a", "b"]
    assert positions(W.Checkbox()) == [False, True]


def test_latency_needs_somewhere_to_move():
    with pytest.raises(ValueError, match="'tensor' has nowhere to move"):
        latency_ms(QuantizationExplorer({"weights": WEIGHTS}), "tensor")


def test_a_move_costs_less_than_drawing_all_anew():
    explorer = QuantizationExplorer({"weights": WEIGHTS})
    latency_ms(explorer, "num_bits", 14)
    kept = np.median(latency_ms(explorer, "num_bits", 14))
    anew = []
    for _ in range(5):
        explorer.renderer.background = None
        anew.append(latency_ms(explorer, "num_bits", 1)[0])
    assert kept < 0.8 * np.median(anew)
