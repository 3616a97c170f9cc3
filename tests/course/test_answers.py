"""Every check accepts other ways to be right, and tells each wrong way from the others."""

import importlib

import pytest

from edgekit.course.exercises import examine, find

TABLES = [importlib.import_module(f"tests.answers.lesson{number}")
          for number in ("04", "05", "06", "07", "08", "09", "10")]


@pytest.mark.parametrize(("name", "answer"), [row for table in TABLES for row in table.RIGHT])
def test_right_however_written(name, answer):
    report = examine(find(name), answer)
    assert report.ok, str(report)


@pytest.mark.parametrize(("name", "misconception", "answer"), [row for table in TABLES for row in table.WRONG])
def test_wrong_by_the_name_of_its_misconception(name, misconception, answer):
    report = examine(find(name), answer)
    assert not report.ok
    assert report.misconception == misconception, str(report)
