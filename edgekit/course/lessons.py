"""The lessons: one source each, from which the executed notebook and the learner's copy are made."""

from pathlib import Path

from edgekit.course.places import find_source, notebooks_dir, sources
from edgekit.course.working_copy import prepare_work

__all__ = ["build", "names", "prepare_work", "stale"]


def names(folder=None) -> list[str]:
    """The names of all lessons, `["00_start_here", ...]`, in `folder` (default: the checkout's notebooks)."""
    return [path.stem for path in sources(_folder(folder))]


def build(number=None, folder=None) -> list[Path]:
    """Execute the source of lesson `number` (None: of every lesson) and write its cleaned notebook.

    Raises `edgekit.course.build.LessonError` when a cell fails, warns, or prints what differs between
    computers; then the old notebook stays.
    """
    from edgekit.course import build as builder

    return [builder.build(source, _target(source)) for source in _chosen(number, folder)]


def stale(number=None, folder=None) -> list[str]:
    """Say in what the notebook of lesson `number` (None: every lesson) differs from its source.

    A cell that was never executed counts too: nbval passes it silently.
    """
    from edgekit.course import build as builder

    return [f"{source.stem}: {problem}; run 'edgekit lessons build {source.stem[:2]}'"
            for source in _chosen(number, folder) for problem in builder.differences(source, _target(source))]


def _folder(folder):
    return Path(folder) if folder is not None else notebooks_dir()


def _chosen(number, folder):
    folder = _folder(folder)
    return sources(folder) if number is None else [find_source(folder, number)]


def _target(source):
    return source.parents[1] / f"{source.stem}.ipynb"
