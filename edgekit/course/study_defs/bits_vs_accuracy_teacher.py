"""What do 4 bits and three values cost the large network that hears faults of machines, when it learns from itself?"""

from edgekit.course import few_bits, few_bits_of_sound
from edgekit.course.study_defs import Definition

MODEL, BITS, KINDS = "acoustic-teacher", (4,), ("ternary",)
PLAN = {"tuned": (2, 2e-4), "trained4": (2, 2e-4), "ternary": (4, 1e-3)}


def cell(seed):
    """Quantize and fine-tune the shipped teacher; the seed draws calibration, views and the order of the batches."""
    return few_bits_of_sound.row(MODEL, seed, BITS, PLAN, kinds=KINDS)


STUDY = Definition(
    question="How much macro-F1 does the listening teacher keep with weights of 4 bits, and with ternary ones?",
    cell=cell,
    seeds=range(100, 105),
    tolerance=few_bits.tolerances(BITS, rounded=0.03, trained=0.03, kinds=KINDS),
    config=few_bits_of_sound.config(MODEL, PLAN),
    tried=1,
    files=("datasets/acoustic/train.npz", "datasets/acoustic/test.npz", "edgekit/nn/weights/acoustic-teacher.edge"),
)
