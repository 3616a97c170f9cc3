"""Is a network cut out of the shipped one that sees cheaper, and at least as good, both trained on alike?

Tried, on the validation split and 800 scenes made for choosing. Judged by their fit alone: 8 cuts by hand, then 64 by
`edgekit search camera-presence --close --strategy tpe --evaluations 64`. Healing with a rate of 2e-3 for 3 epochs, by
labels or two teachers: the whole network 78.6 and 78.4 % (78.3 as it ships); three cuts of 79, 81 and 85 % of the MACs
.8, .5 and .3 points behind it, by teachers, with 3 seeds. No healing, three other draws of pictures for the fit: cuts
of 81, 85 and 86 % were .4 to .7 points behind. A rate of 5e-4 for one epoch, 2 seeds: the whole 78.5 %, the cut of 81 %
.1 points behind, that of 85 % .3 points ahead, with two views of each scene. Then frozen: the cut of 85 %, that one
epoch, but with one view, to save time, which was not looked at on validation.
"""

from edgekit.course import cut_networks, searched
from edgekit.course.study_defs import Definition
from edgekit.nn import camera_healing, cut_healing

ORDER_SEED = 100
FOUND = {
    "resolution": 96, "stem": 0.875, "out1": 0.875, "wide2": 1.0, "out2": 1.0, "wide3": 1.0, "wide4": 1.0, "out4": 1.0,
    "wide5": 0.625, "wide6": 0.875, "wide7": 0.75, "out7": 1.0, "wide8": 1.0, "out8": 0.875, "last": 0.625, "bits": 8,
}


def cell(seed, split="test"):
    """Train both on with the same scenes, the shipped network and the cut; score them on the sealed test split."""
    return cut_networks.row(FOUND, seed, ORDER_SEED + seed, split)


STUDY = Definition(
    question="Is a network cut out of the shipped one that sees cheaper, and at least as good, both trained on alike?",
    cell=cell,
    seeds=range(5),
    tolerance=searched.tolerances(0.03),
    config={"found": FOUND, "scenes": camera_healing.SCENES,
            "embedded": "and all scenes of the embedded training split",
            "views": cut_healing.VIEWS, "teachers": list(cut_healing.TEACHERS), **vars(cut_healing.RECIPE),
            "evaluations": 64, "finalists": 3, "attempt": 3},
    tried=82,
    files=("datasets/camera/train.npz", "datasets/camera/test.npz",
           *(f"edgekit/nn/weights/{name}.edge" for name in cut_healing.TEACHERS),
           "edgekit/nn/weights/camera-v3.safetensors"),
)
