"""Our int8 models of pulse and sound beside those of ONNX Runtime's quantizer; the seeds are five calibration
draws.

They do not vary the float model: for each task it is the one that ships (`ppg_int8_drop` trains five).
"""

from edgekit.course.against_tools import CONFIG, row, tolerance
from edgekit.course.study_defs import Definition

TASKS = {"ppg": "ppg", "fault": "acoustic-fault", "anomaly": "acoustic-anomaly"}
RECIPE = {"correct": True}


def cell(seed):
    """Calibrate both quantizers on the draw `seed`, for every task, and judge them on the sealed test split."""
    return row(TASKS, seed, RECIPE)


STUDY = Definition(
    question="What does int8 with mse ranges and corrected biases cost, and is quantize_static better?",
    cell=cell,
    seeds=range(5),
    tolerance=tolerance(TASKS),
    config={"models": TASKS, "recipe": RECIPE, **CONFIG},
    tried=12,
    files=tuple(f"datasets/{part}/{split}.npz" for part in ("ppg", "acoustic") for split in ("train", "test")),
)
