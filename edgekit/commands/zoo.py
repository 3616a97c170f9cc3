"""edgekit zoo list | train NAME: the models that ship, and how they came to be."""

import json
import sys
import time

from edgekit import tasks
from edgekit.graph import cost
from edgekit.nn import zoo


def add_parser(subparsers):
    parser = subparsers.add_parser("zoo", help="list the shipped models, or train them again")
    parser.add_argument("action", choices=("list", "train"))
    parser.add_argument("name", nargs="?", help="model to train (train only)")
    parser.add_argument("--seed", type=int, default=0, help="seed of data, weights and batches (default: 0)")


def main(args):
    if args.action == "train":
        return train(args)
    rows = {
        name: {key: quantity.value for key, quantity in cost.summary(zoo.load(name)).items()} for name in zoo.names()
    }
    lines = [f"{name:<16} {row['weight_bytes']:>9,} B  {row['macs']:>12,} MACs" for name, row in rows.items()]
    print(json.dumps(rows) if args.json else "\n".join(lines))
    return 0


def train(args):
    """Train a task's float model from scratch, quantize it, and store both with their checksums."""
    models = {model: task for task in map(tasks.get, tasks.TASKS) for model in (task.model, *task.helpers)}
    if args.name not in models:
        raise ValueError(f"zoo train: unknown model {args.name!r}; models that can be trained: {', '.join(models)}")
    from edgekit.tasks.training import train_and_export

    started = time.perf_counter()
    report = train_and_export(models[args.name], args.name, args.seed, progress)
    print(json.dumps(report) if args.json else "\n".join(f"{key}: {value}" for key, value in report.items()))
    print(f"edgekit: trained in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return 0


def progress(epoch, epochs, loss):
    print(f"edgekit: epoch {epoch}/{epochs}, loss {loss:.4f}", file=sys.stderr, flush=True)
