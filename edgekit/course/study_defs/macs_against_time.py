"""Do blocks of equal MACs take equal time? Ratios of times per MAC, in ONNX Runtime on one thread."""

from edgekit.course.study_defs import Definition

SIDE, SIDES, ROUNDS = 24, (6, 12, 24, 48), 60
BLOCKS = ("4", "16", "64", "256", "1024", "pointwise", "separable", "inverted", "excited")


def cell(seed):
    """Time per MAC of every block over that of the standard convolution; weights, inputs and order by `seed`.

    at24_NAME: both on a map of 24 x 24. standard_S, depthwise_S: on S x S, over the standard convolution on 48 x 48.
    """
    from edgekit.course.equal_macs import times

    every = times([(name, SIDE) for name in ("1", *BLOCKS)], seed, ROUNDS)
    found = {f"at{SIDE}_{name}": every[name, SIDE] / every["1", SIDE] for name in BLOCKS}
    sized = times([(name, side) for name in ("1", "1024") for side in SIDES], seed, ROUNDS)
    unit = sized["1", SIDES[-1]]
    found |= {f"standard_{side}": sized["1", side] / unit for side in SIDES[:-1]}
    return found | {f"depthwise_{side}": sized["1024", side] / unit for side in SIDES}


#: another processor has other caches and other kernels: a factor of about two either way is the same story
TOLERANCE = {"at24_4": 0.6, "at24_16": 1.5, "at24_64": 2.5, "at24_256": 5.0, "at24_1024": 2.5, "at24_pointwise": 0.7,
             "at24_separable": 0.8, "at24_inverted": 1.0, "at24_excited": 1.2, "standard_6": 1.2, "standard_12": 0.7,
             "standard_24": 0.5, "depthwise_6": 2.5, "depthwise_12": 2.0, "depthwise_24": 2.5, "depthwise_48": 3.5}

STUDY = Definition(
    question="Do blocks of equal MACs take equal time, and does a depthwise convolution suffer from memory?",
    cell=cell,
    seeds=range(10, 15),
    tolerance=TOLERANCE,
    config={
        "runtime": "ONNX Runtime, float32, one thread",
        "clock": "processor time of the thread",
        "statistic": "least of 3 calls in a row in each of the rounds, all blocks by turns",
        "rounds": ROUNDS,
        "side": SIDE,
        "macs": "9,216 for each place of the map, within 2 %",
        "grouped": "3 x 3, from 32 channels in 1 group to 1,024 channels in 1,024 groups",
    },
    tried=4,
)
