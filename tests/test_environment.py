"""One list of packages in three files: pyproject.toml, requirements.lock and environment.yml agree."""

import re

import pytest
import yaml

from edgekit import packages

CONDA_NAMES = {"pytorch-cpu": "torch", "python-flatbuffers": "flatbuffers"}


@pytest.fixture(scope="module")
def pins(root):
    """Name -> versions pinned in the lock file (one for each range of Pythons)."""
    found = {}
    for line in (root / "requirements.lock").read_text("utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line)
        if match:
            found.setdefault(packages.normalize(match.group(1)), []).append(match.group(2))
    return found


@pytest.fixture(scope="module")
def conda(root):
    """What environment.yml asks of conda-forge, and of pip."""
    entries = yaml.safe_load((root / "environment.yml").read_text("utf-8"))["dependencies"]
    outer = [packages.parse(entry) for entry in entries if isinstance(entry, str)]
    inner = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    return [item._replace(name=CONDA_NAMES.get(item.name, item.name)) for item in outer], inner


def test_environment_yml_names_the_packages_of_pyproject(root, conda):
    outer, inner = conda
    by_pip = [packages.parse(entry) for entry in inner if not entry.startswith("-e")]
    named = {item.name: item.ranges for item in (*outer, *by_pip)}
    for name in ("python", "pip"):  # conda's own needs
        named.pop(name)
    assert named == {item.name: item.ranges for item in packages.declared(root)}
    assert "-e ." in inner


def test_environment_yml_uses_conda_forge_alone(root):
    channels = yaml.safe_load((root / "environment.yml").read_text("utf-8"))["channels"]
    assert channels == ["conda-forge", "nodefaults"]


def test_every_declared_package_is_pinned_within_its_range(root, pins):
    for name, ranges in packages.declared(root):
        assert name in pins, f"{name} is not in requirements.lock; run tools/lock.py"
        outside = [version for version in pins[name] if not packages.satisfies(version, ranges)]
        assert not outside, f"{name} {outside} is outside {ranges}; run tools/lock.py --upgrade"


def test_the_lock_has_hashes_for_all_but_torch(root):
    torch, others, number = packages.read_lock(root)
    assert torch == "torch==2.13.0"
    entries = re.split(r"\n(?=[A-Za-z0-9])", others)
    assert number == len(entries) > 100
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_host(root):
    text = (root / "requirements.lock").read_text("utf-8")
    assert re.findall(r"https?:|--(?:extra-)?index|--find-links|@ ", text) == []


def test_only_bootstrap_names_pytorchs_index(root):
    naming = [
        str(path.relative_to(root))
        for pattern in ("*", "edgekit/**/*", "tools/*", ".ci/*", "notebooks/source/*")
        for path in root.glob(pattern)
        if path.suffix in (".py", ".yml", ".toml", ".lock", ".md", "") and path.is_file()
        if "download." + "pytorch" in path.read_text("utf-8", errors="ignore")
    ]
    assert naming == ["edgekit/bootstrap.py"]


def test_this_environment_is_complete(root):
    assert packages.missing(root) == []


@pytest.mark.parametrize(
    ("version", "ranges", "expected"),
    [
        ("2.0", ">=2", True), ("2", ">=2.0.0", True), ("2.10", ">=2.9", True), ("2.9", ">=2.10", False),
        ("3.0.0", "<3", False), ("2.13.0+cpu", "==2.13.0", True), ("84.2.1", "", True), ("1.5", "!=1.5", False),
        ("2.99", ">=2.1,<3", True), ("1.99", ">=2.1, <3", False), ("26.3rc1", ">26.2,<=26.3", True),
    ],
)  # fmt: skip
def test_versions_compare_by_number(version, ranges, expected):
    assert packages.satisfies(version, ranges) is expected


def test_missing_names_the_package_its_range_and_what_is_here(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["numpy>=1", "pytest>=999", "no-such-package-here>=1,<2"]'
    )
    found = packages.missing(tmp_path)
    assert [entry.split(" ")[0] for entry in found] == ["pytest>=999", "no-such-package-here>=1,<2"]
    assert found[1].endswith("(has none)")
    assert packages.missing(tmp_path / "nowhere") == []
