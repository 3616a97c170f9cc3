"""A digest of the code that a result depends on, which prose cannot change.

The modules are the transitive closure of the `edgekit` imports, read from the syntax tree without running
anything. Each is reduced to what it computes: no comments, docstrings, line numbers or layout, and none of
the empty fields that newer Pythons add to their trees. The top `edgekit/__init__.py` holds only the menu and
the version and does not count.
"""

import ast
import hashlib
import importlib.util
from pathlib import Path

PACKAGE = "edgekit"
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def module_digests(module: str) -> dict[str, str]:
    """Return {module: digest} for `module` and every `edgekit` module that it imports, however deeply."""
    digests, waiting = {}, [module]
    while waiting:
        name = waiting.pop()
        if name not in digests:
            source = _source(name)
            digests[name] = normalized_digest(source)
            waiting += sorted(_imports(ast.parse(source), name))
    return dict(sorted(digests.items()))


def normalized_digest(source: str) -> str:
    """Return a short SHA-256 of what `source` computes.

    >>> normalized_digest("x = 1  # one") == normalized_digest("'''Doc.'''\\nx  =  1")
    True
    >>> normalized_digest("x = 1") == normalized_digest("x = 1.0")
    False
    """
    return hashlib.sha256(_dump(ast.parse(source)).encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """Return a short SHA-256 of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def combined(digests: dict[str, str]) -> str:
    """Return one SHA-256 over a table of digests."""
    lines = "\n".join(f"{name} {value}" for name, value in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _dump(node):
    """The tree as text: node kinds and non-empty fields, the same under every Python version."""
    if isinstance(node, list):
        return "[" + ",".join(map(_dump, node)) + "]"
    if not isinstance(node, ast.AST):
        return f"{type(node).__name__}:{node!r}"
    fields = []
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, DOCUMENTED):
            value = value[1:] if ast.get_docstring(node, clean=False) is not None else value
        if value not in (None, []) and name not in ("ctx", "kind", "type_comment", "type_ignores"):
            fields.append(f"{name}={_dump(value)}")
    return f"{type(node).__name__}({','.join(fields)})"


def _imports(tree, module):
    """The `edgekit` modules that a module's tree names in import statements, their packages included."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
            if any(alias.name == PACKAGE for alias in node.names):
                raise ValueError(f"module_digests: {module} has a bare 'import {PACKAGE}', so what it uses "
                                 f"is hidden; write 'from {PACKAGE}.core import affine' or the like")
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    inside = {name for name in found if name.startswith(f"{PACKAGE}.")}
    inside |= {".".join(name.split(".")[:end]) for name in inside for end in range(2, name.count(".") + 1)}
    return {name for name in inside if _path(name) is not None}


def _absolute(node, module):
    if node.level == 0:
        return node.module
    parts = module.split(".")
    is_package = _path(module).name == "__init__.py"
    base = parts[: len(parts) - node.level + is_package]
    return ".".join(base + ([node.module] if node.module else []))


def _path(name):
    """The file of a module inside the package, None when the name is a function or a class."""
    folder = Path(importlib.util.find_spec(PACKAGE).origin).parent.joinpath(*name.split(".")[1:])
    candidates = (folder / "__init__.py", folder.with_suffix(".py"))
    return next((path for path in candidates if path.is_file()), None)


def _source(name):
    path = _path(name)
    if path is None:
        raise ValueError(f"module_digests: no module {name!r} in the package; give its full name")
    return path.read_text(encoding="utf-8")
