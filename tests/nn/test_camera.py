"""Camera networks and their training: shapes, counts by hand, losses by hand, mirrored boxes, learning."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from edgekit.core.detection import grid_targets
from edgekit.data import load
from edgekit.data.dataset import Dataset
from edgekit.nn import camera_zoo
from edgekit.nn.blocks import ConvBlock2d, HardSwish, InvertedResidual, Separable, SqueezeExcite
from edgekit.nn.camera import BACKBONES, build, build_pair
from edgekit.nn.camera_losses import detection_loss, focal, overlap_loss, presence_of
from edgekit.nn.camera_train import CameraRecipe, answers, fit, mirrored, to_input, train_camera, vary
from edgekit.nn.train import seeded
from edgekit.tasks.camera import truth


def weights(model):
    return sum(p.numel() for p in model.parameters() if p.ndim > 1)


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize(("task", "shape"), [("camera-presence", (2, 4)), ("camera-detect", (2, 6, 12, 12))])
def test_shapes(task, shape, backbone):
    model = build(task, backbone).eval()
    assert model(torch.zeros(2, 3, 96, 96)).shape == shape
    fine, coarse = model.backbone(torch.zeros(1, 3, 96, 96))
    assert fine.shape[2:] == (12, 12)
    assert coarse.shape[2:] == (6, 6)
    assert (fine.shape[1], coarse.shape[1]) == model.backbone.widths


def test_unknown_networks_are_refused():
    with pytest.raises(ValueError, match="unknown task 'camera' or backbone 'v2'"):
        build("camera", "v2")


def test_separable_needs_the_weights_of_its_formula():
    assert weights(Separable(32, 64)) == 9 * 32 + 32 * 64
    assert weights(ConvBlock2d(32, 64)) == 9 * 32 * 64


@pytest.mark.parametrize(
    ("x", "y"), [(-4.0, 0.0), (-3.0, 0.0), (-1.0, -1 / 3), (0.0, 0.0), (1.0, 2 / 3), (3.0, 3.0), (5.0, 5.0)]
)
def test_hard_swish_table(x, y):
    assert HardSwish()(torch.tensor(x)).item() == pytest.approx(y, abs=1e-6)


def test_squeeze_excite_by_its_equation():
    block = SqueezeExcite(16)
    x = torch.randn(3, 16, 5, 7, generator=torch.Generator().manual_seed(0))
    w1, b1 = block.squeeze.weight[:, :, 0, 0], block.squeeze.bias
    w2, b2 = block.excite.weight[:, :, 0, 0], block.excite.bias
    mean = x.mean((2, 3))
    gate = ((mean @ w1.T + b1).clamp(min=0) @ w2.T + b2 + 3).clamp(0, 6) / 6
    torch.testing.assert_close(block(x), x * gate[:, :, None, None])


def test_a_residual_adds_its_input():
    block = InvertedResidual(8, 24, 8).eval()
    nn.init.zeros_(
        block.body[-1][0].weight
    )  # the last convolution gives nothing; batch norm starts as identity
    x = torch.randn(1, 8, 6, 6)
    torch.testing.assert_close(block(x), x)
    assert not InvertedResidual(8, 24, 8, stride=2).residual
    assert not InvertedResidual(8, 24, 16).residual


def test_a_pair_shares_its_backbone():
    presence, detector = build_pair("v3")
    assert presence.backbone is detector.backbone


def test_focal_loss_by_hand():
    p = 1 / (1 + np.exp(-0.5))
    there = -((1 - p) ** 2) * np.log(p)
    elsewhere = -((1 - 0.6) ** 4) * p**2 * np.log(1 - p)
    value = focal(torch.full((1, 2, 1, 1), 0.5), torch.tensor([1.0, 0.6]).reshape(1, 2, 1, 1))
    assert value.item() == pytest.approx(there + elsewhere, rel=1e-5)


def test_overlap_loss_by_hand():
    true = torch.tensor([1.0, 1.0, 1.0, 1.0]).reshape(1, 4, 1, 1)
    assert overlap_loss(true, true).item() == pytest.approx(0)
    half = torch.tensor([1.0, 1.0, 0.0, 1.0]).reshape(
        1, 4, 1, 1
    )  # half the area, inside; a side counts at least .02
    assert overlap_loss(half, true).item() == pytest.approx(1 - 1.02 / 2 + 0.1 / 4, abs=1e-6)


def random_boxes(rng, n=4, k=3):
    """Boxes (n, k, 5) of kind -1, 0 or 1; those without a kind are zero, as in the data sets."""
    low = rng.integers(0, 60, (n, k, 2))
    kind = rng.integers(-1, 2, (n, k, 1))
    return np.concatenate([kind, np.concatenate([low, low + rng.integers(6, 36, (n, k, 2))], -1) * (kind >= 0)], -1)


@given(st.integers(0, 10_000))
def test_mirrored_boxes_surround_what_the_mirrored_picture_shows(seed):
    rng = np.random.default_rng(seed)
    boxes = random_boxes(rng)
    pictures = np.zeros((len(boxes), 96, 96, 3), np.uint8)
    for picture, (kind, left, top, right, bottom) in zip(pictures, boxes[:, 0], strict=True):
        picture[top:bottom, left:right] = 200 if kind >= 0 else 0
    x, moved = vary(torch.from_numpy(pictures), torch.from_numpy(boxes), torch.Generator().manual_seed(seed), 0.0)
    for seen, (kind, left, top, right, bottom) in zip(x, moved[:, 0], strict=True):
        if kind >= 0:
            expected = torch.full((96, 96), -1.0)
            expected[top:bottom, left:right] = 200 / 128 - 1
            torch.testing.assert_close(seen[0], expected)
    np.testing.assert_array_equal(mirrored(mirrored(moved)), moved)


def test_variation_mirrors_half_of_the_pictures_and_stays_in_range():
    pictures = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (64, 96, 96, 3)).astype(np.uint8))
    boxes = torch.full((64, 1, 5), -1, dtype=torch.int16)
    x, _ = vary(pictures, boxes, torch.Generator().manual_seed(0), 0.0)
    straight = (x == to_input(pictures)).flatten(1).all(1)
    assert 16 < straight.sum() < 48  # four standard deviations of a fair coin
    torch.testing.assert_close(x[~straight], to_input(pictures)[~straight].flip(3))
    changed, _ = vary(pictures, boxes, torch.Generator().manual_seed(1), 0.5)
    assert changed.abs().max() <= 1


@pytest.mark.parametrize(("kinds", "label"), [((-1, -1), 0), ((0, -1), 1), ((1, 1), 2), ((1, 0), 3)])
def test_presence_follows_from_the_boxes(kinds, label):
    boxes = torch.tensor([[[kind, 0, 0, 9, 9] for kind in kinds]])
    assert presence_of(boxes).item() == label


def test_presence_agrees_with_the_labels_of_the_data_set():
    data = load("camera", "val")
    np.testing.assert_array_equal(presence_of(torch.from_numpy(truth(data))), data.y)


def test_the_loss_is_least_where_the_grid_is_right():
    boxes = random_boxes(np.random.default_rng(3))
    heat, sides, _ = (part.astype(np.float32) for part in grid_targets(boxes[..., 1:], boxes[..., 0]))
    right = torch.from_numpy(np.concatenate([20 * heat - 10, sides], -1)).movedim(-1, 1)
    empty = right.clone()
    empty[:, :2] = -10
    loss = [detection_loss(grid, torch.from_numpy(boxes)).item() for grid in (right, right.flip(3), empty)]
    assert loss[0] < 0.1 < 1 < min(loss[1:])


def toy_set(n=24):
    """A bright square on the left is a person, a dark one on the right a vehicle."""
    x = np.full((n, 96, 96, 3), 128, np.uint8)
    boxes, kinds = np.zeros((n, 2, 4), np.uint8), np.full((n, 2), -1, np.int8)
    y = np.arange(n) % 4
    for i in range(n):
        for kind, (left, value) in enumerate(((20, 250), (60, 10))):
            if y[i] >> kind & 1:
                x[i, 36:60, left : left + 24] = value
                boxes[i, kind], kinds[i, kind] = (left, 36, left + 24, 60), kind
    return Dataset(
        "toy", "train", x, y, ("empty", "person", "vehicle", "both"), extras={"boxes": boxes, "kinds": kinds}
    )


def test_training_learns_and_repeats_itself():
    data, recipe = toy_set(), CameraRecipe(epochs=12, batch_size=8, learning_rate=5e-3, light=0.0)
    runs = []
    for _ in range(2):
        presence, detector = seeded(lambda: build_pair("v3"), 3)
        losses = fit(presence, detector, data, recipe, seed=1)
        runs.append((losses, answers(presence, data.x), answers(detector, data.x)))
    assert runs[0][0] == runs[1][0]
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    assert runs[0][0][-1] < 0.5 * runs[0][0][0]
    assert runs[0][1].shape == (24, 4)
    assert runs[0][2].shape == (24, 12, 12, 6)


def test_a_cut_training_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    recipe, seen = CameraRecipe(epochs=3, batch_size=8), []

    def power_cut(epoch, epochs, loss):
        if epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))
    whole = train_camera("v3", 3, 16, recipe)
    with pytest.raises(KeyboardInterrupt):
        train_camera("v3", 3, 16, recipe, power_cut)
    assert len(list(tmp_path.glob("training-camera-v3-*"))) == 1
    resumed = train_camera("v3", 3, 16, recipe, lambda *row: seen.append(row[0]))
    assert seen == [3]
    assert not list(tmp_path.glob("training-*"))
    x = load("camera", "val").x[:4]
    for a, b in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(answers(a, x), answers(b, x))


def test_a_loss_without_end_is_named():
    data = toy_set(8)
    presence, detector = seeded(lambda: build_pair("v3"), 0)
    with torch.no_grad():
        presence.classify.weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="the loss is nan in epoch 1"):
        fit(presence, detector, data, CameraRecipe(epochs=2, batch_size=8))


@pytest.mark.parametrize("backbone", BACKBONES)
def test_weights_come_back_and_the_backbone_is_stored_once(backbone):
    presence, detector = seeded(lambda: build_pair(backbone), 5)
    content = camera_zoo.to_bytes(presence, detector)
    other = camera_zoo.from_bytes(content, backbone)
    assert other[0].backbone is other[1].backbone
    x = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3)).astype(np.uint8)
    for before, after in zip((presence, detector), other, strict=True):
        np.testing.assert_array_equal(answers(before, x), answers(after, x))
    numbers = sum(v.numel() for v in presence.state_dict().values()) + sum(
        v.numel() for k, v in detector.state_dict().items() if not k.startswith("backbone.")
    )
    assert 4 * numbers <= len(content) <= 4 * numbers + 40_000  # names, and counters of 8 bytes


def test_weights_of_another_backbone_are_refused():
    content = camera_zoo.to_bytes(*build_pair("v1"))
    with pytest.raises(RuntimeError, match="Missing key"):
        camera_zoo.from_bytes(content, "v3")
