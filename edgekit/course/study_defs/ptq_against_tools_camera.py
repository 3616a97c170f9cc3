"""Our int8 models of the camera beside those of ONNX Runtime's quantizer; the seeds are five calibration draws.

Made as the shipped int8 models are: channels equalized, biases corrected. The float models are the shipped ones.
"""

from edgekit.course.against_tools import CONFIG, row, tolerance
from edgekit.course.study_defs import Definition

TASKS = {"presence": "camera-presence", "detect": "camera-detect"}
RECIPE = {"equalize": True, "correct": True}  # as `nn.origins` has it for the shipped pair


def cell(seed):
    """Calibrate both quantizers on the draw `seed`, for both tasks, and judge them on the sealed test split."""
    return row(TASKS, seed, RECIPE)


STUDY = Definition(
    question="What does int8 with equalized channels and corrected biases cost, and is quantize_static better?",
    cell=cell,
    seeds=range(5),
    tolerance=tolerance(TASKS),
    config={"models": TASKS, "recipe": RECIPE, **CONFIG},
    tried=4,
    files=(*(f"datasets/camera/{split}.npz" for split in ("train", "test")),
           *(f"edgekit/nn/weights/{task}-v1.edge" for task in TASKS.values())),
)
