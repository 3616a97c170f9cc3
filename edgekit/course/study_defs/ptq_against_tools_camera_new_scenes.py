"""The camera's int8 models beside those of ONNX Runtime's quantizer once more, on many new scenes of the test kind.

The test split of 2,048 scenes leaves an error of .3 points for one draw, too much to show a margin of .2. The recipe is
that of `ptq_against_tools_camera`, frozen before these scenes were made; nothing was tried on them. Their number was
fixed before the first cell, by the processor time of a cell.
"""

from edgekit.course.study_defs import Definition
from edgekit.course.tools_on_new_scenes import config, row, tolerance

TASKS = {"presence": "camera-presence", "detect": "camera-detect"}
RECIPE = {"equalize": True, "correct": True}  # as `nn.origins` has it for the shipped pair
SCENES = 3000


def cell(seed):
    """Calibrate both quantizers on the draw `seed`, for both tasks, and judge them on this seed's scenes."""
    return row(TASKS, seed, RECIPE, SCENES)


STUDY = Definition(
    question="Is int8 of ours at most 0.2 points behind quantize_static on the camera, over many new test scenes?",
    cell=cell,
    seeds=range(100, 110),
    tolerance=tolerance(TASKS),
    config=config(TASKS, RECIPE, SCENES),
    tried=4,
    files=("datasets/camera/train.npz", *(f"edgekit/nn/weights/{task}-v1.edge" for task in TASKS.values())),
)
