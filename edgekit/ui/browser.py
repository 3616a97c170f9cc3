"""The widget that shows what is in a data set, one example after another."""

import html
from functools import lru_cache

import ipywidgets as W
import numpy as np
from matplotlib import rc_context

from edgekit import data as sets
from edgekit.data import Dataset, wav
from edgekit.data.synthetic.acoustic import sounds
from edgekit.ui.browser_parts import ALL, as_sources, groups_of, number_text, offer, player
from edgekit.ui.example_views import SHEET, VIEWS, Example, estimated_direction, view_of
from edgekit.ui.explorer import Explorer
from edgekit.ui.render import Renderer
from edgekit.ui.style import STYLE

DEFAULT = ("camera", "ppg", "acoustic", sounds.RAW_NAME, "faces")
GROUPS = {"ppg": "subject", "camera": "scene", "faces": "person", "acoustic": "machine unit"}
HINTS = {
    "dataset": "which set is shown",
    "split": "which part of it; the test split is sealed, so that nothing is chosen by having seen it",
    "label": "only examples of this class",
    "group": "only examples of this subject, unit, person or scene",
    "index": "which example of the selection; arrow keys go one further",
}


class DatasetBrowser(Explorer):
    """Look at a data set example by example: pictures with boxes, pulses with beats, sounds to see and to hear.

    `sources`: names of embedded or public sets, as `edgekit.data.load` takes them, or {name: Dataset}; the embedded
    ones by default. Sets are read when they are chosen. Raises ValueError for a test split, which is sealed.

    >>> browser = DatasetBrowser(["ppg"])
    >>> browser.set(label="atrial_fibrillation", index=4)
    >>> browser.compute(**browser.values).label
    'atrial_fibrillation'
    """

    def __init__(self, sources=DEFAULT):
        self.sources = as_sources(sources)
        self._loaded, self._sounds, self._kind = {}, {}, None
        self._example = lru_cache(maxsize=64)(self._example_uncached)
        self.sound, self.buttons = W.HTML(), self._make_buttons()
        super().__init__()
        self.widget.children = (*self.widget.children[:2], self.sound, *self.widget.children[2:])

    def make_controls(self):
        look = {"style": {"description_width": "62px"}}
        first = next(iter(self.sources))
        controls = {
            "dataset": W.Dropdown(options=list(self.sources), description="set", **look),
            "split": W.Dropdown(options=self.splits(first), description="split", **look),
            "label": W.Dropdown(options=[ALL], description="class", **look),
            "group": W.Dropdown(options=[ALL], description="group", **look),
            "index": W.IntSlider(0, 0, 0, description="example", **look),
        }
        for name, control in controls.items():
            control.layout.width = "390px" if name == "index" else "225px"
            control.tooltip = HINTS[name]
        return controls

    def _make_buttons(self):
        steps = (("previous", "arrow-left", -1), ("next", "arrow-right", 1), ("random", "random", None))
        buttons = {}
        for name, icon, step in steps:
            buttons[name] = W.Button(description=name, icon=icon, tooltip=f"show the {name} example",
                                     layout=W.Layout(width="105px"))
            buttons[name].on_click(lambda _, step=step: self.go(step))
        buttons["hear"] = W.Button(description="make the sound", icon="volume-up", layout=W.Layout(width="150px"),
                                   tooltip="make this recording again by its seed, in about two seconds, to hear it")
        buttons["hear"].on_click(lambda _: self.hear())
        return buttons

    def arrange(self):
        row = W.Layout(flex_flow="row wrap", grid_gap="2px 14px")
        choices = [self.controls[name] for name in ("dataset", "split", "label", "group")]
        return W.VBox([W.Box(choices, layout=row), W.Box([self.controls["index"], *self.buttons.values()], layout=row)])

    def splits(self, name):
        """The splits of a set that may be looked at: all but the test split."""
        source = self.sources[name]
        if isinstance(source, Dataset):
            return [source.split]
        if name == sounds.RAW_NAME:
            return ["all"]
        if name in sets.embedded():
            return ["train", "val"]
        from edgekit.data.public.cards import card

        return [split for split in card(name).splits if split != "test"]

    def dataset(self, name, split):
        """The set, read at its first use."""
        if (name, split) not in self._loaded:
            source = self.sources[name]
            if isinstance(source, Dataset):
                found = source
            else:
                found = sounds.raw_sounds() if name == sounds.RAW_NAME else sets.load(name, split)
            self._loaded[name, split] = found
        return self._loaded[name, split]

    def selection(self, name, split, label, group):
        """Positions (S,) of the examples of this class and this group."""
        found = self.dataset(name, split)
        chosen = np.ones(len(found), bool)
        if label != ALL:
            chosen &= found.y == found.class_names.index(label)
        if group != ALL:
            chosen &= found.group == int(group)
        return np.flatnonzero(chosen)

    def set(self, **values):
        """Move several controls and redraw: first the set, then what may be chosen within it."""
        unknown = sorted({*values} - {*self.controls})
        if unknown:
            raise ValueError(f"set: no control named {unknown[0]!r}; there are {', '.join(self.controls)}")
        with self.unwatched():
            for name in (name for name in self.controls if name in values):
                self._choose(self.controls[name], values[name])
                self._follow()
        self.refresh()

    @staticmethod
    def _choose(control, value):
        if hasattr(control, "options") and value not in control.options:
            raise ValueError(f"set: no {control.description} {value!r} here; there are {', '.join(control.options)}")
        control.value = value

    def go(self, step):
        """Show the example `step` further in the selection, round its ends; None: another one, at random."""
        index = self.controls["index"]
        last = index.max
        if step is None and last > 0:
            step = int(np.random.default_rng().integers(1, last + 1))
        index.value = (index.value + (step or 0)) % (last + 1)

    def adjust(self, values):
        with self.unwatched():
            self._follow()

    def _follow(self):
        """Offer the splits, classes, groups and positions that there are, and keep what is chosen where it can be."""
        offer(self.controls["split"], self.splits(self.controls["dataset"].value))
        values = self.values
        found = self.dataset(values["dataset"], values["split"])
        offer(self.controls["label"], [ALL, *(name for name, count in found.counts().items() if count)])
        inside = self.selection(values["dataset"], values["split"], self.controls["label"].value, ALL)
        offer(self.controls["group"], [ALL, *groups_of(found, inside)])
        chosen = self.selection(*(self.controls[name].value for name in ("dataset", "split", "label", "group")))
        self.controls["index"].max = len(chosen) - 1

    def compute(self, dataset, split, label, group, index):
        return self._example(dataset, split, label, group, index)

    def _example_uncached(self, dataset, split, label, group, index):
        found = self.dataset(dataset, split)
        chosen = self.selection(dataset, split, label, group)
        row = int(chosen[index])
        extras = {key: value[row] for key, value in found.extras.items()}
        if "radius_mm" in extras and found.x.ndim == 3:
            extras["estimate_deg"] = estimated_direction(found.x[row], extras["radius_mm"], found.fs)
        others = chosen[(index + 1 + np.arange(SHEET)) % len(chosen)] if view_of(found) == "picture" else [row]
        number = "" if found.group is None else str(found.group[row])
        return Example(dataset, split, found.origin, row, len(found), found.class_names[found.y[row]], number,
                       found.x[row], found.fs, extras, found.x[others])

    def make_figure(self):
        with self.unwatched():
            self._follow()
        state = self.compute(**self.values)
        self._kind = self._kind_of(state)
        with rc_context(STYLE):
            view = VIEWS[self._kind[0]](state)
        view.figure.view = view
        return view.figure

    def _kind_of(self, state):
        """What a figure depends on: another kind needs another figure."""
        shown = self.dataset(state.name, state.split)
        return view_of(shown), shown.x.shape[1:], shown.fs, tuple(shown.extras)

    def refresh(self):
        try:
            self.adjust(self.values)
            if self._kind != self._kind_of(self.compute(**self.values)):
                self.figure = self.make_figure()
                self.renderer = Renderer(self.figure)
        except Exception as error:
            self.headline.value = f'<p role="alert"><b>{html.escape(str(error))}</b></p>'
            raise
        super().refresh()
        self._show_sound()

    def draw(self, figure, state):
        figure.view.draw(state)

    def sentence(self, state):
        more = self.figure.view.sentence(state)
        return f"{state.name}, {state.split}, {state.origin}: {state.label.replace('_', ' ')}{more}"

    def rows(self, state):
        family = state.name.split("-")[0]
        rows = [("origin", state.origin), ("class", state.label), ("place in the file", f"{state.position:,} of "
                                                                                     f"{state.count:,}")]
        if state.group:
            rows.append((GROUPS.get(family, "group"), state.group))
        if state.fs:
            rows.append(("sampled at", f"{state.fs:,.6g} Hz"))
        numbers = {key: value for key, value in state.extras.items() if np.ndim(value) == 0}
        for key, value in list(numbers.items())[:8]:
            text = str(value) if np.asarray(value).dtype.kind not in "iuf" else number_text(float(value))
            rows.append((key.replace("_", " "), text))
        return rows

    def hear(self):
        """Make the recording behind the features that are shown, and offer it to the ear."""
        state = self.compute(**self.values)
        split, recording = state.split, int(state.extras.get("recording", state.position))
        unit, _ = sounds.place_of(split, recording)
        button = self.buttons["hear"]
        button.disabled, button.description = True, "making ..."
        try:
            if (split, unit) not in self._sounds:
                self._sounds[split, unit] = sounds.unit_sounds(split, unit)[:, 0]
        finally:
            button.disabled, button.description = False, "make the sound"
        self._show_sound()

    def _show_sound(self):
        state = self.compute(**self.values)
        samples = self._samples(state)
        self.buttons["hear"].layout.display = "" if samples is None and self._can_be_made(state) else "none"
        name = f"{state.label.replace('_', ' ')}, {state.origin} sound"
        self.sound.value = "" if samples is None else player(samples, state.fs, name)

    def _can_be_made(self, state):
        source = self.sources[state.name]
        return not isinstance(source, Dataset) and state.name in ("acoustic", "acoustic-fault")

    def _samples(self, state):
        """The sound of what is shown, (L,) in [-1, 1); None where there is none, or it has not been made yet."""
        if self._kind[0] == "sound":
            return wav.to_float(state.x if state.x.ndim == 1 else state.x[:, 0])
        if not self._can_be_made(state) or not self._sounds:
            return None
        unit, take = sounds.place_of(state.split, int(state.extras.get("recording", state.position)))
        made = self._sounds.get((state.split, unit))
        return None if made is None else wav.to_float(made[take])
