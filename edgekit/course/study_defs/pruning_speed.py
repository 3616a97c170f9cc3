"""What is a MAC that pruning removed worth in time, with any widths and with widths rounded to 4, 8, 16?"""

from edgekit.course import pruned_speed
from edgekit.course.study_defs import Definition

NETWORKS = ("mobilenet", "pulse", "listener", "resnet")
MULTIPLES = [str(multiple) for multiple in pruned_speed.MULTIPLES]


def cell(seed):
    """Time all networks at all widths once, interleaved."""
    return pruned_speed.row(seed)


STUDY = Definition(
    question="Speed-up divided by MAC reduction in ONNX Runtime at batch 1 on one thread: what do widths decide?",
    cell=cell,
    seeds=range(5),
    tolerance={
        **{f"ms_{name}_{key}": 10.0 for name in NETWORKS for key in ("whole", *MULTIPLES, "floor")},
        **{f"ratio_{name}_{key}": 1.0 for name in NETWORKS for key in MULTIPLES},  # other processors, other blocks
        **{f"macs_{name}_{key}": 0.001 for name in NETWORKS for key in MULTIPLES},
        **{f"us_depthwise_{key}": 5000.0 for key in ("whole", "1", "16")},
    },
    config={
        "networks": {"mobilenet": "camera-presence-v1", "pulse": "ppg-cnn", "listener": "acoustic-teacher",
                     "resnet": "resnet-8 at width 2, random weights"},
        "fewer_macs": pruned_speed.FEWER_MACS,
        "multiples": pruned_speed.MULTIPLES,
        "seeds": "repetitions: inputs and the order of the models are drawn anew",
        "rounds": pruned_speed.ROUNDS,
        "clock": "processor time of the thread, median over rounds, models interleaved",
        "runtime": "ONNX Runtime, batch 1, one thread, float, batch norms folded",
    },
)
