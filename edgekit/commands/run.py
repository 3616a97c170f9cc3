"""edgekit run MODEL --input x.npy --output y.npy: the NumPy interpreter on an array.

Arrays are in the order of the model's own file: (N, C, H, W) for .pt2 and most .onnx, else (N, H, W, C).
"""

import io
import json
from itertools import count
from pathlib import Path

import numpy as np

from edgekit._atomic import write_bytes
from edgekit.commands import _models as models
from edgekit.commands.evaluate import resolve
from edgekit.core.affine import dequantize, quantize
from edgekit.core.integer.fixed_point import PRESETS
from edgekit.graph.run import run

#: characters of a tensor's name that its file keeps
LONGEST = 100


def add_parser(subparsers):
    parser = subparsers.add_parser("run", help="run a model on an array")
    parser.add_argument(
        "model", metavar="MODEL", help="a zoo name, a task name (its shipped int8 model), or a model file"
    )
    parser.add_argument("--input", type=Path, required=True, metavar="x.npy", help="axis 0 is the batch")
    parser.add_argument("--output", type=Path, required=True, metavar="y.npy")
    parser.add_argument(
        "--rounding", default="cmsis", choices=sorted(PRESETS), help="how integers round (default: cmsis)"
    )
    parser.add_argument(
        "--real", action="store_true", help="real numbers in and out of an integer model, through its grids"
    )
    parser.add_argument(
        "--all-tensors", type=Path, metavar="DIR", help="write every activation into this folder as well"
    )


def main(args):
    graph = resolve(args.model)
    if len(graph.inputs) > 1:
        raise ValueError(f"run {args.model}: it has {len(graph.inputs)} inputs ({', '.join(graph.inputs)}), this "
                         "command gives one; call edgekit.graph.run.run with a tuple of arrays")
    x = read(args.input)
    values = run(graph, codes_of(graph, models.to_graph_order(graph, x), args), args.rounding, all_tensors=True)
    output, grid = values[graph.outputs[0]], graph.tensors[graph.outputs[0]].qparams
    output = dequantize(output, grid) if args.real and grid is not None else output
    output = models.to_file_order(graph, output, x.ndim)
    write(args.output, output)
    files = file_names(values) if args.all_tensors else {}
    for name, file in files.items():
        write(args.all_tensors / file, values[name])
    result = {
        "model": args.model,
        "rounding": args.rounding,
        "output": str(args.output),
        "shape": list(output.shape),
        "dtype": str(output.dtype),
        "outputs": list(graph.outputs),
        **({"tensors": files} if files else {}),
    }
    more = f"; the first of {len(graph.outputs)} outputs, --all-tensors writes all" if len(graph.outputs) > 1 else ""
    print(json.dumps(result) if args.json else f"{result['dtype']} {tuple(result['shape'])} -> {args.output}{more}")
    for name, file in files.items() if not args.json else ():
        if file != f"{name}.npy":
            print(f"{name} -> {args.all_tensors / file}")
    return 0


def codes_of(graph, x, args):
    """The input as the graph takes it; with --real an integer model is given the codes of real numbers."""
    qparams = graph.tensors[graph.inputs[0]].qparams
    if qparams is None or x.dtype.kind != "f":
        return x
    if not args.real:
        raise ValueError(f"run {args.input}: {args.model} takes {qparams.dtype}, got {x.dtype}; add --real to quantize "
                         "on the model's own grid and to get real numbers back")
    return quantize(x, qparams)


def read(path):
    """Return the array of an `.npy` file; object arrays are refused."""
    if not path.is_file():
        raise ValueError(f"run {path}: no such file; save the input with np.save")
    try:
        with path.open("rb") as file:
            x = np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, OSError, EOFError, MemoryError) as error:
        why = "it holds Python objects" if "allow_pickle" in str(error) else error
        raise ValueError(f"run {path}: not a readable .npy array ({why}); save numbers with np.save") from None
    if x.dtype.kind not in "biuf" or x.ndim == 0 or not len(x):
        raise ValueError(f"run {path}: it must hold numbers of shape (N, ...) with N >= 1, got {x.dtype} {x.shape}; "
                         "save a batch with np.save")
    return x


def write(path, array):
    """Write `array` as `.npy`, atomically."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    write_bytes(path, buffer.getvalue())


def file_names(names):
    """Return {tensor name: its file}: other characters than a-z, A-Z, 0-9 and ._- become _; what is taken gets a
    number. Files that differ only in case would be one on some systems, and other letters take several bytes.

    >>> file_names(["a/b", "a_b", "A_b"])
    {'a/b': 'a_b.npy', 'a_b': 'a_b~2.npy', 'A_b': 'A_b~3.npy'}
    """
    files, taken = {}, set()
    for name in names:
        plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._-" else "_" for c in name)[:LONGEST]
        ways = (plain if n == 1 else f"{plain}~{n}" for n in count(1))
        stem = next(way for way in ways if way.casefold() not in taken)
        taken.add(stem.casefold())
        files[name] = f"{stem}.npy"
    return files
