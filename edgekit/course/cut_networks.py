"""What a study of a network cut out of the shipped one reports: both trained on alike, judged on one split."""

NAMES = ("baseline", "found")


def row(found, data_seed, seed, split):
    """Return accuracies of the whole shipped network and of the cut with the settings `found`, their difference in
    points, and their MACs. `data_seed` draws the scenes that both are trained on, `seed` the order.
    """
    from edgekit.nn.cut_healing import healed, lessons
    from edgekit.search.cut_family import FAMILY, TASK
    from edgekit.search.trainings import scored
    from edgekit.tasks import get

    x, y = get(TASK).inputs(split, purpose="report" if split == "test" else "select")
    values = {}
    for name, code in zip(NAMES, (None, FAMILY.space.code(**found)), strict=True):
        plan = FAMILY.plan(code)
        values[name] = scored(TASK, plan, healed(plan.build(), plan.shape[-1], lessons(data_seed), seed), x, y)
        values[f"macs_{name}"] = plan.costs["macs"]
    return values | {"gain": 100 * (values["found"] - values["baseline"])}
