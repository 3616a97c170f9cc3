"""What a user wants done: the front end, the classes, the metric and the sealed test set of each task."""

from importlib import import_module

#: task name -> (module, name of the `Task` in it)
TASKS = {
    "ppg": ("edgekit.tasks.ppg", "TASK"),
    "camera-presence": ("edgekit.tasks.camera", "PRESENCE"),
    "camera-detect": ("edgekit.tasks.camera", "DETECT"),
    "acoustic-fault": ("edgekit.tasks.acoustic", "FAULT"),
    "acoustic-anomaly": ("edgekit.tasks.acoustic", "ANOMALY"),
}


def get(name):
    """Return the `Task` called `name`. Raises ValueError that lists the known names.

    >>> get("camera-detect").metric_name
    'map_50'
    """
    if name not in TASKS:
        raise ValueError(f"task: unknown task {name!r}; known: {', '.join(TASKS)}")
    module, attribute = TASKS[name]
    return getattr(import_module(module), attribute)
