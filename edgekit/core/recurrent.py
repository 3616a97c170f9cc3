"""Recurrent operators on real numbers: what torch's GRU and LSTM compute, one layer, one direction.

    gru(x, w_input, w_hidden, b_input, b_hidden, return_sequence=True)     gates r, z, n:    weights (3H, C) and (3H, H)
    lstm(x, w_input, w_hidden, b_input, b_hidden, return_sequence=True)    gates i, f, g, o: weights (4H, C) and (4H, H)

x (N, 1, T, C) -> (N, 1, T, H), or with return_sequence=False the last state (N, H). The first state is 0.
"""

import numpy as np

GRU_GATES, LSTM_GATES = 3, 4


def gru(x, w_input, w_hidden, b_input, b_hidden, return_sequence=True):
    """Return the states h of a gated recurrent unit over the steps of `x`.

        r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)          how much of the past the candidate sees
        z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)          how much of the past stays
        n = tanh(W_in x + b_in + r (W_hn h + b_hn))         the candidate
        h' = (1 - z) n + z h

    Source: Cho et al., 2014, in the form of torch.nn.GRU (r outside the product). Raises ValueError when the shapes
    do not fit.

    >>> one, zero = np.ones((3, 1)), np.zeros(3)
    >>> gru(np.zeros((1, 1, 2, 1)), one, one, np.array([0.0, 0.0, 1.0]), zero).round(4).ravel().tolist()
    [0.3808, 0.5678]
    """
    x, size = check_recurrent("gru", GRU_GATES, x, w_input, w_hidden, b_input, b_hidden)
    projected = x[:, 0] @ np.asarray(w_input).T + np.asarray(b_input, x.dtype)

    def step(h, from_input):
        """The next state (N, H) from the state before it and the projected input (N, 3H) of this moment."""
        from_hidden = h @ np.asarray(w_hidden).T + np.asarray(b_hidden, x.dtype)
        r, z = np.split(sigmoid(from_input[:, :2 * size] + from_hidden[:, :2 * size]), 2, axis=1)
        n = np.tanh(from_input[:, 2 * size:] + r * from_hidden[:, 2 * size:])
        return (1 - z) * n + z * h

    h, states = np.zeros((len(x), size), x.dtype), []
    for t in range(x.shape[2]):
        h = step(h, projected[:, t])
        states.append(h)
    return as_output(states, return_sequence)


def lstm(x, w_input, w_hidden, b_input, b_hidden, return_sequence=True):
    """Return the states h of a long short-term memory over the steps of `x`.

        i, f, o = sigmoid(W x + b + W' h + b')  of each gate,   g = tanh(the same)
        c' = f c + i g,   h' = o tanh(c')

    Source: Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000, as torch.nn.LSTM. Raises
    ValueError when the shapes do not fit.

    >>> one, zero = np.ones((4, 1)), np.zeros(4)
    >>> lstm(np.zeros((1, 1, 2, 1)), one, one, np.array([0.0, 0.0, 1.0, 0.0]), zero).round(4).ravel().tolist()
    [0.1817, 0.3151]
    """
    return _lstm_states(x, w_input, w_hidden, b_input, b_hidden, return_sequence)[0]


def lstm_cells(x, w_input, w_hidden, b_input, b_hidden):
    """Return the cells c (N, 1, T, H) of the same memory, whose range quantization needs; see `lstm`."""
    return _lstm_states(x, w_input, w_hidden, b_input, b_hidden, True)[1]


def _lstm_states(x, w_input, w_hidden, b_input, b_hidden, return_sequence):
    x, size = check_recurrent("lstm", LSTM_GATES, x, w_input, w_hidden, b_input, b_hidden)
    projected = x[:, 0] @ np.asarray(w_input).T + np.asarray(b_input, x.dtype)
    h, c, states, cells = *np.zeros((2, len(x), size), x.dtype), [], []
    for t in range(x.shape[2]):
        gates = projected[:, t] + h @ np.asarray(w_hidden).T + np.asarray(b_hidden, x.dtype)
        i, f, g, o = np.split(gates, LSTM_GATES, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
        cells.append(c)
    return as_output(states, return_sequence), as_output(cells, True)


def sigmoid(x):
    """Return 1 / (1 + exp(-x)) as (1 + tanh(x / 2)) / 2, which overflows nowhere.

    >>> sigmoid(np.array([0.0, 800.0, -800.0])).tolist()
    [0.5, 1.0, 0.0]
    """
    return 0.5 * (1 + np.tanh(0.5 * x))


def check_recurrent(call, gates, x, w_input, w_hidden, b_input, b_hidden):
    """Return x as an array and H; raise ValueError unless the shapes fit: weights (gates H, C) and (gates H, H)."""
    x, rows = np.asarray(x), np.shape(w_hidden)[0] if np.ndim(w_hidden) == 2 else 0
    size = rows // gates
    if x.ndim != 4 or x.shape[1] != 1:
        raise ValueError(f"{call}: x must be (N, 1, T, C), got {x.shape}; a signal has H = 1 and its steps along W")
    wanted = {"w_input": (gates * size, x.shape[3]), "w_hidden": (gates * size, size),
              "b_input": (gates * size,), "b_hidden": (gates * size,)}
    given = dict(zip(wanted, map(np.shape, (w_input, w_hidden, b_input, b_hidden)), strict=True))
    for name, shape in wanted.items():
        if given[name] != shape or size < 1:
            raise ValueError(f"{call}: {name} must be {shape} for {x.shape[3]} channels and {size} units "
                             f"(w_hidden has {gates} H rows and H columns), got {given[name]}")
    return x, size


def as_output(states, return_sequence):
    """The list of states (N, H), one per step, as (N, 1, T, H), or the last one alone."""
    return np.stack(states, axis=1)[:, None] if return_sequence else states[-1]
