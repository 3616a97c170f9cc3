"""The studies of few bits on machine sounds: a classifier of the zoo, taught by itself in floats.

The training machines are those that the shipped networks know: nothing new is to be learnt, only kept. Views are
seconds cut at random moments, each heard through another smooth filter.
"""

from edgekit.course import few_bits

UNITS, TAKES, VIEWS, COLOUR_DB, BATCH_SIZE = 200, 24, 4, 2.0, 128


def row(model, seed, bits, plan, **kinds):
    """`few_bits.row` of the shipped `model`, from the sealed test split.

    `plan`: {variant: (epochs, learning rate)}. `kinds` as of `few_bits.variants`.
    """
    from edgekit import tasks
    from edgekit.data.synthetic.acoustic import training_set
    from edgekit.nn import acoustic, zoo

    def see(x, y, draw):
        return acoustic.seconds(x, draw, COLOUR_DB).movedim(1, -1), y

    data, graph = training_set(UNITS, TAKES, acoustic.DATA_SEED), zoo.load(model)
    learn = few_bits.self_taught(graph, data.x, data.y, see, VIEWS, few_bits.recipes(plan, BATCH_SIZE), seed)
    few = {"gentle": True, **few_bits.separable(graph), **kinds}
    return few_bits.row(graph, tasks.get("acoustic-fault"), seed, learn, bits, **few)


def config(model, plan):
    """What the studies held fixed, for their records."""
    return {
        "start": model,
        "units": UNITS,
        "takes": TAKES,
        "views": VIEWS,
        "colour_db": COLOUR_DB,
        **few_bits.config(plan, BATCH_SIZE),
    }


def begun_row(model, seed, bits, plan, fine=()):
    """As `row`, but ternary weights begin where rounding them together leaves them, with batch norms folded.

    fine: layers that keep 4 bits where others get few values.
    """
    from edgekit import tasks
    from edgekit.data.synthetic.acoustic import training_set
    from edgekit.graph.fold import fold
    from edgekit.nn import acoustic, zoo
    from edgekit.nn.rounded_start import begin_rounded

    task, graph = tasks.get("acoustic-fault"), fold(zoo.load(model))
    data = training_set(UNITS, TAKES, acoustic.DATA_SEED)
    learn = few_bits.self_taught(graph, data.x, data.y, hear, VIEWS, few_bits.recipes(plan, BATCH_SIZE), seed)
    batches = task.calibration_batches(few_bits.CALIBRATION, seed)

    def begin_and_learn(net, name):
        if name == "ternary":
            begin_rounded(net, batches)
        learn(net, name)

    few = few_bits.with_finer(few_bits.separable(graph), fine)
    return few_bits.row(graph, task, seed, begin_and_learn, bits, gentle=True, **few)


def hear(x, y, draw):
    """A view of each sound of two seconds: one second from a random moment, through another smooth filter."""
    from edgekit.nn import acoustic

    return acoustic.seconds(x, draw, COLOUR_DB).movedim(1, -1), y


def begun_config(model, plan, fine):
    """What a study of `begun_row` held fixed, for its record."""
    return config(model, plan) | {
        "training": "from weights rounded together, binary ones from signs; grids of activations and of weights stay",
        "ternary_and_binary": f"layers of 1 x 1 but {', '.join(fine)}, which get 4 bits like depthwise layers; ends 8",
    }
