"""The studies of few bits on pictures: a camera network of the zoo, taught by itself in floats.

Its channels are equalized first, as in the shipped int8 model. Few values are for the layers behind the activation
`CUT`. Those before it hold few of the weights and most of the activations: they keep 8 bits and are not trained then,
so what they answer is computed once. Views of a picture are mirrored, and lit in another way.
"""

from edgekit.course import few_bits

SCENES, SCENES_SEED, VIEWS, LIGHT = 2000, 5_000_000, 2, 0.15  # a seed far from those of the shipped networks
BATCH_SIZE, CUT = 64, "relu__7"  # the first map of 12 x 12 places


def row(task, seed, bits, plan, kinds, split="test"):
    """`few_bits.row` of the model of the camera task `task`; `plan`: {variant: (epochs, learning rate)}."""
    from edgekit.data.synthetic.camera import training_scenes
    from edgekit.graph.equalize import equalize
    from edgekit.graph.fold import fold
    from edgekit.nn import zoo

    graph, data = equalize(fold(zoo.load(task.model))), training_scenes(SCENES, SCENES_SEED)
    learn = self_taught(graph, data.x, data.y, few_bits.recipes(plan, BATCH_SIZE), seed,
                        task.calibration_batches(few_bits.CALIBRATION, seed))
    return few_bits.row(graph, task, seed, learn, bits, split, kinds=kinds, gentle=True, **few_values(graph))


def config(task, plan):
    """What the studies held fixed, for their records."""
    return {
        **few_bits.config(plan, BATCH_SIZE),
        "start": f"{task}-v1, channels equalized",
        "scenes": SCENES,
        "views": VIEWS,
        "light": LIGHT,
        "few_values_train_behind": CUT,
        "training": "from weights rounded together, binary ones from signs; grids of activations and of weights stay",
        "ternary_and_binary": f"layers of 1 x 1 behind {CUT} but the last; depthwise layers there 4 bits, others 8",
    }


def few_values(graph):
    """Arguments `layers` and `others` of `few_bits.variants`: as `few_bits.separable` has them, behind `CUT` alone."""
    from edgekit.nn.lowbit import layer_names

    found, names = few_bits.separable(graph), layer_names(graph)
    late = names[names.index(CUT) + 1:]
    return {"layers": [name for name in found["layers"] if name in late],
            "others": {name: bits for name, bits in found["others"].items() if name in late}}


def self_taught(graph, x, y, recipes, seed, batches):
    """Return `learn(net, name)`, as `few_bits.self_taught` does; networks of few values learn behind `CUT` alone.

    Ternary weights begin where rounding them together on the calibration `batches` leaves them.
    """
    from edgekit.nn import distill
    from edgekit.nn.graph_net import GraphNet
    from edgekit.nn.parts import answers, parts
    from edgekit.nn.rounded_start import begin_rounded

    seen, targets = distill.taught(GraphNet(graph), x, y, see, VIEWS, seed)
    loss = distill.Distillation(few_bits.TEMPERATURE, alpha=0.0)

    def learn(net, name):
        if name not in few_bits.KINDS:
            return distill.learn(net, (seen, targets), recipes[name], loss, seed)
        if name == "ternary":
            begin_rounded(net, batches)
        first, rest = parts(net, CUT)
        kept = answers(first, seen.flatten(0, 1)).unflatten(0, seen.shape[:2])
        return distill.learn(rest, (kept, targets), recipes[name], loss, seed)

    return learn


def see(x, y, draw):
    """A view of each picture, uint8 (N, 96, 96, 3) -> (N, 96, 96, 3) float32, channels last as graphs take it."""
    from edgekit.nn.camera_train import vary

    return vary(x, y.new_zeros(len(x), 1, 5), draw, LIGHT)[0].movedim(1, -1), y
