"""edgekit data list | info NAME | make NAME | verify | fetch NAME: the embedded and the public data sets."""

import argparse
import sys
import time
from pathlib import Path

from edgekit.commands import finish

FETCH_STEP_S = 1.0
CARD_FIELDS = ("name", "title", "kind", "size", "licence", "official_split", "metric", "reference", "layout",
               "homepage", "citation", "package")
TITLES = {
    "acoustic": "sound of machines, 2 s, 5 x 3 states",
    "acoustic-anomaly": "sound of machines, 2 s, healthy or not",
    "acoustic-fault": "sound of machines, 1 s, 5 x 3 states",
    "camera": "scenes 96x96 with people and vehicles, boxes",
    "faces": "drawn faces 48x48, 20 pictures a person",
    "ppg": "pulse of a wearable, 10 s, 6 rhythms",
}


def add_parser(subparsers):
    parser = subparsers.add_parser("data", help="list, make, check or fetch the data sets")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _action(actions, "list", "all sets: embedded, in packages, and public ones with where they lie")
    _action(actions, "info", "the card of one set").add_argument("name", metavar="NAME")
    make = _action(actions, "make", "generate an embedded set again, the same for everybody")
    make.add_argument("name", metavar="NAME")
    make.add_argument("--out", type=Path, metavar="DIR", help="write there instead of in place")
    verify = _action(actions, "verify", "compare the embedded files with the manifest, and look for the public sets")
    verify.add_argument("--root", type=Path, metavar="DIR", help="another folder of embedded sets")
    fetch = _action(actions, "fetch", "download a public set into EDGEKIT_DATA")
    fetch.add_argument("name", metavar="NAME")
    fetch.add_argument("--part", action="append", default=[], metavar="PART", help="one part, again for more; or all")
    fetch.add_argument("--to", type=Path, metavar="DIR", help="instead of the folder that EDGEKIT_DATA names")
    fetch.add_argument("--keep", action="store_true", help="keep the archives after unpacking")


def main(args):
    done = {"list": _list, "info": _info, "make": _make, "verify": _verify, "fetch": _fetch}[args.action](args)
    finish(args, *done[:2])
    return done[2] if len(done) > 2 else 0


def _action(actions, name, text):
    parser = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
    # Left out of the result when not given, so that `data --json list` is not undone here.
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="one JSON object on standard output")
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks")
    return parser


def _list(args):
    from edgekit.data import embedded
    from edgekit.data.public.cards import cards

    rows = [{"name": name, "tier": "embedded", "origin": "synthetic", "title": TITLES.get(name, name), "place": None}
            for name in embedded()]
    for name, card in cards().items():
        rows.append({"name": name, "tier": "package" if card.package else "public", "origin": "real",
                     "title": card.title, "place": _place(name)})
    lines = [f"{row['name']:<18} {row['tier']:<9} {row['title']:<48} {_whether(row)}" for row in rows]
    return {"sets": rows}, "\n".join(lines)


def _place(name):
    """Where a public set lies, as text; None where it does not."""
    from edgekit.data.public.registry import found

    try:
        return str(found(name))
    except FileNotFoundError:
        return None


def _whether(row):
    return "shipped" if row["tier"] == "embedded" else row["place"] or f"not here: {_how_to_get(row['name'])}"


def _how_to_get(name):
    """How a public set that is not here is got, in a few words."""
    from edgekit.data.public.cards import card

    found = card(name)
    if found.package:
        return f"pip install {found.package}"
    return f"data fetch {name}" if found.files else f"by hand from {found.homepage}"


def _info(args):
    from edgekit.data import embedded
    from edgekit.data.public.cards import cards

    if args.name in embedded():
        return _embedded_info(args.name)
    if args.name not in cards():
        raise ValueError(f"data info: unknown set {args.name!r}; known: {', '.join([*embedded(), *cards()])}")
    card = cards()[args.name]
    files = [{"part": file.part, "url": file.wanted.url, "bytes": file.wanted.size, "checksum": file.wanted.checksum}
             for file in card.files]
    fields = {key: getattr(card, key) for key in CARD_FIELDS}
    result = fields | {"splits": list(card.splits), "files": files, "place": _place(args.name)}
    lines = [f"{key.replace('_', ' '):<15} {value}" for key, value in fields.items() if value]
    lines += [f"{'file':<15} {one['part']}: {one['url']} {one['checksum'] or 'no checksum published'}" for one in files]
    lines += [f"{'load':<15} edgekit.data.load({args.name!r}, {card.splits[0]!r})   splits: {', '.join(card.splits)}"]
    return result, "\n".join([*lines, f"{'place':<15} {result['place'] or 'not here: ' + _how_to_get(args.name)}"])


