"""Figures: what they say in words, their alternative text, their bytes."""

import base64
import html
import re

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot

from edgekit.ui.figures import facts, picture, show
from edgekit.ui.style import MARKERS, PALETTE, subplots


def a_figure():
    fig, axes = subplots(1, 2)
    axes[0].plot([0, 1, 2, 3], [0.0, 1.23456, -2.0, 4e-9], label="error")
    axes[0].set(title="Errors", xlabel="time (s)", ylabel="error (mV)")
    axes[0].axhline(1.0, label="_guide")
    axes[1].bar([0, 1], [20.0, 41.26], label="bytes")
    axes[1].imshow(np.arange(6.0).reshape(2, 3))
    axes[1].scatter([1, np.nan], [5.0, 7.0])
    axes[1].stairs([1, 5, 3], label="counts")
    return fig


def test_facts_literally():
    assert facts(a_figure()).splitlines() == [
        "Errors | x: time (s) | y: error (mV)",
        "  line error: 4 points, x 0 to 3 (mean 1.5), y -2 to 1.23 (mean -0.19)",
        " | x:  | y:",
        "  points: 2 points, x 1 to 1 (mean 1), y 5 to 7 (mean 6)",
        "  bars bytes: 2 bars, 20 to 41.3 (mean 30.6)",
        "  steps counts: 3 bins, 1 to 5 (mean 3)",
        "  image: 2 x 3, 0 to 5 (mean 2.5)",
    ]


@pytest.mark.parametrize("values", [[], [np.nan, np.inf]])
def test_facts_of_nothing(values):
    fig, ax = subplots()
    ax.plot(np.arange(len(values)), values)
    assert "y nothing" in facts(fig)


@pytest.mark.parametrize("change", [1e-3, -2e-3])
def test_facts_see_a_changed_curve_and_not_its_last_bits(change):
    def of(values):
        fig, ax = subplots()
        ax.plot(values)
        return facts(fig)

    curve = np.array([0.1, 0.7, 0.4])
    assert of(curve) == of(curve * (1 + 1e-12))
    assert of(curve) != of(curve + change)


def test_a_picture_holds_alt_text_and_a_png():
    alt = 'Errors stay within <1 mV> & bytes "double"'
    bundle = picture(a_figure(), alt)._repr_mimebundle_()
    found = re.fullmatch(
        r'<img alt="([^"]*)" width="768" style="[^"]*" src="data:image/png;base64,([^"]*)">', bundle["text/html"]
    )
    assert html.unescape(found[1]) == alt
    assert base64.b64decode(found[2]).startswith(b"\x89PNG")
    assert bundle["text/plain"].splitlines()[:2] == [f"figure: {alt}", "Errors | x: time (s) | y: error (mV)"]


def test_what_varies_leaves_its_facts_out():
    assert repr(picture(a_figure(), "Timings.", compare=False)) == "figure: Timings."


def test_equal_figures_give_equal_bytes_without_a_version():
    first, second = (picture(a_figure(), "The same.").png for _ in range(2))
    assert first == second
    assert b"Software" not in first


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_figure_without_alt_text_is_refused(alt):
    with pytest.raises(ValueError, match="alt must be a sentence"):
        show(a_figure(), alt)


def test_show_displays_once_and_closes_a_pyplot_figure(capsys):
    fig = pyplot.figure()
    pyplot.plot([1, 2])
    show(fig, "A line.")
    assert not pyplot.fignum_exists(fig.number)
    assert capsys.readouterr().out.count("figure: A line.") == 1


def test_show_gives_notebooks_html():
    bundle, _ = InteractiveShell.instance().display_formatter.format(picture(a_figure(), "Errors."))
    InteractiveShell.clear_instance()
    assert set(bundle) == {"text/html", "text/plain"}


def test_titles_stand_at_the_left_in_what_is_shown():
    fig = a_figure()
    picture(fig, "Errors.")
    assert (fig.axes[0].get_title(loc="left"), fig.axes[0].get_title(loc="center")) == ("Errors", "")


def test_every_colour_has_a_marker():
    assert len(PALETTE) == len(set(PALETTE)) == len(MARKERS) == len(set(MARKERS)) == 10
