"""edgekit convert IN OUT: between .pt2, .onnx, .tflite and .edge; with --calibrate into integers."""

import json
from pathlib import Path

import numpy as np

from edgekit.commands import _models as models
from edgekit.commands.evaluate import resolve
from edgekit.core.observers import OBSERVERS
from edgekit.graph import ptq

FORMS = ("qdq", "qlinear")
MAX_EXAMPLES = 4096
BATCH = 64


def add_parser(subparsers):
    parser = subparsers.add_parser("convert", help="convert a model file, and make it int8 if you give data")
    parser.add_argument("source", metavar="IN", help="a zoo name, a task name (its shipped int8 model), or a file: "
                        f"{', '.join(models.FORMATS)}")
    parser.add_argument("target", metavar="OUT", help=f"one of {', '.join(models.WRITABLE)}")
    parser.add_argument("--calibrate", type=Path, metavar="DATA.npz",
                        help="x: real inputs in the order of IN's axes; makes a float model int8")
    parser.add_argument("--observer", default="mse", choices=sorted(OBSERVERS),
                        help="how ranges are chosen (default: mse)")
    parser.add_argument("--per-tensor", action="store_true", help="one weight scale per layer instead of per channel")
    parser.add_argument("--activation-bits", type=int, default=8, choices=(8, 16),
                        help="of the integer model; 16 for .tflite and .edge (default: 8)")
    parser.add_argument("--form", default="qdq", choices=FORMS, help="of an integer .onnx (default: qdq)")


def main(args):
    if args.calibrate is None and args.activation_bits != 8:
        raise ValueError(f"convert: --activation-bits {args.activation_bits} says how a float model becomes integer; "
                         "give its data with --calibrate DATA.npz")
    graph = resolve(args.source)
    if args.calibrate is not None:
        graph = quantized(graph, args)
    size = models.write(graph, args.target, args.form)
    result = {"source": args.source, "target": args.target, "integer": graph.is_integer, "nodes": len(graph.nodes),
              "file_bytes": size}
    kind = graph.tensors[graph.inputs[0]].dtype
    print(json.dumps(result) if args.json else f"{kind}, {len(graph.nodes)} operators, {size:,} bytes -> {args.target}")
    return 0


def quantized(graph, args):
    """The int8 graph of a float one, calibrated on the `x` of --calibrate."""
    if graph.is_integer:
        raise ValueError(f"convert {args.source}: it is an integer model already; leave out --calibrate")
    x = models.to_graph_order(graph, calibration_data(args.calibrate))
    wanted = graph.tensors[graph.inputs[0]].shape
    if x.shape[1:] != wanted:
        raise ValueError(f"convert {args.calibrate}: x must be (N, {', '.join(map(str, wanted))}), or in the order of "
                         f"{args.source}, got {x.shape}")
    batches = [x[start : start + BATCH] for start in range(0, len(x), BATCH)]
    return ptq.post_training_quantize(graph, batches, args.observer, not args.per_tensor,
                                      activation_bits=args.activation_bits)


def calibration_data(path):
    """The array `x` of an `.npz` file as float32. Raises ValueError naming the file and the remedy."""
    if not path.is_file():
        raise ValueError(f"convert {path}: no such file; save inputs with np.savez(file, x=...)")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            x = arrays["x"]
    except KeyError:
        raise ValueError(f"convert {path}: no array 'x' in it; save inputs with np.savez(file, x=...)") from None
    except Exception as error:  # zip and npy each have errors of their own
        raise ValueError(f"convert {path}: not a readable .npz of plain arrays; save inputs with np.savez(file, x=...)"
                         ) from error
    if x.dtype.kind not in "iuf" or x.ndim < 2 or not len(x) or len(x) > MAX_EXAMPLES:
        raise ValueError(f"convert {path}: x must hold 1 to {MAX_EXAMPLES} numeric examples (N, ...), got {x.dtype} "
                         f"{x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(f"convert {path}: x holds NaN or infinite values; clean or mask the data first")
    return x.astype(np.float32)
