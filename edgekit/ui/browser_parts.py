"""The small parts of the `DatasetBrowser`: what it may show, what it offers, how it speaks and sounds."""

import base64
import html

import numpy as np

from edgekit import data as sets
from edgekit.data import Dataset, wav
from edgekit.data.synthetic.acoustic import sounds

ALL = "all"


def as_sources(sources):
    """{name: Dataset, or None for one that `edgekit.data.load` reads}."""
    if isinstance(sources, (str, Dataset)):
        sources = {sources.name: sources} if isinstance(sources, Dataset) else [sources]
    found = dict(sources) if isinstance(sources, dict) else dict.fromkeys(sources)
    if not found:
        raise ValueError("DatasetBrowser: no sets; give names, or {name: Dataset}")
    for name, source in found.items():
        if isinstance(source, Dataset) and source.split == "test":
            raise ValueError(f"DatasetBrowser: the test split of {name} is sealed; browse 'train' or 'val'")
        if source is None and name != sounds.RAW_NAME and name not in sets.embedded():
            from edgekit.data.public.cards import card

            card(name)
    return found


def offer(control, options):
    """Set the options of a choice, and keep its value if it is one of them.

    >>> from ipywidgets import Dropdown
    >>> choice = Dropdown(options=["a", "b"], value="b")
    >>> offer(choice, ["b", "c"])
    >>> choice.value
    'b'
    """
    if list(control.options) != list(options):
        value = control.value
        control.options = options
        control.value = value if value in options else options[0]


def groups_of(found, rows):
    """The numbers of the groups among `rows`, as text; none where every example is a group of its own."""
    if found.group is None:
        return []
    groups = np.unique(found.group[rows])
    return [] if len(np.unique(found.group)) == len(found) else [str(group) for group in groups]


def number_text(value):
    """A number in a table, "unknown" where it is missing.

    >>> number_text(72.25), number_text(float("nan"))
    ('72.2', 'unknown')
    """
    return f"{value:.3g}" if np.isfinite(value) else "unknown"


def player(samples, fs, name):
    """An `<audio>` element that plays `samples` (L,) in [-1, 1], made as loud as they can be without clipping."""
    loudest = float(np.abs(samples).max()) or 1.0
    codes = np.round(samples / loudest * 0.9 * 32767).astype(np.int16)
    source = base64.b64encode(wav.to_bytes(codes, int(fs))).decode("ascii")
    look = 'style="height:34px;width:300px;vertical-align:middle"'
    return (f'<audio controls aria-label="{html.escape(name)}" {look} src="data:audio/wav;base64,{source}"></audio> '
            f'<span style="color:#666">{html.escape(name)}, {len(samples) / fs:.1f} s, as loud as it can be</span>')
