"""Integer GRU and LSTM: the loop definition, LiteRT's LSTM on a million outputs, ties, saturation, and a bound."""

import numpy as np
import pytest

from edgekit.core import recurrent as real
from edgekit.core.integer import gates
from edgekit.core.integer.fixed_point import make_multiplier, requantize
from edgekit.core.integer.recurrent import GATE_SCALE, STATE_SCALE, gru, lstm

COUNT = {"gru": 3, "lstm": 4}
OPERATOR = {"gru": gru, "lstm": lstm}
#: scales that are powers of two make every other accumulator a tie
TIES = {"scale_x": 2.0**-5, "scale_w": 2.0**-6, "scale_y": 2.0**-7}


def layer(op, batch=3, steps=5, channels=4, size=3, seed=0, zero_point_x=-7, zero_point_y=0, scale_x=0.021,
          scale_w=None, scale_y=1 / 128, greatest=127):
    """Random codes, scales per gate, and the keyword arguments that go with them."""
    rng, rows = np.random.default_rng(seed), COUNT[op] * size
    scale_w = np.repeat(rng.uniform(0.004, 0.012, COUNT[op]), size) if scale_w is None else scale_w
    codes = lambda *shape: rng.integers(-greatest, greatest + 1, shape).astype(np.int8)  # noqa: E731
    q_x = rng.integers(-128, 128, (batch, 1, steps, channels)).astype(np.int8)
    arrays = (codes(rows, channels), codes(rows, size), rng.integers(-3000, 3000, rows).astype(np.int32),
              rng.integers(-3000, 3000, rows).astype(np.int32))
    unit = {"gru": 1.0, "lstm": STATE_SCALE}[op]
    grids = {"multiplier_input": make_multiplier(scale_x, scale_w, GATE_SCALE),
             "multiplier_hidden": make_multiplier(scale_y, scale_w, GATE_SCALE),
             "multiplier_output": make_multiplier(STATE_SCALE, unit, scale_y),
             "zero_point_x": zero_point_x, "zero_point_y": zero_point_y}
    return q_x, arrays, grids, np.broadcast_to(scale_w, rows)


def clip16(value):
    return max(-32768, min(32767, value))


def half_away(value, shift):
    size = (abs(value) + ((1 << shift) >> 1)) >> shift
    return size if value >= 0 else -size


def loop(op, q_x, w_input, w_hidden, b_input, b_hidden, *, multiplier_input, multiplier_hidden, multiplier_output,
         zero_point_x, zero_point_y, profile, cell_bits=4):
    """The definition, number by number."""
    rows, size = w_hidden.shape
    once = lambda acc, m, k: int(requantize(np.array([acc]), np.broadcast_to(m.real, rows)[k:k + 1], profile)[0])  # noqa: E731
    sigmoid = lambda v: int(gates.sigmoid(np.array(v)))  # noqa: E731
    tanh = lambda v, bits=3: int(gates.tanh(np.array(v), bits))  # noqa: E731
    out = np.zeros((len(q_x), 1, q_x.shape[2], size), np.int8)
    for n in range(len(q_x)):
        state, q_h = [0] * size, [zero_point_y] * size
        for t in range(q_x.shape[2]):
            part_x, part_h = [], []
            for k in range(rows):
                acc = int(b_input[k]) + sum((int(v) - zero_point_x) * int(w)
                                            for v, w in zip(q_x[n, 0, t], w_input[k], strict=True))
                part_x.append(clip16(once(acc, multiplier_input, k)))
                acc = int(b_hidden[k]) + sum((v - zero_point_y) * int(w) for v, w in zip(q_h, w_hidden[k], strict=True))
                part_h.append(once(acc, multiplier_hidden, k))
            outputs = []
            for j in range(size):
                gate = lambda g, j=j, x=part_x, h=part_h: clip16(x[g * size + j] + h[g * size + j])  # noqa: E731
                if op == "gru":
                    z, r = sigmoid(gate(1)), sigmoid(gate(0))
                    inner = half_away(r * part_h[2 * size + j], 15)
                    candidate = tanh(clip16(part_x[2 * size + j] + inner))
                    state[j] = half_away((32768 - z) * candidate + z * state[j], 15)
                    outputs.append(state[j])
                else:
                    kept = half_away(sigmoid(gate(1)) * state[j], 15)
                    state[j] = clip16(kept + half_away(sigmoid(gate(0)) * tanh(gate(2)), 15 + cell_bits))
                    outputs.append(sigmoid(gate(3)) * tanh(state[j], cell_bits))
            scaled = requantize(np.array(outputs), multiplier_output.real, profile).astype(int)
            q_h = [max(-128, min(127, int(v) + zero_point_y)) for v in scaled]
            out[n, 0, t] = q_h
    return out


