"""What commands share that have actions of their own, as in ``edgekit study run NAME``."""

import argparse


def add_common(actions) -> None:
    """Let ``--json`` and ``--debug`` stand after the action too; the command's own defaults are kept."""
    for parser in actions.choices.values():
        for name in ("--json", "--debug"):
            parser.add_argument(name, action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
