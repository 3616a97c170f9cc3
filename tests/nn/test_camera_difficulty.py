"""The camera networks that ship: what the datasheet says of them is what they do, eight bits cost next to nothing and
four bits hurt. (That a linear model fails is shown with the other sets in `tests/tasks/test_difficulty.py`.)"""

import numpy as np
import pytest
import torch
from torch import nn

from edgekit import data, tasks
from edgekit.core.affine import choose_qparams, fake_quantize
from edgekit.core.metrics import accuracy
from edgekit.graph import cost, ptq
from edgekit.graph.run import predict
from edgekit.nn import camera_zoo, zoo
from edgekit.nn.camera_train import answers
from edgekit.tasks.camera import map_50, truth

MODELS = [f"camera-{task}-{backbone}" for backbone in ("v1", "v3") for task in ("presence", "detect")]
ROUNDING = 0.0005
ONE_PICTURE = 1 / 400  # another processor may round one sum the other way, and one picture's answer with it
DROP = 0.01  # eight bits may cost two standard errors of a paired difference of 400 pictures, and the task's delta


@pytest.fixture(scope="module")
def val():
    return data.load("camera", "val")


@pytest.fixture(scope="module")
def stated():
    """{model: its row of the datasheet's table}, as numbers by the name of the column."""
    text = (data.datasets_dir() / "camera" / "DATASHEET.md").read_text(encoding="utf-8")
    header, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()
                     if line.startswith(("| model", "| `camera-"))]
    number = [[float(cell.replace(",", "")) for cell in row[1:]] for row in rows]
    named = {row[0].strip("`"): values for row, values in zip(rows, number, strict=True)}
    assert list(named) == MODELS
    return {name: dict(zip(header[1:], values, strict=True)) for name, values in named.items()}


def scores(presence, detector, val):
    """(accuracy of `presence`, mAP of `detector`), both as torch computes them."""
    right = accuracy(val.y, answers(presence, val.x).argmax(1))
    return right, map_50(truth(val), answers(detector, val.x))


@pytest.mark.parametrize("backbone", ["v1", "v3"])
def test_float_networks_are_as_good_as_stated_and_four_bits_per_tensor_hurt(backbone, val, stated):
    pair = camera_zoo.load_pair(backbone)
    before = scores(*pair, val)
    four_bits(nn.ModuleList(pair))
    after = scores(*pair, val)
    for name, is_float, is_int4 in zip((m for m in MODELS if m.endswith(backbone)), before, after, strict=True):
        print(f"{name}: float {is_float:.4f}, four bits per tensor {is_int4:.4f}")
        assert is_float == pytest.approx(stated[name]["float"], abs=ROUNDING + ONE_PICTURE)
        assert is_int4 == pytest.approx(stated[name]["int4"], abs=ROUNDING + ONE_PICTURE)
        assert is_int4 + 0.02 < is_float <= 0.99


@pytest.mark.parametrize("name", MODELS)
def test_eight_bits_are_as_good_as_stated_and_cost_next_to_nothing(name, stated):
    task = tasks.get(name[:-3])
    x, y = task.inputs("val")
    measured = task.score(y, x, predict(zoo.load(f"{name}-int8"), x))
    assert measured == pytest.approx(stated[name]["int8"], abs=ROUNDING)  # integers: equal on every machine
    assert measured >= stated[name]["float"] - DROP


@pytest.mark.parametrize("name", MODELS)
def test_the_float_graph_is_the_network(name, val):
    presence, detector = camera_zoo.load_pair(name[-2:])
    expected = answers(presence if "presence" in name else detector, val.x[:8])
    x = tasks.get(name[:-3]).front_end(val.x[:8])
    np.testing.assert_allclose(predict(zoo.load(name), x), expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def counted_macs(model):
    """Multiply-accumulates of one picture, counted by torch while it runs: every output number of a layer costs as
    many as one row of its weight."""
    total = []

    def count(layer, _, out):
        total.append(out[0].numel() * layer.weight[0].numel())

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model(torch.zeros(1, 3, 96, 96))
    for hook in hooks:
        hook.remove()
    return sum(total)


@pytest.mark.parametrize("name", MODELS)
def test_costs_are_as_stated_and_counted_by_another_hand(name, stated):
    graph = zoo.load(f"{name}-int8")
    figures = cost.summary(graph)
    print(name, *(f"{key} {quantity}" for key, quantity in figures.items()))
    for key in ("macs", "weight_bytes", "peak_ram_bytes"):
        assert stated[name][key] == figures[key].value
    counted = counted_macs(camera_zoo.load_pair(name[-2:])["detect" in name])
    products = sum(int(np.prod(graph.tensors[node.output].shape)) for node in graph.nodes if node.op == "mul")
    assert counted <= figures["macs"].value <= counted + products  # gates multiply too


def test_all_camera_files_stay_small():
    sizes = [len(zoo.read(path.name)) for path in zoo.WEIGHTS.glob("camera-*")]
    assert len(sizes) == 2 + 2 * len(MODELS)
    assert sum(sizes) <= 3.5e6


def four_bits(model):
    """Every weight of `model` on a symmetric 4-bit grid of its tensor, after batch norm was folded into
    it."""
    for block in model.modules():
        pair = list(block.children())[:2] if isinstance(block, nn.Sequential) else []
        if len(pair) == 2 and isinstance(pair[0], nn.Conv2d) and isinstance(pair[1], nn.BatchNorm2d):
            _fold(*pair)
    with torch.no_grad():
        for weight in (p for p in model.parameters() if p.ndim > 1):
            w = weight.numpy()
            grid = choose_qparams(w.min(), w.max(), num_bits=4, scheme="symmetric")
            weight.copy_(torch.from_numpy(fake_quantize(w, grid)))


@torch.no_grad()
def _fold(conv, norm):
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    conv.weight *= scale[:, None, None, None]
    norm.bias -= norm.running_mean * scale
    norm.running_mean.zero_()
    norm.running_var.fill_(1 - norm.eps)
    norm.weight.fill_(1)


def test_one_scale_per_tensor_ruins_v1_and_equalization_repairs_it(val):
    """As Krishnamoorthi 2018 (table 2) found of MobileNetV1, and Nagel et al. 2019 healed."""
    graph, task = zoo.load("camera-presence-v1"), tasks.get("camera-presence")
    x, y, batches = task.front_end(val.x[:200]), val.y[:200], task.calibration_batches(256)

    def right(equalize):
        integer = ptq.post_training_quantize(graph, batches, "mse", per_channel=False, equalize=equalize)
        return task.score(y, x, predict(integer, x))

    ruined, repaired, real = right(False), right(True), task.score(y, x, predict(graph, x))
    print(f"presence v1, 8 bits per tensor: {ruined:.3f}, equalized {repaired:.3f}, float {real:.3f}")
    assert ruined < real - 0.1 < real - 0.05 < repaired
