"""Codes: counted, drawn, changed, crossed; every network has one code."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.search.families import FAMILIES
from edgekit.search.space import Choice, Space

TINY = Space("tiny", (
    Choice("depth", (1, 2, 3)), Choice("kernel", (3, 5)),
    Choice("width2", (8, 16), ("depth", 2)), Choice("width3", (8, 16, 24), ("depth", 3)),
    Choice("gate", (0, 1), ("depth", 2)), Choice("narrow", (2, 4), ("gate", 1)),
))
SPACES = [TINY, *(family.space for family in FAMILIES.values())]
SEEDS = st.integers(0, 2**32 - 1)


def every_code(space):
    return itertools.product(*(range(len(choice.options)) for choice in space.choices))


def test_the_size_is_the_number_of_networks():
    assert TINY.size == len({TINY.canonical(code) for code in every_code(TINY)})
    assert TINY.size == len({tuple(sorted(TINY.settings(code).items())) for code in every_code(TINY)})
    assert TINY.size == 2 * (1 + 2 * 3 + 2 * 3 * 3)  # depth 1; 2 with a gate of 0, 1 narrow or wide; 3 likewise


def test_the_sizes_of_the_tasks_by_hand():
    body = sum((4 * 2) ** depth for depth in (1, 2, 3, 4))  # a width and a kernel for each block
    assert FAMILIES["ppg"].space.size == 2 * 2 * 4 * 2 * 2 * body * 2
    ways = [4, 4, 4, 3, 3]
    sounds = sum(np.prod(ways[:depth]) * 2**depth for depth in (2, 3, 4, 5))
    assert FAMILIES["acoustic-fault"].space.size == 3 * 2 * sounds * 2


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
@given(seed=SEEDS)
def test_a_mutant_is_another_network_one_step_away(space, seed):
    rng = np.random.default_rng(seed)
    code = space.sample(rng)
    mutant = space.mutate(code, rng)
    assert mutant == space.canonical(mutant) != code
    before, after = space.settings(code), space.settings(mutant)
    changed = [name for name in before.keys() & after.keys() if before[name] != after[name]]
    assert len(changed) == 1


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
@given(seed=SEEDS)
def test_a_child_has_each_choice_from_a_parent(space, seed):
    rng = np.random.default_rng(seed)
    one, other = space.sample(rng), space.sample(rng)
    child = space.crossover(one, other, rng)
    for place in space.active(child):
        assert child[place] in (one[place], other[place])
    assert space.crossover(one, one, rng) == one


@given(seed=SEEDS)
def test_settings_and_code_are_each_others_inverse(seed):
    for space in SPACES:
        code = space.sample(np.random.default_rng(seed))
        assert space.code(**space.settings(code)) == code


def test_mutation_reaches_every_network():
    rng, seen = np.random.default_rng(0), set()
    code = TINY.sample(rng)
    for _ in range(2000):
        code = TINY.mutate(code, rng)
        seen.add(code)
    assert len(seen) == TINY.size


@pytest.mark.parametrize(("call", "message"), [
    (lambda: TINY.canonical((0, 0)), "one index for each of 6 choices"),
    (lambda: TINY.canonical((0, 2, 0, 0, 0, 0)), "below"),
    (lambda: TINY.code(depht=1), "no choice 'depht'; there are depth, kernel"),
    (lambda: TINY.code(depth=4), r"depth must be one of \(1, 2, 3\), got 4"),
    (lambda: Space("s", (Choice("a", (1,)), Choice("a", (2,)))), "two choices have one name"),
    (lambda: Space("s", (Choice("a", (1, 1)),)), "different options"),
    (lambda: Space("s", (Choice("a", (1,), ("b", 1)), Choice("b", (1,)))), "stand before it"),
    (lambda: Space("s", (Choice("a", (1,)),)).mutate((0,), np.random.default_rng(0)), "two options"),
])
def test_what_is_no_code_and_no_space_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
