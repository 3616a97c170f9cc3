"""The exercises on the MACs of a grouped and of a depthwise separable convolution."""

from edgekit.course.exercises import Case, Exercise, Mutant


def grouped_macs(height, width, in_channels, channels, kernel, groups):
    """The reference: every output element sees the channels of its own group."""
    return height * width * channels * (in_channels // groups) * kernel**2


def separable_macs(height, width, in_channels, channels, kernel, stride):
    """The reference: both parts at the places of the output, ceil(size / stride)."""
    places = -(-height // stride) * -(-width // stride)
    return places * in_channels * kernel**2 + places * in_channels * channels


def _places(height, width, stride=1):
    return -(-height // stride) * -(-width // stride)


GROUPED = Exercise(
    "09/grouped_macs", grouped_macs,
    cases=(
        Case("literal", (8, 8, 16, 32, 3, 1), 294_912),
        Case("literal", (8, 8, 16, 32, 3, 4), 73_728),
        Case("literal", (12, 10, 24, 24, 5, 24), 72_000),
        Case("property", (1, 100, 6, 9, 7, 3), 88_200),
        Case("property", (14, 7, 8, 64, 1, 2), 25_088),
        Case("edge", (1, 1, 10, 4, 1, 1), 40),
        Case("edge", (3, 3, 5, 5, 1, 5), 45),
    ),
    mutants={
        "groups_twice": Mutant("you divide by the groups twice, once for the inputs and once for the outputs; but all "
                               "groups together still make all outputs",
                               lambda h, w, c, d, k, g: h * w * (d // g) * (c // g) * k**2),
        "groups_ignored": Mutant("every output sees all inputs; in groups it sees those of its own group alone",
                                 lambda h, w, c, d, k, g: h * w * d * c * k**2),
        "flops": Mutant("you count a multiplication and an addition as two: those are FLOPs, a MAC is both",
                        lambda h, w, c, d, k, g: 2 * h * w * d * (c // g) * k**2),
        "kernel": Mutant("the kernel has K rows of K weights", lambda h, w, c, d, k, g: h * w * d * (c // g) * k),
        "weights": Mutant("you count the weights; each is used once for every place of the output",
                          lambda h, w, c, d, k, g: d * (c // g) * k**2),
        "times_groups": Mutant("you multiply by the groups; in groups an output sees fewer inputs",
                               lambda h, w, c, d, k, g: h * w * d * c * k**2 * g),
        "groups_for_inputs": Mutant("the number of groups is taken for the inputs of one, in_channels / groups",
                                    lambda h, w, c, d, k, g: h * w * d * g * k**2),
        "depthwise": Mutant("you count a depthwise convolution, as if each channel were a group of its own",
                            lambda h, w, c, d, k, g: h * w * c * k**2),
        "bias": Mutant("you count an addition of the bias for each output; MACs are the products alone",
                       lambda h, w, c, d, k, g: h * w * d * ((c // g) * k**2 + 1)),
        "one_axis": Mutant("you leave out the width of the output", lambda h, w, c, d, k, g: h * d * (c // g) * k**2),
        "added": Mutant("inputs and outputs are added; each output sees each input of its group",
                        lambda h, w, c, d, k, g: h * w * (d + c // g) * k**2),
        "twice_kernel": Mutant("the kernel is doubled, not squared; it has K rows of K weights",
                               lambda h, w, c, d, k, g: h * w * d * (c // g) * 2 * k),
        "shrunk": Mutant("the output is shrunk by the kernel; `height` x `width` is the output already",
                         lambda h, w, c, d, k, g: max(h - k + 1, 0) * max(w - k + 1, 0) * d * (c // g) * k**2),
        "no_inputs": Mutant("you leave out the sum over the input channels of a group",
                            lambda h, w, c, d, k, g: h * w * d * k**2),
        "no_outputs": Mutant("you count one output channel; there are several",
                             lambda h, w, c, d, k, g: h * w * (c // g) * k**2),
    },
    hints=(
        "How many products does ONE output element need? It sums over K rows, K columns, and some input channels.",
        "In groups it sees in_channels / groups input channels: K^2 * in_channels / groups products.",
        "Then multiply by the number of output elements, height * width * channels.",
    ),
)

SEPARABLE = Exercise(
    "09/separable_macs", separable_macs,
    cases=(
        Case("literal", (8, 8, 16, 32, 3, 1), 41_984),
        Case("literal", (96, 96, 8, 16, 3, 2), 460_800),
        Case("property", (7, 5, 12, 20, 5, 2), 6_480),
        Case("property", (1, 50, 4, 4, 1, 5), 200),
        Case("edge", (1, 1, 3, 2, 3, 1), 33),
        Case("edge", (3, 3, 1, 1, 3, 3), 10),
    ),
    mutants={
        "no_pointwise": Mutant("the pointwise part is missing; it is usually the larger one",
                               lambda h, w, c, d, k, s: _places(h, w, s) * c * k**2),
        "no_depthwise": Mutant("the depthwise part is missing",
                               lambda h, w, c, d, k, s: _places(h, w, s) * c * d),
        "no_inputs": Mutant("the pointwise part forgets that each output adds up all input channels",
                            lambda h, w, c, d, k, s: _places(h, w, s) * (c * k**2 + d)),
        "outputs_first": Mutant("the depthwise part runs over the output channels; it comes first, on the inputs",
                                lambda h, w, c, d, k, s: _places(h, w, s) * d * (k**2 + c)),
        "stride_late": Mutant("the pointwise part runs over the input's places; the stride acted before it",
                              lambda h, w, c, d, k, s: _places(h, w, s) * c * k**2 + h * w * c * d),
        "stride_early": Mutant("the depthwise part runs over the input's places; it has the stride itself",
                               lambda h, w, c, d, k, s: h * w * c * k**2 + _places(h, w, s) * c * d),
        "stride_twice": Mutant("the stride acts in both parts; only the depthwise one has it", lambda h, w, c, d, k, s:
                               _places(h, w, s) * c * k**2 + _places(-(-h // s), -(-w // s), s) * c * d),
        "fraction": Mutant("the places are divided by stride^2 and left with a fraction; each axis rounds up",
                           lambda h, w, c, d, k, s: h * w / s**2 * c * (k**2 + d)),
        "rounded": Mutant("each axis is rounded to the nearest; it rounds up",
                          lambda h, w, c, d, k, s: round(h / s) * round(w / s) * c * (k**2 + d)),
        "area_rounded": Mutant("the area is rounded up; each axis is, on its own",
                               lambda h, w, c, d, k, s: -(-h * w // s**2) * c * (k**2 + d)),
        "unpadded": Mutant("the kernel stays within the input; the padding lets ceil(size / stride) places come out",
                           lambda h, w, c, d, k, s: ((h - k) // s + 1) * ((w - k) // s + 1) * c * (k**2 + d)),
        "multiplied": Mutant("the parts are multiplied; they come one after the other, so add them",
                             lambda h, w, c, d, k, s: _places(h, w, s) * c * k**2 * c * d),
        "side": Mutant("the kernel has K rows of K weights", lambda h, w, c, d, k, s: _places(h, w, s) * c * (k + d)),
        "kernel_twice": Mutant("the pointwise part has a kernel of one weight, not of K^2",
                               lambda h, w, c, d, k, s: _places(h, w, s) * c * k**2 * (1 + d)),
        "full_depthwise": Mutant("each output of the depthwise part sees all channels; it sees its own",
                                 lambda h, w, c, d, k, s: _places(h, w, s) * c * (c * k**2 + d)),
        "outputs_squared": Mutant("the pointwise part reads the channels it makes; it reads in_channels",
                                  lambda h, w, c, d, k, s: _places(h, w, s) * (c * k**2 + d * d)),
        "weights": Mutant("you count the weights; each is used once for every place of the output",
                          lambda h, w, c, d, k, s: c * (k**2 + d)),
        "apart": Mutant("both parts are returned; asked is their sum", lambda h, w, c, d, k, s:
                        (_places(h, w, s) * c * k**2, _places(h, w, s) * c * d)),
        "stride_ignored": Mutant("the stride is left out: both parts run over the input's places",
                                 lambda h, w, c, d, k, s: h * w * c * (k**2 + d)),
        "floor": Mutant("the last place is lost where the stride does not divide the size; with padding it counts",
                        lambda h, w, c, d, k, s: (h // s) * (w // s) * c * (k**2 + d)),
        "flops": Mutant("you count FLOPs, two for each MAC",
                        lambda h, w, c, d, k, s: 2 * _places(h, w, s) * c * (k**2 + d)),
        "standard": Mutant("you count a standard convolution, K^2 for each pair of channels",
                           lambda h, w, c, d, k, s: _places(h, w, s) * c * d * k**2),
        "one_axis": Mutant("the stride shortens one axis only; it acts along both",
                           lambda h, w, c, d, k, s: -(-h // s) * w * c * (k**2 + d)),
    },
    hints=(
        "The output has ceil(height / stride) * ceil(width / stride) places.",
        "Depthwise: K^2 products for each channel and place. Pointwise: in_channels * channels for each place.",
        "Both parts work at the places of the output: places * (in_channels * K^2 + in_channels * channels).",
    ),
)
