"""Parametric faces: a small set of identities for recognition, drawn, labelled synthetic, resembling nobody.

An identity is a point in a space of measures (head, eyes, brows, nose, mouth, hair); a picture of it varies
pose, expression, light, hair ruffle, background, blur and noise. 48 x 48, grey.
"""

import io
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from edgekit.data import images, store
from edgekit.data.dataset import Dataset
from edgekit.data.synthetic.params import Checked, span, uniform

SIZE = 48
EMBEDDED = {"train": (40, 20), "val": (8, 20), "test": (16, 20)}  # split -> (identities, pictures of each)
SEED = 31


@dataclass(frozen=True)
class IdentityParams(Checked):
    """Measures of a head, in parts of its half height; tones 0 (black) to 1."""

    width: tuple = span(0.66, 0.86, (0.5, 1.0))
    jaw: tuple = span(0.55, 1.0, (0.3, 1.2))
    eye_height: tuple = span(-0.16, 0.02, (-0.3, 0.2))
    eye_distance: tuple = span(0.26, 0.38, (0.2, 0.45))
    eye_size: tuple = span(0.07, 0.12, (0.04, 0.2))
    eye_slant: tuple = span(-0.2, 0.2, (-0.5, 0.5))
    brow_rise: tuple = span(0.13, 0.24, (0.1, 0.35))
    brow_weight: tuple = span(0.02, 0.06, (0.01, 0.1))
    brow_slant: tuple = span(-0.25, 0.25, (-0.6, 0.6))
    nose_length: tuple = span(0.24, 0.42, (0.15, 0.5))
    nose_width: tuple = span(0.08, 0.18, (0.04, 0.25))
    mouth_height: tuple = span(0.46, 0.6, (0.4, 0.7))
    mouth_width: tuple = span(0.18, 0.34, (0.1, 0.45))
    lip: tuple = span(0.03, 0.09, (0.01, 0.12))
    hairline: tuple = span(-0.95, -0.45, (-1.2, -0.3))
    hair_side: tuple = span(0.0, 1.1, (0.0, 1.3))
    skin: tuple = span(0.18, 0.85, (0.1, 0.95))
    hair: tuple = span(0.01, 0.35, (0.0, 0.9))
    beard: tuple = span(-0.6, 0.5, (-1.0, 0.8))
    glasses: tuple = span(-3.0, 1.0, (-5.0, 1.0))


@dataclass(frozen=True)
class PictureParams(Checked):
    """What changes from picture to picture of one face; angles in radians, lengths in pixels or parts of the
    head."""

    turn: tuple = span(-0.45, 0.45, (-0.8, 0.8))
    nod: tuple = span(-0.2, 0.2, (-0.4, 0.4))
    tilt: tuple = span(-0.2, 0.2, (-0.6, 0.6))
    scale: tuple = span(0.82, 1.05, (0.6, 1.2))
    shift: tuple = span(-2.5, 2.5, (-6.0, 6.0))
    smile: tuple = span(-0.5, 1.0, (-1.0, 1.0))
    open_mouth: tuple = span(-0.06, 0.08, (-0.2, 0.15))
    blink: tuple = span(0.4, 1.1, (0.1, 1.3))
    side_light: tuple = span(-0.45, 0.45, (-0.8, 0.8))
    brightness: tuple = span(0.6, 1.15, (0.3, 1.5))
    noise: tuple = span(0.003, 0.02, (0.0, 0.2))
    blur: tuple = span(0.4, 1.1, (0.0, 2.5))


@dataclass(frozen=True)
class FaceParams:
    """All that the generator may vary."""

    identity: IdentityParams = field(default_factory=IdentityParams)
    picture: PictureParams = field(default_factory=PictureParams)


DEFAULT = FaceParams()


def _draw(params, rng):
    return {item.name: float(uniform(rng, getattr(params, item.name), ())) for item in fields(params)}


def draw_identity(params: IdentityParams, rng) -> dict:
    """One person who does not exist: measure -> value."""
    return _draw(params, rng)


