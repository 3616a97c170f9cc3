"""How the `DatasetBrowser` shows one example: a picture, a pulse, or a sound. Each view makes a figure and fills it."""

from dataclasses import dataclass, field

import numpy as np

from edgekit.data import doa, heart, logmel, signal
from edgekit.data.synthetic.acoustic.array import circle
from edgekit.data.wav import to_float
from edgekit.ui.examples import BandLevels, Microphones, PictureWithBoxes, Spectrogram, contact_sheet
from edgekit.ui.style import BLUE, MARKERS, ORANGE, PALETTE, RED, subplots

SHEET = 9
SOUND_HZ = 4000.0  # a signal sampled faster than this is heard, a slower one is a pulse
KIND_NAMES = ("person", "vehicle")


@dataclass(frozen=True, eq=False)
class Example:
    """One example, ready to be shown: `x` in the form that its view takes, `facts` for the table of numbers."""

    name: str
    split: str
    origin: str
    position: int
    count: int
    label: str
    group: str
    x: np.ndarray
    fs: float | None
    extras: dict = field(default_factory=dict)
    others: np.ndarray | None = None


def view_of(data):
    """The view that fits a data set: "picture", "pulse", "sound", "features" or "map". ValueError for another shape.

    >>> from edgekit.data import Dataset
    >>> view_of(Dataset("toy", "val", np.zeros((2, 8, 8), np.uint8), [0, 0], ("a",)))
    'picture'
    """
    shape, is_square = data.x.shape[1:], data.x.ndim > 2 and data.x.shape[1] == data.x.shape[2]
    if data.fs is None and (len(shape) == 3 or (len(shape) == 2 and (data.x.dtype == np.uint8 or is_square))):
        return "picture"
    if data.fs is None and len(shape) == 2:
        return "map"
    if data.fs is not None and len(shape) == 2 and data.x.dtype.kind == "f":
        return "features"
    if data.fs is not None and len(shape) in (1, 2):
        return "sound" if data.fs >= SOUND_HZ else "pulse"
    raise ValueError(f"DatasetBrowser: no view for {data.name}, whose x has shape {data.x.shape} and fs {data.fs}; "
                     "it shows pictures (N, H, W[, 3]), signals (N, L) with fs, and features (N, T, bands)")


class PictureView:
    """The picture, upscaled, with its boxes; beside it the next nine of the selection."""

    def __init__(self, example):
        self.figure, (left, right) = subplots(1, 2, height=3.8)
        self.main = PictureWithBoxes(left, example.x, 5, animated=True)
        left.set_title("The example")
        sheet = contact_sheet(example.others)
        self.sheet = PictureWithBoxes(right, sheet, 0, animated=True)
        right.set_title("The next ones")

    def draw(self, example):
        kinds = np.asarray(example.extras.get("kinds", ()))
        boxes = np.asarray(example.extras.get("boxes", ())).reshape(-1, 4)[kinds >= 0]
        self.main.draw(example.x, boxes, kinds[kinds >= 0], KIND_NAMES)
        self.sheet.draw(contact_sheet(example.others))

    def sentence(self, example):
        kinds = np.asarray(example.extras.get("kinds", ()), int)
        counts = [(name, int((kinds == i).sum())) for i, name in enumerate(KIND_NAMES)]
        parts = [f"{n} box{'es' if n > 1 else ''} of {name}" for name, n in counts if n]
        return f", {' and '.join(parts)}" if parts else ""


