"""The budget is met exactly, layers lose alike, and what cannot be met says so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.allocation import allocate

STEPS = (0.3, 0.5, 0.7, 0.9)


def test_a_layer_that_loses_nothing_gives_what_it_can():
    curves = {"robust": (STEPS, [0, 0, 0, 0.0]), "frail": (STEPS, [0.1, 0.2, 0.3, 0.4])}
    shares = allocate(curves, {"robust": 100, "frail": 100}, 0.4)
    assert shares["robust"] == pytest.approx(0.8, abs=0.03)
    assert shares["frail"] < 0.03


@given(st.lists(st.tuples(st.integers(2, 500), st.lists(st.floats(-0.1, 0.9), min_size=4, max_size=4)), min_size=1,
                max_size=5), st.floats(0, 0.8))
def test_the_budget_is_met_exactly_and_nobody_is_pruned_to_nothing(layers, sparsity):
    curves = {str(i): (STEPS, drops) for i, (_, drops) in enumerate(layers)}
    sizes = {str(i): size for i, (size, _) in enumerate(layers)}
    total = sum(sizes.values())
    try:
        shares = allocate(curves, sizes, sparsity)
    except ValueError as error:
        reach = sum(int(min(0.9 * size, size - 1) + 1e-6) for size in sizes.values())
        assert reach < round(sparsity * total), str(error)  # noqa: PT017 the other branch asserts too
        return
    removed = {name: round(share * sizes[name]) for name, share in shares.items()}
    assert sum(removed.values()) == round(sparsity * total)
    assert all(0 <= removed[name] < sizes[name] for name in sizes)


def test_steeper_layers_are_pruned_less():
    curves = {name: (STEPS, (slope * np.array(STEPS)).tolist()) for name, slope in (("a", 0.1), ("b", 0.2), ("c", 0.4))}
    shares = allocate(curves, dict.fromkeys("abc", 1000), 0.4)
    assert shares["a"] > shares["b"] > shares["c"]
    np.testing.assert_allclose([0.1 * shares["a"], 0.2 * shares["b"]], 0.4 * shares["c"], rtol=0.01)


@pytest.mark.parametrize(("curves", "sizes", "sparsity", "message"), [
    ({"a": (STEPS, [0] * 4)}, {"b": 5}, 0.5, r"curves of \['a'\] and sizes of \['b'\]"),
    ({"a": (STEPS, [0] * 4)}, {"a": 100}, 0.95, "the curves end before sparsity 0.95"),
    ({"a": (STEPS, [0] * 4)}, {"a": 100}, 1.5, r"sparsity must be a number in \[0, 1\)"),
    ({"a": ((0.5, 0.3), [0, 0])}, {"a": 100}, 0.5, "layer 'a' needs sparsities that rise"),
    ({"a": (STEPS, [0, np.nan, 0, 0])}, {"a": 100}, 0.5, "as many finite drops, got"),
    ({"a": ((0.5, 1.0), [0, 0])}, {"a": 100}, 0.5, "layer 'a' needs sparsities that rise"),
])
def test_what_cannot_be_says_why(curves, sizes, sparsity, message):
    with pytest.raises(ValueError, match=message):
        allocate(curves, sizes, sparsity)
