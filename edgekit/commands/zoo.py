"""edgekit zoo list | train [NAME] | export NAME: the models that ship, and how they came to be."""

import json
import sys
import time

from edgekit.commands import columns
from edgekit.graph import cost
from edgekit.nn import zoo


def add_parser(subparsers):
    parser = subparsers.add_parser("zoo", help="list the shipped models, or train them again")
    parser.add_argument(
        "action",
        choices=("list", "train", "export"),
        help="list: what ships and what it costs; train: from scratch; export: graphs from the shipped weights",
    )
    parser.add_argument("name", nargs="?", help="model to train or export; without it, the names are listed")
    parser.add_argument("--seed", type=int, default=0, help="seed of data, weights and batches (default: 0)")


def main(args):
    if args.action == "list" and args.name is not None:
        raise ValueError(f"zoo list: it lists every model and takes no name, got {args.name!r}; leave the name out")
    if args.action == "list":
        result = {name: row(zoo.load(name)) for name in zoo.names()}
        lines = columns([(name, row["task"], f"{row['weight_bytes']:,} B", f"{row['macs']:,} MACs")
                         for name, row in result.items()], right={2, 3})
    elif args.name is None:
        from edgekit.nn import origins

        result = {"trainable": {name: origins.of(name).tasks[name] for name in origins.names()}}
        lines = columns(list(result["trainable"].items()))
        lines.append(f"edgekit zoo {args.action} NAME [--seed N]")
    else:
        result = make(args)
        lines = [f"{key}: {value}" for key, value in result.items()]
    print(json.dumps(result) if args.json else "\n".join(lines))
    return 0


def row(graph):
    """What a shipped model is for and costs."""
    return {
        "task": graph.metadata["task"],
        **{key: quantity.value for key, quantity in cost.summary(graph).items()},
    }


def make(args):
    """Train a model from scratch, or take its shipped weights; store its graphs with their checksums."""
    from edgekit.nn import origins
    from edgekit.tasks import training

    if args.name not in origins.names():
        raise ValueError(f"zoo {args.action}: unknown model {args.name!r}; models that can be trained: "
                         f"{', '.join(origins.names())}")
    if args.seed < 0:
        raise ValueError(f"zoo {args.action}: --seed must be 0 or more, got {args.seed}")
    started = time.perf_counter()
    if args.action == "train":
        report = training.train_and_export(args.name, args.seed, progress)
    else:
        report = training.export(args.name, args.seed)
    print(f"edgekit: {args.action} took {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return report


def progress(epoch, epochs, loss):
    print(f"edgekit: epoch {epoch}/{epochs}, loss {loss:.4f}", file=sys.stderr, flush=True)
