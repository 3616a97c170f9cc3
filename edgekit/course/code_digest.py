"""A digest of the code that a result depends on, which prose cannot change and unrelated code does not.

What counts are the statements that `code_reach` finds from the module of a study, each reduced to what it computes: no
comments, docstrings, line numbers or layout, and none of the empty fields that newer Pythons add to their trees.
"""

import ast
import hashlib
from pathlib import Path

from edgekit.course.code_reach import reached

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def module_digests(module: str) -> dict[str, str]:
    """Return {module: digest of what is reached in it}: all of `module`, and whatever that uses, however deeply."""
    return {name: _digest(statements) for name, statements in sorted(reached(module).items())}


def normalized_digest(source: str) -> str:
    """Return a short SHA-256 of what `source` computes.

    >>> normalized_digest("x = 1  # one") == normalized_digest("'''Doc.'''\\nx  =  1")
    True
    >>> normalized_digest("x = 1") == normalized_digest("x = 1.0")
    False
    """
    return _digest(ast.parse(source))


def file_digest(path: Path) -> str:
    """Return a short SHA-256 of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def combined(digests: dict[str, str]) -> str:
    """Return one SHA-256 over a table of digests."""
    lines = "\n".join(f"{name} {value}" for name, value in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _digest(tree):
    return hashlib.sha256(_dump(tree).encode()).hexdigest()[:16]


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
