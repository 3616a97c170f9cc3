"""One cell of one stored study, chosen by date, computed again: the whole way from a seed to a number in a lesson."""

import datetime
import os

import pytest

from edgekit.course import study_runs
from edgekit.course.studies import Study

#: what the whole test command can spare; EDGEKIT_STUDY_SECONDS lets the longer studies have their day too
LONGEST_S = float(os.environ.get("EDGEKIT_STUDY_SECONDS", 60))


@pytest.mark.slow
def test_one_cell_chosen_by_date_holds():
    name = study_runs.of_the_day(longest_s=LONGEST_S)
    said = []
    study_runs.verify(name, *study_runs.find(name), say=said.append)
    assert len(said) == 1
    assert said[0].startswith(f"{name}: seed ")


def test_every_study_has_its_day_and_long_ones_only_where_there_is_time():
    days = [datetime.date(2026, 1, 1) + datetime.timedelta(day) for day in range(len(study_runs.declared()))]
    assert sorted(study_runs.of_the_day(day) for day in days) == study_runs.declared()
    short = {study_runs.of_the_day(day, longest_s=LONGEST_S) for day in days}
    assert short == {name for name in study_runs.declared() if Study.load(name).host.get("cell_cpu_s", 0) <= LONGEST_S}
