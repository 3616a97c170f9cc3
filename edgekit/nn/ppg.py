"""How the pulse model is trained: generated windows, the task's front end, one recipe."""

from edgekit.data.features import ppg_front_end
from edgekit.data.synthetic.params import PpgParams, RhythmParams, SensorParams
from edgekit.data.synthetic.ppg import make_windows
from edgekit.nn.models import PulseNet
from edgekit.nn.train import Recipe, seeded, train

SUBJECTS, WINDOWS_EACH = 3000, 12
DATA_SEED = 700_000  # far from the seeds of the embedded splits
RECIPE = Recipe(epochs=12)
INPUT_SHAPE = (1, 1000)
#: worse sensors and livelier hearts than in the embedded set, so that a sensor that nobody generated is no surprise
WILD = PpgParams(
    rhythm=RhythmParams(strong_sinus_arrhythmia=0.25),
    sensor=SensorParams(
        surge=0.2, surge_height=(1.0, 8.0), swell=0.3, swell_depth=(0.1, 0.6), motion=0.45, motion_height=(0.1, 1.2)
    ),
)


def training_windows(seed=0, subjects=SUBJECTS):
    """Return (x (N, 1, 1000) float32, y (N,)): windows of `subjects` generated people, none of an embedded split."""
    data = make_windows(subjects, WINDOWS_EACH, DATA_SEED + seed, WILD)
    return ppg_front_end(data.x, data.fs)[:, None], data.y


def train_pulse_net(seed=0, subjects=SUBJECTS, recipe=RECIPE, progress=None):
    """Return a `PulseNet` trained from scratch; `seed` draws the people, the weights and the order of the batches."""
    x, y = training_windows(seed, subjects)
    model = seeded(PulseNet, seed)
    train(model, x, y, recipe, seed, progress)
    return model