def render(person, picture, rng) -> np.ndarray:
    """A picture (48, 48) uint8 of a `person` (from `draw_identity`) under `picture` conditions (measure ->
    value)."""
    u, v, depth = _face_coordinates(person, picture)
    tone = _background(rng)
    tone = _over(tone, _neck(u, v), 0.75 * person["skin"])
    tone = _over(tone, _hair_mass(u, v, person, rng), person["hair"])
    tone = _over(tone, _head(u, v, person), person["skin"] * (0.72 + 0.28 * depth))
    tone = _features(tone, u, v, person, picture)
    tone = _over(tone, _fringe(u, v, person, rng), person["hair"] * 0.9)
    lit = tone * picture["brightness"] * (1 + picture["side_light"] * np.clip(u, -1, 1))
    lit = _blur(lit, picture["blur"]) + picture["noise"] * rng.standard_normal((SIZE, SIZE))
    return np.round(255 * np.clip(lit, 0, 1) ** (1 / 1.8)).astype(np.uint8)


def _face_coordinates(person, picture):
    """Across and down the face, -1..1 at its outline, turned with the head; and how much the surface faces
    the camera."""
    grid = (np.arange(SIZE) + 0.5 - SIZE / 2) / (0.4 * SIZE * picture["scale"])
    pixel = 0.4 * SIZE * picture["scale"]
    x, y = grid[None, :] - picture["shift"] / pixel, grid[:, None] - 0.05
    c, s = np.cos(picture["tilt"]), np.sin(picture["tilt"])
    x, y = c * x + s * y, c * y - s * x
    bulge = np.sqrt(np.clip(1 - (x / person["width"]) ** 2 - y**2, 0, 1))
    inside = bulge > 0  # beyond the outline the head hides what is turned away
    u = np.where(inside, x - np.sin(picture["turn"]) * 0.45 * bulge, x)
    v = np.where(inside, y - np.sin(picture["nod"]) * 0.4 * bulge, y)
    return u, v, bulge


def _soft(distance, width=0.05):
    """1 inside (distance < 0), 0 outside, with a soft edge."""
    return np.clip(0.5 - distance / width, 0, 1)


def _over(tone, cover, value):
    return tone + cover * (value - tone)


def _background(rng):
    """Two tones and a gradient, unrelated to the person."""
    ramp = np.linspace(-1, 1, SIZE)
    slope = rng.normal(0, 0.12, 2)
    edge = _soft(ramp[None, :] - rng.uniform(-1.2, 1.2)) * rng.normal(0, 0.15)
    return np.clip(
        rng.uniform(0.08, 0.7) + slope[0] * ramp[None, :] + slope[1] * ramp[:, None] + edge, 0.02, 0.95
    )


def _head(u, v, person):
    narrow = person["width"] * (1 - (1 - person["jaw"]) * 0.4 * np.clip(v, 0, 1) ** 2)
    return _soft(np.sqrt((u / narrow) ** 2 + v**2) - 1)


def _neck(u, v):
    return _soft(np.abs(u) - 0.42 - 0.6 * np.clip(v - 1.05, 0, 1)) * (v > 0.4)


def _hair_mass(u, v, person, rng):
    """Hair around and behind the head, down to `hair_side`."""
    ruffle = 0.05 * rng.standard_normal(8)
    angle = np.arctan2(u, -v)
    wave = sum(r * np.cos((k + 1) * angle) for k, r in enumerate(ruffle))
    shell = np.sqrt((u / (person["width"] + 0.14)) ** 2 + (v / 1.12) ** 2) - 1 + 0.6 * wave
    low = person["hair_side"]
    hanging = np.maximum(np.abs(u) - person["width"] - 0.1, np.maximum(v - low, -v))
    return np.maximum(_soft(np.maximum(shell, v - 0.1 - 0.6 * low)), _soft(hanging) * (low > 0.4))


def _fringe(u, v, person, rng):
    line = person["hairline"] + 0.25 * u * rng.normal(0, 0.3) + 0.1 * u**2
    cap = np.sqrt((u / (person["width"] + 0.06)) ** 2 + (v / 1.06) ** 2) - 1
    return _soft(np.maximum(cap, v - line), 0.1)


