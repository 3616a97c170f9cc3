"""What the studies of few bits share: one network at every number of bits, rounded and trained, and what each is worth.

    nearestB     weights of B bits, every weight to its nearest code
    togetherB    weights of B bits, rounded together (`graph.rounding`), biases corrected
    trainedB     quantization-aware training from nearestB, or, gently, from togetherB (`nn.qat`)
    ternary, binary     trained; the first and the last layer keep 8 bits, and others may (`nn.lowbit`)
    tuned        in floats, after the same training: what the training alone changes

Activations have 8 bits everywhere. Training is by labels, or by what the float network itself answers (`self_taught`).
"""

from edgekit.graph import cost
from edgekit.graph.fold import fold
from edgekit.graph.ptq import calibrate, quantize_graph
from edgekit.graph.rounding import round_adaptively
from edgekit.graph.run import predict
from edgekit.graph.sensitivity import restored
from edgekit.nn import distill
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.lowbit import KINDS, LowBitNet, layer_names
from edgekit.nn.qat import QatNet
from edgekit.nn.train import Recipe, outputs

CALIBRATION, OBSERVER, WEIGHT_OBSERVER = 256, "mse", "mse"
TEMPERATURE = 2.0  # of what the float network answers
SHARE = 64  # examples at once when a torch network answers


def variants(graph, task, seed, learn, bits, kinds=tuple(KINDS), layers=None, others=8, gentle=False):
    """Yield (name, integer graph) of a float `graph` with batch norms; `learn(net, name)` trains a torch network.

    `seed` chooses the calibration examples; `bits` are the numbers of bits; `kinds` those of few values, which the
    `layers` named get, by default all but the first and the last. `others` are the bits of the rest, as
    `quantize_graph` takes them. Training may be `gentle`: from weights that were rounded together, on grids that stay.
    """
    floating, batches = fold(graph), task.calibration_batches(CALIBRATION, seed)
    ranges = calibrate(floating, batches, OBSERVER)
    for num_bits in bits:
        coarse = quantize_graph(floating, ranges, num_bits=num_bits, weight_observer=WEIGHT_OBSERVER)
        together = round_adaptively(floating, coarse, batches)
        yield f"nearest{num_bits}", coarse
        yield f"together{num_bits}", together
        net = QatNet(on_grid(floating, together), together, False) if gentle else QatNet(graph, coarse)
        yield f"trained{num_bits}", learnt(net, learn, f"trained{num_bits}").to_integer()
    coarse = quantize_graph(floating, ranges, num_bits=others)
    for kind in kinds:
        net = LowBitNet(graph, coarse, kind, layers, learn_steps=not gentle)
        yield kind, learnt(net, learn, kind).to_integer()


def on_grid(floating, integer):
    """The folded float graph with the weights and biases that `integer` holds."""
    return floating.with_tensors(**restored(floating, integer))


def learnt(net, learn, name):
    """Train `net` as the variant `name` and return it, ready to answer."""
    learn(net, name)
    return net.eval()


def recipes(plan, batch_size):
    """{variant: recipe} of a `plan` {variant: (epochs, learning rate)}."""
    return {name: Recipe(epochs, batch_size, learning_rate) for name, (epochs, learning_rate) in plan.items()}


def config(plan, batch_size):
    """What a study whose networks are `self_taught` held fixed, for its record."""
    return {
        "teacher": "the float network itself",
        "temperature": TEMPERATURE,
        "epochs_and_learning_rate": plan,
        "batch_size": batch_size,
        "calibration_examples": CALIBRATION,
        "observer": OBSERVER,
        "weight_observer": WEIGHT_OBSERVER,
        "activations": "int8",
        "training": "from weights rounded together; grids of activations and of weights stay",
        "ternary_and_binary": "first and last layer 8 bits, depthwise layers 4",
    }


def self_taught(graph, x, y, vary, views, recipes, seed):
    """Return `learn(net, name)`: train with what the float `graph` answers to x; no label is needed.

    `vary(x, y, draw)` makes a view of a batch, as in `nn.train`, and the graph answers `views` of them, drawn by
    `seed`. `recipes` has a recipe for each variant by name.
    """
    seen = distill.taught(GraphNet(graph), x, y, vary, views, seed)
    loss = distill.Distillation(TEMPERATURE, alpha=0.0)
    return lambda net, name: distill.learn(net, seen, recipes[name], loss, seed)


def separable(graph):
    """Arguments `layers` and `others` of `variants` for a float `graph` of depthwise separable convolutions.

    Few values suit the layers that mix channels, which hold most of the weights, but for the first and the last. A
    depthwise layer has nine weights for a channel and gets 4 bits: with 8 nothing would be won over 4 bits everywhere.
    """
    folded = fold(graph)
    groups = {node.output: node.attrs.get("groups", 1) for node in folded.nodes}
    inner = layer_names(folded)[1:-1]
    return {"layers": [name for name in inner if groups[name] == 1],
            "others": {name: 4 for name in inner if groups[name] > 1}}


def with_finer(few, fine):
    """The arguments `few`, as `separable` gives them, with 4 bits for the layers `fine` in place of few values.

    Raises ValueError for a layer that had none.

    >>> with_finer({"layers": ["a", "b"], "others": {"c": 4}}, ["a"])
    {'layers': ['b'], 'others': {'c': 4, 'a': 4}}
    """
    if unknown := set(fine) - set(few["layers"]):
        raise ValueError(f"with_finer: {', '.join(sorted(unknown))} had no few values; layers that have: "
                         f"{', '.join(few['layers'])}")
    return {"layers": [name for name in few["layers"] if name not in fine],
            "others": few["others"] | dict.fromkeys(fine, 4)}


def row(graph, task, seed, learn, bits, split="test", **few):
    """Return {name: metric, "bytes_" + name: bytes of its constants} of every variant, and of the float network.

    `few` are further arguments of `variants`.
    """
    x, y = task.inputs(split, purpose="report" if split == "test" else "select")
    tuned = learnt(GraphNet(graph), learn, "tuned")
    floating = fold(graph)
    found = {"float": task.score(y, x, predict(floating, x)), "tuned": task.score(y, x, outputs(tuned, x, SHARE)),
             "bytes_float": cost.weight_bytes(floating)}
    for name, integer in variants(graph, task, seed, learn, bits, **few):
        found[name] = task.score(y, x, predict(integer, x))
        found[f"bytes_{name}"] = cost.weight_bytes(integer)
    return found


def tolerances(bits, exact=0.0, rounded=0.02, trained=0.03, kinds=tuple(KINDS)):
    """Return {name: tolerance} for every value of `row`: bytes exactly, metrics as other processors round them."""
    names = {"float": rounded, "tuned": trained, "bytes_float": exact}
    for num_bits in bits:
        names |= {f"nearest{num_bits}": rounded, f"together{num_bits}": rounded, f"trained{num_bits}": trained}
    names |= dict.fromkeys(kinds, trained)
    return names | {f"bytes_{name}": exact for name in names if not name.startswith(("bytes", "float", "tuned"))}
