"""Other libraries are kept quiet, until something goes wrong."""

import logging
import os
import sys
import warnings

import pytest

from edgekit.course.quiet import quiet


def speak():
    os.write(2, b"INFO: from native code\n")
    print("to standard output")
    print("to standard error", file=sys.stderr)
    warnings.warn("a warning", stacklevel=2)
    logging.getLogger("somebody").warning("a message")


def test_what_is_told_within_is_held_back_and_afterwards_all_is_as_before(capfd, caplog, recwarn):
    filters, level = list(warnings.filters), logging.root.manager.disable
    with quiet():
        speak()
    assert (capfd.readouterr(), caplog.text, recwarn.list) == (("", ""), "", [])
    assert (list(warnings.filters), logging.root.manager.disable) == (filters, level)
    os.write(2, b"after\n")
    print("after")
    assert capfd.readouterr() == ("after\n", "after\n")


def test_after_an_exception_it_is_written(capfd):
    def fail():
        with quiet():
            os.write(2, b"ERROR: the reason\n")
            print("the last step")
            return 1 / 0

    with pytest.raises(ZeroDivisionError):
        fail()
    out, err = capfd.readouterr()
    assert out == ""
    assert "ERROR: the reason\n" in err
    assert "the last step\n" in err


def test_an_error_that_is_logged_is_told_where_it_was_meant(caplog):
    with quiet():
        logging.getLogger("somebody").error("this matters")
    assert "this matters" in caplog.text


def free_descriptors(count=4):
    """The numbers that the next descriptors would get."""
    numbers = [os.dup(0) for _ in range(count)]
    for number in numbers:
        os.close(number)
    return numbers


def test_no_descriptor_is_lost():
    before = free_descriptors()
    with quiet():
        pass
    assert free_descriptors() == before
