"""edgekit compress TASK: the whole job without a browser."""

import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

from edgekit import __version__, tasks
from edgekit._atomic import write_bytes, write_text
from edgekit.commands import columns
from edgekit.core.observers import OBSERVERS
from edgekit.data.store import datasets_dir, read_manifest, sha256
from edgekit.deploy.devices import DEVICES
from edgekit.graph import file
from edgekit.nn import zoo
from edgekit.search.recipe import quantization_stages

PACKAGES = ("numpy", "matplotlib", "safetensors")


def add_parser(subparsers):
    parser = subparsers.add_parser("compress", help="make a task's model int8 and compare it with the float one")
    parser.add_argument("task", metavar="TASK", help=f"one of: {', '.join(tasks.TASKS)}")
    parser.add_argument("--out", type=Path, help="folder of the run (default: runs/TASK-<time>)")
    parser.add_argument("--observer", default="mse", help="how ranges are chosen (default: mse)")
    parser.add_argument("--calibration", type=int, default=512, metavar="N", help="training examples to calibrate on")
    parser.add_argument("--seed", type=int, default=0, help="seed of the calibration draw (default: 0)")


def main(args):
    task = tasks.get(args.task)
    folder = args.out or Path("runs") / f"{task.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ValueError(f"compress: {folder} is not an empty folder; choose another one with --out")
    if args.observer not in OBSERVERS:
        raise ValueError(f"compress: --observer must be one of {', '.join(OBSERVERS)}, got {args.observer!r}")
    if args.seed < 0:
        raise ValueError(f"compress: --seed must be 0 or more, got {args.seed}; 0 is the default")
    if args.calibration < 1:
        raise ValueError(f"compress: --calibration must be at least 1, got {args.calibration}; 512 is the default")
    stages = quantization_stages(task, args.calibration, args.observer, args.seed, say)
    result = {"task": task.name, "metric": task.metric_name, "stages": [stage.row for stage in stages]}
    record = {**result, **context(args), "calibration_used": stages[-1].calibrated_on}
    write_run(folder, task, stages, record, hashes(task))
    if args.json:
        print(json.dumps({**result, "run": str(folder)}))
    else:
        print(table(task, stages))
        print(f"\nrun folder: {folder} ({', '.join(sorted(path.name for path in folder.iterdir()))})")
    return 0


def say(text):
    print(f"edgekit: {text}", file=sys.stderr, flush=True)


def context(args):
    """What somebody needs to repeat the run: versions, seed, settings."""
    return {
        "edgekit": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "seed": args.seed,
        "observer": args.observer,
        "calibration": args.calibration,
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def hashes(task):
    """SHA-256 of what went in: the float model of the zoo, and the files of the task's data set."""
    family = task.dataset.split("-")[0]
    listed = read_manifest(datasets_dir())
    return {
        "model": {f"{task.model}.edge": sha256(zoo.read(f"{task.model}.edge"))},
        "data": {
            name: entry["sha256"]
            for name, entry in listed.items()
            if name.startswith(f"{family}/") and name.endswith(".npz")
        },
    }


def write_run(folder, task, stages, record, sha256_of):
    """Write one model file per stage, `run.json` and `report.html` into `folder`."""
    from edgekit.ui.report import compression_report

    written = {}
    for stage in stages:
        content = file.to_bytes(stage.graph)
        write_bytes(folder / f"{stage.name}.edge", content)
        written[f"{stage.name}.edge"] = sha256(content)
    record = {**record, "sha256": {**sha256_of, "written": written}}
    write_text(folder / "run.json", json.dumps(record, indent=1) + "\n")
    say("drawing the report")
    write_text(folder / "report.html", compression_report(task, stages, record))


def table(task, stages):
    """The stages side by side, every figure tagged with where it comes from."""
    rows = [("", *(stage.name for stage in stages), "")]
    rows.append((task.metric_name, *(f"{stage.row['value']:.4f}" for stage in stages), "measured, sealed test split"))
    for key, note in (
        ("weight_bytes", "measured, as serialized"),
        ("file_bytes", "measured"),
        ("macs", "modelled, from shapes"),
        ("peak_ram_bytes", "modelled, arena at batch 1"),
    ):
        rows.append((key, *(f"{stage.row[key]:,}" for stage in stages), note))
    rows.append(
        (
            "latency_ms",
            *(f"{s.row['latency_ms']['median']:.2f} (p90 {s.row['latency_ms']['p90']:.2f})" for s in stages),
            "measured, this host's NumPy interpreter",
        )
    )
    rows += device_rows(stages)
    lines = columns(rows, right=set(range(1, len(rows[0]) - 1)))
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def device_rows(stages):
    """Modelled latency of the int8 stage on each device card."""
    integer = stages[-1].row
    blank = [""] * (len(stages) - 1)
    return [
        (
            f"{name} ms",
            *blank,
            f"{card.latency(integer['macs']).value:.1f}",
            f"modelled, cycles per MAC cited from {card.benchmark_source}",
        )
        for name, card in DEVICES.items()
    ]
