"""How `trace` reads layers: convolution, batch norm, linear, activations, sums, products, pooling."""

import numpy as np

from edgekit.nn.trace_build import arguments, same_order

NO_PADDING = ((0, 0), (0, 0))


def _pair(value):
    """(v) or (v_l) of a signal -> (1, v); (v_h, v_w) of an image stays."""
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    return values if len(values) == 2 else (1, values[0])


def _padding(value):
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    rows, columns = values if len(values) == 2 else (0, values[0])
    return ((rows, rows), (columns, columns))


def _conv(builder, fx):
    x, w, b, stride, padding, dilation, groups = arguments(
        fx,
        ("input", None),
        ("weight", None),
        ("bias", None),
        ("stride", 1),
        ("padding", 0),
        ("dilation", 1),
        ("groups", 1),
    )
    value = builder.value(fx, x, channels_last=False)
    spatial = len(value.shape) - 2

    def expand(number):
        """One number for every axis in space."""
        values = [number] if isinstance(number, int) else list(number)
        return values if len(values) == spatial else values * spatial

    target, weight = builder.parameter(fx, w)
    weight = np.moveaxis(weight, 1, -1)  # (O, I, ...) -> (O, ..., I)
    weight = weight if spatial == 2 else weight[:, None]
    inputs = [value.name, builder.constant(target, weight)]
    if b is not None:
        inputs.append(builder.constant(*builder.parameter(fx, b)))
    dilation = _pair(expand(dilation))
    if isinstance(padding, str):
        padding = _same_padding(weight.shape[1:3], dilation) if padding == "same" else NO_PADDING
    else:
        padding = _padding(expand(padding))
    builder.emit(
        fx,
        "conv2d",
        inputs,
        value,
        stride=_pair(expand(stride)),
        padding=padding,
        dilation=dilation,
        groups=int(groups),
    )


def _same_padding(kernel, dilation):
    """torch's: the odd one at the bottom and at the right; it allows stride 1 alone."""
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _batch_norm(builder, fx):
    x, gamma, beta, mean, variance, eps = fx.args[0], *fx.args[1:5], fx.args[7]
    value = builder.value(fx, x, channels_last=False)
    given = [builder.parameter(fx, p) for p in (gamma, beta, mean, variance)]
    inputs = [builder.constant(name, _ordered(array, value.order)) for name, array in given]
    builder.emit(fx, "batch_norm", [value.name, *inputs], value, value.order, eps=float(eps))


def _ordered(array, order):
    """The last axis in the order of the graph's features."""
    return array if order is None else array[..., order]


def _linear(builder, fx):
    x, w, b = arguments(fx, ("input", None), ("weight", None), ("bias", None))
    value = builder.value(fx, x, channels_last=True)
    target, weight = builder.parameter(fx, w)
    inputs = [value.name, builder.constant(target, _ordered(weight, value.order))]
    if b is not None:
        inputs.append(builder.constant(*builder.parameter(fx, b)))
    builder.emit(fx, "dense", inputs, value)


def _unary(op):
    def handler(builder, fx):
        value = builder.value(fx, fx.args[0])
        builder.emit(fx, op, [value.name], value, value.order)

    return handler


def _clip(builder, fx):
    """clamp and hardtanh where they are ReLU or ReLU6."""
    defaults = (-1.0, 1.0) if "hardtanh" in str(fx.target) else (None, None)
    low, high = (*fx.args[1:], *defaults[len(fx.args) - 1 :])
    op = {(0, 6): "relu6", (0, None): "relu"}.get((low, high))
    if op is None:
        kind = str(fx.target).split(".")[1].rstrip("_")
        raise builder.error(fx, f"is {kind}({low}, {high}), which is not supported; use ReLU6")
    _unary(op)(builder, fx)


def _silu(builder, fx):
    value = builder.value(fx, fx.args[0])
    gate = builder.add(fx, "sigmoid", [value.name], ".sigmoid")
    builder.emit(fx, "mul", [value.name, gate], value, value.order)