class PulseView:
    """The pulse with its beats, the time between them, and the acceleration if there is any.

    The beats are the true ones where the set knows them (`extras["beats"]`, early ones marked), else those that
    `heart.find_beats` finds.
    """

    def __init__(self, example):
        self.has_motion, knows = "acc" in example.extras, "beats" in example.extras
        rows = 3 if self.has_motion else 2
        self.figure, axes = subplots(rows, 1, height=1.7 * rows + 0.6, sharex=True,
                                     height_ratios=[2, 1.2, 1.2][:rows])
        self.seconds = len(example.x) / example.fs
        self.line = axes[0].plot([], [], color=BLUE, lw=1.4, animated=True, label="pulse")[0]
        self.dots = axes[0].plot([], [], "o", color=ORANGE, mec="white", ms=7, animated=True, label="beats")[0]
        self.early = axes[0].plot([], [], "X", color=RED, mec="white", ms=10, animated=True, label="early beats")[0]
        title = "The pulse: circles are beats that show, crosses early ones" if knows else "The pulse, beats as found"
        axes[0].set(xlim=(0, self.seconds), ylim=(-0.12, 1.12), ylabel="pulse (own range)", yticks=[0, 1], title=title)
        self.gaps = axes[1].plot([], [], "s-", color=ORANGE, ms=5, lw=1.2, animated=True, label="interval")[0]
        axes[1].set(ylim=(0.2, 2.0), ylabel="interval (s)", title="Time since the beat before")
        self.motion = []
        if self.has_motion:
            self.motion = [axes[2].plot([], [], color=PALETTE[i + 2], lw=1.2, marker=MARKERS[i + 2], ms=4, markevery=25,
                                        animated=True, label=name)[0] for i, name in enumerate("xyz")]
            axes[2].set(ylim=(-2.2, 2.2), ylabel="acceleration (g)", title="Accelerometer")
            axes[2].legend(loc="upper right", ncols=3)
        axes[-1].set(xlabel="time (s)")

    def draw(self, example):
        x = np.asarray(example.x, np.float64)
        scaled = (x - x.min()) / (np.ptp(x) or 1.0)
        time, beats = np.arange(x.size) / example.fs, self.beats(example)
        self.line.set_data(time, scaled)
        self.dots.set_data(beats, np.interp(beats, time, scaled))
        early = beats[self.is_early(example)[:beats.size]] if "premature" in example.extras else np.empty(0)
        self.early.set_data(early, np.interp(early, time, scaled))
        self.gaps.set_data(beats[1:], np.diff(beats))
        for axis, line in enumerate(self.motion):
            acc = np.asarray(example.extras["acc"], np.float64)[:, axis]
            line.set_data(np.arange(acc.size) * self.seconds / acc.size, np.clip(acc, -2.1, 2.1))

    @staticmethod
    def beats(example):
        """Moments in s; none where the window holds nothing to find (too short, or constant)."""
        if "beats" in example.extras:
            known = np.asarray(example.extras["beats"], np.float64)
            return known[np.isfinite(known)]
        try:
            return heart.find_beats(example.x, example.fs)[0]
        except ValueError:
            return np.empty(0)

    @staticmethod
    def is_early(example):
        """Which of the known beats came too early."""
        return np.asarray(example.extras["premature"], bool)[np.isfinite(example.extras["beats"])]

    def sentence(self, example):
        bpm = float(example.extras.get("bpm", np.nan))
        return f", {bpm:.0f} beats per minute" if np.isfinite(bpm) and example.label != "artefact" else ""


class SoundView:
    """Log-mel of a sound, computed here or stored, and its mean; where it is known, the array and the direction."""

    def __init__(self, example):
        features = self.features(example)
        has_array = "azimuth_deg" in example.extras
        widths = [2.0, 0.9, 1.15][:3 if has_array else 2]
        self.figure, axes = subplots(1, len(widths), height=3.5, width_ratios=widths)
        self.spectrogram = Spectrogram(axes[0], *features.shape, animated=True)
        axes[0].set_title("Log-mel: bright is loud")
        self.levels = BandLevels(axes[1], features.shape[1], "reference" in example.extras, animated=True)
        axes[1].set_title("Mean over time")
        self.microphones = Microphones(axes[2], animated=True) if has_array else None
        if has_array:
            dashed = "\ndashed: the estimate" if "estimate_deg" in example.extras else ""
            axes[2].set(title="Microphones", xlabel=f"arrow: the machine{dashed}")

    def draw(self, example):
        features = self.features(example)
        self.spectrogram.draw(features)
        self.levels.draw(features, example.extras.get("reference"))
        if self.microphones:
            self.microphones.draw(float(example.extras["azimuth_deg"]), example.extras.get("estimate_deg"))

    @staticmethod
    def features(example):
        """Log-mel (frames, bands) in dB, of the first channel where the example is a sound."""
        if example.fs is None or (example.x.ndim == 2 and example.x.dtype.kind == "f"):
            return example.x
        x = to_float(example.x if example.x.ndim == 1 else example.x[:, 0])
        return logmel.power_db(x if example.fs == logmel.FS else signal.resample(x, example.fs, logmel.FS))

    def sentence(self, example):
        if not self.microphones:
            return ""
        estimate = example.extras.get("estimate_deg")
        heard = "" if estimate is None else f" (estimated from the sound: {estimate:.0f}°)"
        return f", machine at {float(example.extras['azimuth_deg']):.0f}°{heard}"


class MapView(SoundView):
    """Features without a time or pitch axis of their own, as a map."""

    def __init__(self, example):
        self.microphones, (self.figure, ax) = None, subplots(height=3.6)
        self.image = ax.imshow(example.x.T, cmap="cividis", aspect="auto", origin="lower", animated=True)
        ax.set(xlabel="frame", ylabel="band", title="Features: bright is large")
        ax.grid(visible=False)

    def draw(self, example):
        self.image.set_data(example.x.T)
        self.image.set_clim(*np.percentile(example.x, [1, 99.5]))


def estimated_direction(x, radius_mm, fs):
    """The direction in degrees that the four channels of `x` (L, 4) tell: see `edgekit.data.doa`."""
    return doa.azimuth_deg(np.asarray(x).T, circle(float(radius_mm) / 1000), fs, step_deg=2.0)


VIEWS = {"picture": PictureView, "pulse": PulseView, "sound": SoundView, "features": SoundView, "map": MapView}

__all__ = ["SHEET", "VIEWS", "Example", "estimated_direction", "view_of"]
