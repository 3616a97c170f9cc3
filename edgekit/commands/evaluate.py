"""edgekit evaluate MODEL --data FILE.npz: one model on data of one's own."""

import io
import json
from pathlib import Path

import numpy as np

from edgekit import tasks
from edgekit._atomic import write_bytes
from edgekit.commands import _models as models
from edgekit.nn import zoo

OWN_FIGURES = ("map_50", "mean_auc", "mean_pauc", "alarm_score")  # which some tasks have
MOST_GROUPS = 40  # that the text lists


def add_parser(subparsers):
    parser = subparsers.add_parser("evaluate", help="evaluate one model on data of your own")
    parser.add_argument(
        "model", metavar="MODEL", help="a zoo name, a task name (its shipped int8 model), or a file: "
        f"{', '.join(models.FORMATS)}"
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE.npz", help="x, y, for signals fs, maybe group, class_names"
    )
    parser.add_argument("--task", help="whose front end and classes to use, when the model file does not say")
    parser.add_argument("--scores", type=Path, help="where the scores go (default: beside the data)")


def main(args):
    graph = resolve(args.model)
    task = task_of(graph, args)
    own = task.read_own(args.data)
    target = args.scores or args.data.with_name(f"{args.data.stem}.scores.npz")
    if target.is_dir():
        raise ValueError(f"evaluate: --scores {target} is a folder; name a file, such as {target / 'scores.npz'}")
    try:
        result, arrays = task.judge(graph, own)
    except ValueError as error:
        raise ValueError(f"evaluate {args.data}: {error}") from error
    save_scores(target, {**arrays, "classes": np.array(result["classes"])})
    result["scores_file"] = str(target)
    print(json.dumps(result) if args.json else text(result, own.named))
    return 0


def resolve(model):
    """Return the graph that `model` names: a zoo name, a task name, or the path of a model file."""
    if model in tasks.TASKS:
        return zoo.load(tasks.get(model).shipped)
    if model in zoo.names():
        return zoo.load(model)
    if Path(model).suffix:
        return models.read(model)
    raise ValueError(
        f"model {model!r} is neither a task ({', '.join(tasks.TASKS)}), nor in the zoo "
        f"({', '.join(zoo.names())}), nor a file of one of {', '.join(models.FORMATS)}; check the spelling"
    )


def task_of(graph, args):
    """The task whose front end feeds `graph`: named on the command line, or in the model file."""
    name = args.task or graph.metadata.get("task")
    if name is None:
        raise ValueError(
            f"evaluate {args.model}: the file does not say its task; add --task ({', '.join(tasks.TASKS)})"
        )
    task = tasks.get(name)
    wrong = task.fits(graph)
    if wrong:
        hint = f"; it helps the model of the task, which is {task.model}" if graph.name in task.helpers else ""
        raise ValueError(
            f"evaluate {args.model}: no model of task {name!r}: {wrong}{hint}; evaluate {task.shipped}, or name "
            "another --task"
        )
    return task


def save_scores(path, arrays):
    """Write `scores` (N, classes), `y` (N,) as indices into `classes`, `classes`, and what else the task gives."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def text(result, named):
    """The result as a few lines for a person."""
    names = [result["classes"][i] for i in named]
    windows = f", cut into {result['windows']:,} windows: {result['pooling']}" if result["pooling"] else ""
    lines = [
        f"examples  {result['n']}{windows}",
        f"accuracy  {result['accuracy']:.4f}",
        f"macro F1  {result['macro_f1']:.4f} over {', '.join(names)}",
        *[f"{key:<9} {figure(result[key])}" for key in OWN_FIGURES if key in result],
        "",
        "true class: how often each was predicted",
    ]
    for i in named:
        counts = [f"{result['classes'][j]} {n}" for j, n in enumerate(result["confusion"][i]) if n]
        lines.append(f"  {result['classes'][i]}: {', '.join(counts) or 'none'}")
    if result["per_group"]:
        keys = [key for key in next(iter(result["per_group"].values())) if key in ("accuracy", "auc", "pauc")]
        lines += ["", f"group: n, {', '.join(keys)}"]
        for name, row in list(result["per_group"].items())[:MOST_GROUPS]:
            lines.append(f"  {name}: {row['n']}, {', '.join(figure(row[key]) for key in keys)}")
        if len(result["per_group"]) > MOST_GROUPS:
            lines.append(f"  and {len(result['per_group']) - MOST_GROUPS} more groups, which --json lists")
    return "\n".join([*lines, "", f"scores in {result['scores_file']}"])


def figure(value):
    """A figure with four decimals; a dash where the data do not give one."""
    return "-" if value is None else f"{value:.4f}"
