"""The exercise on changing a code: it must become another network."""

from edgekit.course.exercises import Case, Exercise, Mutant


def mutate(code, counts, place, draw):
    """The reference: at `place` the `draw`-th of the *other* options, in their order."""
    others = [option for option in range(counts[place]) if option != code[place]]
    return _with(code, place, others[draw])


def _with(code, place, option):
    return [*code[:place], option, *code[place + 1 :]]


def _in_place(code, counts, place, draw):
    code[place] = mutate(code, counts, place, draw)[place]
    return code


MUTATION = Exercise(
    "10/mutate", mutate,
    cases=(
        Case("literal", ([0, 1, 1], [3, 5, 2], 1, 0), [0, 0, 1]),  # not 1, 2, 4: stay, count onward, count down
        Case("literal", ([0, 1, 1], [3, 5, 2], 1, 3), [0, 4, 1]),
        Case("literal", ([0, 1, 1], [3, 5, 2], 0, 0), [1, 1, 1]),
        Case("property", ([1, 1, 1, 1], [5, 5, 5, 5], 2, 1), [1, 1, 2, 1]),
        Case("property", ([1, 1, 1, 1], [5, 5, 5, 5], 3, 3), [1, 1, 1, 4]),
        Case("edge", ([0, 1], [1, 2], 1, 0), [0, 0]),
        Case("edge", ([4], [5], 0, 3), [3]),
    ),
    mutants={
        "never_changes": Mutant("the present option is among those to draw from: now and then nothing changes, and an "
                                "evaluation is spent on a network that is known",
                                lambda code, counts, place, draw: _with(code, place, draw)),
        "steps_on": Mutant("the option moves on by `draw`; with a draw of 0 it stays where it is",
                           lambda code, counts, place, draw: _with(code, place, (code[place] + draw) % counts[place])),
        "onward": Mutant("the options are counted onward from the present one and begin again behind the last, as the "
                         "kit's own `mutate` does. Drawn at random both are fair; here they are taken in their order, "
                         "from 0", lambda code, counts, place, draw: _with(
                             code, place, (code[place] + 1 + draw) % counts[place])),
        "backward": Mutant("the options are counted back from the present one; here they are taken in their order, "
                           "from 0", lambda code, counts, place, draw: _with(
                               code, place, (code[place] - 1 - draw) % counts[place])),
        "from_one": Mutant("options and draws are counted from 1; both begin with 0",
                           lambda code, counts, place, draw: _with(code, place, [
                               o for o in range(1, counts[place] + 1) if o != code[place]][draw])),
        "option": Mutant("the new option is returned; asked is the whole code",
                         lambda code, counts, place, draw: mutate(code, counts, place, draw)[place]),
        "beyond": Mutant("the option moves on without end and leaves the list of options",
                         lambda code, counts, place, draw: _with(code, place, code[place] + 1 + draw)),
        "in_place": Mutant("the parent itself is changed; it still belongs to the population", _in_place),
        "everywhere": Mutant("every choice changes; a mutant differs in one",
                             lambda code, counts, place, draw: [mutate(code, counts, i, 0)[i] if counts[i] > 1 else 0
                                                                for i in range(len(code))]),
        "counts_down": Mutant("the other options are taken from the last to the first; asked is their own order",
                              lambda code, counts, place, draw: mutate(code, counts, place, counts[place] - 2 - draw)),
    },
    hints=(
        "The present option may not come out again. Which options are left?",
        "others = [option for option in range(counts[place]) if option != code[place]]",
        "Make a copy first: child = list(code); child[place] = others[draw]",
    ),
)
