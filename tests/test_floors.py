"""The floors: imports point only downward, torch stays in nn, heavy libraries load inside functions."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from edgekit import cli

# floor -> floors of the kit that it may import, besides itself and `_atomic`
BELOW = {
    "core": set(),
    "graph": {"core"},
    "data": {"core"},
    "nn": {"core", "graph", "data"},
    "deploy": {"core", "graph"},
    "tasks": {"core", "graph", "data"},
    "search": {"core", "graph", "data", "nn", "deploy", "tasks"},
    "federated": {"core", "graph", "data", "nn", "tasks"},
    "course": {"core", "graph", "data", "nn", "deploy", "tasks"},
    "ui": {"core", "graph", "data", "nn", "deploy", "tasks", "search", "federated", "course"},
}
BELOW_INSIDE_FUNCTIONS = {"tasks": {"nn"}, "course": {"search"}}  # the cell of a study may run a search
SETUP = {"", "__main__", "cli", "bootstrap", "faults", "health", "packages", "processes", "progress"}
EARLY = SETUP - {""} | {"commands", "_atomic"}
EARLY_COMMANDS = {("commands", name) for name in ("__init__", *cli.ARGUMENTS_FIRST)}
THIRD_PARTY = {
    "core": {"numpy"},
    "graph": {"numpy", "safetensors"},
    "data": {"numpy", "PIL"},
    "nn": {"numpy", "torch", "safetensors"},
    "deploy": {"numpy"},
    "tasks": {"numpy"},
    "search": {"numpy"},
    "federated": {"numpy"},
    "course": {"numpy", "nbformat", "nbclient", "jupytext", "jupyter_client", "ipykernel", "IPython"},
    "ui": {"numpy", "matplotlib", "ipywidgets", "IPython"},
}
HEAVY = {"onnx", "onnxruntime", "ai_edge_litert", "flatbuffers", "ziglang", "unicorn", "capstone", "ethosu"}
HEAVY |= {"optuna", "flwr", "sklearn", "scipy", "threadpoolctl", "heartpy", "playwright", "torch_pruning", "torchao"}
NEVER = {"pickle", "marshal", "shelve", "dill", "joblib"}
RESTRICTED = {("data/safe_pickle", "pickle")}  # an allow list, tested against attacks
PURE = {
    "__future__",
    "abc",
    "bisect",
    "collections",
    "dataclasses",
    "enum",
    "fractions",
    "functools",
    "heapq",
}
PURE |= {"itertools", "math", "numbers", "operator", "string", "types", "typing"}


class Import(NamedTuple):
    module: str
    line: int
    inside: bool


def imports(tree: ast.Module, package: str) -> list[Import]:
    """Every module that a source names in an import, also through importlib, in functions or at the top."""
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for node in ast.walk(function)
    }
    found = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join(parts[: len(parts) - node.level + 1] + ([base] if base else []))
            names = [f"{base}.{alias.name}" for alias in node.names] if base == "edgekit" else [base]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            names = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
        found += [Import(name, getattr(node, "lineno", 0), id(node) in inner) for name in names]
    return found


def complaint(floor: str, early: bool, this: Import) -> str | None:
    """Why a module of this floor may not have this import, or None; `early`: it runs before the set-up."""
    root, *rest = this.module.split(".")
    if root in NEVER:
        return "reads code from data"
    if root == "edgekit":
        return _complaint_inside_the_house(floor, early, rest[0] if rest else "", this.inside)
    if root in sys.stdlib_module_names:
        return "core holds pure functions" if floor == "core" and root not in PURE else None
    if root == "torch" or this.module == "safetensors.torch":
        return None if floor == "nn" else "only nn imports torch"
    if early:
        return None if floor == "commands" and this.inside else "must run before anything is installed"
    if root in HEAVY:
        if floor in ("core", "graph"):
            return "this floor stands on NumPy"
        return None if this.inside else "a heavy library belongs inside the function that needs it"
    return None if floor == "commands" or root in THIRD_PARTY[floor] else "not a library of this floor"


def _complaint_inside_the_house(floor: str, early: bool, target: str, inside: bool) -> str | None:
    if target == "__version__":
        return "core and graph know no versions" if floor in ("core", "graph") else None
    if floor == "commands":
        return "loads packages before the set-up" if early and not inside and target not in EARLY else None
    if floor in SETUP:
        return None if target in SETUP else "stands beside the floors"
    if target in ("_atomic", floor) or target in BELOW.get(floor, ()):
        return None
    if inside and target in BELOW_INSIDE_FUNCTIONS.get(floor, ()):
        return None
    return "points upward or sideways"


def breaches(package: Path) -> list[str]:
    """Every import of the package at `package` that breaks a rule, with its place."""
    found = []
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package).with_suffix("")
        floor = relative.parts[0] if relative.parts[0] != "__init__" else ""
        if floor not in BELOW and floor not in SETUP | {"commands", "_atomic"}:
            found.append(f"{path.relative_to(package.parent)}: no such floor")
            continue
        early = floor in SETUP | {"_atomic"} or relative.parts in EARLY_COMMANDS
        dotted = ".".join(("edgekit", *relative.parts[:-1]))
        for this in imports(ast.parse(path.read_text("utf-8")), dotted):
            why = complaint(floor, early, this)
            if why and (relative.as_posix(), this.module) not in RESTRICTED:
                where = path.relative_to(package.parent)
                found.append(f"{where}:{this.line}: {floor or 'the menu'} imports {this.module}: {why}")
    return found


def test_imports_point_only_downward(root):
    assert breaches(root / "edgekit") == []


GOOD = {
    "core/a.py": "import math\nimport numpy as np\nfrom . import b\nfrom edgekit.core.b import c",
    "graph/a.py": "from edgekit.core import a\nfrom edgekit import core\nfrom edgekit._atomic import write_bytes",
    "tasks/a.py": "def f():\n    from edgekit.nn import zoo",
    "deploy/a.py": "def f():\n    import onnx",
    "commands/lab.py": "import json\nfrom edgekit.progress import say\ndef f():\n    import edgekit.nn",
}
BAD = {
    "core/a.py": [
        "import os",
        "import torch",
        "def f():\n    import pathlib",
        "from edgekit.graph import ir",
        "from ..graph import ir",
        "from .. import graph",
        "import edgekit",
        "import scipy",
    ],
    "graph/a.py": ["from edgekit.data import dataset", "import torch", "def f():\n    import onnx"],
    "data/a.py": ["from edgekit import graph", "import heartpy", "import pickle"],
    "nn/a.py": ["from edgekit.tasks import ppg", "from edgekit.deploy import devices", "import sklearn"],
    "deploy/a.py": [
        "import onnx",
        "def f():\n    from edgekit.nn import zoo",
        "from edgekit.search import recipe",
    ],
    "tasks/a.py": [
        "from edgekit.nn import zoo",
        "def f():\n    import torch",
        "def f():\n    import importlib\n    importlib.import_module('torch')",
    ],
    "course/a.py": ["from edgekit.ui import plots", "from edgekit.search import space", "import torch"],
    "ui/a.py": ["import torch", "from edgekit.commands import lab"],
    "commands/lab.py": ["import numpy", "from edgekit.core import affine"],
    "commands/a.py": ["def f():\n    import torch", "import onnx"],
    "cli.py": ["import numpy", "from edgekit.core import affine", "def f():\n    import numpy"],
    "_atomic.py": ["import numpy", "from edgekit.core import affine"],
    "attic/a.py": ["import math"],
}


@pytest.mark.parametrize(("name", "source"), GOOD.items(), ids=list(GOOD))
def test_what_the_floors_allow(tmp_path, name, source):
    path = tmp_path / "edgekit" / name
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert breaches(tmp_path / "edgekit") == []


@pytest.mark.parametrize(("name", "source"), [(name, source) for name in BAD for source in BAD[name]])
def test_each_breach_is_seen(tmp_path, name, source):
    path = tmp_path / "edgekit" / name
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert len(breaches(tmp_path / "edgekit")) == 1


def test_import_edgekit_loads_no_packages(root):
    code = (
        "import sys, time; before = set(sys.modules); start = time.perf_counter(); import edgekit; "
        "took = time.perf_counter() - start; new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(f'{1000 * took:.1f} ms'); "
        "print(' '.join(sorted(name for name in new if name not in sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    took, new = done.stdout.splitlines()
    print(f"import edgekit: {took}")
    assert new == "edgekit"


def test_the_menu_serves_every_floor_and_names_what_it_has(root):
    import edgekit as ek

    affine = __import__("edgekit.core.affine", fromlist=["quantize"])  # the menu serves floors; rooms are imported
    assert ek.core.affine.quantize is affine.quantize
    assert set(ek.FLOORS) <= set(dir(ek))
    with pytest.raises(AttributeError, match="the menu is: core, graph"):
        _ = ek.quantise
    assert all((root / "edgekit" / floor / "__init__.py").is_file() for floor in ek.FLOORS)
