"""What the studies of few bits share: one network at every number of bits, rounded and trained, and what each is worth.

    nearestB     weights of B bits, every weight to its nearest code
    togetherB    weights of B bits, rounded together (`graph.rounding`), biases corrected
    trainedB     quantization-aware training from nearestB (`nn.qat`)
    ternary, binary     trained; the first and the last layer keep 8 bits (`nn.lowbit`)
    tuned        in floats, after the same training: what the training alone changes

Activations have 8 bits everywhere.
"""

from edgekit.graph import cost
from edgekit.graph.fold import fold
from edgekit.graph.ptq import calibrate, quantize_graph
from edgekit.graph.rounding import round_adaptively
from edgekit.graph.run import predict
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.lowbit import KINDS, LowBitNet
from edgekit.nn.qat import QatNet
from edgekit.nn.train import outputs

CALIBRATION, OBSERVER, WEIGHT_OBSERVER = 256, "mse", "mse"
SHARE = 64  # examples at once when a torch network answers


def variants(graph, task, seed, learn, bits):
    """Yield (name, integer graph) of a float `graph` with batch norms; `learn(net)` trains a torch network in place.

    `seed` chooses the calibration examples; `bits` are the numbers of bits.
    """
    floating, batches = fold(graph), task.calibration_batches(CALIBRATION, seed)
    ranges = calibrate(floating, batches, OBSERVER)
    for num_bits in bits:
        coarse = quantize_graph(floating, ranges, num_bits=num_bits, weight_observer=WEIGHT_OBSERVER)
        yield f"nearest{num_bits}", coarse
        yield f"together{num_bits}", round_adaptively(floating, coarse, batches)
        yield f"trained{num_bits}", learnt(QatNet(graph, coarse), learn).to_integer()
    for kind in KINDS:
        yield kind, learnt(LowBitNet(graph, quantize_graph(floating, ranges), kind), learn).to_integer()


def learnt(net, learn):
    """Train `net` and return it, ready to answer."""
    learn(net)
    return net.eval()


def row(graph, task, seed, learn, bits, split="test"):
    """Return {name: metric, "bytes_" + name: bytes of its constants} of every variant, and of the float network."""
    x, y = task.inputs(split, purpose="report" if split == "test" else "select")
    tuned = learnt(GraphNet(graph), learn)
    floating = fold(graph)
    found = {"float": task.score(y, x, predict(floating, x)), "tuned": task.score(y, x, outputs(tuned, x, SHARE)),
             "bytes_float": cost.weight_bytes(floating)}
    for name, integer in variants(graph, task, seed, learn, bits):
        found[name] = task.score(y, x, predict(integer, x))
        found[f"bytes_{name}"] = cost.weight_bytes(integer)
    return found


def tolerances(bits, exact=0.0, rounded=0.02, trained=0.03):
    """Return {name: tolerance} for every value of `row`: bytes exactly, metrics as other processors round them."""
    names = {"float": rounded, "tuned": trained, "bytes_float": exact}
    for num_bits in bits:
        names |= {f"nearest{num_bits}": rounded, f"together{num_bits}": rounded, f"trained{num_bits}": trained}
    names |= dict.fromkeys(KINDS, trained)
    return names | {f"bytes_{name}": exact for name in names if not name.startswith(("bytes", "float", "tuned"))}
