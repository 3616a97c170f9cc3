"""What a study depends on: names are followed through functions, imports and modules, and nothing beside them."""

import pytest

from edgekit.course import code_digest, code_reach

FILES = {
    "__init__": "", "sub/__init__": "",
    "a": "from edgekit import b\nfrom edgekit.c import constant as k\n\ndef cell(seed):\n    return b.used(seed) + k\n",
    "b": "from . import c\n\ndef used(x):\n    return helper(x) * c.other\n\ndef helper(x):\n    return x\n\n"
         "def unused(x):\n    return x\n",
    "c": "constant = 1\nother = 2\nnever = 3\n",
    "late": "def cell(seed):\n    from .sub import deep\n    return deep.f(seed)\n",
    "sub/deep": "from ..b import helper as f\n",
    "table": "TABLE = {}\n\ndef f(x):\n    return x\n\nTABLE['f'] = f\n",
    "reads": "from edgekit import table\nanswer = 42\n",
    "value": "from edgekit import b\n\ndef cell(name):\n    return getattr(b, name)\n",
    "names": "TASKS = {'one': ('edgekit.c', 'never'), 'two': ('some', 'words')}\n",
    "klass": "class Base:\n    x = 1\n\nclass Net(Base):\n    def f(self):\n        return helper()\n\n"
             "def helper():\n    return 1\n\ndef build():\n    return Net()\n",
    "builds": "from edgekit.klass import build\nnet = build()\n",
    "round": "from edgekit import round_trip\n\ndef f(x):\n    return round_trip.g(x)\n",
    "round_trip": "from edgekit import round\n\ndef g(x):\n    return round.f(x)\n",
    "bare": "import edgekit.b\n",
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Lay out a package; the call rewrites one module of it."""
    package = tmp_path / "edgekit"
    (package / "sub").mkdir(parents=True)
    spec = type("Spec", (), {"origin": str(package / "__init__.py")})
    monkeypatch.setattr(code_reach.importlib.util, "find_spec", lambda name: spec)
    caches = (code_reach._parsed, code_reach._top_names, code_reach._file)

    def put(name, text):
        (package / f"{name}.py").write_text(text)
        for each in caches:
            each.cache_clear()

    for name, text in FILES.items():
        put(name, text)
    yield put
    for each in caches:
        each.cache_clear()


def names(module):
    """{module: names of what is reached}."""
    found = code_reach.reached(f"edgekit.{module}")
    return {name.removeprefix("edgekit."): set().union(*map(code_reach._names, nodes)) for name, nodes in found.items()}


@pytest.mark.parametrize(("module", "expected"), [
    ("a", {"a": {"cell"}, "b": {"used", "helper"}, "c": {"constant", "other"}}),
    ("late", {"late": {"cell"}, "b": {"helper"}}),
    ("value", {"value": {"cell"}, "b": {"used", "helper", "unused"}, "c": {"other"}}),
    ("names", {"names": {"TASKS"}, "c": {"never"}}),
    ("builds", {"builds": {"net"}, "klass": {"build", "Net", "Base", "helper"}}),
    ("round", {"round": {"f"}, "round_trip": {"g"}}),
])
def test_what_is_reached(write, module, expected):
    assert names(module) == expected


def test_what_runs_on_import_counts_with_all_it_names(write):
    found = code_reach.reached("edgekit.reads")
    assert len(found["edgekit.table"]) == 3  # the table, the entry, and the function in it


@pytest.mark.parametrize(("name", "text", "changes"), [
    ("b", FILES["b"].replace("return helper(x) *", "return helper(x) +"), True),
    ("b", FILES["b"].replace("return x\n\ndef unused", "return -x\n\ndef unused"), True),
    ("b", FILES["b"].replace("def unused(x):\n    return x", "def unused(x):\n    return -x"), False),
    ("b", FILES["b"] + "\ndef new():\n    return 1\n", False),
    ("b", "import math\n" + FILES["b"], False),
    ("b", FILES["b"].replace("def used(x):", "def used(x):\n    \"\"\"Prose.\"\"\"  # and a remark"), False),
    ("b", FILES["b"] + "\nhelper.fast = True\n", True),
    ("c", "constant = 1\nother = 3\nnever = 3\n", True),
    ("c", "constant = 1\nother = 2\nnever = 4\n", False),
    ("a", FILES["a"] + "\nSTUDY = 1\n", True),
])
def test_a_study_is_stale_when_what_it_reaches_changes_and_only_then(write, name, text, changes):
    before = code_digest.module_digests("edgekit.a")
    write(name, text)
    assert (code_digest.module_digests("edgekit.a") != before) is changes


def test_a_bare_import_and_a_missing_module_are_refused(write):
    with pytest.raises(ValueError, match=r"edgekit\.bare has a bare 'import edgekit\.b'"):
        code_reach.reached("edgekit.bare")
    with pytest.raises(ValueError, match=r"no module 'edgekit\.nowhere'"):
        code_reach.reached("edgekit.nowhere")


def test_of_the_real_package_it_finds_what_a_call_needs():
    found = code_reach.reached("edgekit.graph.ptq")
    of = {name: set().union(*map(code_reach._names, nodes)) for name, nodes in found.items()}
    assert {"quantize", "QParams"} <= of["edgekit.core.affine"]
    assert "INTEGER" in of["edgekit.graph.integer_kernels"]
    assert not any(name.startswith(("edgekit.ui", "edgekit.deploy", "edgekit.nn")) for name in of)
    assert "edgekit" not in of
