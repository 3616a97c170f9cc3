"""Plots of single examples: a picture with boxes, a sheet of pictures, a spectrogram, an array of microphones.

Each takes and returns an Axes. Each is also a class that keeps its artists, so that a widget can show one example
after another without drawing the frame again.
"""

import numpy as np

from edgekit.data.logmel import FRAME, FS, HIGH_HZ, HOP, LOW_HZ, mel
from edgekit.ui.style import BLUE, INK, MUTED, ORANGE, RED

#: edge colour, line style: no kind of box is told by its colour alone
BOX_LOOKS = ((BLUE, "-"), (ORANGE, "--"), (RED, ":"))
BOX_PLATE = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}
TICKS_HZ = (100, 300, 1000, 3000, 8000)
HOP_S, HALF_FRAME_S = HOP / FS, FRAME / FS / 2


class PictureWithBoxes:
    """Artists for a picture, upscaled without smoothing, and up to `most` named boxes."""

    def __init__(self, ax, picture, most=5, animated=False):
        height, width = picture.shape[:2]
        look = {"vmin": 0, "vmax": 255 if picture.dtype == np.uint8 else float(np.max(picture)) or 1.0}
        self.image = ax.imshow(picture, cmap="gray", interpolation="nearest", animated=animated, **look)
        self.frames = [ax.plot([], [], lw=2.2, animated=animated, label=f"_guide box {i}")[0] for i in range(most)]
        words = {"fontsize": 9.5, "color": INK, "bbox": BOX_PLATE, "animated": animated, "clip_on": True}
        self.names = [ax.text(0, 0, "", va="bottom", **words) for _ in range(most)]
        ax.set(xticks=[], yticks=[], xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
        ax.grid(visible=False)

    def draw(self, picture, boxes=(), kinds=(), kind_names=()):
        self.image.set_data(picture)
        for i, (frame, name) in enumerate(zip(self.frames, self.names, strict=True)):
            shown = i < len(boxes)
            frame.set_visible(shown)
            name.set_visible(shown)
            if shown:
                self._draw_box(frame, name, boxes[i], int(kinds[i]), kind_names)

    @staticmethod
    def _draw_box(frame, name, box, kind, kind_names):
        left, top, right, bottom = np.asarray(box, float) - 0.5  # edges of pixels, whose centres are whole numbers
        color, style = BOX_LOOKS[kind % len(BOX_LOOKS)]
        frame.set_data([left, right, right, left, left], [top, top, bottom, bottom, top])
        frame.set(color=color, linestyle=style)
        name.set_text(kind_names[kind])
        name.set_position((max(left, 1.0), top - 1 if top > 9 else min(bottom - 2, top + 9)))


def scene(ax, picture, boxes=(), kinds=(), kind_names=("person", "vehicle"), title=""):
    """Draw `picture` (H, W, 3) or grey (H, W) with `boxes` (B, 4) left, top, right, bottom in pixels.

    `kinds` (B,) are places in `kind_names`. A person is a solid box, a vehicle a dashed one.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = scene(ax, np.full((96, 96, 3), 7, np.uint8), [(10, 20, 30, 60)], [0], title="one person")
    >>> print(facts(fig))
    one person | x:  | y:
      image: 96 x 96 x 3, 7 to 7 (mean 7)
    """
    picture = np.asarray(picture)
    if picture.ndim not in (2, 3):
        raise ValueError(f"scene: picture must have shape (H, W) or (H, W, 3), got {picture.shape}; plot one at a time")
    PictureWithBoxes(ax, picture, max(len(boxes), 1)).draw(picture, boxes, kinds, kind_names)
    ax.set_title(title)
    return ax


def contact_sheet(pictures, across=3, gap=2):
    """`pictures` (N, H, W, ...), N <= across^2, as one picture with white gaps; missing ones stay white.

    >>> contact_sheet(np.zeros((2, 4, 4), np.uint8), across=2).shape
    (10, 10)
    """
    pictures = np.asarray(pictures)
    high, wide = pictures.shape[1:3]
    white = 255 if pictures.dtype == np.uint8 else pictures.max()
    sheet = np.full((across * (high + gap) - gap, across * (wide + gap) - gap, *pictures.shape[3:]), white,
                    pictures.dtype)
    for i, picture in enumerate(pictures[:across * across]):
        top, left = i // across * (high + gap), i % across * (wide + gap)
        sheet[top:top + high, left:left + wide] = picture
    return sheet


class Spectrogram:
    """Artists for log-mel features of `frames` frames and `bands` bands; loud is bright."""

    def __init__(self, ax, frames, bands, animated=False, high_hz=HIGH_HZ):
        seconds = frames * HOP_S + 2 * HALF_FRAME_S - HOP_S
        self.image = ax.imshow(np.zeros((bands, frames)), cmap="cividis", aspect="auto", origin="lower",
                               interpolation="nearest", extent=(0, seconds, 0, bands), vmin=0, vmax=1,
                               animated=animated)
        ticks = [hz for hz in TICKS_HZ if hz <= high_hz]
        ax.set(xlabel="time (s)", ylabel="frequency (Hz)", yticks=band_of(ticks, bands, high_hz))
        ax.set_yticklabels([f"{hz:,}" for hz in ticks])
        ax.grid(visible=False)

    def draw(self, features):
        features = np.asarray(features, np.float64)
        self.image.set_data(features.T)
        low, high = np.percentile(features, [2, 99.5])
        self.image.set_clim(low, max(high, low + 1.0))


def spectrogram(ax, features, title=""):
    """Draw log-mel `features` (frames, bands) in dB, made at 16 kHz by `edgekit.data.logmel`: loud is bright.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = spectrogram(ax, np.arange(64.0 * 40).reshape(64, 40) / 64 - 60, title="A rising tone")
    >>> print(facts(fig))
    A rising tone | x: time (s) | y: frequency (Hz)
      image: 40 x 64, -60 to -20 (mean -40)
    """
    features = np.asarray(features)
    if features.ndim != 2:
        raise ValueError(f"spectrogram: features must have shape (frames, bands), got {features.shape}; "
                         "plot one recording at a time")
    Spectrogram(ax, *features.shape).draw(features)
    ax.set_title(title)
    return ax


class BandLevels:
    """Artists for the mean level of each band, beside a `Spectrogram`, and for a level to compare it with."""

    def __init__(self, ax, bands, reference=False, animated=False):
        self.level = ax.plot([], [], color=BLUE, animated=animated, label="this recording")[0]
        self.reference = None
        if reference:
            self.reference = ax.plot([], [], "--", color=ORANGE, animated=animated, label="healthy")[0]
            ax.legend(loc="lower left", handlelength=1.4)
        ax.set(ylim=(0, bands), xlim=(-90, 0), xlabel="level (dB)", yticks=[])

    def draw(self, features, reference=None):
        place = np.arange(np.shape(features)[1]) + 0.5
        self.level.set_data(np.clip(np.mean(features, axis=0), -90, 0), place)
        if self.reference is not None:
            self.reference.set_data(np.clip(reference, -90, 0), place)


def band_of(hz, bands, high_hz=HIGH_HZ):
    """Where frequencies `hz` lie on the axis of `bands` mel bands, in bands from the bottom edge.

    >>> band_of([8000.0], 40).round(1).tolist()
    [40.5]
    """
    low, high = mel(LOW_HZ), mel(high_hz)
    return (mel(hz) - low) / (high - low) * (bands + 1) - 0.5


class Microphones:
    """Artists for an array of four microphones on a circle, seen from above, and the direction of a sound."""

    def __init__(self, ax, animated=False):
        ring = np.linspace(0, 2 * np.pi, 181)
        ax.plot(np.cos(ring), np.sin(ring), color=MUTED, lw=1.0, label="_guide ring")
        angle = np.deg2rad([0, 90, 180, 270])
        ax.plot(np.cos(angle), np.sin(angle), "o", color=BLUE, ms=9, mec="white", label="microphones")
        for i, a in enumerate(angle):
            ax.annotate(str(i + 1), (0.68 * np.cos(a), 0.68 * np.sin(a)), color=INK, fontsize=10, ha="center",
                        va="center")
        self.ray = ax.plot([], [], color=ORANGE, lw=2.4, animated=animated, label="machine")[0]
        self.head = ax.plot([], [], marker=(3, 0, 0), color=ORANGE, ms=13, ls="", animated=animated,
                            label="_guide head")[0]
        self.found = ax.plot([], [], "--", color=INK, lw=1.6, animated=animated, label="estimated")[0]
        for degrees, place in ((0, (1.5, 0)), (90, (0, 1.5)), (180, (-1.6, 0)), (270, (0, -1.5))):
            ax.annotate(f"{degrees}°", place, color=MUTED, fontsize=9, ha="center", va="center")
        ax.set(xlim=(-2.1, 2.1), ylim=(-2.1, 2.1), aspect="equal", xticks=[], yticks=[])
        ax.grid(visible=False)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)

    def draw(self, azimuth_deg, estimate_deg=None):
        """`azimuth_deg`: where the machine stands; `estimate_deg`: where the sound seems to come from."""
        towards = np.deg2rad(azimuth_deg)
        tip = np.round([np.cos(towards), np.sin(towards)], 6) + 0.0  # cos 90 degrees is 0, not 6e-17
        self.ray.set_data([1.95 * tip[0], 0.12 * tip[0]], [1.95 * tip[1], 0.12 * tip[1]])
        self.head.set_data([0.25 * tip[0]], [0.25 * tip[1]])
        self.head.set_marker((3, 0, azimuth_deg + 90))  # the tip points where the sound goes: to the middle
        seen, length = (np.empty(0),) * 2 if estimate_deg is None else (np.deg2rad(estimate_deg), np.array([0.0, 1.95]))
        self.found.set_data(*np.round([length * np.cos(seen), length * np.sin(seen)], 6) + 0.0)


def microphones(ax, azimuth_deg, estimate_deg=None, title=""):
    """Draw the array from above, microphone 1 to the right, and the direction of the machine, counter-clockwise.

    >>> from edgekit.ui.plots import facts, subplots
    >>> fig, ax = subplots()
    >>> ax = microphones(ax, 45.0, estimate_deg=60.0, title="From 45 degrees")
    >>> print(facts(fig))
    From 45 degrees | x:  | y:
      line microphones: 4 points, x -1 to 1 (mean 0), y -1 to 1 (mean 0)
      line machine: 2 points, x 0.08 to 1.38 (mean 0.73), y 0.08 to 1.38 (mean 0.73)
      line estimated: 2 points, x 0 to 0.975 (mean 0.487), y 0 to 1.69 (mean 0.84)
    """
    Microphones(ax).draw(azimuth_deg, estimate_deg)
    ax.set_title(title)
    return ax
