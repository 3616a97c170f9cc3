"""edgekit search TASK: look for a network that fits a device, under a budget; cut at any moment it goes on."""

import json
import time
from dataclasses import replace
from pathlib import Path

from edgekit.deploy.devices import DEVICES, device
from edgekit.progress import say
from edgekit.search import finalists
from edgekit.search.close import band, close
from edgekit.search.evaluate import JUDGES, USUAL
from edgekit.search.families import FAMILIES, family
from edgekit.search.limits import Limits
from edgekit.search.run import search
from edgekit.search.strategies import STRATEGIES
from edgekit.search.trials import Budget


def add_parser(subparsers):
    parser = subparsers.add_parser("search", help="look for a network that fits a device")
    parser.add_argument("task", metavar="TASK", help=f"one of: {', '.join(FAMILIES)}")
    parser.add_argument("--device", default="cortex-m4", help=f"device card: {', '.join(DEVICES)} (default: cortex-m4)")
    parser.add_argument("--close", action="store_true", help="stay below the cycles of the hand-made network and close "
                        "to it, with a judge that can tell such networks apart (acoustic-fault, camera-presence)")
    parser.add_argument("--latency-ms", type=float, help="most milliseconds, modelled for the device")
    parser.add_argument("--weight-bytes", type=int, help="most bytes of constants (default: the flash of the device)")
    parser.add_argument("--evaluations", type=int, default=100, metavar="N", help="the budget (default: 100)")
    parser.add_argument("--strategy", default="evolution", help=f"{', '.join(STRATEGIES)} (default: evolution)")
    parser.add_argument("--judge", help=f"how networks are scored: {', '.join(JUDGES)} (default: what suits the task)")
    parser.add_argument("--finalists", type=int, default=0, metavar="N", help="train the N best of the front beside "
                        "the hand-made network, with three seeds each, and name the cheapest as good (default: 0)")
    parser.add_argument("--seed", type=int, default=0, help="of the search and of what judges it (default: 0)")
    parser.add_argument("--out", type=Path, help="folder of the search (default: runs/search-TASK-STRATEGY-SEED); an "
                                                 "unfinished one there goes on")


def main(args):
    chosen, judge = family(args.task), args.judge or USUAL.get(args.task)
    if judge not in JUDGES:
        raise ValueError(f"search: --judge must be one of {', '.join(JUDGES)}, got {judge!r}")
    if args.seed < 0:
        raise ValueError(f"search: --seed must be 0 or more, got {args.seed}")
    if args.finalists < 0:
        raise ValueError(f"search: --finalists must be 0 or more, got {args.finalists}")
    if args.strategy not in STRATEGIES:
        raise ValueError(f"search: unknown strategy {args.strategy!r}; known: {', '.join(STRATEGIES)}")
    limits, budget = Limits(device(args.device), args.latency_ms, args.weight_bytes), Budget(args.evaluations)
    near = _near(args)
    if near:
        chosen, judge = near.family, "close"
        limits = replace(band(chosen, limits.card, *near.share), weight_bytes=args.weight_bytes)
    folder = args.out or Path("runs") / f"search-{args.task}-{args.strategy}-{args.seed}"
    start = time.perf_counter()
    say(f"{chosen.space.size:,} networks of {args.task}, judged by {judge}; cut it at will, the same line goes on")
    score = near.judge(chosen, args.seed) if near else _judge(judge, chosen, args.seed, folder)
    history = search(chosen, score, limits, budget, args.strategy, args.seed, folder / "journal.json", _progress,
                     {"judge": judge})
    result = _result(chosen, history, judge, folder, time.perf_counter() - start)
    if args.finalists:
        result["finalists"], result["winner"] = _finals(chosen, history, args.finalists, folder, near)
    print(json.dumps(result) if args.json else _table(chosen, history, result))
    return 0


