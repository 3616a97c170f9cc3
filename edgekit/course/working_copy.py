"""The learner's copy of the lessons: without solutions and outputs, and never overwritten once edited.

`work/` holds one notebook per lesson and a manifest with a digest of what was delivered. A notebook that
still has the delivered cells is untouched (running it changes only outputs) and follows the lesson silently.
An edited one stays; the new lesson arrives beside it, and that is said once. Standard library only.
"""

import datetime
import hashlib
import json
import re
from pathlib import Path

from edgekit import _atomic
from edgekit.course.places import LESSON

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
MANIFEST = ".delivered.json"
ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)\s*=(?!=)")


def strip_solution(source: str) -> str:
    """Return a cell's source with what stands between the markers replaced by a placeholder.

    Inside a function the placeholder raises NotImplementedError; at the top level each name that the solution
    assigns becomes `name = ...`, so that later cells still run. Raises ValueError for an unpaired marker.

    >>> print(strip_solution("def f(x):\\n    ### BEGIN SOLUTION\\n    return x / 2\\n    ### END SOLUTION"))
    def f(x):
        # your code here
        raise NotImplementedError
    """
    kept, solution = [], None
    for line in source.split("\n"):
        marker = line.strip()
        if marker in (BEGIN, END) and (marker == BEGIN) != (solution is None):
            raise ValueError(f"strip_solution: {marker!r} has no partner in the cell {source[:60]!r}")
        if marker == BEGIN:
            solution = []
        elif marker == END:
            kept += _placeholder(solution, line[: len(line) - len(line.lstrip())])
            solution = None
        elif solution is not None:
            solution.append(line)
        else:
            kept.append(line)
    if solution is not None:
        raise ValueError(f"strip_solution: {BEGIN!r} has no partner in a cell that begins {source[:60]!r}")
    return "\n".join(kept)


def _placeholder(solution, indent):
    if indent:
        return [f"{indent}# your code here", f"{indent}raise NotImplementedError"]
    names = [match[1] for match in map(ASSIGNMENT.match, solution) if match]
    return [f"{name} = ...  # your answer here" for name in dict.fromkeys(names)] or ["...  # your code here"]


def student_version(notebook: dict) -> dict:
    """Return a copy of a notebook (as its JSON) without solutions, outputs, counts and widget state."""
    student = json.loads(json.dumps(notebook))
    student["metadata"].pop("widgets", None)
    for cell in student["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = strip_solution(text(cell["source"]))
            cell["outputs"], cell["execution_count"] = [], None
            cell["metadata"].pop("execution", None)
    return student


def prepare_work(root) -> list[str]:
    """Bring `root/work` up to date with `root/notebooks` and return what the learner should be told.

    New and untouched lessons are written silently. Beside an edited one the new version is written as
    `NAME.new.ipynb` (or under today's date when that one is edited too), and one message says so. Every file
    is written whole or not at all; a second call changes nothing. Raises ValueError for a broken lesson.
    """
    root = Path(root)
    work, messages = root / "work", []
    before = _read_manifest(work)
    manifest = json.loads(json.dumps(before))
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        if LESSON.match(path.stem):
            messages += _deliver(path, work, manifest)
    if manifest != before:
        _atomic.write_text(work / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return messages


def _deliver(lesson, work, manifest):
    """Deliver one lesson; `manifest` is changed in place. Return the messages for the learner."""
    content = json.dumps(student_version(read_notebook(lesson)), indent=1, ensure_ascii=False) + "\n"
    new, target = digest(json.loads(content)), work / lesson.name
    entry = manifest.setdefault(lesson.stem, {"delivered": "", "beside": {}})
    old = _digest_of(target)
    if old in (None, new) or old == entry["delivered"]:
        if old != new:
            _atomic.write_text(target, content)
        entry.update(delivered=new, beside={})
        return []
    if new in (entry["delivered"], *entry["beside"].values()):  # edited, and this version was offered before
        return []
    beside = _free_name(work, lesson.stem, entry["beside"], new)
    if _digest_of(beside) != new:
        _atomic.write_text(beside, content)
    entry["beside"][beside.name] = new
    return [f"Lesson {lesson.stem} has changed. Your edited work/{lesson.name} stays as it is; "
            f"the new version is work/{beside.name}."]


def _free_name(work, stem, offered, new):
    """The first of NAME.new.ipynb, NAME.<date>.ipynb, NAME.<date>-2.ipynb ... without the learner's work."""
    today = datetime.date.today().isoformat()
    suffixes = ["new", today] + [f"{today}-{count}" for count in range(2, 100)]
    for path in (work / f"{stem}.{suffix}.ipynb" for suffix in suffixes):
        if _digest_of(path) in (None, new, offered.get(path.name)):
            return path
    raise ValueError(f"prepare_work: {work} is full of versions of {stem}; delete those you no longer need")


def read_notebook(path: Path) -> dict:
    """Read an `.ipynb` as JSON. Raises ValueError naming the file when it is not a notebook."""
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8"))
        notebook["metadata"], [(cell["cell_type"], cell["source"]) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"lessons: {path} is not a notebook ({type(error).__name__}: {error}); "
                         f"restore it with 'git checkout -- notebooks/{Path(path).name}'") from None
    return notebook


def digest(notebook: dict) -> str:
    """SHA-256 of the kind and the source of every cell: what a person writes, not what a run adds."""
    cells = [(cell["cell_type"], text(cell["source"])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def text(source) -> str:
    """A cell's source as one string; the format also allows a list of lines."""
    return source if isinstance(source, str) else "".join(source)


def _digest_of(path):
    """The digest of a file in `work/`: None when absent, a string of its own when it is no notebook."""
    if not path.exists():
        return None
    try:
        return digest(read_notebook(path))
    except ValueError:
        return "not a notebook"


def _read_manifest(work):
    """The manifest; an unreadable one counts as empty, so that every differing file is kept as edited."""
    try:
        manifest = json.loads((work / MANIFEST).read_text(encoding="utf-8"))
        return {stem: {"delivered": str(entry["delivered"]), "beside": dict(entry["beside"])}
                for stem, entry in manifest.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
