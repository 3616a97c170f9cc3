"""2.5 times fewer MACs for the two networks that see: what is lost, by us and by torch-pruning?

Tried first, on 400 validation scenes: cuts by the share of a layer that is lost, with one ratio and with errors to the
power .5, 1, 2 spread, the last also halfway, without healing (10 in all); 1,500 scenes, 2 views, 5 epochs, squares, for
each task and arm (4); halfway and 3 epochs, confirmed then: 4.6 and 7.5 points lost, 5.8 and 10.4 by torch-pruning.

Tried after that, on 400 validation scenes and 1,200 more like them (unhealed means: cut and fitted alone):
presence, the cut of before: 6,000 views with norms that follow their batches, or frozen, or with the last map imitated
too; 38,400 views of 11,200 scenes, with and without that map, and moved or not (5; at best 4.1 points). Presence, cuts
unhealed: curvature of one output at a time, places apart or together, each with the old budget, one ratio, errors
spread, halfway (8; 5.6); whole curvature, places apart by 0 or .3, power 1.5, in two rounds (4; 3.8; before 7.7).
Boxes, cuts unhealed: places apart by .3, .8, 1, sides bent less or more (4; 10.1; before 12.6). Healed for 3,840 views:
both arms with norms frozen or following (4), boxes once. Then frozen: as below, and as long as a cell may take.
"""

from edgekit.course import pruned_cameras, pruned_nets
from edgekit.course.study_defs import Definition
from edgekit.nn import answer_order, camera_healing, camera_views
from edgekit.nn.distill import Distillation
from edgekit.nn.train import Recipe

RECIPE = Recipe(epochs=3, batch_size=64, learning_rate=4e-3, average=0.99)
TEACHER = Distillation(temperature=2.0, alpha=0.0)
SCHOOLS = {
    "presence": pruned_cameras.School("camera-presence-v1", "camera-presence", RECIPE, TEACHER,
                                      answer_order.class_draws, 0.3),
    "detect": pruned_cameras.School("camera-detect-v1", "camera-detect", RECIPE, camera_healing.imitate_grid,
                                    camera_views.grid_draws, 0.8),
}


def cell(seed):
    """Cut in both ways, heal on views of scenes of this seed, judge on the sealed test split."""
    return pruned_cameras.row(SCHOOLS, seed)


STUDY = Definition(
    question="At 2.5 times fewer MACs, what do networks that see lose after a healing, and is torch-pruning better?",
    cell=cell,
    seeds=range(10, 15),
    tolerance={f"{key}_{field}": value for key in SCHOOLS for field, value in pruned_cameras.FIELDS.items()},
    config={
        "networks": {key: school.network for key, school in SCHOOLS.items()},
        "units": "points of the task's metric, on the sealed test split",
        "fewer_macs": pruned_nets.FEWER_MACS,
        "ours": "channels go in the order of least harm to the answer of the network, the budget of MACs spread by "
                f"that harm to the power {pruned_cameras.POWER}; layers fitted by least squares; all on "
                f"{pruned_nets.SEEN} training inputs without labels",
        "theirs": "torch-pruning MagnitudePruner, GroupMagnitudeImportance(p=2); one ratio for all; batch norms "
                  "measured anew on the same inputs, before both are healed",
        "healing": {key: vars(school.recipe) for key, school in SCHOOLS.items()},
        "teacher": "the unpruned network, asked about every view: distillation without labels; detector: its centres "
                   "as soft labels, and distance to its sides where it sees a centre",
        "earlier": {"presence": {"ours": 4.6, "theirs": 5.8}, "detect": {"ours": 7.5, "theirs": 10.4}},
        "temperature": TEACHER.temperature,
        "scenes": camera_healing.SCENES,
        "embedded": 1200,
        "views": {"shift": camera_views.SHIFT, "zoom": camera_views.ZOOM, "light": camera_views.LIGHT,
                  "tint": camera_views.TINT},
        "seeds": "other views and orders; generated scenes in five sets",
    },
    tried=42,
    files=("datasets/camera/train.npz", "datasets/camera/test.npz", "edgekit/nn/weights/camera-v1.safetensors",
           "edgekit/nn/weights/camera-presence-v1.edge", "edgekit/nn/weights/camera-detect-v1.edge"),
)
