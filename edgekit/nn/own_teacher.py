"""An acoustic teacher that has heard the labels of its student and no others."""

from torch.nn import functional

from edgekit.data.synthetic.acoustic import training_set
from edgekit.nn import acoustic, apprentice
from edgekit.nn.train import one_thread, seeded


def own_teacher(seed, units, recipe=acoustic.TEACHER_RECIPE):
    """Return a teacher trained on the first `units` machines of the apprentice, by the recipe of the shipped one.

    `seed` draws weights, order and cuts; the machines are the same for every seed.
    """
    data = training_set(units, acoustic.TAKES, acoustic.DATA_SEED + apprentice.UNITS_SEED)
    model = seeded(acoustic.teacher, seed)
    with one_thread():
        acoustic.fit(model, data.x, data.y, lambda _, logits, y: functional.cross_entropy(
            logits, y, label_smoothing=recipe.label_smoothing), recipe, seed)
    return model