def _features(tone, u, v, p, picture):
    skin = p["skin"]
    if p["beard"] > 0:
        cheek = _soft(0.42 + 0.25 * np.cos(3 * u) - v, 0.2) * _head(u, v, p)
        tone = _over(tone, cheek * p["beard"], p["hair"])
    for side in (-1, 1):
        x, y = u - side * p["eye_distance"], v - p["eye_height"]
        slanted = y - side * p["eye_slant"] * x
        open_ = max(p["eye_size"] * 0.55 * picture["blink"], 0.01)
        eye = _soft(np.sqrt((x / (p["eye_size"] * 1.3)) ** 2 + (slanted / open_) ** 2) - 1, 0.5)
        tone = _over(tone, _soft(np.hypot(x / 0.2, (y + 0.02) / 0.14) - 1, 0.6) * 0.35, 0.5 * skin)
        tone = _over(tone, eye, 0.85)
        tone = _over(tone, eye * _soft(np.hypot(x, slanted) - open_, 0.05), 0.05)
        brow = np.abs(y + p["brow_rise"] - side * p["brow_slant"] * x + 0.9 * x**2) - p["brow_weight"]
        tone = _over(tone, _soft(np.maximum(brow, np.abs(x) - 0.17), 0.05) * 0.85, 0.7 * p["hair"])
        if p["glasses"] > 0:
            rim = np.abs(np.hypot(x, y) - 0.19) - 0.015
            tone = _over(tone, _soft(rim, 0.05) * 0.8, 0.05)
    tip = p["eye_height"] + p["nose_length"]
    ridge = _soft(np.abs(u - 0.04) - 0.03, 0.08) * (v > p["eye_height"]) * (v < tip)
    tone = _over(tone, ridge * 0.5, min(1.15 * skin, 1))
    wings = _soft(np.hypot(u / p["nose_width"], (v - tip) / 0.06) - 1, 0.6)
    tone = _over(tone, wings * 0.55, 0.45 * skin)
    lift = 0.9 * picture["smile"] * u**2
    wide = p["mouth_width"] * (1 + 0.15 * picture["smile"])
    y = v - p["mouth_height"] + lift
    lips = _soft(
        np.maximum(np.abs(y) - p["lip"] * np.clip(1 - (u / wide) ** 2, 0, 1), np.abs(u) - wide), 0.05
    )
    tone = _over(tone, lips * 0.8, 0.55 * skin)
    gap = max(picture["open_mouth"], 0.0) + 0.008
    return _over(tone, _soft(np.maximum(np.abs(y) - gap, np.abs(u) - 0.85 * wide), 0.04) * 0.8, 0.04)


def _blur(x, sigma):
    """Gaussian blur in frequency, with the picture mirrored so that its borders stay apart."""
    mirrored = np.concatenate([x, x[::-1]])
    mirrored = np.concatenate([mirrored, mirrored[:, ::-1]], axis=1)
    frequency = np.fft.fftfreq(2 * SIZE)[:, None] ** 2 + np.fft.rfftfreq(2 * SIZE) ** 2
    spectrum = np.fft.rfft2(mirrored) * np.exp(-2 * np.pi**2 * sigma**2 * frequency)
    return np.fft.irfft2(spectrum, mirrored.shape)[:SIZE, :SIZE]


def face_arrays(identities, pictures, seed, split, params=DEFAULT) -> dict:
    """The arrays of an `.npz`: `pictures` of each of `identities` people, shuffled, so that the place in the file
    tells nobody; y counts the people of the split."""
    files, code = [], list(EMBEDDED).index(split)
    for who in range(identities):
        rng = np.random.default_rng([seed, code, who])
        person = draw_identity(params.identity, rng)
        files += [images.encode(render(person, _draw(params.picture, rng), rng), 85) for _ in range(pictures)]
    order = np.random.default_rng([seed, code, identities, pictures]).permutation(len(files))
    files, y = [files[i] for i in order], np.repeat(np.arange(identities), pictures)[order]
    first = sum(EMBEDDED[name][0] for name in list(EMBEDDED)[:code])
    names = np.array([f"person {first + who:02d}" for who in range(identities)])
    return images.pack(files) | {
        "y": y.astype(np.uint8),
        "group": (first + y).astype(np.int32),
        "class_names": names,
        "origin": np.array("synthetic"),
        "fs": np.float64(0),
    }


def _npz(arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def make_faces(identities, pictures, seed=0, split="train", params=DEFAULT) -> Dataset:
    """New people: x (N, 48, 48) uint8, y and group their numbers.

    >>> make_faces(2, 3).x.shape
    (6, 48, 48)
    """
    return store.from_bytes(_npz(face_arrays(identities, pictures, seed, split, params)), "faces", split)


def make(root: Path) -> None:
    """Write train.npz, val.npz and test.npz below `root/faces`: no person is in two of them."""
    store.write_family(
        Path(root),
        "faces",
        {f"{split}.npz": _npz(face_arrays(*size, SEED, split)) for split, size in EMBEDDED.items()},
    )
