"""The set-up: what it does, in which order, and that every fault is one line and the next start goes on."""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from edgekit import __main__, bootstrap, cli, faults, processes
from edgekit.faults import SetupError

LOCK = (
    "# pins\ntorch==2.13.0\nalpha==1.0 \\\n    --hash=sha256:00\n"
    "beta==2.0 ; python_version >= '3' \\\n    --hash=sha256:11\n"
)


@pytest.fixture
def checkout(tmp_path):
    """A checkout that needs one package which is nowhere installed."""
    (tmp_path / "requirements.lock").write_text(LOCK)
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["edgekit-absent>=1"]')
    return tmp_path


class FakeCalls:
    """Stand in for running commands: note each one, make the files that it would make, fail where told to."""

    def __init__(self, checkout):
        self.checkout, self.commands, self.fail = checkout, [], {}

    def __call__(self, command, progress=None):
        line = " ".join(map(str, command))
        self.commands.append(line)
        for part, answer in self.fail.items():
            if part in line:
                if isinstance(answer, BaseException):
                    raise answer
                return answer
        if " -m venv" in line:
            python = bootstrap.venv_python(self.checkout)
            python.parent.mkdir(parents=True, exist_ok=True)
            python.write_text("")
        return 0, ""

    def installs(self):
        return [line for line in self.commands if " install " in line]


@pytest.fixture
def calls(checkout, monkeypatch):
    fake = FakeCalls(checkout)
    monkeypatch.setattr(bootstrap, "call", fake)
    monkeypatch.setattr(bootstrap, "cpu_index_answers", lambda: False)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: SimpleNamespace(free=10**12))
    monkeypatch.delenv(bootstrap.MARK, raising=False)
    return fake


def stamped(checkout):
    return (checkout / ".venv" / "edgekit.json").exists()


def test_the_set_up_installs_pins_then_torch_then_the_kit_and_stamps_last(checkout, calls):
    python = bootstrap.prepare(checkout)
    pins, torch, kit = calls.installs()
    assert "--require-hashes" in pins
    assert "--no-deps" in pins
    assert torch.endswith("torch==2.13.0")
    assert "--require-hashes" not in torch
    assert kit.endswith(f"-e {checkout}")
    assert calls.commands[-1].endswith("import numpy, torch")
    assert str(python).startswith(str(checkout / ".venv"))
    assert bootstrap.ready(checkout)


def test_a_second_start_runs_nothing(checkout, calls):
    bootstrap.prepare(checkout)
    calls.commands.clear()
    bootstrap.prepare(checkout)
    assert calls.commands == []


@pytest.mark.parametrize("change", ["lock", "place", "torn stamp", "no interpreter"])
def test_what_makes_an_environment_stale(checkout, calls, change):
    bootstrap.prepare(checkout)
    if change == "lock":
        (checkout / "requirements.lock").write_text(LOCK.replace("alpha==1.0", "alpha==1.1"))
    elif change == "place":
        written = json.loads((checkout / ".venv" / "edgekit.json").read_text())
        (checkout / ".venv" / "edgekit.json").write_text(json.dumps({**written, "root": "/elsewhere"}))
    elif change == "torn stamp":
        (checkout / ".venv" / "edgekit.json").write_text('{"root": ')
    else:
        bootstrap.venv_python(checkout).unlink()
    assert not bootstrap.ready(checkout)
    bootstrap.prepare(checkout)
    assert len(calls.installs()) == 6
    assert bootstrap.ready(checkout)


@pytest.mark.parametrize("step", ["--require-hashes", "torch==2.13.0", " -e ", "import numpy, torch"])
def test_a_failed_step_leaves_no_stamp_and_the_next_start_goes_on(checkout, calls, step):
    calls.fail = {step: (1, "ERROR: something broke")}
    with pytest.raises(SetupError, match=r"something broke; .*--debug.*; .*the next start goes on"):
        bootstrap.prepare(checkout)
    assert not stamped(checkout)
    calls.fail = {}
    bootstrap.prepare(checkout)
    assert bootstrap.ready(checkout)


