"""How to choose the next network: at random, by evolution, by Optuna's samplers.

A strategy is a generator function `strategy(space, allowed, rng, seed)`: it yields codes and is sent back
(value, costs), or None for a code that `allowed(code)` refuses. It draws from `rng` and from nothing else, so that the
same answers lead to the same questions: a search that was cut replays its record and goes on.

    random       every choice evenly
    evolution    regularized evolution: change the best of a few, forget the oldest (Real et al., AAAI 2019)
    tpe          tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011), by Optuna
    nsga2        two aims, value and MACs, by non-dominated sorting (Deb et al., IEEE TEC 2002), by Optuna
"""

from collections import deque

POPULATION, SAMPLE = 16, 4
ATTEMPTS = 50  # changes in a row, until a network is new and the device allows it


def random(space, allowed, rng, seed):
    """Codes drawn without regard to what came before."""
    while True:
        yield space.sample(rng)


def evolution(space, allowed, rng, seed):
    """Regularized evolution: the first codes are drawn; then the best of SAMPLE out of the last POPULATION is changed.

    What dies is the oldest, not the worst: a network that was lucky once does not stay for ever.
    """
    population = deque(maxlen=POPULATION)
    while True:
        if len(population) < POPULATION:
            code = space.sample(rng)
        else:
            drawn = [population[i] for i in rng.choice(len(population), SAMPLE, replace=False)]
            code = space.mutate(max(drawn)[1], rng)
            for _ in range(ATTEMPTS):
                if allowed(code):
                    break
                code = space.mutate(code, rng)
        answer = yield code
        if answer is not None:
            population.append((answer[0], code))


def _optuna(space, rng, make_sampler, directions):
    """Ask Optuna; what it proposes a second time is changed, choice by choice, until it is new.

    Where every change is known, too, the code is proposed again: the search counts how often, and ends.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study, seen = optuna.create_study(sampler=make_sampler(optuna.samplers), directions=directions), set()
    while True:
        trial = study.ask()
        code = suggest(space, trial)
        answer = None
        if code not in seen:
            seen.add(code)
            answer = yield code
        elif (other := _unseen(space, code, seen, rng)) is None:
            yield code
        else:
            study.enqueue_trial(parameters(space, other))
        if answer is None:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, [answer[0], answer[1]["macs"]][: len(directions)])


def _unseen(space, code, seen, rng):
    """A code that is not in `seen`, some changes away; None when there was none on the way."""
    for _ in range(ATTEMPTS):
        code = space.mutate(code, rng)
        if code not in seen:
            return code
    return None


def parameters(space, code):
    """Return {choice: index} of what has an effect in `code`, as Optuna keeps it."""
    return {space.choices[place].name: code[place] for place in space.active(code)}


def suggest(space, trial):
    """Return the code that an Optuna `trial` chooses: only the choices that have an effect are asked for."""
    code = [0] * len(space.choices)
    for place, choice in enumerate(space.choices):
        if place in space.active(code):
            code[place] = trial.suggest_int(choice.name, 0, len(choice.options) - 1)
    return space.canonical(code)


def tpe(space, allowed, rng, seed):
    """Optuna's TPE; it maximises the value."""
    yield from _optuna(space, rng, lambda samplers: samplers.TPESampler(seed=seed), ["maximize"])


def nsga2(space, allowed, rng, seed):
    """Optuna's NSGA-II; it maximises the value and minimises the MACs."""
    sampler = {"seed": seed, "population_size": POPULATION}
    yield from _optuna(space, rng, lambda samplers: samplers.NSGAIISampler(**sampler), ["maximize", "minimize"])


STRATEGIES = {"random": random, "evolution": evolution, "tpe": tpe, "nsga2": nsga2}
