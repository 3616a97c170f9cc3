"""The command line: find the command, read its arguments, make the environment if it needs one, run it.

Standard library only; a command's module is imported when it is called. Every failure is one line on standard
error, ``edgekit: <what> <where> <remedy>``, and a status other than 0; ``--debug`` shows the traceback.
"""

import argparse
import errno
import importlib
import os
import sys
import traceback

from edgekit import __version__, bootstrap
from edgekit.faults import SetupError
from edgekit.progress import Progress

# name -> (module, help); in the order in which somebody meets them
COMMANDS = {
    "lab": ("edgekit.commands.lab", "open JupyterLab on lesson 0, in a working copy of the lessons"),
    "test": ("edgekit.commands.test", "run all tests, notebooks included; what follows goes to pytest"),
    "compress": ("edgekit.commands.compress", "make a task's model int8 and compare it with the float one"),
    "search": ("edgekit.commands.search", "look for a network that fits a device, under a budget"),
    "evaluate": ("edgekit.commands.evaluate", "evaluate one model on data of your own"),
    "run": ("edgekit.commands.run", "run a model on an array"),
    "convert": ("edgekit.commands.convert", "convert a model between .pt2, .onnx, .tflite and .edge"),
    "doctor": ("edgekit.commands.doctor", "say what is here, what is missing and how to get it"),
    "lessons": ("edgekit.commands.lessons", "build the lessons from their sources"),
    "study": ("edgekit.commands.study", "run or verify a stored result of several seeds"),
    "data": ("edgekit.commands.data", "list, make, check or fetch the data sets"),
    "zoo": ("edgekit.commands.zoo", "list the shipped models, or train them again"),
}
ARGUMENTS_FIRST = {"lab", "test", "doctor", "data"}  # of the others the module itself needs the packages
WITHOUT_PACKAGES = {"doctor"}  # these also run where nothing is installed
REMEDIES = {
    errno.EISDIR: "name a file, not a folder",
    errno.EEXIST: "a file stands where a folder must be made: choose another place",
    errno.ENOTDIR: "a file stands where a folder must be: choose another place",
    errno.EACCES: "choose a place that you may use, or ask for the right",
    errno.EROFS: "choose a place that can be written",
    errno.ENOSPC: "make room on the disk",
}
PASSES_ON = {"test"}  # these hand arguments that they do not know to another program


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message):
        print(f"edgekit: {message}; see: python3 -m {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def build_parser(name: str | None = None) -> Parser:
    """The parser of the whole line, with the arguments of one command and only the help of the others."""
    parser = Parser(
        prog="edgekit",
        allow_abbrev=False,
        description="From fifteen lines of NumPy to firmware on a microcontroller, every number measured.",
    )
    parser.add_argument("--version", action="version", version=f"edgekit {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for other, (module, text) in COMMANDS.items():
        if other != name:
            subparsers.add_parser(other, help=text, add_help=False)
            continue
        importlib.import_module(module).add_parser(subparsers)
        _add_common(subparsers.choices[name])
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    """Give a command the flags that every command has."""
    parser.allow_abbrev = False
    have = parser._option_string_actions
    if "--json" not in have:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    if "--debug" not in have:
        parser.add_argument(
            "--debug", action="store_true", help="show every line of the set-up, and tracebacks"
        )


def main(arguments: list | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    name = arguments[0] if arguments and arguments[0] in COMMANDS else None
    debug = "--debug" in arguments
    try:
        return _dispatch(name, arguments)
    except KeyboardInterrupt as error:
        return _fail(str(error) or "interrupted", debug, 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(_told(name, error), debug)
    except (SetupError, ValueError) as error:
        return _fail(str(error), debug)
    except Exception as error:
        return _fail(
            f"{name}: {type(error).__name__}: {error}; run it again with --debug for the place", debug
        )


def _dispatch(name: str | None, arguments: list) -> int:
    """Set up, parse, run; wrong arguments are said before the set-up wherever that can be known."""
    if name and name not in ARGUMENTS_FIRST:
        Progress.verbose = "--debug" in arguments
        status = bootstrap.ensure(arguments)
        if status is not None:
            return status
    parser = build_parser(name)
    args, rest = parser.parse_known_args(arguments)
    if not arguments:
        parser.print_help()
        return 0
    if args.command is None:
        parser.error(f"the command comes first, got {arguments[0]}")
    if rest and name not in PASSES_ON:
        parser.error(f"{name} does not know {' '.join(rest)}")
    args.rest = rest
    Progress.verbose = args.debug
    if name in ARGUMENTS_FIRST - WITHOUT_PACKAGES:
        status = bootstrap.ensure(arguments)
        if status is not None:
            return status
    return importlib.import_module(COMMANDS[name][0]).main(args) or 0


def _told(name: str | None, error: OSError) -> str:
    """What the system refused, to which command and for which file, and what to do about it."""
    if not error.filename:
        return f"{name}: {error}" if name else str(error)
    remedy = REMEDIES.get(error.errno, "check the path")
    return f"{name or 'edgekit'} {error.filename}: {error.strerror}; {remedy}"


def _fail(message: str, debug: bool, status: int = 1) -> int:
    """Write the one line, after the traceback where it is wanted."""
    if debug:
        traceback.print_exc()
    print("edgekit: " + " ".join(message.split()), file=sys.stderr)
    return status