def test_an_interrupt_leaves_no_stamp_and_says_that_the_next_start_goes_on(checkout, calls, monkeypatch, capsys):
    calls.fail = {"torch==2.13.0": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt, match=r"set-up interrupted; .*the next start goes on"):
        bootstrap.ensure(["lab"], checkout)
    assert not stamped(checkout)


def test_without_ensurepip_the_outer_pip_installs(checkout, calls):
    calls.fail = {
        f"--clear {checkout / '.venv'}": (1, "ensurepip is not available"),
        f"{bootstrap.venv_python(checkout)} -m pip --version": (1, "No module named pip"),
    }
    bootstrap.prepare(checkout)
    assert any("--without-pip" in line for line in calls.commands)
    assert all(f"-m pip --python {bootstrap.venv_python(checkout)} install" in line for line in calls.installs())
    assert bootstrap.ready(checkout)


def test_no_pip_at_all(checkout, calls):
    calls.fail = {"-m pip": (1, "No module named pip"), f"--clear {checkout / '.venv'}": (1, "no ensurepip")}
    with pytest.raises(SetupError, match=r"neither ensurepip nor a pip of version 22\.3 or newer; .*python3-venv"):
        bootstrap.prepare(checkout)
    assert calls.installs() == []


def test_an_environment_behind_a_link_is_left_alone(checkout, calls, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (checkout / ".venv").symlink_to(other, target_is_directory=True)
    with pytest.raises(SetupError, match=r"\.venv is a link to .*other.*; remove the link, or use that environment"):
        bootstrap.prepare(checkout)
    assert not calls.installs()
    assert not list(other.iterdir())


def test_no_venv_module_leaves_nothing(checkout, calls):
    (checkout / ".venv").mkdir()
    calls.fail = {"-m venv": (1, "/usr/bin/python3: No module named venv")}
    with pytest.raises(SetupError, match=r"no venv module; .*apt install python3-venv"):
        bootstrap.prepare(checkout)
    assert not (checkout / ".venv").exists()


def test_a_full_disk_is_seen_before_anything_is_made(checkout, calls, monkeypatch):
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: SimpleNamespace(free=5 * 10**8))
    with pytest.raises(SetupError, match=r"the disk is full: 0\.5 GB are free at .*, the set-up needs 3 GB; free"):
        bootstrap.prepare(checkout)
    assert calls.commands == []
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "the disk is full"),
        (
            "WARNING: Retrying: NewConnectionError(...)\nERROR: No matching distribution found for numpy==2",
            "no network",
        ),
        ("Temporary failure in name resolution", "no network"),
        ("ReadTimeoutError: Read timed out.", "no network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "differs from requirements.lock"),
        ("SSLError(SSLCertVerificationError", "certificate"),
        ("OSError: [Errno 13] Permission denied: '/opt/x'", "cannot be written"),
        ("ERROR: No matching distribution found for onnx==1.23.2", "no build of onnx==1.23.2 for this Python"),
        ("Collecting\nERROR: the roof fell in\nbye", "ERROR: the roof fell in"),
        ("", "no output"),
    ],
)
def test_every_fault_is_one_line_with_a_remedy(output, expected):
    text = str(faults.diagnose("installing packages", output))
    assert text.startswith("installing packages: ")
    assert expected in text
    assert text.endswith(faults.KEPT)
    assert "\n" not in text
    assert text.count(";") >= 2


def test_half_installed_packages_are_forgotten_so_that_pip_installs_them_again(tmp_path):
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("whole-1.0.dist-info", "torn-1.0.dist-info", "~orn", "~orn-0.9.dist-info", "torn"):
        (site / name).mkdir(parents=True)
        (site / name / "METADATA").write_text("x")
    (site / "whole-1.0.dist-info" / "RECORD").write_text("")
    bootstrap.drop_half_installed(tmp_path)
    assert sorted(path.name for path in site.iterdir()) == ["torn", "whole-1.0.dist-info"]


