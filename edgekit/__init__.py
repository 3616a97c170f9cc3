"""edgekit: from fifteen lines of NumPy to firmware on a microcontroller, every number measured.

``import edgekit as ek`` is a menu: each floor is imported when it is first named, so the import itself
costs next to nothing and loads neither NumPy nor torch.

>>> import edgekit as ek
>>> ek.core.affine.__name__
'edgekit.core.affine'
"""

# Parsed by every Python that may start `python3 -m edgekit`, also one that is too old: no new syntax here.
import importlib
import importlib.util

__version__ = "0.1.0"

FLOORS = ("core", "graph", "data", "nn", "deploy", "tasks", "search", "course", "ui")

__all__ = list(FLOORS)


def __getattr__(name):
    """Import a floor, or a module of the package, when it is first asked for (PEP 562)."""
    if name in FLOORS:
        floor = importlib.import_module("edgekit." + name)
        if "__getattr__" not in vars(floor):
            floor.__getattr__ = _modules_of(floor)
        return floor
    raise AttributeError("edgekit has no {!r}; the menu is: {}".format(name, ", ".join(FLOORS)))


def _modules_of(floor):
    """Give a floor the same laziness: its modules are imported when they are first named."""

    def getattr_(name):
        full = floor.__name__ + "." + name
        if name.startswith("_") or importlib.util.find_spec(full) is None:
            raise AttributeError("{} has no {!r}".format(floor.__name__, name))
        return importlib.import_module(full)

    return getattr_


def __dir__():
    return sorted(list(globals()) + list(FLOORS))
