"""From `notebooks/source/NN_name.py` to the executed notebook that is committed and read.

The executed notebook is the regression reference, so a second build must change nothing but real changes:
no timings, no widget state, a constant widget id, cell ids that follow from the cells, merged output streams.
"""

import hashlib
import os
import re
from collections import Counter
from pathlib import Path

from edgekit import _atomic
from edgekit.course.places import checkout
from edgekit.course.working_copy import read_notebook, text

STRICT = "EDGEKIT_STRICT"  # set while a lesson is built: a failing check then raises
CELL_TIMEOUT_S = 120
MODEL_ID = "0" * 32
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}}


class LessonError(ValueError):
    """A lesson that does not run, or whose notebook does not fit its source."""


def read_source(path: Path) -> dict:
    """Read a py:percent source as an unexecuted notebook with stable cell ids."""
    import jupytext

    notebook = jupytext.reads(Path(path).read_text(encoding="utf-8"), fmt="py:percent")
    notebook.metadata = METADATA
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    seen = Counter()
    for cell in notebook.cells:
        name = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[name] += 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return notebook


def execute(notebook, folder: Path, name: str, strict: bool = True):
    """Run a notebook's cells in `folder`, in place, in this Python. Raises LessonError at the first fault.

    With `strict` a check that fails is a fault too; a learner's copy runs without.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    client = NotebookClient(notebook, km=_this_python(), timeout=CELL_TIMEOUT_S, record_timing=False,
                            extra_arguments=["--IPKernelApp.log_level=ERROR"],
                            resources={"metadata": {"path": str(folder)}})
    path = os.pathsep.join(filter(None, [str(checkout()), os.environ.get("PYTHONPATH")]))
    try:
        client.execute(env={**os.environ, STRICT: "1" if strict else "", "PYTHONPATH": path})
    except CellExecutionError as error:
        raise LessonError(f"lessons build: {name} stops with {error.ename}: {error.evalue}; "
                          f"in the cell\n{_failed_cell(notebook)}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise LessonError(f"lessons build: {name}: {type(error).__name__}; cells may take {CELL_TIMEOUT_S} s "
                          f"and must not end the kernel; in the cell\n{_failed_cell(notebook)}") from None


def _this_python():
    """A kernel manager for the running Python, whatever kernels the user has installed."""
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class OnlyThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name):
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=OnlyThisPython())


def _failed_cell(notebook):
    started = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count]
    return started[-1].source if started else "(none had started)"


def clean(notebook, name: str):
    """Remove from a notebook, in place, what differs between runs. Raises LessonError for stderr."""
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _merge_streams(cell.outputs)
            for output in cell.outputs:
                _clean_output(output, name, cell.source)


def _merge_streams(outputs):
    merged = []
    for output in outputs:
        if output.output_type == "stream" and merged and merged[-1].get("name") == output.name:
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def _clean_output(output, name, source):
    if output.get("name") == "stderr":
        raise LessonError(f"lessons build: {name} writes to standard error: {output.text.strip()[:200]!r}; "
                          f"a lesson has no warnings, they differ from run to run; in the cell\n{source}")
    if WIDGET_VIEW in output.get("data", {}):
        output.data[WIDGET_VIEW] = {"model_id": MODEL_ID, "version_major": 2, "version_minor": 0}
    shown = output.get("text", "") + "".join(str(value) for value in output.get("data", {}).values())
    if str(checkout()) in shown or re.search(r"<[\w.]+ object at 0x[0-9a-f]+>", shown):
        raise LessonError(f"lessons build: {name} prints a path or an address of this computer; "
                          f"in the cell\n{source}")


def build(source: Path, target: Path) -> Path:
    """Execute one source and write its notebook, whole or not at all. Return `target`."""
    import nbformat

    notebook = read_source(source)
    execute(notebook, target.parent, source.stem)
    clean(notebook, source.stem)
    nbformat.validate(notebook)
    _atomic.write_text(target, nbformat.writes(notebook).rstrip("\n") + "\n")
    return target


def differences(source: Path, target: Path) -> list[str]:
    """Say in what a notebook does not fit its source or was not wholly executed; empty when all is well."""
    if not target.exists():
        return [f"{target.name} is missing"]
    wanted, found = read_source(source).cells, read_notebook(target)["cells"]
    problems = []
    if len(wanted) != len(found):
        problems.append(f"{target.name} has {len(found)} cells, its source has {len(wanted)}")
    for index, (want, have) in enumerate(zip(wanted, found, strict=False)):
        if (want.id, want.cell_type, want.source, want.metadata) != (
                have.get("id"), have["cell_type"], text(have["source"]), have.get("metadata")):
            problems.append(f"cell {index} differs from the source; it begins {want.source[:50]!r}")
    code = [cell for cell in found if cell["cell_type"] == "code"]
    for order, cell in enumerate(code, start=1):
        if cell.get("execution_count") != order:
            problems.append(f"code cell {order} was not executed in order: {text(cell['source'])[:50]!r}")
        if any(output["output_type"] == "error" for output in cell["outputs"]):
            problems.append(f"code cell {order} stopped with an error")
    return problems