@pytest.mark.parametrize("works", [True, False])
def test_torch_comes_from_pytorchs_index_only_where_it_serves(checkout, calls, monkeypatch, works):
    monkeypatch.setattr(bootstrap, "cpu_index_answers", lambda: True)
    if not works:
        calls.fail = {bootstrap.TORCH_CPU_INDEX: (1, "ERROR: No matching distribution found")}
    bootstrap.prepare(checkout)
    torch = [line for line in calls.installs() if "torch==2.13.0" in line]
    assert bootstrap.TORCH_CPU_INDEX in torch[0]
    assert len(torch) == (1 if works else 2)
    assert all(bootstrap.TORCH_CPU_INDEX not in line for line in torch[1:])


def test_pytorchs_index_is_asked_on_linux_only_and_for_three_seconds(monkeypatch):
    asked = []

    def urlopen(url, timeout):
        asked.append((url, timeout))
        raise TimeoutError("timed out")

    monkeypatch.setattr(bootstrap.urllib.request, "urlopen", urlopen)
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    monkeypatch.setattr(bootstrap.sys, "platform", "darwin")
    assert not bootstrap.cpu_index_answers()
    assert asked == []
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    assert not bootstrap.cpu_index_answers()
    assert [timeout for _, timeout in asked] == [3]


@pytest.fixture
def continued(monkeypatch):
    """What would run inside `.venv`."""
    found = []
    monkeypatch.setattr(bootstrap, "continue_in", lambda python, arguments, turn: found.append((arguments, turn)) or 7)
    return found


