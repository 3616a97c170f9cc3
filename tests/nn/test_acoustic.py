"""Networks that listen: shapes, sizes, repeatable training, and that they learn."""

import numpy as np
import pytest
import torch

from edgekit.nn import acoustic


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def test_student_has_at_most_a_tenth_of_the_teacher():
    assert 10 * parameters(acoustic.student()) <= parameters(acoustic.teacher())


@pytest.mark.parametrize(("build", "shape"), [
    (acoustic.teacher, (3, 15)), (acoustic.student, (3, 15)), (acoustic.Autoencoder, (3, 1280))])
def test_shapes(build, shape):
    assert build().eval()(torch.zeros(3, *acoustic.INPUT_SHAPE)).shape == shape


def test_seconds_are_pieces_of_the_recording_without_their_mean():
    x = torch.arange(2 * 64 * 40, dtype=torch.float32).reshape(2, 64, 40)
    piece = acoustic.seconds(x, torch.Generator().manual_seed(0))
    assert piece.shape == (2, 1, 32, 40)
    assert torch.allclose(piece.mean(dim=(1, 2, 3)), torch.zeros(2), atol=1e-4)
    assert torch.allclose(10 * (piece[:, 0, 1] - piece[:, 0, 0]), x[:, 1] - x[:, 0], atol=1e-3)


@pytest.fixture
def small_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))


def test_training_repeats_itself_and_learns(small_cache):
    recipe = acoustic.AcousticRecipe(epochs=3, batch_size=16)
    losses = []
    first = acoustic.train_student(3, 5, recipe, lambda *step: losses.append(step[2]))
    again = acoustic.train_student(3, 5, recipe)
    assert losses[-1] < losses[0]
    for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_autoencoder_learns_from_healthy_machines(small_cache):
    losses = []
    recipe = acoustic.AcousticRecipe(epochs=4, batch_size=8, learning_rate=2e-3)
    acoustic.train_autoencoder(3, 5, recipe, lambda *step: losses.append(step[2]))
    assert losses[-1] < losses[0]


def test_a_loss_that_is_not_finite_is_told():
    x = np.full((4, 32, 40), np.nan, np.float32)
    with pytest.raises(ValueError, match="lower learning_rate"):
        acoustic.fit(acoustic.student(), x, np.zeros(4, int),
                     lambda _, out, y: torch.nn.functional.cross_entropy(out, y), acoustic.AcousticRecipe(epochs=1))
