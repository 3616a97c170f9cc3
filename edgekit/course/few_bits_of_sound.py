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
