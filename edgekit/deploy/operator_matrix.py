"""Write the published matrix operator x runtime.

    python -m edgekit.deploy.operator_matrix [OUTPUTS] > docs/operator_matrix.md

    write_page(outputs) -> text      compare every cell that has an oracle, then say so
    read_page(text) -> rows          (operator, preset, arithmetic, oracle, outputs, mismatches), as `row_of`
"""

import sys

from edgekit.core.integer.matrix import APPROXIMATE, ORACLES, RUNTIMES, cells
from edgekit.core.integer.presets import PROFILES, VARIANTS
from edgekit.deploy.oracles import compare

#: outputs of either kind, random and ties, that the published page compares
OUTPUTS = 10_000_000

HEAD = """# Which arithmetic each runtime uses, and how we know

`edgekit.core.integer` computes every operator in the way of the runtime that a preset names. Each row compares it with
that runtime, output by output: {outputs:,} outputs or more of random data and as many of ties, with odd shapes,
strides, dilation, padding, zero points at the ends of the range and saturated outputs.
Measured with {versions} on {machine}.
Written by `python -m edgekit.deploy.operator_matrix`; the tests repeat it with 1,000,000 outputs of either kind.

Presets: {runtimes}.
`cmsis` is profile A wherever a number is multiplied, which LiteRT's reference kernels prove, and `single` is profile D.
Both have no runtime here: their proof is the definition in exact arithmetic
(`tests/core/integer/test_fixed_point.py`). Lone ReLUs only clamp; a reshape moves nothing.

| operator | preset | arithmetic | oracle | outputs | mismatches |
|---|---|---|---|---:|---:|
"""

TAIL = """
## Profiles: multiplying an accumulator

{profiles}

## Variants: other arithmetic

{variants}

## What differs, and by how much

{notes}
"""

NOTES = """- Softmax is approximate in every runtime. LiteRT's reference kernel (32-bit fixed point) and its optimised
  one (float32 table) differ from each other by one step on about 4 outputs in a million; both are met exactly. ONNX
  Runtime's is met but for at most {softmax} outputs in a million, by one step.
- ONNX Runtime and XNNPACK approximate sigmoid and tanh by polynomials; a code whose real value is close to a tie may
  round the other way.
- Sigmoid and tanh are 256-entry tables in all three sets of kernels of this LiteRT, the reference kernels included,
  each with its own float32 function behind it.
- Hard swish in LiteRT is 16-bit fixed point; the rounded real function differs from it by one step on about 1 % of
  the codes.
- LiteRT's builtin kernels round grouped convolutions as its reference kernels do, and ungrouped ones otherwise.
- A mean that keeps the axes height and width has its own arithmetic in LiteRT's builtin kernels; others have not.
- ONNX Runtime divides where LiteRT multiplies to find the nearest element: some columns of a resized image differ.
- LiteRT joins int8 tensors only on one grid. A concatenation of different grids is a QUANTIZE of each, then a copy.
- With int16 activations LiteRT's three sets of kernels run one code but for three operators: convolutions sum in int64
  and multiply by 15 bits, dense multiplies in float64, biases must be int64. The optimised kernels add in blocks, and
  take the sigmoid and tanh of an input that shifts to Q3.12 in fixed point. HARD_SWISH of int16 does not exist.
- LSTM and GRU have no rows. LiteRT's LSTM is met with every scale of its cell, but it multiplies the scales of its
  gates in float32, a graph in float64: about one output in a million differs by a step. Nobody has an integer GRU.
- ONNX Runtime has no integer tanh, hard sigmoid or hard swish: the oracle is the float operator between
  DequantizeLinear and QuantizeLinear. LiteRT has no hard sigmoid; `table` is then our own definition."""


def main():
    """Print the page."""
    print(write_page(int(sys.argv[1]) if len(sys.argv) > 1 else OUTPUTS), end="")


def write_page(outputs=OUTPUTS):
    """Compare every cell, which takes minutes, and return the page as Markdown."""
    results = {}
    for (op, num_bits), names in ORACLES.items():
        for runtime, oracle in zip(("litert", "ort"), names, strict=True):
            if oracle:
                compared = compare(op, num_bits, runtime, outputs)
                results.update({(op, num_bits, preset): result for preset, result in compared.items()})
    rows = [row_of(cell, results.get((cell.op, cell.num_bits, cell.preset))) for cell in cells()]
    table = "\n".join(f"| {' | '.join(_text(value) for value in row)} |" for row in rows)
    return HEAD.format(outputs=outputs, **_circumstances()) + table + "\n" + _tail()


def row_of(cell, result=None):
    """Return (operator, preset, arithmetic, oracle, outputs, mismatches); the last two are None without a run."""
    op = cell.op if cell.num_bits == 8 else f"{cell.op}, int16 activations"
    counts = (result.outputs, result.mismatches) if result else (None, None)
    return op, cell.preset, cell.arithmetic, cell.oracle or "-", *counts


def read_page(text):
    """Return the rows of the page's table, as `row_of` gives them."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    return [(*row[:4], *(None if n == "-" else int(n.replace(",", "")) for n in row[4:])) for row in lines[1:]]


def _text(value):
    return f"{value:,}" if isinstance(value, int) else value or "-"


def _tail():
    profiles, variants = ("\n".join(f"- `{name}`: {what}" for name, what in table.items())
                          for table in (PROFILES, VARIANTS))
    return TAIL.format(profiles=profiles, variants=variants, notes=NOTES.format(softmax=APPROXIMATE["softmax", "ort"]))


def _circumstances():
    """Versions of the runtimes and the machine, as the page states them."""
    import platform
    from importlib.metadata import version

    runtimes = "; ".join(f"`{preset}` is {runtime}" for preset, runtime in RUNTIMES.items())
    versions = ", ".join(f"{package} {version(package)}" for package in ("ai-edge-litert", "onnxruntime", "numpy"))
    return {"runtimes": runtimes, "versions": versions, "machine": platform.machine()}


if __name__ == "__main__":
    main()
