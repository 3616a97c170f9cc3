"""Run, verify or list the stored results of several seeds."""

from edgekit.commands import finish
from edgekit.commands._actions import add_common


def add_parser(subparsers):
    """Describe the command's arguments."""
    parser = subparsers.add_parser("study", help=__doc__, description=__doc__)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    run = actions.add_parser("run", help="compute the missing seeds and store the result")
    run.add_argument("name")
    run.add_argument("--fresh", action="store_true", help="compute every seed anew")
    verify = actions.add_parser("verify", help="repeat one cell, chosen by date, and compare")
    verify.add_argument("name", nargs="?", help="the study; by default one chosen by date")
    verify.add_argument("--all", action="store_true", help="every cell (of every study without a name); "
                                                           "affirms a stale study")
    actions.add_parser("list", help="what there is, with intervals, and whether it is stale")
    add_common(actions)
    return parser


def main(args) -> int:
    """Do what `action` says."""
    return {"run": _run, "verify": _verify, "list": _list}[args.action](args)


def _run(args):
    from edgekit.course import study_runs
    from edgekit.progress import say

    definition, module = study_runs.find(args.name)
    study = study_runs.run(args.name, definition, module, say=say, fresh=args.fresh)
    finish(args, _summary(study, []), _lines(study, []))
    return 0


def _verify(args):
    from edgekit.course import study_runs
    from edgekit.progress import say

    names = [args.name] if args.name else study_runs.declared()
    if not args.name and not args.all and names:
        names = [study_runs.of_the_day()]
    for name in names:
        study_runs.verify(name, *study_runs.find(name), every=args.all, say=say)
    finish(args, {"verified": names}, f"verified: {', '.join(names) or 'no study is declared'}")
    return 0


def _list(args):
    from edgekit.course import study_runs
    from edgekit.course.studies import Study, studies_dir

    studies, lines = [], []
    for name in study_runs.declared():
        if not (studies_dir() / f"{name}.json").exists():
            studies.append({"name": name, "stale": ["not computed"]})
            lines.append(f"{name}: not computed; run 'edgekit study run {name}'")
            continue
        study = Study.load(name)
        changed = study_runs.stale(study, study_runs.digests(*study_runs.find(name)))
        studies.append(_summary(study, changed))
        lines.append(_lines(study, changed))
    finish(args, {"studies": studies}, "\n".join(lines) or "no study is declared")
    return 0


def _summary(study, changed):
    values = {key: {"mean": study.mean(key), "interval": study.interval(key)} for key in study.values}
    return {"name": study.name, "question": study.question, "seeds": list(study.seeds), "tried": study.tried,
            "values": values, "stale": changed}


def _lines(study, changed):
    state = f"stale: {', '.join(changed)}" if changed else "current"
    lines = [f"{study.name} ({len(study.seeds)} seeds, {study.tried} tried, {state}): {study.question}"]
    for key in study.values:
        low, high = study.interval(key)
        lines.append(f"  {key}: {study.mean(key):.4g}, 95 % interval {low:.4g} to {high:.4g}")
    return "\n".join(lines)
