"""Observers: exact extremes, order does not matter, outliers are cut where that pays, bad data is refused."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.affine import choose_qparams, fake_quantize, quantize
from edgekit.core.histogram import MAX_BINS, Histogram
from edgekit.core.observers import (
    MSE,
    OBSERVERS,
    Entropy,
    MinMax,
    MovingAverage,
    Percentile,
    make_observer,
    observe,
)
from edgekit.core.range_search import ENTROPY_COUNT

VALUES = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=30)


def squared_error(x, ends, num_bits, scheme="affine"):
    """Of x and its quantized form, straight from the samples."""
    return float(np.mean((x - fake_quantize(x, choose_qparams(*ends, num_bits, scheme)).astype(np.float64)) ** 2))


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_histogram_of_batches_equals_histogram_of_everything_in_any_order(batches):
    whole = Histogram().add(np.concatenate(batches))
    for order in (batches, batches[::-1]):
        grown = Histogram()
        for batch in order:
            grown = grown.add(np.array(batch))
        assert (grown.low, grown.high, grown.width, grown.first) == (whole.low, whole.high, whole.width, whole.first)
        assert np.array_equal(grown.counts, whole.counts)
    assert whole.counts.sum() == sum(map(len, batches))
    assert whole.high == whole.low or MAX_BINS // 2 <= whole.counts.size <= MAX_BINS


@given(VALUES)
def test_histogram_counts_equal_numpy(values):
    histogram = Histogram().add(np.array(values))
    edges = (histogram.first + np.arange(histogram.counts.size + 1)) * histogram.width
    expected = np.histogram(values, np.append(edges[:-1], np.inf))[0]
    assert np.array_equal(histogram.counts, expected)


@given(VALUES, VALUES)
def test_minmax_is_exact_and_per_axis(first, second):
    assert MinMax().update(first).update(second).range() == (min(first + second), max(first + second))
    x = np.resize(np.array(first), (3, 4, 5))
    low, high = observe(x, "minmax", axis=1)
    assert np.array_equal(low, x.min((0, 2)))
    assert np.array_equal(high, x.max((0, 2)))


def test_moving_average_follows_its_equation():
    observer, low = MovingAverage(rate=0.25), None
    for value in (1.0, 5.0, -3.0):
        low = value if low is None else 0.75 * low + 0.25 * value
        observer = observer.update(np.array([value, 10.0]))
    assert observer.range() == (low, 10.0)


@pytest.mark.parametrize("kind", OBSERVERS)
def test_update_leaves_the_old_observer_alone(kind):
    before = make_observer(kind).update(np.array([-1.0, 2.0]))
    expected = before.range()
    after = before.update(np.array([-50.0, 80.0]))
    assert before.range() == expected != after.range()


@pytest.mark.parametrize("percent", [50, 90, 99.9, 100])
def test_percentile_is_within_a_bin_of_numpy(percent):
    x = np.random.default_rng(3).standard_normal(50_001)
    observer = Percentile(percent)
    for batch in np.array_split(x, 7):
        observer = observer.update(batch)
    tail = (100 - percent) / 2
    assert np.abs(np.subtract(observer.range(), np.percentile(x, [tail, 100 - tail]))).max() <= observer.histogram.width
    if percent == 100:
        assert observer.range() == (x.min(), x.max())


@pytest.mark.parametrize("scheme", ["affine", "symmetric"])
@pytest.mark.parametrize("num_bits", [2, 3, 4, 8])
@pytest.mark.parametrize("draw", ["standard_normal", "laplace", "relu"])
def test_mse_beats_minmax_and_every_range_of_a_brute_force_search(scheme, num_bits, draw):
    rng = np.random.default_rng(0)
    x = np.maximum(rng.standard_normal(20_000), 0) if draw == "relu" else getattr(rng, draw)(size=20_000)
    extremes = observe(x, "minmax")
    found = squared_error(x, observe(x, "mse", num_bits=num_bits, scheme=scheme), num_bits, scheme)
    shrunk = [squared_error(x, np.multiply(extremes, f), num_bits, scheme) for f in np.linspace(0.02, 1, 50)]
    assert found <= 1.02 * min(shrunk)  # the histogram and the steps of the search cost at most 2 %
    assert found <= squared_error(x, extremes, num_bits, scheme)
    assert num_bits == 8 or found < 0.7 * squared_error(x, extremes, num_bits, scheme)


def test_entropy_cuts_a_far_outlier_and_keeps_an_even_distribution():
    rng = np.random.default_rng(1)
    normal = np.append(rng.standard_normal(50_000), [60.0, -60.0])
    low, high = observe(normal, "entropy")
    assert -10 < low < -2.5
    assert 2.5 < high < 10
    even = rng.uniform(-1, 1, 50_000)
    assert np.allclose(observe(even, "entropy"), (-1, 1), atol=0.05)


@pytest.mark.parametrize("kind", ["mse", "entropy"])
def test_the_search_is_not_misled_by_the_zeros_of_a_relu(kind):
    x = np.random.default_rng(2).standard_normal(50_000)
    positive = x[x > 0]
    assert observe(np.maximum(x, 0), kind) == observe(positive, kind)
    assert observe(positive, kind)[1] > 3


@pytest.mark.parametrize("kind", OBSERVERS)
@pytest.mark.parametrize("value", [0.0, 3.0, -3.0, 1e-30])
def test_a_constant_tensor_gives_a_usable_range(kind, value):
    low, high = make_observer(kind).update(np.full(10, value)).range()
    qparams = choose_qparams(low, high)
    assert abs(fake_quantize(np.array([value]), qparams).item() - value) <= qparams.scale / 2


@pytest.mark.parametrize("kind", OBSERVERS)
def test_bad_data_is_refused(kind):
    observer = make_observer(kind)
    with pytest.raises(ValueError, match=r"observe: x must be finite, got nan at index \(0, 1\); clean"):
        observer.update(np.array([[0.0, np.nan]]))
    with pytest.raises(ValueError, match="got inf"):
        observer.update(np.array([np.inf]))
    with pytest.raises(ValueError, match="x is empty"):
        observer.update(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="no data seen; call update"):
        observer.range()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: observe([1.0], "median"), "make_observer: kind must be one of minmax, .*, got 'median'"),
    (lambda: make_observer("percentile", percent=10), "Percentile: percent must be 50..100, got 10"),
    (lambda: make_observer("moving_average", rate=0), "MovingAverage: rate"),
    (lambda: make_observer("mse", num_bits=1), "MSE: num_bits must be 2..16"),
    (lambda: Entropy(scheme="log"), "Entropy: scheme must be one of"),
    (lambda: observe(np.ones((2, 2)), "minmax", axis=2), "observe: axis 2 does not exist"),
    (lambda: MinMax(axis=0).update(np.ones((2, 1))).update(np.ones((3, 1))), "axis 0 had length 2 before, got 3"),
])
def test_bad_options_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("observer", [MSE, Entropy])
@given(st.sampled_from(["affine", "symmetric"]), st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_the_losses_of_many_ranges_equal_the_definition_of_one(observer, scheme, num_bits, seed):
    """No value of theirs lies on the border of two codes: there the squared error is the same, the entropy is not."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(3000) ** rng.integers(1, 4) + rng.uniform(-1, 1)
    searching = observer(num_bits, scheme).update(np.maximum(x, 0) if rng.random() < 0.3 else x)
    low, high = (end * rng.uniform(0.001, 1, 20) for end in (searching.histogram.low, searching.histogram.high))
    fast, rounding = searching._losses(choose_qparams(low, high, num_bits, scheme, axis=0))
    each = [choose_qparams(*ends, num_bits, scheme) for ends in zip(low, high, strict=True)]
    slow = [searching._loss(quantize(searching.histogram.centres, one).astype(np.int64), one) for one in each]
    slow = np.array(slow) / (searching.histogram.width**2 if observer is MSE else 1)
    assert np.array_equal(np.isinf(fast), np.isinf(slow))
    kept = np.isfinite(slow)
    assert np.allclose(fast[kept], slow[kept], rtol=1e-12, atol=10 * rounding)


@pytest.mark.parametrize("num_bits", [2, 4, 8])
def test_entropy_of_few_values_takes_the_extremes_and_never_drops_half_of_many(num_bits):
    for seed in range(10):
        x = np.random.default_rng(seed).standard_normal(2000)
        assert observe(x[:ENTROPY_COUNT - 1], "entropy", num_bits=num_bits) == observe(x[:ENTROPY_COUNT - 1], "minmax")
        low, high = observe(x, "entropy", num_bits=num_bits)
        assert np.mean((x >= low) & (x <= high)) > 0.45  # half, but for the bins that the ends cut
