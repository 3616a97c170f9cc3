from itertools import product

import numpy as np
import pytest

from edgekit.core.metrics import sqnr_db
from edgekit.graph import cost, ptq
from edgekit.graph.mixed import choose_bits, noise_table
from edgekit.graph.run import predict, run
from tests.graph.test_equalize import chain

X = np.random.default_rng(4).normal(size=(40, 6, 6, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def graph():
    return chain(5, spread=0.5)


@pytest.fixture(scope="module")
def ranges(graph):
    return ptq.calibrate(graph, [X])


def size(graph, ranges, bits):
    return cost.weight_bytes(ptq.quantize_graph(graph, ranges, num_bits=bits))


def test_the_whole_budget_leaves_eight_bits_and_the_least_leaves_two(graph, ranges):
    assert choose_bits(graph, ranges, X, size(graph, ranges, 8)) == dict.fromkeys("abcd", 8)
    assert choose_bits(graph, ranges, X, size(graph, ranges, 2)) == dict.fromkeys("abcd", 2)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_the_choice_fits_and_few_choices_that_fit_are_better(graph, ranges, share):
    """Of all 81 ways to give 8, 4 or 2 bits to four layers at most three fit and have less noise in sum."""
    most, least = (size(graph, ranges, bits) for bits in (8, 2))
    budget = int(least + share * (most - least))
    chosen, noise = choose_bits(graph, ranges, X, budget), noise_table(graph, X)
    total = {ways: sum(noise[pair] for pair in zip("abcd", ways, strict=True)) for ways in product((8, 4, 2), repeat=4)}
    assert size(graph, ranges, chosen) <= budget
    better = [ways for ways, value in total.items() if value < total[tuple(chosen.values())] * (1 - 1e-9)
              and size(graph, ranges, dict(zip("abcd", ways, strict=True))) <= budget]
    assert len(better) <= 3


def test_mixed_bits_beat_the_same_bits_everywhere(graph, ranges):
    chosen = choose_bits(graph, ranges, X, size(graph, ranges, 4))
    decibels = [sqnr_db(run(graph, X), predict(ptq.quantize_graph(graph, ranges, True, bits, "mse"), X))
                for bits in (chosen, 4)]
    assert decibels[0] >= decibels[1]


def test_noise_falls_with_bits(graph):
    noise = noise_table(graph, X)
    assert all(noise[name, 8] < noise[name, 4] < noise[name, 2] for name in "abcd")


def test_a_budget_below_the_fewest_bits(graph, ranges):
    with pytest.raises(ValueError, match=r"2 bits everywhere take .* more than the 100 allowed"):
        choose_bits(graph, ranges, X, 100)


def test_bytes_of_few_bits_are_packed(graph, ranges):
    """Weights alone: 8-bit codes take a byte each, 4-bit codes half; -1, 0 and 1 go five to a byte, signs eight."""
    sizes = [graph.tensors[f"{name}.w"].data.size for name in "abcd"]
    saved = {bits: size(graph, ranges, 8) - size(graph, ranges, bits) for bits in (4, 2)}
    assert saved[4] == sum(n - -(-n // 2) for n in sizes)
    assert sum(n - -(-n // 5) for n in sizes) <= saved[2] <= sum(n - -(-n // 8) for n in sizes)
