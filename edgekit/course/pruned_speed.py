"""What fewer MACs are worth in time: networks thinned to other widths, timed in ONNX Runtime on this computer.

    widths(graph)           {"whole", "1", "4", "8", "16", "floor"}: the multiple to which widths are rounded
    ratio                   speed-up / MAC reduction; 1: every MAC removed saves its share of the time
    floor                   one channel in every layer: what a network costs that computes nothing

The times belong to one kind of processor. With its vectors of 512 bits ONNX Runtime lays channels out in blocks of 16,
with shorter ones in blocks of 8 (onnxruntime/core/mlas, NCHWc).
"""

import numpy as np

from edgekit.deploy.ort_time import interleaved_ms, node_times
from edgekit.graph.channel_scores import through_scores, to_macs
from edgekit.graph.channels import choose, couple, remove
from edgekit.graph.cost import macs
from edgekit.nn import efficient, zoo
from edgekit.nn.export import to_graph
from edgekit.nn.train import seeded

FEWER_MACS = 2.5
MULTIPLES = (1, 4, 8, 16)
ROUNDS = 120


def networks():
    """Return {name: float graph}: a MobileNet, a 1-D CNN, a CNN of standard convolutions, a ResNet of double width."""
    residual = seeded(lambda: efficient.build("resnet-8", width=2.0), 0).eval()
    return {
        "mobilenet": zoo.load("camera-presence-v1"),
        "pulse": zoo.load("ppg-cnn"),
        "listener": zoo.load("acoustic-teacher"),
        "resnet": to_graph(residual, efficient.input_shape("resnet-8"), "resnet-8", {}),
    }


def widths(graph, multiples=MULTIPLES):
    """Return {"whole": graph, "1": thinned to macs / 2.5 with any widths, "4": with multiples of 4 ..., "floor"}."""
    coupling = couple(graph)
    scores, limit = through_scores(coupling), macs(graph) / FEWER_MACS
    fewest = {group.name: 1 - 1 / group.width for group in coupling.prunable}
    thin = {str(multiple): remove(coupling, to_macs(coupling, scores, limit, multiple)) for multiple in multiples}
    return {"whole": graph, **thin, "floor": remove(coupling, choose(coupling, scores, fewest))}


def row(seed, rounds=ROUNDS):
    """Return one cell: milliseconds `ms_NET_WIDTHS`, `ratio_NET_MULTIPLE`, `us_dw_WIDTHS` of the MobileNet."""
    rng, found = np.random.default_rng(seed), {}
    for name, graph in networks().items():
        graphs = widths(graph)
        x = rng.normal(size=(1, *graph.tensors[graph.inputs[0]].shape))
        times = {key: float(np.median(ms)) for key, ms in interleaved_ms(graphs, x, rounds, rng).items()}
        found |= {f"ms_{name}_{key}": ms for key, ms in times.items()}
        for key in map(str, MULTIPLES):
            fewer = macs(graph) / macs(graphs[key])
            found |= {f"macs_{name}_{key}": fewer, f"ratio_{name}_{key}": times["whole"] / times[key] / fewer}
        if name == "mobilenet":
            found |= {f"us_depthwise_{key}": depthwise_us(graphs[key], x) for key in ("whole", "1", "16")}
    return found


def depthwise_us(graph, x):
    """Microseconds of all depthwise convolutions of a graph, from the runtime's own profile."""
    return sum(node.microseconds for node in node_times(graph, x) if node.depthwise)
