"""What the datasheets say must be so: counts, sizes, and that nothing is left out."""

import re

import numpy as np
import pytest

from edgekit import data
from edgekit.data.store import read_manifest

FAMILIES = sorted(data.GENERATORS)
PARTS = ("**Origin: synthetic.**", "**Licence:**", "## How it is made", "## What it does not represent",
         "## Splits, leakage, size", "## Make it again")


def sheet(name):
    return (data.datasets_dir() / name / "DATASHEET.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_a_complete_datasheet(name):
    assert [part for part in PARTS if part not in sheet(name)] == []
    assert sheet(name).startswith(f"# Datasheet: {name}\n")


@pytest.mark.parametrize("name", FAMILIES)
def test_the_table_of_splits_counts_what_the_files_hold(name):
    table = [row.strip("|").split("|") for row in sheet(name).splitlines() if row.startswith("| ")][:4]
    header = [cell.strip() for cell in table[0]]
    assert [re.search(r"`(\w+)\.npz`", row[0])[1] for row in table[1:]] == ["train", "val", "test"]
    for split, row in zip(("train", "val", "test"), table[1:], strict=True):
        found = data.load(name, split, purpose="report")
        said = {key: int(cell.replace(",", "")) for key, cell in zip(header, row, strict=True)
                if cell.strip().replace(",", "").isdigit()}
        groups = said.get("subjects", said.get("units", said.get("people", said.get("scenes"))))
        examples = said.get("windows", said.get("recordings", said.get("pictures", said.get("scenes"))))
        assert (examples, groups) == (len(found), len(np.unique(found.group)))


@pytest.mark.parametrize("name", FAMILIES)
def test_sizes_are_as_stated(name):
    text = sheet(name).replace("\n", " ")
    total = sum(entry["bytes"] for path, entry in read_manifest(data.datasets_dir()).items()
                if path.startswith(f"{name}/"))
    assert float(re.search(r"(\d+\.\d) MB in all", text)[1]) == round(total / 1e6, 1)
    one = data.load(name, "val").x[0].nbytes
    assert int(re.search(r"(?:is|a) (?:a \w+ is )?([\d,]+) bytes in memory", text)[1].replace(",", "")) == one


def test_all_embedded_data_stay_below_twenty_megabytes():
    assert sum(entry["bytes"] for entry in read_manifest(data.datasets_dir()).values()) <= 20e6


def test_the_nearest_mean_of_faces_is_as_stated():
    found = data.load("faces", "val")
    x = found.x.reshape(len(found), -1).astype(float)
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    known = np.zeros(len(found), bool)
    for person in range(8):
        known[np.flatnonzero(found.y == person)[:12]] = True
    means = np.stack([x[known & (found.y == person)].mean(axis=0) for person in range(8)])
    nearest = ((x[~known][:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    said = float(re.search(r"names (\.\d+) of the other (\d+)", sheet("faces").replace("\n", " "))[1])
    assert said == round(float((nearest == found.y[~known]).mean()), 2)


def test_the_readme_leads_to_every_datasheet():
    readme = (data.datasets_dir().parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in FAMILIES if f"(datasets/{name}/DATASHEET.md)" not in readme] == []