def _near(args):
    """The `Close` search of the task, where --close asks for it; it brings limits and a judge of its own."""
    if not args.close:
        return None
    if args.judge or args.latency_ms:
        raise ValueError("search: --close brings its own judge and latency; leave out --judge and --latency-ms")
    return close(args.task)


def _judge(name, chosen, seed, folder):
    if name != "supernet":
        return JUDGES[name](chosen, seed)
    folder.mkdir(parents=True, exist_ok=True)
    return JUDGES[name](chosen, seed, progress=_epoch, checkpoint=folder / f"supernet-{seed}.safetensors")


def _epoch(epoch, epochs, loss):
    say(f"supernet: epoch {epoch} of {epochs}, loss {loss:.3f}")


def _progress(history):
    done, last = len(history.trials), history.trials[-1]
    if done % 10 == 0 or done == history.budget.evaluations or last.seconds > 2:
        say(f"{done} of {history.budget.evaluations}: best {history.best.value:.4f} with "
            f"{history.best.costs['macs']:,} MACs; {history.rejected} refused by the device card")


def _result(chosen, history, judge, folder, seconds):
    rows = [{"settings": chosen.space.settings(trial.code), "value": trial.value, **trial.costs}
            for trial in (history.best, *history.front())]
    return {"task": chosen.task, "networks": chosen.space.size, "limits": history.limits, "strategy": history.strategy,
            "judge": judge, "seed": history.seed, "evaluations": len(history.trials), "rejected": history.rejected,
            "seconds": round(seconds, 1), "best": rows[0], "front": rows[1:], "run": str(folder)}


def _finals(chosen, history, count, folder, near):
    """(rows of the hand-made network and the finalists, settings of the one to keep or None)."""
    own = {"how": near.how, "judged": near.judged()} if near else {}
    found = finalists.train_all(chosen, finalists.choose(history, count), journal=folder / "finalists.json",
                                progress=_trained, **own)
    rows = [{"settings": one.code and chosen.space.settings(one.code), "macs": one.macs, "scores": one.scores,
             "gain": one.gain(found[0])[0], "standard_error": one.gain(found[0])[1]} for one in found]
    kept = finalists.winner(found)
    return rows, kept and chosen.space.settings(kept.code)


def _trained(code, seed, score):
    say(f"trained {'the hand-made network' if code is None else code}, seed {seed}: {score:.4f} on validation")


def _finalists_table(result):
    """What was trained, cheapest first, and what to keep."""
    lines = ["", f"{'MACs':>10} {'gain':>8}   trained alike, on validation data; gain over the hand-made network"]
    for row in sorted(result["finalists"], key=lambda row: row["macs"]):
        name = f"{row['gain']:+8.4f} ± {row['standard_error']:.4f}" if row["settings"] else "   hand-made"
        lines.append(f"{row['macs']:10,} {name}")
    kept = ", ".join(f"{name} {value}" for name, value in (result["winner"] or {}).items())
    return [*lines, f"to keep: {kept}" if kept else "none is cheaper and at least as good: keep the hand-made network"]


def _table(chosen, history, result):
    """The front, cheapest first; the score is of the judge, costs are modelled for int8."""
    lines = [f"{'score':>8} {'MACs':>10} {'bytes':>8} {'RAM':>7} {'ms':>8}"]
    for row in result["front"]:
        lines.append(f"{row['value']:8.4f} {row['macs']:10,} {row['weight_bytes']:8,} {row['peak_ram_bytes']:7,} "
                     f"{row['latency_ms']:8.1f}")
    best = ", ".join(f"{name} {value}" for name, value in result["best"]["settings"].items())
    lines += ["", f"best of {result['evaluations']} by {result['judge']}: {best}",
              "the score is of untrained or shared weights: train it before you believe it",
              f"costs modelled on {history.limits['device']} (int8, cited cycles per MAC); run folder: {result['run']}"]
    lines += _finalists_table(result) if "finalists" in result else []
    return "\n".join(lines)
