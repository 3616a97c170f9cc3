"""Colours in linear light: skin, hair, cloth, paint; and the way to and from sRGB codes."""

import numpy as np

SKIN_SRGB = (
    np.array([(255, 224, 200), (236, 194, 162), (212, 162, 122), (170, 118, 82), (122, 80, 54), (76, 50, 38)])
    / 255
)
HAIR_SRGB = (
    np.array([(24, 20, 18), (52, 36, 26), (92, 62, 38), (168, 128, 74), (120, 60, 34), (176, 172, 168)]) / 255
)
PAINT_SRGB = (
    np.array(
        [
            (232, 232, 230),
            (150, 152, 156),
            (84, 88, 92),
            (28, 29, 32),
            (150, 28, 30),
            (36, 66, 130),
            (40, 92, 62),
            (196, 150, 40),
            (110, 84, 62),
            (200, 96, 36),
        ]
    )
    / 255
)
TYRE, DARK = np.array([0.012, 0.012, 0.013]), np.array([0.03, 0.03, 0.032])
PAINT_CHANCE = np.array([0.2, 0.16, 0.14, 0.14, 0.09, 0.09, 0.04, 0.05, 0.05, 0.04])


def to_linear(code):
    """sRGB 0..1 -> linear light 0..1 (IEC 61966-2-1).

    >>> round(float(to_linear(0.5)), 3)
    0.214
    """
    code = np.asarray(code, float)
    return np.where(code <= 0.04045, code / 12.92, ((np.maximum(code, 0.04045) + 0.055) / 1.055) ** 2.4)


def to_srgb(light):
    """Linear light 0..1 -> sRGB 0..1, the inverse of `to_linear`."""
    light = np.clip(light, 0, 1)
    return np.where(
        light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055
    )


def skin_color(rng):
    """A tone between two neighbours of six, all equally likely, on every split."""
    place = rng.uniform(0, len(SKIN_SRGB) - 1)
    low = int(place)
    mix = SKIN_SRGB[low] + (place - low) * (SKIN_SRGB[min(low + 1, len(SKIN_SRGB) - 1)] - SKIN_SRGB[low])
    return to_linear(mix * rng.uniform(0.94, 1.04))


def hair_color(rng):
    """Black to blond, red, grey."""
    return to_linear(HAIR_SRGB[rng.integers(len(HAIR_SRGB))] * rng.uniform(0.8, 1.15))


def hsv(hue, saturation, value):
    """sRGB 0..1 of hue 0..1, saturation and value.

    >>> hsv(0.0, 1.0, 1.0).tolist()
    [1.0, 0.0, 0.0]
    """
    sector = (np.array([5.0, 3.0, 1.0]) + 6 * hue) % 6
    return value * (1 - saturation * np.clip(np.minimum(sector, 4 - sector), 0, 1))


def cloth(rng):
    """Cloth: often dark or grey, sometimes bright; the same palette for people, for coats on a stand and for
    tarpaulins."""
    bright = rng.random() < 0.3
    saturation = rng.uniform(0.4, 0.9) if bright else rng.beta(1.2, 3)
    value = rng.uniform(0.35, 0.95) if bright else rng.beta(1.3, 1.7) * 0.85 + 0.07
    return to_linear(hsv(rng.random(), saturation, value))


def paint(rng):
    """Car paint: mostly white, grey and black; boxes, bins and cabinets wear it as well."""
    base = PAINT_SRGB[rng.choice(len(PAINT_SRGB), p=PAINT_CHANCE)]
    return to_linear(np.clip(base * rng.uniform(0.75, 1.1) + rng.normal(0, 0.02, 3), 0.02, 0.95))
