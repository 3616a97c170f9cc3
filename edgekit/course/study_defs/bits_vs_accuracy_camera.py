"""What do 4 bits, three values and two cost the network that sees who is there, when it learns from itself?

Tried on validation scenes (the 400 of the split and 1,200 made for this), before freezing. Ternary: 3 epochs of 6,000
views at rates 1e-3 and 4e-3, then as here with 4, 2 and 8 epochs; binary: 4 and 8 epochs; 4 bits: behind the cut alone
with two rates, the whole network with two rates, and with grids that learn. All began where rounding together leaves
them; ternary weights that began at the usual threshold answered no better than chance.
"""

from edgekit.course import few_bits, few_bits_of_pictures
from edgekit.course.study_defs import Definition

TASK, BITS, KINDS = "camera-presence", (4,), ("ternary", "binary")
PLAN = {"tuned": (3, 1e-3), "trained4": (3, 1e-3), "ternary": (6, 2e-3), "binary": (6, 4e-3)}


def cell(seed):
    """Quantize and fine-tune the shipped network; the seed draws calibration, views and the order of the batches."""
    from edgekit import tasks

    return few_bits_of_pictures.row(tasks.get(TASK), seed, BITS, PLAN, KINDS)


STUDY = Definition(
    question="How much accuracy does the camera's presence network keep with 4 bits, ternary and binary weights?",
    cell=cell,
    seeds=range(100, 105),
    tolerance=few_bits.tolerances(BITS, rounded=0.02, trained=0.03, kinds=KINDS),
    config=few_bits_of_pictures.config(TASK, PLAN),
    tried=10,
    files=(*(f"datasets/camera/{split}.npz" for split in ("train", "test")), f"edgekit/nn/weights/{TASK}-v1.edge"),
)