@pytest.mark.parametrize("op", ["gru", "lstm"])
@pytest.mark.parametrize("profile", ["A", "B", "D", "E"])
@pytest.mark.parametrize("case", [{}, TIES, {"zero_point_x": 127, "zero_point_y": -128, "scale_y": 1 / 255},
                                  {"steps": 1, "channels": 1, "size": 1}, {"scale_x": 0.5, "seed": 3}])
def test_the_fast_one_equals_the_loop(op, profile, case):
    q_x, arrays, grids, _ = layer(op, **case)
    wanted = loop(op, q_x, *arrays, **grids, profile=profile)
    assert np.array_equal(OPERATOR[op](q_x, *arrays, **grids, profile=profile), wanted)
    last = OPERATOR[op](q_x, *arrays, **grids, profile=profile, return_sequence=False)
    assert np.array_equal(last, wanted[:, 0, -1])


def test_the_profile_matters_on_ties():
    q_x, arrays, grids, _ = layer("gru", batch=50, steps=20, **TIES)
    a, b = (gru(q_x, *arrays, **grids, profile=profile) for profile in "AB")
    assert 0 < (a != b).mean() < 0.1


def litert_lstm(q_x, arrays, grids, scales, scale_x, scale_y, cell_bits):
    """The same layer as a `.tflite` file; the four gates are tensors of their own."""
    from edgekit.deploy.litert_writer import FileOperator, FileTensor, write_model

    (batch, _, steps, channels), size = q_x.shape, arrays[1].shape[1]
    names, tensors = ("input", "forget", "cell", "output"), []
    enter = lambda *fields, **more: tensors.append(FileTensor(*fields, **more)) or tensors[-1].name  # noqa: E731
    zx, zy = grids["zero_point_x"], grids["zero_point_y"]
    inputs = [enter("x", (batch, steps, channels), "int8", None, scale_x, zx)]
    for kind, array in (("wi", arrays[0]), ("wh", arrays[1])):
        for name, part, scale in zip(names, np.split(array, 4), scales[::size], strict=True):
            inputs.append(enter(f"{kind}_{name}", part.shape, "int8", part, scale))
    inputs += [None] * 3
    for name, part, scale in zip(names, np.split(arrays[2], 4), scales[::size], strict=True):
        inputs.append(enter(f"b_{name}", part.shape, "int32", part, np.float32(scale_x) * np.float32(scale)))
    inputs += [None, None, enter("h", (batch, size), "int8", None, scale_y, zy, is_variable=True),
               enter("c", (batch, size), "int16", None, 2.0 ** (cell_bits - 15), 0, is_variable=True), *[None] * 4]
    enter("y", (batch, steps, size), "int8", None, scale_y, zy)
    inner = [enter(f"gate{i}", (1,), "int16", None, GATE_SCALE) for i in range(4)]
    inner.append(enter("hidden", (1,), "int8", None, scale_y, zy))
    options = {"fused_activation_function": "TANH", "time_major": False}
    node = FileOperator("UNIDIRECTIONAL_SEQUENCE_LSTM", tuple(inputs), ("y",), options, tuple(inner))
    return write_model(tensors, [node], ["x"], ["y"])


@pytest.mark.parametrize("resolver", ["reference", "builtin", "xnnpack"])
@pytest.mark.parametrize(("case", "cell_bits"), [
    ({"batch": 60, "steps": 60, "channels": 9, "size": 24}, 4), ({"batch": 60, "steps": 60, "size": 24, **TIES}, 3),
    ({"batch": 60, "steps": 60, "size": 24, "scale_x": 0.4, "zero_point_y": 127, "scale_y": 1 / 256}, 4),
    ({"batch": 60, "steps": 60, "size": 24, "zero_point_x": 127, "zero_point_y": -128, "scale_y": 0.006}, 2)])
def test_lstm_equals_litert(resolver, case, cell_bits):
    """4 x 86,400 outputs in each of three resolvers, random and tie data, saturating gates, zero points at the ends."""
    from edgekit.deploy import litert_run

    q_x, (w_input, w_hidden, b_input, _), grids, scales = layer("lstm", seed=5, **case)
    arrays = w_input, w_hidden, b_input, np.zeros_like(b_input)  # LiteRT has one bias per gate
    model = litert_lstm(q_x, arrays, grids, scales, case.get("scale_x", 0.021), case.get("scale_y", 1 / 128), cell_bits)
    wanted = litert_run.run(model, q_x[:, 0], resolver)
    found = lstm(q_x, *arrays, **grids, profile="A", cell_bits=cell_bits)[:, 0]
    assert len(np.unique(wanted)) > 100
    assert (found != wanted).sum() == 0


