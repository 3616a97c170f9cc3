"""What the LayerSensitivity widget shows of a report."""

import numpy as np
import pytest

from edgekit.graph.sensitivity import Report, Row
from edgekit.ui.sensitivity import LayerSensitivity


def report(*values, metric=True):
    rows = tuple(Row(f"t{i}", f"layer {i}", "conv2d", *value, *((0.9 - i / 10, 0.5 + i / 10) if metric else ()))
                 for i, value in enumerate(values))
    return Report(rows, 5.0, *((0.93, 0.4) if metric else ()))


REPORTS = {"8 bits": report((30, 7), (12, 25), (np.inf, 5)), "4 bits": report((9, 6), (20, 5.5), (-3, 8))}


def test_the_worst_alone_and_the_one_to_spare():
    explorer = LayerSensitivity(REPORTS, "macro F1")
    assert explorer.compute("8 bits", "only", "db").chosen == 1
    assert explorer.compute("8 bits", "but", "db").chosen == 1
    assert explorer.compute("4 bits", "only", "db").chosen == 2
    assert explorer.compute("4 bits", "but", "metric").chosen == 2
    assert explorer.compute("4 bits", "only", "metric").values == pytest.approx((0.9, 0.8, 0.7))


def test_what_each_is_compared_with():
    explorer = LayerSensitivity(REPORTS, "macro F1")
    references = {(q, m): explorer.compute("8 bits", q, m).reference for q in ("only", "but") for m in ("db", "metric")}
    assert references == {("only", "db"): None, ("only", "metric"): 0.93, ("but", "db"): 5.0, ("but", "metric"): 0.4}


def test_no_error_is_said_in_words():
    explorer = LayerSensitivity(REPORTS, "macro F1")
    assert explorer.figure.written[2].get_text().strip() == "no error"
    assert explorer.figure.written[1].get_text().strip() == "12.0 dB"


def test_bars_hold_the_values():
    explorer = LayerSensitivity(REPORTS, "macro F1")
    explorer.set(setting="4 bits", question="but")
    assert [bar.get_width() for bar in explorer.figure.bars] == [6, 5.5, 8]
    assert "sparing only layer 2 brings 8.0 dB" in explorer.headline.value


@pytest.mark.parametrize(("reports", "metric", "message"), [
    ({}, None, "no reports"),
    ({"a": report((1, 2)), "b": report((1, 2), (3, 4))}, None, "different networks"),
    ({"a": report((1, 2), metric=False)}, "accuracy", "has no accuracy"),
])
def test_reports_that_do_not_fit(reports, metric, message):
    with pytest.raises(ValueError, match=message):
        LayerSensitivity(reports, metric)
