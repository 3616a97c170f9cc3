"""One module per command of ``python3 -m edgekit``: ``add_parser(subparsers)`` and ``main(args) -> int``.

At its top a command module imports the standard library alone, and parts of edgekit that need nothing else,
so that ``--help`` and wrong arguments are answered before anything is installed; what it needs more, ``main``
imports. ``--json`` and ``--debug`` are added to every parser.
"""

import json
import sys


def finish(args, result: dict, text: str) -> None:
    """Write the result to standard output: one JSON object with ``--json``, else the text for people."""
    print(json.dumps(result, indent=2) if args.json else text)
    sys.stdout.flush()
