"""The exercises of lesson 00: count multiply-accumulates, choose the cheapest allowed model."""

from edgekit.course.exercises import Case, Exercise, Mutant


def conv_macs(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    """MACs of a 1-D convolution: every output position and channel costs kernel * channels_in / groups."""
    length_out = (length_in + 2 * padding - kernel) // stride + 1
    return length_out * channels_out * kernel * channels_in // groups


def _macs_by_loop(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    """Count one by one: an independent right answer."""
    positions = len(range(0, length_in + 2 * padding - kernel + 1, stride))
    return sum(kernel * (channels_in // groups) for _ in range(positions) for _ in range(channels_out))


def _no_stride(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    return conv_macs(length_in, channels_in, channels_out, kernel, 1, padding, groups)


def _no_padding(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    return conv_macs(length_in, channels_in, channels_out, kernel, stride, 0, groups)


def _same_length(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    return length_in // stride * channels_out * kernel * channels_in // groups


def _flops(*args):
    return 2 * conv_macs(*args)


def _no_groups(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    return conv_macs(length_in, channels_in, channels_out, kernel, stride, padding)


def _parameters(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    return channels_out * kernel * channels_in // groups


def _with_bias(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    length_out = (length_in + 2 * padding - kernel) // stride + 1
    return length_out * channels_out * (kernel * channels_in // groups + 1)


def cheapest(values, costs, baseline, delta):
    """Position of the cheapest model whose value is at least baseline - delta; ValueError when there is none."""
    allowed = [i for i, value in enumerate(values) if value >= baseline - delta]
    if not allowed:
        raise ValueError(f"no model reaches {baseline - delta}")
    return min(allowed, key=lambda i: costs[i])


def _cheapest_by_sorting(values, costs, baseline, delta):
    """Walk from cheap to dear: an independent right answer."""
    for _, i in sorted(zip(costs, range(len(costs)), strict=True)):
        if values[i] - baseline >= -delta:
            return i
    raise ValueError("nothing is good enough")


def _most_accurate(values, costs, baseline, delta):
    return max(range(len(values)), key=lambda i: values[i])


def _unconstrained(values, costs, baseline, delta):
    return min(range(len(costs)), key=lambda i: costs[i])


def _no_delta(values, costs, baseline, delta):
    return cheapest(values, costs, baseline, 0.0)


def _relative(values, costs, baseline, delta):
    return cheapest(values, costs, baseline * (1 - delta), 0.0)


def _strict(values, costs, baseline, delta):
    allowed = [i for i, value in enumerate(values) if value > baseline - delta]
    if not allowed:
        raise ValueError("none")
    return min(allowed, key=lambda i: costs[i])


def _in_points(values, costs, baseline, delta):
    return cheapest(values, costs, baseline, 100 * delta)


def _never_refuses(values, costs, baseline, delta):
    try:
        return cheapest(values, costs, baseline, delta)
    except ValueError:
        return _most_accurate(values, costs, baseline, delta)


VALUES, COSTS = [0.75, 0.625, 0.5, 0.25], [400, 110, 60, 40]
SHELF = (VALUES, COSTS)

EXERCISES = {
    "00/double_width": Exercise(
        "00/double_width",
        reference=4,
        cases=(Case("literal", (), 4),),
        mutants={
            "one side": Mutant(
                "only the outputs double; but the inputs of a layer are the outputs of the one before", 2
            ),
            "unchanged": Mutant("the work is thought to depend on the length alone", 1),
            "sum": Mutant("the doublings of inputs and outputs are added instead of multiplied", 3),
            "length too": Mutant("the length doubles as well, but only the widths did", 8),
            "squared twice": Mutant("each doubling is squared", 16),
        },
        hints=(
            "Write equation (2) with 2 C_in and 2 C_out in place of C_in and C_out.",
            "Which factors of L_out * C_out * K * C_in change, and by how much?",
            "Two factors double: 2 * 2.",
        ),
        predict=True,
    ),
    "00/conv_macs": Exercise(
        "00/conv_macs",
        reference=conv_macs,
        cases=(
            Case("literal", (8, 1, 1, 3), 6 * 3),
            Case("literal", (250, 16, 24, 7, 2, 3), 125 * 24 * 7 * 16),
            Case("literal", (100, 32, 32, 7, 1, 3), 100 * 32 * 7 * 32),
            Case("property", (64, 16, 16, 5, 1, 2, 16), 64 * 16 * 5),
            Case("property", (64, 16, 32, 5, 1, 2, 4), 64 * 32 * 5 * 4),
            Case("edge", (7, 2, 3, 7), 3 * 7 * 2),
            Case("edge", (10, 2, 2, 3, 4), 2 * 2 * 3 * 2),
        ),
        mutants={
            "no stride": Mutant("the stride is forgotten: a stride of 2 halves the positions", _no_stride),
            "no padding": Mutant("the padding is forgotten: it adds positions on both sides", _no_padding),
            "same length": Mutant(
                "the output is thought to be as long as the input, whatever the padding", _same_length
            ),
            "flops": Mutant("multiplications and additions are counted separately: one MAC is both", _flops),
            "no groups": Mutant(
                "every output channel is thought to read every input, in spite of the groups", _no_groups
            ),
            "parameters": Mutant(
                "the weights are counted instead of the work: each weight is used at every position", _parameters
            ),
            "bias": Mutant("the bias is counted as a MAC: it is added once and multiplies nothing", _with_bias),
        },
        hints=(
            "How many positions does the kernel visit? Draw 8 samples and slide 3 along them.",
            "length_out = (length_in + 2 * padding - kernel) // stride + 1",
            "Each of length_out * channels_out results costs kernel * channels_in // groups MACs.",
        ),
    ),
    "00/cheapest": Exercise(
        "00/cheapest",
        reference=cheapest,
        cases=(
            Case("literal", (*SHELF, 0.75, 0.125), 1),
            Case("literal", (*SHELF, 0.75, 0.0), 0),
            Case("literal", (*SHELF, 0.75, 0.25), 2),
            Case("property", ([0.75, 0.25, 0.5], [400, 40, 60], 0.75, 0.25), 2),
            Case("property", (*SHELF, 0.75, 1.0), 3),
            Case("edge", ([0.5], [9], 0.5, 0.0), 0),
            Case("edge", (*SHELF, 0.95, 0.0625), ValueError),
        ),
        mutants={
            "most accurate": Mutant(
                "the most accurate model is taken instead of the cheapest allowed one", _most_accurate
            ),
            "unconstrained": Mutant("the cheapest model is taken whether it is allowed or not", _unconstrained),
            "no delta": Mutant("delta is forgotten, so nothing below the baseline is allowed", _no_delta),
            "relative": Mutant("delta is taken as a share of the baseline: it is a difference", _relative),
            "strict": Mutant("a model that lies exactly on the line is refused: equation (1) says >=", _strict),
            "points": Mutant("delta is taken in points (hundredths) and multiplied by 100", _in_points),
            "never refuses": Mutant(
                "a model is returned although none is allowed: raise ValueError then", _never_refuses
            ),
        },
        hints=(
            "Two steps: first who is allowed, then who of these is cheapest.",
            "allowed = [i for i, value in enumerate(values) if value >= baseline - delta]",
            "min(allowed, key=lambda i: costs[i]); raise ValueError when allowed is empty.",
        ),
    ),
}

#: independent right answers, which every check must accept
VARIANTS = {"00/conv_macs": _macs_by_loop, "00/cheapest": _cheapest_by_sorting, "00/double_width": 4.0}
