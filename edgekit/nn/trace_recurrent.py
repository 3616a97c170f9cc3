"""How `trace` reads nn.GRU and nn.LSTM: one direction, batch first, from a first state of 0.

torch gives all states (N, T, H) and the last of every layer (layers, N, H); the graph has one operator for each, so it
is entered where its result is picked: `states`, `states[:, -1]`, `last[-1]` or `last.squeeze(0)`.
"""

from operator import getitem

import numpy as np

from edgekit.nn.trace_build import Value

OPS = {"aten.gru.input": ("gru", 3), "aten.lstm.input": ("lstm", 4)}


def _layer(builder, fx):
    """nn.GRU or nn.LSTM: nothing is entered yet, only checked."""
    _, state, parameters, has_biases, layers, _, _, bidirectional, batch_first = fx.args
    if bidirectional or not batch_first:
        what = "reads in both directions" if bidirectional else "has the batch on its second axis"
        raise builder.error(fx, f"{what}, which is not supported; use bidirectional=False, batch_first=True")
    if len(parameters) != layers * (4 if has_biases else 2):
        raise builder.error(fx, "has projections, which are not supported; use proj_size=0")
    for first in state if isinstance(state, (list, tuple)) else [state]:
        if str(first.target) != "aten.zeros.default":
            raise builder.error(fx, "starts from a given state, which is not supported; leave it out, it is 0 then")


def _pick(builder, fx):
    """states, last = layer(x): all states are entered unless only their last step is wanted."""
    layer, place = fx.args
    if str(layer.target) not in OPS:
        raise builder.error(fx, "picks from several results, which is supported for nn.GRU and nn.LSTM alone")
    users = [user for user in fx.users if not (place == 0 and _last_step(user))]
    if place == 0 and users:
        _enter(builder, fx, layer, return_sequence=True)
    if place == 2 and users:
        raise builder.error(layer, "gives its cells to another layer, which is not supported; use its states")


def _select(builder, fx):
    """states[:, -1], last[-1] or last[0] of one layer."""
    source = fx.args[0]
    if _picked(source, 0) and _last_step(fx):
        return _enter(builder, fx, source.args[0], return_sequence=False)
    if _picked(source, 1) and fx.args[1] == 0 and fx.args[2] in (-1, source.meta["val"].shape[0] - 1):
        return _enter(builder, fx, source.args[0], return_sequence=False)
    raise builder.error(fx, "takes a part, which is supported for the last step of nn.GRU and nn.LSTM alone; take it "
                            "in the data, or pool over the axis")


def squeezed(handler):
    """`handler`, but last.squeeze(0) is the last state."""

    def read(builder, fx):
        source = fx.args[0]
        if _picked(source, 1) and source.meta["val"].shape[0] == 1:
            return _enter(builder, fx, source.args[0], return_sequence=False)
        return handler(builder, fx)

    return read


def _picked(fx, place):
    return fx.target is getitem and str(fx.args[0].target) in OPS and fx.args[1] == place


def _last_step(fx):
    """Whether `fx` is states[:, -1]."""
    if str(fx.target) != "aten.select.int" or not _picked(fx.args[0], 0):
        return False
    return fx.args[1] in (1, -2) and fx.args[2] in (-1, fx.args[0].meta["val"].shape[1] - 1)


def _enter(builder, fx, layer, return_sequence):
    """The nodes of all stacked layers, each entered once; the last gives what `fx` is."""
    source, layers = builder.value(layer, layer.args[0], channels_last=True).name, layer.args[4]
    for place in range(layers):
        sequence = return_sequence or place < layers - 1
        end = f".layer{place}" if place < layers - 1 else "" if sequence else ".last"
        inputs = [source, *_constants(builder, layer, place)]
        source = layer.name + end
        if source not in builder.tensors:
            builder.add(layer, OPS[str(layer.target)][0], inputs, end, return_sequence=sequence)
    builder.values[fx.name] = Value(source, tuple(fx.meta["val"].shape), channels_last=return_sequence)


def _constants(builder, layer, place):
    """Names of w_input, w_hidden, b_input and b_hidden of one of the stacked layers."""
    parameters, has_biases, layers = layer.args[2:5]
    each = len(parameters) // layers
    names = [builder.constant(*builder.parameter(layer, p)) for p in parameters[place * each:(place + 1) * each]]
    if has_biases:
        return names
    rows = OPS[str(layer.target)][1] * layer.meta["val"][1].shape[2]
    return [*names, *[builder.constant(f"{layer.name}.no_bias", np.zeros(rows))] * 2]


def _first_state(builder, fx):
    """The zeros that torch makes for the first state; whoever else reads them is told that they are no activation."""


HANDLERS = {**dict.fromkeys(OPS, _layer), str(getitem): _pick, "aten.select.int": _select,
            "aten.zeros.default": _first_state}