def _embedded_info(name):
    from edgekit.data import family
    from edgekit.data.store import datasets_dir, read_manifest

    root, lies_in = datasets_dir(), family(name)
    files = {path: entry for path, entry in read_manifest(root).items() if path.startswith(lies_in + "/")}
    sheet = next((root / lies_in).glob("*.md"), None)
    result = {"name": name, "tier": "embedded", "origin": "synthetic", "title": TITLES.get(name, name),
              "place": str(root / lies_in), "files": files, "datasheet": sheet and str(sheet)}
    fields = {"name": name, "title": result["title"], "origin": "synthetic: no figure measured on it is one about life",
              "licence": "Apache-2.0", "place": result["place"], "datasheet": result["datasheet"],
              "load": f"edgekit.data.load({name!r}, 'train')   splits: train, val, test (sealed)"}
    lines = [f"{key:<15} {value}" for key, value in fields.items() if value]
    lines += [f"{'file':<15} {path:<36} {entry['bytes']:>9,} bytes  sha256:{entry['sha256']}"
              for path, entry in files.items()]
    return result, "\n".join(lines)


def _make(args):
    from edgekit import data

    start = time.monotonic()
    if args.name in data.GENERATORS:
        print(f"edgekit: making {args.name}", file=sys.stderr)
    place = data.make(args.name, args.out)
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    result = {"name": args.name, "place": str(place), "bytes": size, "seconds": round(time.monotonic() - start, 1)}
    return result, f"{args.name}: {size} bytes in {place}, {result['seconds']} s"


def _verify(args):
    from edgekit.data.public.cards import cards
    from edgekit.data.store import datasets_dir

    root = args.root or datasets_dir()
    embedded = _verify_embedded(root) if args.root is None else _verify_elsewhere(root)
    public = [{"name": name, "place": _place(name)} for name in cards()]
    whole = all(one["ok"] for one in embedded)
    lines = [f"{'whole  ' if one['ok'] else 'BROKEN '} {one['file']}{'' if one['ok'] else ': ' + one['problem']}"
             for one in embedded]
    lines += [f"found   {one['name']} {one['place']}" if one["place"] else f"absent  {one['name']}" for one in public]
    for one in embedded:
        if not one["ok"]:
            print(f"edgekit: {one['problem']}", file=sys.stderr)
    return {"ok": whole, "embedded": embedded, "public": public}, "\n".join(lines), 0 if whole else 1


def _verify_elsewhere(root):
    """What `_verify_embedded` finds, with remedies for a folder that is no checkout's own."""
    def told(problem):
        return f"{problem.split('; restore it')[0]}; copy it from the folder datasets of a checkout"

    try:
        found = _verify_embedded(root)
    except (ValueError, OSError) as error:
        raise ValueError(f"{told(str(error))}, or name another --root") from None
    return [one if one["ok"] else {**one, "problem": told(one["problem"])} for one in found]


def _verify_embedded(root):
    """One entry per file of the manifest, and one per file that the manifest does not know."""
    from edgekit.data.store import checked_bytes, read_manifest

    found = []
    for relative in read_manifest(root):
        try:
            checked_bytes(root, relative)
            found.append({"file": relative, "ok": True, "problem": None})
        except (ValueError, OSError) as error:
            found.append({"file": relative, "ok": False, "problem": str(error)})
    if not found:
        raise ValueError(f"data verify: the manifest in {root} names no file; restore it with git, or make the sets")
    return found


def _fetch(args):
    from edgekit.data import embedded
    from edgekit.data.public.recording import data_dir
    from edgekit.data.public.registry import card, download

    if args.name in embedded():
        raise ValueError(f"data fetch: {args.name} is embedded, there is nothing to fetch; "
                         f"load it with edgekit.data.load({args.name!r}, 'train')")
    card(args.name)  # an unknown name is told before a missing folder
    into = args.to or data_dir(name=args.name)
    places = download(args.name, tuple(args.part), into, _Meter(), args.keep)
    return ({"name": args.name, "places": [str(place) for place in places]},
            "\n".join(f"{args.name}: {place}" for place in places))


class _Meter:
    """Progress of a download on standard error, at most once a second."""

    def __init__(self):
        self.told = 0.0

    def __call__(self, file, done, total):
        now = time.monotonic()
        if now - self.told < FETCH_STEP_S and done != total:
            return
        self.told = now
        share = f" of {total / 1e6:.1f} MB, {100 * done / total:.0f} %" if total else " MB"
        end = "\n" if done == total or not sys.stderr.isatty() else ""
        start = "\r\x1b[2K" if sys.stderr.isatty() else ""
        print(f"{start}edgekit: {file.part} {done / 1e6:.1f}{share}", end=end, file=sys.stderr, flush=True)
