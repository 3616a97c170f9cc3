"""One cell of one stored study, chosen by date, computed again: the whole way from a seed to a number in a lesson."""

import datetime

import pytest

from edgekit.course import study_runs


@pytest.mark.slow
def test_one_cell_chosen_by_date_holds():
    names = study_runs.declared()
    name = names[datetime.date.today().toordinal() % len(names)]
    said = []
    study_runs.verify(name, *study_runs.find(name), say=said.append)
    assert len(said) == 1
    assert said[0].startswith(f"{name}: seed ")
