"""Which statements of the package a module depends on, read from the syntax trees without running anything.

All of a module's own top-level statements count. From there names are followed: what calls `affine.quantize`
depends on that function, and on what its names stand for in turn, not on its neighbours in the file.

    whole      a module used as a value, as in `getattr(module, name)`, counts with every statement
    effects    what runs on import (`TABLE["x"] = ...`, `if`, a bare call) counts in every module that is imported
    pairs      a constant ("edgekit.tasks.ppg", "TASK") is followed like an import of that name

A module named by one string alone is not followed: what the package loads so are generators and readers, whose results
are files, and files count by their bytes. Nor does the menu, `edgekit/__init__.py`, count.
"""

import ast
import importlib.util
from functools import cache
from pathlib import Path

PACKAGE = "edgekit"
BINDING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORT = (ast.Import, ast.ImportFrom)


def reached(module: str) -> dict[str, list]:
    """Return {module: [statements in their order]} for all of `module` and whatever it depends on.

    Raises ValueError for a module outside the package, and for a bare `import edgekit`, which hides what is used.
    """
    found, done, waiting = {}, set(), [(module, None)]
    _tree(module)
    while waiting:
        place = waiting.pop()
        if place in done:
            continue
        done.add(place)
        for statement in _statements(*place):
            found.setdefault(place[0], set()).add(statement)
            waiting += _uses(statement, place[0])
        waiting += _loaded(place[0])
    return {name: sorted(statements, key=lambda node: node.lineno) for name, statements in found.items()}


def _statements(module, name):
    """The top-level statements of a module that make `name`: with None all, with "" those that run on import."""
    body = [node for node in _tree(module).body if not isinstance(node, IMPORT) and not _is_prose(node)]
    if name is None:
        return body
    if name == "":
        return [node for node in body if not isinstance(node, BINDING) and not _simple_names(node)]
    made = [node for node in body if name in _names(node)]
    if made or name in _bound(_tree(module), module):
        return made
    return [node for node in body if "__getattr__" in _names(node)] or body


def _uses(statement, module):
    """The places (module, name) that a statement's names stand for; (module, None) for a module used as a value."""
    bound = _bound(_tree(module), module) | _bound(statement, module)
    chains = {node.value: node for node in ast.walk(statement) if isinstance(node, ast.Attribute)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            yield from _follow(bound.get(node.id, (module, node.id)), node, chains, module)
        elif isinstance(node, ast.Tuple) and _is_pair(node):
            yield tuple(element.value for element in node.elts)
        elif isinstance(node, IMPORT):
            yield from ((name, "") for name in _modules(_targets(node, module)))


def _follow(target, node, chains, module):
    """What a name stands for, with the attributes behind it as far as they lead through modules."""
    place, name = target
    if name is not None and place == module and name not in _top_names(module):
        return  # a local name, or one of Python's own
    while name is None and node in chains:
        node = chains[node]
        inner = f"{place}.{node.attr}"
        place, name = (inner, None) if _path(inner) else (place, node.attr)
    if name is not None and (onward := _bound(_tree(place), place).get(name)) and onward != (place, name):
        yield from _follow(onward, node, chains, place)
    else:
        yield place, name


def _loaded(module):
    """What importing a module runs: its effects, and those of whatever its top-level imports name."""
    yield module, ""
    for node in _tree(module).body:
        if isinstance(node, IMPORT):
            yield from ((name, "") for name in _modules(_targets(node, module)))


def _bound(tree, module):
    """{name: (module, name in it; None for the module itself)} of what imports in a tree bind from the package."""
    imports = tree.body if isinstance(tree, ast.Module) else ast.walk(tree)
    return {name: target for node in imports if isinstance(node, IMPORT)
            for name, target in _targets(node, module).items()}


def _targets(node, module):
    if isinstance(node, ast.Import):
        return dict(_plain(alias, module) for alias in node.names if alias.name.split(".")[0] == PACKAGE)
    base = _absolute(node, module)
    if base is None or base.split(".")[0] != PACKAGE:
        return {}
    inner = {alias.asname or alias.name: (base, alias.name) for alias in node.names}
    return {name: (f"{base}.{last}", None) if _path(f"{base}.{last}") else (base, last)
            for name, (base, last) in inner.items()}


def _plain(alias, module):
    if alias.asname is None or alias.name == PACKAGE:
        raise ValueError(f"code_reach: {module} has a bare 'import {alias.name}', so what it uses is hidden; "
                         f"write 'from {PACKAGE}.core import affine' or the like")
    return alias.asname, (alias.name, None)


def _modules(targets):
    """The modules behind bound names, with the packages around them, without the top one."""
    names = {place for place, _ in targets.values()}
    return {".".join(name.split(".")[:end]) for name in names for end in range(2, name.count(".") + 2)}


def _absolute(node, module):
    if node.level == 0:
        return node.module
    parts = module.split(".")
    base = parts[: len(parts) - node.level + (_path(module).name == "__init__.py")]
    return ".".join(base + ([node.module] if node.module else []))


def _names(node):
    """The names that a top-level statement makes, inside `if` and `try` too."""
    if isinstance(node, BINDING):
        return {node.name}
    return {leaf.id for leaf in ast.walk(node) if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)}


def _simple_names(node):
    """The names of an assignment to nothing but names; empty for whatever else runs on import."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    leaves = [leaf for target in targets for leaf in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return _names(node) if all(isinstance(leaf, ast.Name) for leaf in leaves) else set()


def _is_prose(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_pair(node):
    values = [element.value for element in node.elts if isinstance(element, ast.Constant)]
    return len(node.elts) == len(values) == 2 and all(isinstance(value, str) for value in values) and \
        values[0].startswith(f"{PACKAGE}.") and _path(values[0]) is not None


@cache
def _top_names(module):
    return frozenset().union(_bound(_tree(module), module), *map(_names, _tree(module).body))


def _tree(module):
    path = _path(module)
    if path is None or module == PACKAGE:
        raise ValueError(f"code_reach: no module {module!r} in the package; give its full name")
    return _parsed(path, path.stat().st_mtime_ns)


@cache
def _parsed(path, changed):
    return ast.parse(path.read_text(encoding="utf-8"))


def _path(name):
    """The file of a module inside the package, None when the name is a function, a class, or not in the package."""
    if name.split(".")[0] != PACKAGE:
        return None
    return _file(Path(importlib.util.find_spec(PACKAGE).origin).parent.joinpath(*name.split(".")[1:]))


@cache
def _file(folder):
    candidates = (folder / "__init__.py", folder.with_suffix(".py"))
    return next((path for path in candidates if path.is_file()), None)