def test_a_complete_environment_makes_nothing(checkout, calls, continued):
    (checkout / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=1"]')
    assert bootstrap.ensure(["lab"], checkout) is None
    assert (calls.commands, continued) == ([], [])
    assert sorted(path.name for path in checkout.iterdir()) == ["pyproject.toml", "requirements.lock"]


def test_an_incomplete_one_continues_inside_with_the_same_arguments(checkout, calls, continued):
    assert bootstrap.ensure(["test", "-k", "floors"], checkout) == 7
    assert continued == [(["test", "-k", "floors"], 1)]


def test_a_package_taken_away_is_mended_once_and_never_in_circles(checkout, calls, continued, monkeypatch):
    bootstrap.prepare(checkout)
    calls.commands.clear()
    monkeypatch.setenv(bootstrap.MARK, "1")
    assert bootstrap.ensure(["lab"], checkout) == 7
    assert len(calls.installs()) == 3
    assert continued == [(["lab"], 2)]
    monkeypatch.setenv(bootstrap.MARK, "2")
    with pytest.raises(SetupError, match=r"\.venv lacks edgekit-absent>=1 .*; delete the folder \.venv"):
        bootstrap.ensure(["lab"], checkout)


def test_a_checkout_that_cannot_be_written_is_a_fault_with_a_remedy(checkout, calls, continued, monkeypatch):
    def refuse(root):
        raise PermissionError(13, "Permission denied", str(root))

    monkeypatch.setattr(bootstrap, "only_one", refuse)
    with pytest.raises(SetupError, match="cannot be written; clone into a folder of your own"):
        bootstrap.ensure(["lab"], checkout)


def test_two_set_ups_take_turns_and_a_dead_one_does_not_block(tmp_path, monkeypatch):
    code = (
        "import sys, time; from pathlib import Path; from edgekit import processes\n"
        "with processes.only_one(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with open(tmp_path / ".edgekit-setup.lock", "a+b") as handle:
            assert not processes._try_lock(handle)
        told = []
        monkeypatch.setattr(processes, "say", lambda text: told.append(text) or holder.kill())
        with processes.only_one(tmp_path):
            assert told == ["another set-up is at work in this checkout; waiting for it"]
    finally:
        holder.kill()
        holder.wait()


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_what_an_old_python_reads_first_it_can_parse(root, name):
    source = (root / "edgekit" / name).read_text("utf-8")
    ast.parse(source, feature_version=(3, 4))
    assert source.isascii()
    with pytest.raises(SyntaxError):  # the check itself can fail
        ast.parse("match 1:\n    case 1: pass", feature_version=(3, 4))


def test_a_python_that_is_too_old_is_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(__main__, "newer_python", lambda: None)
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    assert __main__.main() == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Python 3.10" in error
    assert error.endswith("needs 3.11 or newer; install Python 3.11 or newer\n")
    assert __main__.too_old((3, 11, 0)) is None


def test_a_newer_python_that_is_there_is_named(monkeypatch):
    monkeypatch.setattr(subprocess, "call", lambda command, **_: 0 if command[0] == "python3.12" else 1)
    assert __main__.too_old((3, 9, 1)).endswith("start it as: python3.12 -m edgekit")


def test_a_set_up_fault_reaches_the_user_as_one_line(monkeypatch, capsys):
    def fail(arguments):
        raise SetupError("no network:\n the package index does not answer; connect")

    monkeypatch.setattr(bootstrap, "ensure", fail)
    assert cli.main(["lab"]) == 1
    assert capsys.readouterr().err == "edgekit: no network: the package index does not answer; connect\n"


# A real set-up, small and offline: three wheels made here stand for the packages, and the checkout builds itself.

BACKEND = """
def wheel(folder, name, version, files):
    import zipfile
    info = f"{name}-{version}.dist-info"
    files = {**files, f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in (*files, f"{info}/RECORD"))
    path = f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{path}", "w") as archive:
        for inner, text in files.items():
            archive.writestr(zipfile.ZipInfo(inner), text)
    return path


def build_editable(folder, config_settings=None, metadata_directory=None):
    return wheel(folder, "tiny", "1.0", {"tiny.pth": __file__.rsplit("/", 1)[0]})
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1.0"
dependencies = ["edgekit-alpha>=1,<2"]
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A checkout whose packages lie beside it, and pip cut off from everything else."""
    root, wheels = tmp_path / "checkout", tmp_path / "wheels"
    root.mkdir()
    wheels.mkdir()
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(PYPROJECT)
    maker = {}
    exec(BACKEND, maker)  # noqa: S102 - the text above, so that the checkout can hold it too
    for name, version, module in [
        ("numpy", "1.0", "numpy"),
        ("torch", "2.13.0", "torch"),
        ("edgekit_alpha", "1.0", "a"),
    ]:
        maker["wheel"](wheels, name, version, {f"{module}.py": ""})
    digests = {path.name.split("-")[0]: hashlib.sha256(path.read_bytes()).hexdigest() for path in wheels.iterdir()}
    (root / "requirements.lock").write_text(
        f"torch==2.13.0\nnumpy==1.0 \\\n    --hash=sha256:{digests['numpy']}\n"
        f"edgekit-alpha==1.0 \\\n    --hash=sha256:{digests['edgekit_alpha']}\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return root


@pytest.mark.slow
def test_a_real_set_up_with_a_wrong_hash_a_repair_and_a_second_start(tiny):
    lock = (tiny / "requirements.lock").read_text()
    (tiny / "requirements.lock").write_text(re.sub(r"sha256:\w{8}", "sha256:00000000", lock, count=1))
    with pytest.raises(SetupError, match=r"differs from requirements\.lock; .*the next start goes on"):
        bootstrap.prepare(tiny)
    assert not bootstrap.ready(tiny)
    (tiny / "requirements.lock").write_text(lock)
    python = bootstrap.prepare(tiny)
    code = "import numpy, torch, a, sys; from importlib.metadata import version; print(version('tiny'), sys.prefix)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1.0", str(tiny / ".venv")]
    start = time.perf_counter()
    assert bootstrap.prepare(tiny) == python
    print(f"second start: {1000 * (time.perf_counter() - start):.1f} ms")
    assert sorted(path.name for path in tiny.iterdir() if path.name.startswith(".")) == [".edgekit-setup.lock", ".venv"]


@pytest.mark.slow
def test_a_real_set_up_where_python_has_no_ensurepip(tiny, monkeypatch):
    real = bootstrap.call

    def call(command, progress=None):
        line = list(map(str, command))
        return (
            (1, "ensurepip is not available")
            if line[1:] == ["-m", "venv", "--clear", line[-1]]
            else real(command, progress)
        )

    monkeypatch.setattr(bootstrap, "call", call)
    python = bootstrap.prepare(tiny)
    assert real([python, "-m", "pip", "--version"])[0] != 0
    assert real([python, "-c", "import numpy, torch, a"])[0] == 0
    assert bootstrap.ready(tiny)
