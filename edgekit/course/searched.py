"""What the studies of found networks share: a found and the hand-made network, trained alike, judged on one split."""

NAMES = ("baseline", "found")


def row(task, found, fit, split):
    """Return scores of the baseline and of the settings `found`, their difference in points, and their MACs.

    `fit(family, code)` returns a trained torch network; its weights are rounded to the bits of its settings.
    """
    from edgekit.nn.supernet import round_weights
    from edgekit.nn.train import outputs
    from edgekit.search.evaluate import torch_layout
    from edgekit.search.families import family
    from edgekit.tasks import get

    chosen, judge = family(task), get(task)
    x, y = judge.inputs(split, purpose="report" if split == "test" else "select")
    values = {}
    for name, settings in zip(NAMES, (chosen.baseline, found), strict=True):
        code = chosen.space.code(**settings)
        net = round_weights(fit(chosen, code), settings["bits"])
        values[name] = judge.score(y, None, outputs(net, torch_layout(x)))
        values[f"macs_{name}"] = chosen.costs(code)["macs"]
    return values | {"gain": 100 * (values["found"] - values["baseline"])}


def tolerances(score):
    """{value of `row`: tolerance}: MACs exactly, scores as other processors round them."""
    return {"baseline": score, "found": score, "gain": 200 * score} | {f"macs_{name}": 0.0 for name in NAMES}