def dequantized(arrays, scales, scale_x, scale_y):
    w_input, w_hidden, b_input, b_hidden = (array.astype(np.float64) for array in arrays)
    rows = scales[:, None]
    return w_input * rows, w_hidden * rows, b_input * scale_x * scales, b_hidden * scale_y * scales


@pytest.mark.parametrize("seed", range(3))
def test_gru_keeps_its_bound_against_the_real_one(seed):
    """Step by step: e' <= max(e, dn) + 2 dz + half a code; dz, dr, dn from the roundings named in `gru`.

    part of a gate: .75 of 2^-12 each (two roundings); the hidden codes are .75 scale_y off, more by e from before.
    """
    scale_x, scale_y, unit = 0.02, 1 / 127, GATE_SCALE
    q_x, arrays, grids, scales = layer("gru", steps=12, size=6, seed=seed, scale_x=scale_x, scale_y=scale_y,
                                       greatest=40)
    weights = dequantized(arrays, scales, scale_x, scale_y)
    real_h = real.gru((q_x.astype(np.float64) + 7) * scale_x, *weights)[:, 0]
    found = gru(q_x, *arrays, **grids)[:, 0].astype(np.float64) * scale_y
    rows = np.abs(weights[1]).sum(axis=1)
    spread_r, spread_z, spread_n = rows[:6].max(), rows[6:12].max(), rows[12:].max()
    hidden_part = spread_n + np.abs(weights[3][12:]).max()  # |W_hn h + b_hn| with |h| <= 1
    error = 0.0
    for t in range(12):
        seen = error + 0.75 * scale_y * (t > 0)
        dr, dz = (0.25 * (1.5 * unit + spread * seen) + 2e-4 for spread in (spread_r, spread_z))
        dn = 2 * unit + spread_n * seen + dr * hidden_part + 3.7e-4
        error = max(error, dn) + 2 * dz + 2.0**-16
        assert np.abs(found[:, t] - real_h[:, t]).max() <= error + 0.75 * scale_y
    assert np.abs(found - real_h).max() < 0.03  # far below the worst case: two codes or three


def test_first_step_of_the_gru_is_within_the_figure_of_its_docstring():
    """From h = 0, with an output grid fine enough (int16 in all but name) to see h' itself."""
    scale_x, scale_y = 0.02, 1 / 127
    q_x, arrays, grids, scales = layer("gru", batch=2000, steps=1, size=8, seed=4, scale_x=scale_x, scale_y=scale_y,
                                       greatest=40)
    wanted = real.gru((q_x.astype(np.float64) + 7) * scale_x, *dequantized(arrays, scales, scale_x, scale_y))
    fine = {**grids, "multiplier_output": 1.0, "qmin": -(2**15), "qmax": 2**15 - 1}
    found = gru(q_x.astype(np.int16), *arrays, **fine) * STATE_SCALE
    hidden_part = np.abs(arrays[3][16:] * scale_y * scales[16:]).max()
    assert np.abs(found - wanted).max() <= 0.0015 + 0.0003 * hidden_part


@pytest.mark.parametrize("op", ["gru", "lstm"])
def test_saturating_gates_hold_at_the_ends(op):
    """Inputs that drive every gate to +-8 leave codes on the grid, and a second run the same."""
    q_x, arrays, grids, _ = layer(op, scale_x=50.0)
    first, second = (OPERATOR[op](q_x, *arrays, **grids) for _ in range(2))
    assert np.array_equal(first, second)
    assert first.dtype == np.int8


@pytest.mark.parametrize("op", ["gru", "lstm"])
def test_real_numbers_and_wrong_shapes_are_refused(op):
    q_x, arrays, grids, _ = layer(op)
    with pytest.raises(ValueError, match=f"{op}: expected integer codes, got float64"):
        OPERATOR[op](q_x.astype(float), *arrays, **grids)
    with pytest.raises(ValueError, match=f"{op}: w_input must be"):
        OPERATOR[op](q_x[..., 1:], *arrays, **grids)
    with pytest.raises(ValueError, match=r"cell_bits must be 0\.\.6, got 7"):
        lstm(*(lambda q, a, *_: (q, *a))(*layer("lstm")), **layer("lstm")[2], cell_bits=7)
