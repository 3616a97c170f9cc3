"""The command line: help without packages, one line for every failure, one object with --json."""

import importlib
import json
import subprocess
import sys
from types import ModuleType

import pytest

from edgekit import bootstrap, cli
from edgekit.commands import finish
from edgekit.faults import SetupError


def without_packages(root, *arguments):
    """Run a Python that sees the standard library and the checkout alone."""
    return subprocess.run([sys.executable, "-S", *arguments], cwd=root, capture_output=True, text=True)


@pytest.fixture
def command(monkeypatch):
    """A command `try` whose behaviour a test gives; the set-up is taken as done."""
    module = ModuleType("edgekit_try")
    module.add_parser = lambda subparsers: subparsers.add_parser("try").add_argument("--number", type=int)
    module.main = lambda args: finish(args, {"number": args.number}, f"number {args.number}")
    monkeypatch.setitem(sys.modules, "edgekit_try", module)
    monkeypatch.setitem(cli.COMMANDS, "try", ("edgekit_try", "a command for tests"))
    monkeypatch.setattr(bootstrap, "ensure", lambda arguments: None)
    return module


def raising(error):
    def main(args):
        raise error

    return main


def test_help_needs_no_packages_and_names_every_command(root):
    done = without_packages(root, "-m", "edgekit", "--help")
    assert done.returncode == 0
    assert all(f"\n    {name} " in done.stdout for name in cli.COMMANDS)


@pytest.mark.parametrize("name", sorted(cli.ARGUMENTS_FIRST))
def test_help_of_the_first_commands_needs_no_packages(root, name):
    done = without_packages(root, "-m", "edgekit", name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--json" in done.stdout


def test_the_table_and_the_folder_name_the_same_commands(root):
    modules = {path.stem for path in (root / "edgekit" / "commands").glob("[!_]*.py")}
    assert modules == set(cli.COMMANDS)


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_describes_itself_and_takes_json_and_debug(name, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.build_parser(name).parse_args([name, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert "--debug" in text
    assert callable(importlib.import_module(cli.COMMANDS[name][0]).main)


def test_a_result_is_text_or_exactly_one_object(command, capsys):
    assert cli.main(["try", "--number", "3"]) == 0
    assert capsys.readouterr().out == "number 3\n"
    assert cli.main(["try", "--number", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"number": 3}


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (ValueError("load: x.npz is torn;\n copy it again"), 1, "edgekit: load: x.npz is torn; copy it again"),
        (SetupError("no network; connect"), 1, "edgekit: no network; connect"),
        (FileNotFoundError(2, "No such file or directory", "a.npz"), 1,
         "edgekit: try a.npz: No such file or directory; check the path"),
        (PermissionError(13, "Permission denied", "runs"), 1,
         "edgekit: try runs: Permission denied; choose a place that you may use, or ask for the right"),
        (IsADirectoryError(21, "Is a directory", "runs"), 1,
         "edgekit: try runs: Is a directory; name a file, not a folder"),
        (OSError(99, "Odd", "runs"), 1, "edgekit: try runs: Odd; check the path"),
        (KeyboardInterrupt(), 130, "edgekit: interrupted"),
        (KeyError("w"), 1, "edgekit: try: KeyError: 'w'; run it again with --debug for the place"),
    ],
)
def test_every_failure_is_one_line_on_standard_error(command, capsys, error, status, line):
    command.main = raising(error)
    assert cli.main(["try", "--json"]) == status
    assert capsys.readouterr() == ("", line + "\n")


def test_debug_shows_the_traceback_before_the_line(command, capsys):
    command.main = raising(ValueError("no"))
    assert cli.main(["try", "--debug"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Traceback")
    assert error.endswith("edgekit: no\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["comprss"], "invalid choice: 'comprss'"),
        (["try", "--number", "many"], "argument --number: invalid int value: 'many'"),
        (["try", "--colour"], "try does not know --colour"),
        (["lab", "--port", "none"], "argument --port: invalid int value: 'none'"),
        (["--frob"], "--frob"),
    ],
)
def test_wrong_arguments_are_one_line_and_point_to_the_help(command, capsys, arguments, expected):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert error.startswith("edgekit: ")
    assert error.count("\n") == 1
    assert expected in error
    assert "--help" in error


def test_no_command_shows_the_help(capsys):
    assert cli.main([]) == 0
    assert "commands:" in capsys.readouterr().out


def test_a_command_that_needs_packages_continues_in_the_environment(command, monkeypatch):
    seen = []
    monkeypatch.setattr(bootstrap, "ensure", lambda arguments: seen.append(arguments) or 5)
    assert cli.main(["try", "--number", "1"]) == 5
    assert seen == [["try", "--number", "1"]]


def test_wrong_arguments_of_lab_are_said_before_the_set_up(monkeypatch):
    monkeypatch.setattr(bootstrap, "ensure", raising(AssertionError("the set-up was begun")))
    with pytest.raises(SystemExit):
        cli.main(["lab", "--prt", "1"])


def test_test_passes_on_what_it_does_not_know(monkeypatch):
    import edgekit.commands.test as command

    seen = []
    monkeypatch.setattr(bootstrap, "ensure", lambda arguments: None)
    monkeypatch.setattr(command, "main", lambda args: seen.append(args.rest))
    assert cli.main(["test", "-k", "floors", "-x", "--debug"]) == 0
    assert seen == [["-k", "floors", "-x"]]
