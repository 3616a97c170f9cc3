"""One module per command of ``python3 -m edgekit``: ``add_parser(subparsers)`` and ``main(args) -> int``.

Those in ``cli.ARGUMENTS_FIRST`` import the standard library alone at their top, so that ``--help`` and wrong
arguments are answered before anything is installed; the others are imported after the set-up. ``--json`` and
``--debug`` are added to every parser.
"""

import json
import sys


def finish(args, result: dict, text: str) -> None:
    """Write the result to standard output: one JSON object with ``--json``, else the text for people."""
    print(json.dumps(result, indent=2) if args.json else text)
    sys.stdout.flush()


def columns(rows: list, right=()) -> list:
    """Return rows of text as lines, two spaces between columns as wide as their widest cell; `right` ones end together.

    >>> columns([("ppg-cnn", "98 B"), ("student", "1,234 B")], right={1})
    ['ppg-cnn     98 B', 'student  1,234 B']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) if i in right else cell.ljust(width)
                      for i, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows]
