"""Native libraries are kept quiet, until something goes wrong."""

import os

import pytest

from edgekit.course.quiet import quiet


def test_what_is_written_within_is_held_back(capfd):
    with quiet():
        os.write(2, b"INFO: within\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_after_an_exception_it_is_written(capfd):
    def fail():
        with quiet():
            os.write(2, b"ERROR: the reason\n")
            return 1 / 0

    with pytest.raises(ZeroDivisionError):
        fail()
    assert capfd.readouterr().err == "ERROR: the reason\n"


def test_no_descriptor_is_lost():
    first = os.dup(0)
    os.close(first)
    for _ in range(5):
        with quiet():
            pass
    second = os.dup(0)
    os.close(second)
    assert second == first
