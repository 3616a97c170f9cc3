"""The exercise on what pruned channels leave of the weights: rows and columns, depthwise layers, the ends."""

from edgekit.course.exercises import Case, Exercise, Mutant


def weights_left(widths, kernels, depthwise, ratio):
    """The reference: every width but the first and the last loses round(ratio * width) channels."""
    return _count(_thin(widths, ratio), kernels, depthwise)


def _thin(widths, ratio, first=False, last=False):
    inner = [width - round(ratio * width) for width in widths]
    return [inner[0] if first else widths[0], *inner[1:-1], inner[-1] if last else widths[-1]]


def _count(widths, kernels, depthwise, before=None, squared=False):
    before = before or widths
    return sum(kernel * out * (1 if deep and not squared else came)
               for came, out, kernel, deep in zip(before[:-1], widths[1:], kernels, depthwise, strict=True))


def _kept(widths, ratio):
    return [widths[0], *(int((1 - ratio) * width) for width in widths[1:-1]), widths[-1]]


def _deep_whole(widths, kernels, depthwise, ratio):
    parts = zip(widths[1:], kernels, depthwise, _layers(_thin(widths, ratio), kernels, depthwise), strict=True)
    return sum(kernel * whole if deep else layer for whole, kernel, deep, layer in parts)


def _layers(widths, kernels, depthwise):
    return [_count(widths[i : i + 2], kernels[i : i + 1], depthwise[i : i + 1]) for i in range(len(kernels))]


def _share(widths, kernels, depthwise, share):
    return round(share * _count(widths, kernels, depthwise))


PLAIN = ([5, 8, 6, 3], [9, 9, 1], [False, False, False])
SEPARABLE = ([3, 16, 16, 32, 4], [9, 9, 1, 1], [False, True, False, False])

COUNT = Exercise(
    "07/weights_left", weights_left,
    cases=(
        Case("literal", (*PLAIN, 0.5), 9 * 5 * 4 + 9 * 4 * 3 + 3 * 3),
        Case("literal", (*SEPARABLE, 0.25), 9 * 3 * 12 + 9 * 12 + 12 * 24 + 24 * 4),
        Case("property", (*SEPARABLE, 0.0), 9 * 3 * 16 + 9 * 16 + 16 * 32 + 32 * 4),
        Case("property", ([1, 10, 20, 5], [7, 7, 1], [False, False, False], 0.3), 7 * 7 + 7 * 7 * 14 + 14 * 5),
        Case("edge", ([3, 7], [9], [False], 0.5), 9 * 3 * 7),
        Case("edge", ([2, 5, 3], [1, 1], [False, False], 0.25), 2 * 4 + 4 * 3),
    ),
    mutants={
        "one_side": Mutant("each layer loses its own outputs, but still reads all inputs; what is gone cannot be read",
                           lambda w, k, d, p: _count(_thin(w, p), k, d, before=w)),
        "ratio_of_weights": Mutant("the ratio of channels is taken for a ratio of weights; rows and columns both go",
                                   lambda w, k, d, p: _share(w, k, d, 1 - p)),
        "squared_everywhere": Mutant("(1 - p)^2 is used for the whole network; the ends lose on one side only",
                                     lambda w, k, d, p: _share(w, k, d, (1 - p) ** 2)),
        "depthwise_squared": Mutant("a depthwise layer is counted with inputs times outputs; each output has one input",
                                    lambda w, k, d, p: _count(_thin(w, p), k, d, squared=True)),
        "input_pruned": Mutant("the input of the network loses channels too; the sensor decides about those",
                               lambda w, k, d, p: _count(_thin(w, p, first=True), k, d)),
        "classes_pruned": Mutant("the last layer loses outputs, which are classes",
                                 lambda w, k, d, p: _count(_thin(w, p, last=True), k, d)),
        "both_ends": Mutant("the first and the last width shrink, too; sensor and classes stay as they are",
                            lambda w, k, d, p: _count(_thin(w, p, first=True, last=True), k, d)),
        "depthwise_whole": Mutant("a depthwise layer keeps all its channels; it has as many as the layer before leaves",
                                  _deep_whole),
        "depthwise_once": Mutant("a depthwise layer is counted with one kernel; it has one for each channel",
                                 lambda w, k, d, p: sum(kernel if deep else layer for kernel, deep, layer in zip(
                                     k, d, _layers(_thin(w, p), k, d), strict=True))),
        "kernel_squared": Mutant("the kernel is squared; `kernels` counts its places already",
                                 lambda w, k, d, p: _count(_thin(w, p), [kernel**2 for kernel in k], d)),
        "gone": Mutant("the weights that go are counted; asked are those that stay",
                       lambda w, k, d, p: _count(w, k, d) - _count(_thin(w, p), k, d)),
        "unrounded": Mutant("channels are left in parts; round(ratio * width) of them go", lambda w, k, d, p: _count(
            [w[0], *((1 - p) * width for width in w[1:-1]), w[-1]], k, d)),
        "kept_cut": Mutant("what stays is cut to a whole number; round what goes",
                           lambda w, k, d, p: _count(_kept(w, p), k, d)),
        "layer_by_layer": Mutant("the layers are listed; asked is their sum",
                                 lambda w, k, d, p: _layers(_thin(w, p), k, d)),
        "no_kernel": Mutant("one weight is counted for each pair of channels; there is one at every place of a kernel",
                            lambda w, k, d, p: _count(_thin(w, p), [1] * len(k), d)),
    },
    hints=(
        "First the new widths: all but the first and the last lose round(ratio * width).",
        "A standard layer has kernel * inputs * outputs weights, a depthwise one kernel * outputs.",
        "sum(k * out * (1 if deep else came) for came, out, k, deep in zip(new[:-1], new[1:], kernels, depthwise))",
    ),
)
