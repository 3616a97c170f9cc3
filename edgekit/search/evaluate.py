"""How a search judges a network before anybody trains it in full: a supernet, a short training, one batch.

Each judge is called with a code and returns a score on the *validation* split, or of one training batch. The sealed
test split is for the winner alone.
"""

import numpy as np

from edgekit import tasks
from edgekit.search import families

RECALIBRATION = 512  # training windows that count the batch norms of a part anew
SUBJECTS, CALIBRATING = 150, 43  # people who train a supernet; people with so many windows


def torch_layout(x):
    """Graph inputs (N, H, W, C) as torch takes them: (N, C, H, W), signals (N, C, L)."""
    x = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    return x[:, :, 0] if x.shape[2] == 1 else x


class SupernetJudge:
    """Parts of one supernet of pulse networks, scored on validation people without training any of them.

    `net` is a trained supernet; without one, it is trained on `subjects` generated people of `seed`. The first of
    these people count the batch norms of every part.
    """

    def __init__(self, family, seed=0, subjects=SUBJECTS, recipe=None, progress=None, checkpoint=None, net=None):
        from edgekit.nn.ppg import training_windows
        from edgekit.nn.supernet import RECIPE, train_supernet

        if family.layers is None:
            raise ValueError(f"SupernetJudge: no supernet holds the networks of {family.task}; judge by training "
                             "or by synflow")
        self.family, self.task = family, tasks.get(family.task)
        self.x_val, self.y_val = self.task.inputs("val")
        self.x, self.y = training_windows(seed, subjects)
        self.net = net or train_supernet(lambda: supernet(family), self.x, self.y, recipe or RECIPE, seed, progress,
                                         checkpoint)

    @classmethod
    def shipped(cls, family):
        """The judge with the supernet that ships with the kit."""
        from edgekit.nn import zoo

        net = zoo.load_state(supernet(family), f"{family.task}-supernet.safetensors")
        return cls(family, subjects=CALIBRATING, net=net)

    def __call__(self, code):
        from edgekit.nn.supernet import part_answers

        settings = self.family.space.settings(code)
        answers = part_answers(self.net, self.family.layers(settings), self.x[:RECALIBRATION],
                               torch_layout(self.x_val), settings["bits"])
        return self.task.score(self.y_val, self.x_val, answers)


def supernet(family):
    """Return the untrained supernet of a family whose networks are rows of blocks."""
    from edgekit.nn.supernet import Supernet

    space = family.space
    ends = ([len(choice.options) - 1 for choice in space.choices], [0] * len(space.choices))
    largest, smallest = (family.layers(space.settings(code)) for code in ends)
    return Supernet(largest, smallest, lambda rng: family.layers(space.settings(space.sample(rng))))


class TrainingJudge:
    """A short training from scratch for each network; too short to be good, long enough for an order.

    `size` and `epochs` are those of `trainings.TRAININGS`, unless they are given.
    """

    def __init__(self, family, seed=0, epochs=None, size=None):
        from edgekit.search.trainings import TRAININGS

        if family.task not in TRAININGS:
            raise ValueError(f"TrainingJudge: no training is there for {family.task}, only for {', '.join(TRAININGS)}")
        self.family, self.task, self.seed = family, tasks.get(family.task), seed
        self.how = TRAININGS[family.task]
        self.epochs, self.data = epochs or self.how.quick[1], self.how.data(seed, size or self.how.quick[0])
        self.x_val, self.y_val = self.task.inputs("val")

    def __call__(self, code):
        from edgekit.search.trainings import scored

        plan = self.family.plan(code)
        net = self.how.train(plan, self.data, self.epochs, self.seed)
        return scored(self.task.name, plan, net, self.x_val, self.y_val)


def ship(task, folder=None, **how):
    """Train the supernet of `task` anew, as `SupernetJudge` does, and store it among the weights of the kit."""
    from edgekit.nn import zoo
    from edgekit.nn.export import state_bytes

    judge = SupernetJudge(families.family(task), **how)
    zoo.store({f"{task}-supernet.safetensors": state_bytes(judge.net)}, folder or zoo.WEIGHTS)
    return judge


class SynflowJudge:
    """Synflow, which needs neither data nor training: a proxy for any family."""

    def __init__(self, family, seed=0):
        self.family, self.seed = family, seed

    def __call__(self, code):
        from edgekit.nn.proxies import synflow
        from edgekit.nn.train import seeded

        shape = self.family.input_shape(self.family.space.settings(code))
        return synflow(seeded(lambda: self.family.build(code), self.seed), np.zeros((1, *shape), np.float32))


JUDGES = {"supernet": SupernetJudge, "training": TrainingJudge, "synflow": SynflowJudge}
USUAL = {"ppg": "supernet", "acoustic-fault": "training", "acoustic-anomaly": "training",
         "camera-presence": "synflow"}
