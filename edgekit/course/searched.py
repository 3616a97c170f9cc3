"""What the studies of found networks share: a found and the hand-made network, trained alike, judged on one split."""

NAMES = ("baseline", "found")


def row(task, found, fit, split):
    """Return scores of the hand-made network and of the settings `found`, their difference in points, and their MACs.

    `fit(plan)` returns the trained torch network of a `search.family.Plan`; its weights are rounded to the bits of the
    plan.
    """
    from edgekit.search.families import family
    from edgekit.search.trainings import scored
    from edgekit.tasks import get

    chosen, values = family(task), {}
    x, y = get(task).inputs(split, purpose="report" if split == "test" else "select")
    for name, code in zip(NAMES, (None, chosen.space.code(**found)), strict=True):
        plan = chosen.plan(code)
        values[name] = scored(task, plan, fit(plan), x, y)
        values[f"macs_{name}"] = plan.costs["macs"]
    return values | {"gain": 100 * (values["found"] - values["baseline"])}


def tolerances(score):
    """{value of `row`: tolerance}: MACs exactly, scores as other processors round them."""
    return {"baseline": score, "found": score, "gain": 200 * score} | {f"macs_{name}": 0.0 for name in NAMES}
