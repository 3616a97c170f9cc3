"""The widget that shows data: what is drawn is what the set holds, filters hold, the test split stays shut."""

import base64
import io
import re
import wave

import numpy as np
import pytest

from edgekit import data
from edgekit.data import Dataset, logmel
from edgekit.data.synthetic.acoustic import sounds
from edgekit.ui.browser import DEFAULT, DatasetBrowser
from edgekit.ui.browser_parts import player
from edgekit.ui.example_views import view_of
from edgekit.ui.explorer import latency_ms
from edgekit.ui.plots import facts

RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def browser():
    """One browser of all embedded sets, shared: each test says what it wants to see."""
    return DatasetBrowser()


def shown(browser):
    return browser.compute(**browser.values)


@pytest.mark.parametrize("name", DEFAULT)
def test_every_embedded_set_is_shown_and_called_synthetic(browser, name):
    browser.set(dataset=name, label="all", group="all", index=1)
    assert shown(browser).origin == "synthetic"
    assert browser.headline.value.count("synthetic") == 1
    still = browser.picture()
    assert still.alt.startswith(name)
    assert "nan" not in still.text


def test_boxes_are_those_of_the_scene(browser):
    found = data.load("camera", "val")
    row = int(np.flatnonzero((found.extras["kinds"] >= 0).sum(axis=1) == 3)[0])
    browser.set(dataset="camera", split="val", label="all", index=row)
    picture = browser.figure.view.main
    drawn = [frame for frame in picture.frames if frame.get_visible()]
    kinds = found.extras["kinds"][row]
    for frame, name, box, kind in zip(drawn, picture.names, found.extras["boxes"][row], kinds, strict=False):
        x, y = frame.get_data()
        assert [min(x), min(y), max(x), max(y)] == [value - 0.5 for value in box]
        assert name.get_text() == ("person", "vehicle")[kind]
    assert len(drawn) == 3
    np.testing.assert_array_equal(picture.image.get_array(), found.x[row])
    browser.set(label="empty", index=0)
    assert not any(frame.get_visible() for frame in picture.frames)


def test_a_class_and_a_group_narrow_the_selection(browser):
    found = data.load("ppg", "val")
    group = str(found.group[found.y == 3][0])
    browser.set(dataset="ppg", split="val", label="atrial_fibrillation", group=group, index=0)
    rows = browser.selection("ppg", "val", "atrial_fibrillation", group)
    np.testing.assert_array_equal(rows, np.flatnonzero((found.y == 3) & (found.group == int(group))))
    assert browser.controls["index"].max == len(rows) - 1
    assert shown(browser).position == rows[0]
    browser.set(label="all", group="all", index=len(found) - 1)
    assert shown(browser).position == len(found) - 1


def test_scenes_of_their_own_are_no_choice_but_people_are(browser):
    browser.set(dataset="camera")
    assert browser.controls["group"].options == ("all",)
    browser.set(dataset="faces", split="val")
    assert len(browser.controls["group"].options) == 1 + len(set(data.load("faces", "val").group.tolist()))


def test_buttons_go_round_the_ends_and_at_random_elsewhere(browser):
    browser.set(dataset="ppg", split="val", label="sinus", index=0)
    browser.buttons["previous"].click()
    assert browser.controls["index"].value == browser.controls["index"].max
    browser.buttons["next"].click()
    assert browser.controls["index"].value == 0
    for _ in range(5):
        before = browser.controls["index"].value
        browser.buttons["random"].click()
        assert browser.controls["index"].value != before


def test_the_test_split_stays_shut():
    browser = DatasetBrowser(["ppg", "cifar10", "speech_commands", "acoustic-raw"])
    offered = [browser.splits(name) for name in browser.sources]
    assert offered == [["train", "val"], ["train", "val"], ["train", "val"], ["all"]]
    sealed = Dataset("toy", "test", np.zeros((2, 4, 4), np.uint8), [0, 0], ("a",))
    with pytest.raises(ValueError, match="the test split of toy is sealed"):
        DatasetBrowser(sealed)


@pytest.mark.parametrize(("wrong", "message"), [({"label": "flutter"}, "no class 'flutter' here; there are all, sinus"),
                                                ({"bits": 3}, "no control named 'bits'")])
def test_an_unknown_choice_is_named(browser, wrong, message):
    browser.set(dataset="ppg")
    with pytest.raises(ValueError, match=message):
        browser.set(**wrong)


def test_the_true_beats_are_marked_and_early_ones_crossed(browser):
    found = data.load("ppg", "val")
    early = found.extras["premature"][found.y == found.class_names.index("ectopic")].any(axis=1)
    browser.set(dataset="ppg", split="val", label="ectopic", group="all", index=int(early.argmax()))
    extras, view = shown(browser).extras, browser.figure.view
    known = extras["beats"][np.isfinite(extras["beats"])]
    np.testing.assert_array_equal(view.dots.get_xdata(), known.astype(float))
    np.testing.assert_array_equal(view.early.get_xdata(), extras["beats"][extras["premature"]].astype(float))
    assert len(view.early.get_xdata()) >= 1
    assert [line.get_label() for line in view.motion] == ["x", "y", "z"]


