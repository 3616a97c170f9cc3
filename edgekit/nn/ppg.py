"""How the pulse model is trained: generated windows, the task's front end, one recipe."""

from edgekit.data.features import ppg_front_end
from edgekit.data.synthetic.ppg import make_windows
from edgekit.nn.models import PulseNet
from edgekit.nn.train import Recipe, seeded, train

SUBJECTS, WINDOWS_EACH = 2500, 12
DATA_SEED = 700_000  # far from the seeds of the embedded splits
RECIPE = Recipe(epochs=12)


def training_windows(seed=0, subjects=SUBJECTS):
    """Return (x (N, 1, 1000) float32, y (N,)): windows of `subjects` generated people, none of an embedded split."""
    data = make_windows(subjects, WINDOWS_EACH, DATA_SEED + seed)
    return ppg_front_end(data.x, data.fs)[:, None], data.y


def train_pulse_net(seed=0, subjects=SUBJECTS, recipe=RECIPE, progress=None):
    """Return a `PulseNet` trained from scratch; `seed` draws the people, the weights and the order of the batches."""
    x, y = training_windows(seed, subjects)
    model = seeded(PulseNet, seed)
    train(model, x, y, recipe, seed, progress)
    return model
