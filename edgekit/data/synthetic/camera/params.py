"""The legal ranges of the camera generator: what may vary, from where to where."""

from dataclasses import dataclass, field

from edgekit.data.synthetic.params import Checked, chance, span


@dataclass(frozen=True)
class SceneParams(Checked):
    """What stands where. Sizes in parts of the frame's area, rows in parts of its height, lengths in
    metres."""

    size: tuple = span(0.006, 0.6, (0.005, 0.6))
    clutter_size: tuple = span(0.006, 0.25, (0.005, 0.4))
    clutter: float = chance(0.4)  # chance of each of up to four things
    second_person: float = chance(0.35)
    third_person: float = chance(0.3)  # given a second
    second_vehicle: float = chance(0.25)
    hidden: tuple = span(0.0, 0.4, (0.0, 0.4))  # part of a labelled object that others may cover
    focal: tuple = span(0.75, 1.5, (0.5, 3.0))  # focal length in frame widths: 67 to 37 degrees
    horizon: tuple = span(0.15, 0.6, (0.0, 1.0))
    camera_height_m: tuple = span(0.6, 3.2, (0.3, 6.0))
    lamp: tuple = span(0.25, 1.1, (0.0, 3.0))
    ambient: tuple = span(0.18, 0.55, (0.05, 2.0))
    warmth: tuple = span(-0.12, 0.15, (-0.5, 0.5))
    shadow: tuple = span(0.15, 0.6, (0.0, 0.9))
    texture: tuple = span(0.02, 0.09, (0.0, 0.3))


@dataclass(frozen=True)
class CameraParams(Checked):
    """Lens, sensor and file. Blur in pixels; shot and read noise as in Brooks et al. 2019, section 4."""

    blur_px: tuple = span(0.3, 1.2, (0.0, 3.0))
    motion: float = chance(0.3)
    motion_px: tuple = span(0.5, 7.0, (0.0, 7.0))
    vignetting: tuple = span(0.0, 0.45, (0.0, 0.9))
    exposure: tuple = span(0.14, 0.42, (0.02, 0.9))  # mean of the linear picture after gain
    shot_noise: tuple = span(1e-4, 0.012, (1e-6, 0.03))
    read_noise_spread: tuple = span(0.0, 0.26, (0.0, 0.6))
    white_balance_error: tuple = span(-0.08, 0.08, (-0.3, 0.3))
    red_gain: tuple = span(1.4, 2.4, (1.0, 4.0))
    blue_gain: tuple = span(1.3, 2.1, (1.0, 4.0))


@dataclass(frozen=True)
class Params:
    """All that the generator may vary."""

    scene: SceneParams = field(default_factory=SceneParams)
    camera: CameraParams = field(default_factory=CameraParams)
