"""The lottery ticket as an experiment: is it the first weights that win, the mask, or neither?

    ticket      masks found by training and pruning in rounds, the weights that stay set back to their first values
    other       the same masks, other first weights
    shuffled    the same number of weights in each layer at random places, the first weights
    onward      the same rounds without going back: what is left of the trained weights trains on

All train equally long once they are pruned. The claim: Frankle and Carbin, ICLR 2019, arXiv:1803.03635. The control
with shuffled masks: Frankle et al., ICLR 2021, arXiv:2009.08576.
"""

import numpy as np

WIDTHS, TRAIN = (64, 128, 64, 10), 1000
WAYS = ("ticket", "other", "shuffled", "onward")


def digits(seed):
    """Return (x, y, x of the test, y of the test): the 1,797 digits (N, 64) in 0..1, parted at random by `seed`."""
    from edgekit import data

    found = data.load("sklearn_digits", "all")
    order = np.random.default_rng(seed).permutation(len(found))
    x, y = (found.x.reshape(-1, 64) / 16).astype(np.float32), found.y
    return x[order[:TRAIN]], y[order[:TRAIN]], x[order[TRAIN:]], y[order[TRAIN:]]


def network(seed):
    """Return the graph of an untrained dense network of `WIDTHS`, its weights drawn from `seed`."""
    from edgekit.nn.export import to_graph
    from edgekit.nn.models import DenseNet
    from edgekit.nn.train import seeded

    return to_graph(seeded(lambda: DenseNet(WIDTHS), seed).eval(), WIDTHS[:1], "digits", {})


def shuffled(masks, rng):
    """Return masks with as many ones in each layer as `masks`, at random places.

    >>> found = shuffled({"w": np.eye(3, dtype=bool)}, np.random.default_rng(0))
    >>> found["w"].shape, int(found["w"].sum())
    ((3, 3), 3)
    """
    return {name: rng.permutation(mask.ravel()).reshape(mask.shape) for name, mask in masks.items()}


def accuracies(seed, sparsity, rounds, recipe):
    """Return {way: accuracy in % on the test digits} of `WAYS` at `sparsity`, and "dense", the unpruned network."""
    from edgekit.nn.prune import MaskedNet, lottery
    from edgekit.nn.train import outputs, train

    x, y, x_test, y_test = digits(seed)
    first = network(seed)

    def fit(net):
        train(net, x, y, recipe, seed)

    ticket = lottery(first, fit, sparsity, rounds)
    nets = {"dense": MaskedNet(first), "other": MaskedNet(network(1000 + seed), ticket.masks),
            "shuffled": MaskedNet(first, shuffled(ticket.masks, np.random.default_rng(seed)))}
    for net in nets.values():
        fit(net)
    nets |= {"ticket": ticket, "onward": lottery(first, fit, sparsity, rounds, rewind=False)}
    return {way: 100 * float(np.mean(outputs(net, x_test).argmax(axis=1) == y_test)) for way, net in nets.items()}
