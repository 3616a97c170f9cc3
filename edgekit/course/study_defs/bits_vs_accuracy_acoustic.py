"""What do few bits cost the small network that hears faults of machines, when it learns from itself in floats?"""

from edgekit.course import few_bits, few_bits_of_sound
from edgekit.course.study_defs import Definition

MODEL, BITS = "acoustic-student", (8, 4, 3, 2)
PLAN = {"tuned": (8, 3e-4), "trained8": (2, 3e-4), "trained4": (8, 3e-4), "trained3": (8, 3e-4), "trained2": (12, 2e-3),
        "ternary": (20, 4e-3), "binary": (10, 4e-3)}


def cell(seed):
    """Quantize and fine-tune the shipped student; the seed draws calibration, views and the order of the batches."""
    return few_bits_of_sound.row(MODEL, seed, BITS, PLAN)


STUDY = Definition(
    question="How much macro-F1 does the listening student keep with 8, 4, 3, 2 bits, ternary and binary weights?",
    cell=cell,
    seeds=range(100, 105),
    tolerance=few_bits.tolerances(BITS, rounded=0.03, trained=0.06),
    config=few_bits_of_sound.config(MODEL, PLAN),
    tried=36,
    files=("datasets/acoustic/train.npz", "datasets/acoustic/test.npz", "edgekit/nn/weights/acoustic-student.edge"),
)
