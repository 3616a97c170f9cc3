"""Sound clips of one length from `.wav` files, as the codes that the converter gave."""

from functools import partial

from edgekit.data import wav


def reader(fs: int, channels: int, channel: int | None = None):
    """A function path -> {"x": int16 (frames,)} (one channel), or (frames, channels) if `channel` is None and
    there are several. It raises ValueError for another rate, number of channels or width."""
    return partial(_read, fs=fs, channels=channels, channel=channel)


def _read(path, fs: int, channels: int, channel: int | None) -> dict:
    x = wav.read(path, fs=fs, channels=channels, bits=16).x
    if channels == 1:
        channel = 0
    return {"x": x if channel is None else x[:, channel].copy()}
