"""What the study of unstructured pruning asks of each network: what do zeros cost, and what do they save?

    float      the network as it ships
    control    trained on in the same way, nothing pruned: what the training alone changes
    pruned     trained on while masks grow to the final sparsity
    int8       the pruned network quantized; its bytes are those of a model that runs

Both learn from the answers of the network as it ships (`nn.distill`), on examples that it never saw.
"""

from edgekit.course.paired import judge, standard_error
from edgekit.graph import sparse_size
from edgekit.graph.fold import fold
from edgekit.graph.run import predict
from edgekit.tasks.quantized import quantized

FORMS = ("dense", "bitmap", "run", "csr", "huffman")
SHARE = 64  # examples at once when a torch network answers
#: how far a second run may differ: other processors, other sums
TOLERANCE = {"float": 0.1, "control": 1.5, "pruned": 1.5, "drop": 1.5, "drop_se": 0.2, "cost": 2.0, "cost_se": 0.2,
             "int8": 1.5, "sparsity": 0.01, **{f"bytes_{form}": 600.0 for form in FORMS}, "bytes_dense": 0.0}


def row(graph, task, learn, final, seed):
    """Return {value: number} of a float `graph`, in points of the task's metric on the sealed test split.

    `learn(net, final)` trains a `MaskedNet` in place, pruned to `final` while it trains, or with 0 not at all. drop:
    float - pruned; cost: control - pruned; `_se`: standard errors of a paired bootstrap over the examples.
    """
    from edgekit.nn.prune import MaskedNet
    from edgekit.nn.train import outputs

    x, y = task.inputs("test", purpose="report")
    nets = {"control": MaskedNet(graph), "pruned": MaskedNet(graph)}
    for net, sparsity in zip(nets.values(), (0.0, final), strict=True):
        learn(net, sparsity)
    integer = quantized(fold(nets["pruned"].to_graph()), task, seed)
    whole = judge(task, x, y, predict(fold(graph), x))
    judges = {name: judge(task, x, y, outputs(net, x, SHARE)) for name, net in nets.items()}
    return {"float": whole.whole(), **{name: each.whole() for name, each in judges.items()},
            "drop": whole.whole() - judges["pruned"].whole(), "drop_se": standard_error(whole, judges["pruned"]),
            "cost": judges["control"].whole() - judges["pruned"].whole(),
            "cost_se": standard_error(judges["control"], judges["pruned"]),
            "int8": judge(task, x, y, predict(integer, x)).whole(), "sparsity": sparse_size.sparsity(integer),
            **{f"bytes_{form}": len(b"".join(sparse_size.stored(integer, form).values())) for form in FORMS}}


def learner(graph, examples, school, seed):
    """Return `learn(net, final)`: train a `MaskedNet` in place on what `graph` answers to `examples`, for `row`.

    examples: x, y and what else `distill.taught` takes. school: {"recipe", "loss", "until", "every"}; the masks grow to
    `final` until the share `until` of the training, and change `every` so many batches.
    """
    from edgekit.nn import distill
    from edgekit.nn.graph_net import GraphNet

    data = distill.taught(GraphNet(graph).eval(), **examples, seed=seed, batch_size=SHARE)
    recipe = school["recipe"]

    def learn(net, final):
        if final:
            batches = recipe.epochs * -(-len(data[0]) // recipe.batch_size)
            net.gradually(final, batches, every=school["every"], until=school["until"])
        distill.learn(net, data, recipe, school["loss"], seed)

    return learn