def wav_in(html):
    """The samples and the rate of the `.wav` file in an audio element."""
    content = base64.b64decode(re.search(r"base64,([^\"]+)\"", html)[1])
    with wave.open(io.BytesIO(content)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def test_what_is_heard_is_the_first_microphone(browser):
    browser.set(dataset=sounds.RAW_NAME, label="valve_leak", index=0)
    heard, fs = wav_in(browser.sound.value)
    raw = shown(browser).x[:, 0]
    assert fs == 16000
    np.testing.assert_allclose(heard / np.abs(heard).max(), raw / np.abs(raw).max(), atol=1 / 20000)
    assert 'aria-label="valve leak, synthetic sound"' in browser.sound.value
    assert browser.buttons["hear"].layout.display == "none"


def test_a_sound_that_is_not_stored_is_made_when_asked_for(browser):
    browser.set(dataset="acoustic-raw")
    browser.set(dataset="acoustic", split="val", label="all", group="all", index=11)
    assert browser.sound.value == ""
    assert browser.buttons["hear"].layout.display == ""
    browser.buttons["hear"].click()
    heard, _ = wav_in(browser.sound.value)
    features = logmel.power_db(heard / 32768.0)[:64]
    apart = features - shown(browser).x
    assert apart.std() < 0.5  # one level for all, and codes of 1 dB: rounding alone has 0.29
    browser.set(dataset="ppg")
    assert browser.sound.value == ""


def test_a_player_escapes_its_name_and_stands_silence():
    assert "&lt;b&gt;" in player(np.zeros(100), 8000, "<b>")


def signals(acc):
    time = np.arange(1000) / 100
    x = np.stack([np.exp(3 * np.cos(2 * np.pi * rate * time)) for rate in (1.0, 1.5)])
    extras = {"bpm": np.array([60.0, np.nan])} | ({"acc": RNG.normal(0, 0.1, (2, 250, 3))} if acc else {})
    return Dataset("toy", "all", x, [0, 0], ("unlabelled",), 100.0, [1, 2], extras, "real")


@pytest.mark.parametrize("acc", [False, True])
def test_a_pulse_with_and_without_acceleration(acc):
    browser = DatasetBrowser(signals(acc))
    assert len(browser.figure.axes) == 2 + acc
    view = browser.figure.view
    np.testing.assert_allclose(np.diff(view.dots.get_xdata()), 1.0, atol=0.02)
    np.testing.assert_allclose(view.gaps.get_ydata(), np.diff(view.dots.get_xdata()))
    assert "60 beats per minute" in browser.headline.value
    browser.set(index=1)
    assert "beats per minute" not in browser.headline.value
    assert "unknown" in browser.numbers.value


@pytest.mark.parametrize(("x", "fs", "view"), [
    (np.zeros((2, 9, 7), np.uint8), None, "picture"),
    (np.zeros((2, 9, 9)), None, "picture"),
    (np.zeros((2, 9, 9, 3), np.uint8), None, "picture"),
    (np.zeros((2, 20, 9)), None, "map"),
    (np.zeros((2, 20, 9), np.float32), 16000.0, "features"),
    (np.zeros((2, 3000), np.int16), 16000.0, "sound"),
    (np.zeros((2, 3000, 8), np.int16), 16000.0, "sound"),
    (np.zeros((2, 300)), 64.0, "pulse"),
])
def test_the_view_follows_from_the_shape(x, fs, view):
    found = Dataset("toy", "all", x + RNG.integers(0, 2, x.shape).astype(x.dtype), [0, 0], ("a",), fs)
    assert view_of(found) == view
    browser = DatasetBrowser(found)
    assert 'role="status"' in browser.headline.value
    assert facts(browser.static())


def test_no_view_for_a_bare_vector():
    with pytest.raises(ValueError, match=r"no view for toy, whose x has shape \(2, 5\) and fs None"):
        DatasetBrowser(Dataset("toy", "all", np.zeros((2, 5)), [0, 0], ("a",)))


def test_real_sets_are_shown_and_called_real(edgekit_data):
    names = [name for name in ("welltory", "mlperf_tiny", "person_detection") if (edgekit_data / name).is_dir()]
    browser = DatasetBrowser([*names, "sklearn_digits"])
    for name in (*names, "sklearn_digits"):
        browser.set(dataset=name)
        assert f"{name}, all, real" in browser.headline.value


def test_an_unknown_set_is_told_at_once():
    with pytest.raises(ValueError, match="unknown public set 'imagenet'"):
        DatasetBrowser(["imagenet"])
    with pytest.raises(ValueError, match="no sets"):
        DatasetBrowser([])


@pytest.mark.parametrize("name", ["camera", "ppg", "acoustic"])
def test_one_step_of_the_slider_is_quick(browser, name):
    browser.set(dataset=name, split="val", label="all", group="all", index=0)
    assert np.percentile(latency_ms(browser, "index", 24), 25) < 100  # of a busy machine the quiet quarter
