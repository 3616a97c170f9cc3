"""Build the lessons from their sources, check that they fit, record a claim."""

from edgekit.commands import finish
from edgekit.commands._actions import add_common


def add_parser(subparsers):
    """Describe the command's arguments."""
    parser = subparsers.add_parser("lessons", help=__doc__, description=__doc__)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in (("build", "execute a source and write its notebook"),
                       ("check", "say whether notebook and source fit")):
        action = actions.add_parser(name, help=text)
        action.add_argument("lesson", nargs="?", help="number or name; all lessons when left out")
    claim = actions.add_parser("claim", help="add or replace a claim in notebooks/claims.json")
    claim.add_argument("name", help="such as quantize/db_per_bit")
    claim.add_argument("reference", type=float)
    claim.add_argument("--tolerance", type=float, required=True, help="how far a value may lie away")
    claim.add_argument("--why", required=True, help="where the tolerance comes from")
    claim.add_argument("--unit", default="")
    add_common(actions)
    return parser


def main(args) -> int:
    """Do what `action` says."""
    return {"build": _build, "check": _check, "claim": _claim}[args.action](args)


def _build(args):
    import time

    from edgekit.course import lessons
    from edgekit.progress import say

    built = {}
    for name in lessons.names() if args.lesson is None else [args.lesson]:
        start = time.perf_counter()
        (path,) = lessons.build(name)
        built[path.stem] = round(time.perf_counter() - start, 1)
        say(f"{path.stem}: {built[path.stem]} s")
    finish(args, {"built": built}, f"built {len(built)} lessons in {sum(built.values()):.1f} s")
    return 0


def _check(args):
    from edgekit.course import lessons

    problems = lessons.stale(args.lesson)
    finish(args, {"problems": problems}, "\n".join(problems) or "every notebook fits its source")
    return 1 if problems else 0


def _claim(args):
    from edgekit.course import claims

    claims.record(args.name, args.reference, args.tolerance, args.why, args.unit)
    text = f"claim {args.name}: {args.reference:g} ± {args.tolerance:g} {args.unit}".rstrip()
    finish(args, {"name": args.name, **claims.load()[args.name]}, text)
    return 0
