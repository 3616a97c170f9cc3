"""What a user wants done: the front end, the classes, the metric and the sealed test set of each task."""

from importlib import import_module

#: task name -> module that defines TASK
TASKS = {"ppg": "edgekit.tasks.ppg"}


def get(name):
    """Return the `Task` called `name`. Raises ValueError that lists the known names."""
    if name not in TASKS:
        raise ValueError(f"task: unknown task {name!r}; known: {', '.join(TASKS)}")
    return import_module(TASKS[name]).TASK
