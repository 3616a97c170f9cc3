"""Long pulse recordings with gaps, cut into windows for the ppg task."""

from dataclasses import dataclass, field

import numpy as np

from edgekit.data.dataset import Dataset


@dataclass(frozen=True)
class Windows:
    """Windows x (N, L) of one recording that begin at start_s (N,); dropped: how many were left out."""

    x: np.ndarray
    start_s: np.ndarray
    dropped: int
    extras: dict[str, np.ndarray] = field(default_factory=dict)

    def keep(self, mask: np.ndarray) -> "Windows":
        """The windows that the boolean `mask` (N,) keeps; the others count as dropped."""
        return Windows(self.x[mask], self.start_s[mask], self.dropped + int((~mask).sum()),
                       {key: value[mask] for key, value in self.extras.items()})


def cut(path, x: np.ndarray, fs: float, seconds: float, step_s: float) -> Windows:
    """The windows of x (L,) of `seconds`, one every `step_s`; those with NaN, or constant (sensor off), are dropped.

    >>> import numpy as np
    >>> x = np.sin(np.arange(50.0)); x[25] = np.nan
    >>> found = cut("r.csv", x, 1.0, 10, 10)
    >>> found.x.shape, found.start_s.tolist(), found.dropped
    ((4, 10), [0.0, 10.0, 30.0, 40.0], 1)
    """
    length, step = round(seconds * fs), round(step_s * fs)
    if length < 2 or step < 1:
        raise ValueError(f"windows: seconds and step_s must be at least a sample at {fs:g} Hz, got {seconds!r} and "
                         f"{step_s!r}")
    if x.ndim != 1 or len(x) < length:
        raise ValueError(f"{path}: {x.size / fs:.1f} s of samples, expected at least {seconds:g} s; it is truncated, "
                         "fetch it again")
    all_windows = np.lib.stride_tricks.sliding_window_view(x, length)[::step]
    whole = np.isfinite(all_windows).all(axis=1) & (np.ptp(all_windows, axis=1) > 0)
    start = np.arange(len(all_windows)) * step / fs
    return Windows(all_windows[whole].astype(np.float32), start[whole], int((~whole).sum()))


def gather(name: str, split: str, parts: list[tuple[Windows, int, int]], class_names, fs: float) -> Dataset:
    """One `Dataset` of all `parts` (windows, label, group); extras: start_s, dropped (of the same recording)."""
    kept = [part for part in parts if len(part[0].x)]
    if not kept:
        lost = sum(windows.dropped for windows, _, _ in parts)
        raise ValueError(f"{name}: split {split!r} has no usable window ({lost} dropped for gaps); is the folder "
                         "complete?")
    repeat = lambda values: np.repeat(values, [len(windows.x) for windows, _, _ in kept])  # noqa: E731
    extras = {key: np.concatenate([windows.extras[key] for windows, _, _ in kept]) for key in kept[0][0].extras}
    extras |= {"start_s": np.concatenate([windows.start_s for windows, _, _ in kept]),
               "dropped": repeat([windows.dropped for windows, _, _ in kept])}
    return Dataset(name, split, np.concatenate([windows.x for windows, _, _ in kept]),
                   repeat([label for _, label, _ in kept]), class_names, fs, repeat([group for _, _, group in kept]),
                   extras, "real")
