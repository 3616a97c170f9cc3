"""edgekit evaluate MODEL --data FILE.npz: one model on data of one's own."""

import io
import json
from pathlib import Path

import numpy as np

from edgekit import tasks
from edgekit._atomic import write_bytes
from edgekit.graph import file
from edgekit.nn import zoo
from edgekit.tasks import own_data
from edgekit.tasks.evaluate import report, scores


def add_parser(subparsers):
    parser = subparsers.add_parser("evaluate", help="evaluate one model on data of your own")
    parser.add_argument(
        "model", metavar="MODEL", help="a zoo name, a task name (its shipped int8 model), or an .edge file"
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE.npz", help="x, y, fs, and maybe group, class_names"
    )
    parser.add_argument("--task", help="whose front end and classes to use, when the model file does not say")
    parser.add_argument("--scores", type=Path, help="where the scores go (default: beside the data)")


def main(args):
    graph = resolve(args.model)
    task = task_of(graph, args)
    own = own_data.read(args.data, task.class_names)
    target = args.scores or args.data.with_name(f"{args.data.stem}.scores.npz")
    if target.is_dir():
        raise ValueError(f"evaluate: --scores {target} is a folder; name a file, such as {target / 'scores.npz'}")
    try:
        values = scores(graph, task, own.x, own.fs)
    except ValueError as error:
        raise ValueError(f"evaluate {args.data}: {error}") from error
    result = report(values, own.y, task.class_names, own.named, own.group)
    save_scores(target, values, own.y, task.class_names)
    result["scores_file"] = str(target)
    print(json.dumps(result) if args.json else text(result, own.named))
    return 0


def resolve(model):
    """Return the graph that `model` names: a zoo name, a task name, or the path of an .edge file."""
    if model in tasks.TASKS:
        return zoo.load(tasks.get(model).shipped)
    if model in zoo.names():
        return zoo.load(model)
    if Path(model).suffix == ".edge":
        return file.load(model)
    raise ValueError(
        f"model {model!r} is neither a task ({', '.join(tasks.TASKS)}), nor in the zoo "
        f"({', '.join(zoo.names())}), nor an .edge file; check the spelling"
    )


def task_of(graph, args):
    """The task whose front end feeds `graph`: named on the command line, or in the model file."""
    name = args.task or graph.metadata.get("task")
    if name is None:
        raise ValueError(
            f"evaluate {args.model}: the file does not say its task; add --task ({', '.join(tasks.TASKS)})"
        )
    task = tasks.get(name)
    outputs = graph.tensors[graph.outputs[0]].shape
    if outputs != (len(task.class_names),):
        raise ValueError(
            f"evaluate {args.model}: the model gives {outputs}, task {name!r} has {len(task.class_names)} "
            "classes; name the right --task"
        )
    return task


def save_scores(path, values, y, class_names):
    """Write `scores` (N, classes), `y` (N,) as indices into `classes`, and `classes`."""
    buffer = io.BytesIO()
    np.savez(buffer, scores=values, y=y, classes=np.array(class_names))
    write_bytes(path, buffer.getvalue())


def text(result, named):
    """The result as a few lines for a person."""
    names = [result["classes"][i] for i in named]
    lines = [
        f"examples  {result['n']}",
        f"accuracy  {result['accuracy']:.4f}",
        f"macro F1  {result['macro_f1']:.4f} over {', '.join(names)}",
        "",
        "true class: how often each was predicted",
    ]
    for i in named:
        counts = [f"{result['classes'][j]} {n}" for j, n in enumerate(result["confusion"][i]) if n]
        lines.append(f"  {result['classes'][i]}: {', '.join(counts) or 'none'}")
    if result["per_group"]:
        lines += ["", "group: n, accuracy"]
        lines += [f"  {name}: {row['n']}, {row['accuracy']:.4f}" for name, row in result["per_group"].items()]
    return "\n".join([*lines, "", f"scores in {result['scores_file']}"])