def _binary(op):
    def handler(builder, fx):
        a, b = (builder.value(fx, arg) for arg in fx.args[:2])
        if len(a.shape) != len(b.shape) or a.channels_last != b.channels_last or not same_order(a.order, b.order):
            raise builder.error(fx, f"meets {a.shape} and {b.shape}, which are laid out differently; "
                                    "give both the same axes in the same order")
        if fx.kwargs.get("alpha", 1) != 1:
            raise builder.error(fx, f"has alpha={fx.kwargs['alpha']}, which is not supported; scale a layer's weights")
        builder.emit(fx, op, [a.name, b.name], a, a.order)

    return handler


def _max_pool(builder, fx):
    x, kernel, stride, padding, dilation = arguments(
        fx, ("input", None), ("kernel_size", None), ("stride", None), ("padding", 0), ("dilation", 1)
    )
    if set(_pair(dilation)) != {1}:
        raise builder.error(fx, f"has dilation {dilation}, which is not supported; use 1")
    value = builder.value(fx, x, channels_last=False)
    builder.emit(fx, "max_pool2d", [value.name], value, **_window(kernel, stride, _padding(padding)))


def _avg_pool(builder, fx):
    x, kernel, stride, padding, _, counts_padding, divisor = arguments(
        fx,
        ("input", None),
        ("kernel_size", None),
        ("stride", None),
        ("padding", 0),
        ("ceil_mode", False),
        ("count_include_pad", True),
        ("divisor_override", None),
    )
    if divisor is not None:
        raise builder.error(fx, f"has divisor_override={divisor}, which is not supported; leave it out")
    value = builder.value(fx, x, channels_last=False)
    name, padding = value.name, _padding(padding)
    if counts_padding and padding != NO_PADDING:  # the graph's windows leave padding out of the mean
        name, padding = builder.add(fx, "pad", [name], ".pad", padding=padding), NO_PADDING
    builder.emit(fx, "avg_pool2d", [name], value, **_window(kernel, stride, padding))


def _window(kernel, stride, padding):
    return {"kernel": _pair(kernel), "stride": _pair(stride or kernel), "padding": padding}


def _adaptive_pool(builder, fx):
    value = builder.value(fx, fx.args[0], channels_last=False)
    size = value.graph_shape[:2]
    wanted = _pair(fx.args[1])
    wanted = tuple(n if w is None else w for n, w in zip(size, wanted, strict=True))
    if any(n % w for n, w in zip(size, wanted, strict=True)):
        raise builder.error(fx, f"pools {size} to {wanted}, unequal windows; only divisors are supported, as 1 is")
    kernel = tuple(n // w for n, w in zip(size, wanted, strict=True))
    builder.emit(fx, "avg_pool2d", [value.name], value, **_window(kernel, kernel, NO_PADDING))


HANDLERS = {
    "aten.conv1d.default": _conv,
    "aten.conv2d.default": _conv,
    "aten.conv1d.padding": _conv,
    "aten.conv2d.padding": _conv,
    "aten.batch_norm.default": _batch_norm,
    "aten.linear.default": _linear,
    "aten.hardtanh.default": _clip,
    "aten.hardtanh_.default": _clip,
    "aten.clamp.default": _clip,
    "aten.clamp_.default": _clip,
    "aten.silu.default": _silu,
    "aten.silu_.default": _silu,
    "aten.add.Tensor": _binary("add"),
    "aten.add_.Tensor": _binary("add"),
    "aten.mul.Tensor": _binary("mul"),
    "aten.mul_.Tensor": _binary("mul"),
    "aten.avg_pool1d.default": _avg_pool,
    "aten.avg_pool2d.default": _avg_pool,
    "aten.max_pool1d.default": _max_pool,
    "aten.max_pool2d.default": _max_pool,
    "aten.adaptive_avg_pool1d.default": _adaptive_pool,
    "aten.adaptive_avg_pool2d.default": _adaptive_pool,
}
_UNARY = {"relu": "relu", "relu6": "relu6", "sigmoid": "sigmoid", "tanh": "tanh"}
_UNARY |= {"hardsigmoid": "hard_sigmoid", "hardswish": "hard_swish"}
HANDLERS |= {f"aten.{name}{end}.default": _unary(op) for name, op in _UNARY.items() for end in ("", "_")}
