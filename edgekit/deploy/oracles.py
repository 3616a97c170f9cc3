"""Our integer operators against the runtimes, output by output, on random data and on ties.

    compare(op, num_bits=8, runtime="litert", outputs=1_000_000) -> {preset: Comparison}

`runtime` "litert" runs its three sets of kernels on the same data; "ort" is ONNX Runtime. Half of the outputs come from
scales that are powers of two, where every second output is a tie and a wrong rounding shows; those data are also given
to the other profiles of the operator, which must fail on them, or the comparison would prove nothing.
"""

from dataclasses import dataclass, field

import numpy as np

from edgekit.core.integer.presets import profile_of

#: operator -> other arithmetic that the ties must tell from the right one
RIVALS = {
    **dict.fromkeys(("conv2d", "grouped_conv2d", "depthwise_conv2d", "dense", "mul"), ("A", "B", "C", "D", "E")),
    "add": ("A", "B", "C", "D", "E"),
    "quantize": ("A", "B", "C", "D", "blocks", "coarse", "even"),
    "concat": ("A", "B", "C", "D", "blocks", "coarse", "even"),
    "mean": ("A", "B", "C", "D", "F", "rows"),
    "avg_pool2d": ("away", "F"),
    "hard_sigmoid": ("table", "even"),
    "hard_swish": ("fixed", "table", "even"),
}
RIVALS_16 = {
    **dict.fromkeys(("conv2d", "grouped_conv2d", "depthwise_conv2d"), ("R", "A", "D", "E")),
    "dense": ("R", "A", "C", "E"), "add": ("A", "B", "D"), "mul": ("A", "B", "C", "D", "E"),
    **dict.fromkeys(("quantize", "concat", "mean"), ("A", "B", "C", "D")),
    **dict.fromkeys(("sigmoid", "tanh"), ("lines", "gates", "table")), "softmax": ("lines", "table"),
}


def rivals_of(op, num_bits):
    """Return the arithmetic that the ties of an operator must tell from each other."""
    return (RIVALS if num_bits == 8 else RIVALS_16).get(op, ())


@dataclass
class Comparison:
    """How many outputs were compared, how many differ, the greatest difference, and how many ties each rival misses."""

    outputs: int = 0
    mismatches: int = 0
    largest: int = 0
    ties: int = 0
    rivals: dict = field(default_factory=dict)


def compare(op, num_bits=8, runtime="litert", outputs=1_000_000):
    """Return {preset: Comparison} over at least `outputs` outputs of random data and as many of ties.

    Raises ValueError where there is no oracle.
    """
    cases, presets = _cases(runtime)
    if (op, num_bits) not in cases:
        raise ValueError(f"compare: {runtime} has no operator for {op!r} with {num_bits} bits; it has {list(cases)}")
    rng = np.random.default_rng([num_bits, *map(ord, op)])
    results, ties = {preset: Comparison() for preset in presets}, False
    while min(min(result.ties, result.outputs - result.ties) for result in results.values()) < outputs:
        theirs, ours = cases[op, num_bits](rng, ties)
        for preset, result in results.items():
            _count(result, theirs(preset), ours, preset, op, num_bits, ties)
        ties = not ties
    return results


def _cases(runtime):
    if runtime == "litert":
        from edgekit.deploy.litert_run import RESOLVERS
        from edgekit.deploy.oracle_litert import CASES

        return CASES, tuple(RESOLVERS)
    from edgekit.deploy.oracle_ort import CASES

    return CASES, ("ort",)


def _count(result, y, ours, preset, op, num_bits, ties):
    mine = profile_of(preset, op, num_bits)
    answers = {mine: ours(mine, preset)}
    difference = np.abs(answers[mine].astype(np.int64) - y)
    result.outputs += y.size
    result.mismatches += int(np.count_nonzero(difference))
    result.largest = max(result.largest, int(difference.max(initial=0)))
    if ties:
        result.ties += y.size
        for rival in rivals_of(op, num_bits):
            if rival != mine:
                missed = int(np.count_nonzero(ours(rival, preset) != y))
                result.rivals[rival] = result.rivals.get(rival, 0) + missed
