"""The widget of lesson 09: a block drawn, its MACs layer by layer, and its measured time among all other blocks."""

import ipywidgets as W
import numpy as np
from matplotlib.collections import LineCollection

from edgekit.ui.blocks import CHANNELS, FACTORS, KERNELS, NAMES, SIDES, Block, every, stored
from edgekit.ui.explorer import Explorer
from edgekit.ui.quantization_view import Panel
from edgekit.ui.scores import bytes_text
from edgekit.ui.style import BLUE, INK, MUTED, ORANGE, subplots

HINTS = {
    "kind": "which block",
    "channels": "channels that go in, and as many that come out",
    "kernel": "side of the kernel that sees neighbours; all other layers are 1 x 1",
    "groups": "how many independent convolutions share the channels; for the grouped block",
    "expansion": "how many times wider the block is in its middle; for the inverted residuals",
    "side": "height and width of the map",
}
#: most layers that a block has; lanes in which the channels of a slab are drawn
MOST, LANES = 5, 8
#: grey of the dots of all other blocks
FAR = "#b8b8b8"


class BlockExplorer(Explorer):
    """How kind, channels, kernel, groups or expansion and resolution of a block decide its MACs, bytes and time.

    >>> explorer = BlockExplorer()
    >>> explorer.set(kind="separable", channels=64)
    >>> explorer.compute(**explorer.values).macs
    2691072
    """

    def make_controls(self):
        look = {"style": {"description_width": "90px"}, "layout": W.Layout(width="330px")}

        def steps(name, options, value):
            return W.SelectionSlider(options=options, value=value, description=name, tooltip=HINTS[name], **look)

        kinds = [(words, kind) for kind, words in NAMES.items()]
        return {
            "kind": W.Dropdown(options=kinds, value="separable", description="block", tooltip=HINTS["kind"], **look),
            "channels": steps("channels", CHANNELS, 32),
            "kernel": steps("kernel", KERNELS, 3),
            "groups": steps("groups", FACTORS["grouped"][1], 4),
            "expansion": steps("expansion", FACTORS["inverted"][1], 4),
            "side": steps("side", SIDES, 24),
        }

    def adjust(self, values):
        for name in ("groups", "expansion"):
            self.controls[name].disabled = FACTORS[values["kind"]][0] != name

    def compute(self, kind, channels, kernel, groups, expansion, side):
        factor = {"groups": groups, "expansion": expansion}.get(FACTORS[kind][0], 1)
        return Block(kind, channels, kernel, factor, side)

    def make_figure(self):
        grid = {"width_ratios": [1.75, 1, 1.3], "left": 0.02, "right": 0.985, "bottom": 0.155, "top": 0.9,
                "wspace": 0.3}
        figure, axes = subplots(1, 3, width=10.6, height=3.5, layout="none", gridspec_kw=grid)
        figure.panels = DrawingPanel(axes[0]), LayersPanel(axes[1]), TimePanel(axes[2])
        return figure

    def sentence(self, state):
        what = f"{NAMES[state.kind]}, {state.channels} channels".capitalize()
        if state.kind == "standard":
            return f"{what}: {millions(state.macs)} MACs in {state.milliseconds:.3g} ms (measured)"
        macs, time = state.macs / state.plain.macs, state.milliseconds / state.plain.milliseconds
        return f"{what}: {macs:.2f} times the MACs of the standard block, {time:.2f} times its time (measured)"

    def rows(self, state):
        return [
            ("MACs", f"{state.macs:,}"),
            ("weights", f"{state.weights:,}"),
            ("activation RAM in 8 bits, modelled", bytes_text(state.ram)),
            ("bytes moved in 8 bits, at the least", bytes_text(state.moved)),
            ("MACs for each byte moved", f"{state.macs / state.moved:.3g}"),
            ("time, float32, measured ahead", f"{1e3 * state.milliseconds:,.0f} µs"),
        ]


def millions(macs):
    """A number of MACs as people say it.

    >>> millions(2_691_072), millions(43_000)
    ('2.69 million', '43,000')
    """
    return f"{macs / 1e6:.3g} million" if macs >= 1e6 else f"{macs:,}"


class DrawingPanel(Panel):
    """The block from left to right: each map a slab as wide as its channels; lines say who sees whom in a layer."""

    def __init__(self, ax):
        super().__init__(ax)
        look = {"ha": "center", "va": "center", "fontsize": 9, "color": INK}
        self.slabs = ax.bar(range(MOST), 1.0, 0.1, bottom=0.5, color=BLUE, alpha=0.75, label="_slabs")
        for slab in self.slabs:
            slab.set_animated(True)
        self.sizes = [ax.text(0, 0, "", animated=True, **look) for _ in range(MOST)]
        self.names = [ax.text(0, 0, "", animated=True, **{**look, "color": MUTED}) for _ in range(MOST)]
        self.lines = LineCollection([], colors=MUTED, linewidths=0.6, alpha=0.55, animated=True)
        ax.add_collection(self.lines, autolim=False)
        (self.detour,) = ax.plot([], [], color=ORANGE, lw=1.8, animated=True, label="_guide")
        self.note = ax.text(0, 0, "", animated=True, **{**look, "color": INK})
        ax.set(xlim=(0, 1), ylim=(-0.12, 1.06))
        ax.axis("off")

    def draw(self, state):
        """Move the slabs to `state`."""
        big = state.big
        counts = [big[0].in_channels, *(layer.channels for layer in big)]
        centres = np.linspace(0.09, 0.91, len(counts))
        widths = 0.02 + 0.13 * np.array(counts) / max(counts)
        height = 0.16 + 0.34 * np.log2(state.side / 3) / 4
        self._draw_slabs(state.side, counts, centres, widths, height)
        rows = 0.48 + height * (np.arange(LANES) - (LANES - 1) / 2) / LANES
        gaps = zip(centres[:-1] + widths[:-1] / 2, centres[1:] - widths[1:] / 2, strict=True)
        self.lines.set_segments([[(left, rows[i]), (right, rows[j])] for (left, right), layer in
                                 zip(gaps, state.big, strict=True) for i, j in seen(layer)])
        self._draw_layers(state, centres, 0.48 + height / 2)
        self._draw_detour(state, centres, 0.48 + height / 2)
        self.title.set_text(NAMES[state.kind].capitalize())

    def _draw_slabs(self, side, counts, centres, widths, height):
        for i in range(MOST):
            there = i < len(counts)
            self.slabs[i].set_visible(there)
            self.sizes[i].set_text(f"{side}×{side}\n×{counts[i]}" if there else "")
            self.names[i].set_text("")
            if there:
                self.slabs[i].set(x=centres[i] - widths[i] / 2, width=widths[i], y=0.48 - height / 2, height=height)
                self.sizes[i].set_position((centres[i], 0.39 - height / 2))

    def _draw_layers(self, state, centres, top):
        for i, layer in enumerate(state.big):
            kernel = f"{layer.kernel[0]}×{layer.kernel[1]}"
            groups = f"\n{layer.groups} groups" if state.kind == "grouped" else ""
            word = "" if state.kind in ("standard", "grouped") else f"\n{layer.name}"
            self.names[i].set(text=kernel + word + groups, position=((centres[i] + centres[i + 1]) / 2, top + 0.13))

    def _draw_detour(self, state, centres, top):
        """The way around the block, which the input takes; and what squeeze-and-excite sees."""
        around = state.kind in ("inverted", "excited")
        self.detour.set_visible(around)
        self.note.set_text("")
        if around:
            high = 1.0
            ends = centres[0], centres[-1]
            self.detour.set_data([ends[0], ends[0], ends[1], ends[1]], [top + 0.02, high, high, top + 0.02])
            gates = f"means → {state.narrow} → {state.big[1].channels} gates; " if state.kind == "excited" else ""
            self.note.set(text=f"{gates}the input is added", position=(0.5, high + 0.04))


def seen(layer):
    """Which of the eight lanes of its output, j, see which of its input, i, as pairs (i, j).

    >>> from edgekit.core.block_costs import Layer
    >>> len(seen(Layer("all", 16, 16))), len(seen(Layer("depthwise", 16, 16, (3, 3), 16)))
    (64, 8)
    """
    each = LANES // min(layer.groups, LANES)
    return [(i, j) for i in range(LANES) for j in range(LANES) if i // each == j // each]


class LayersPanel(Panel):
    """MACs of each layer as bars."""

    def __init__(self, ax):
        super().__init__(ax)
        self.bars = ax.barh(range(MOST), 1.0, 0.55, color=BLUE, label="MACs")
        for bar in self.bars:
            bar.set_animated(True)
        self.names = [self.note(0.0, 0, ha="left", transform=ax.transData) for _ in range(MOST)]
        ax.set(xlim=(0, 1), ylim=(MOST - 0.4, -0.75), xlabel="share of the block's MACs", yticks=[])
        ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        ax.grid(axis="y", visible=False)

    def draw(self, state):
        """Move the bars to `state`."""
        for i, (bar, name) in enumerate(zip(self.bars, self.names, strict=True)):
            there = i < len(state.layers)
            bar.set_visible(there)
            name.set_text("")
            if there:
                layer = state.layers[i]
                bar.set_width(layer.macs / state.macs)
                name.set(text=f"{layer.name} {millions(layer.macs)}", position=(0.0, i - 0.45))
        self.title.set_text(f"{millions(state.macs)} MACs")


class TimePanel(Panel):
    """Every measured block as a grey dot, MACs against milliseconds; this one and the standard one stand out."""

    def __init__(self, ax):
        super().__init__(ax)
        blocks = every()
        ax.plot([b.macs for b in blocks], [b.milliseconds for b in blocks], ".", color=FAR, ms=5, label="all blocks")
        look = {"ls": "none", "animated": True}
        (self.here,) = ax.plot([], [], "o", color=ORANGE, mec="white", ms=11, zorder=4, label="this block", **look)
        (self.plain,) = ax.plot([], [], "s", mfc="none", mec=INK, mew=1.4, ms=14, zorder=5, label="standard", **look)
        ax.set(xscale="log", yscale="log", xlabel="MACs", ylabel="milliseconds (measured)")
        ax.legend(loc="upper left", handletextpad=0.1, borderaxespad=0)
        ax.minorticks_off()

    def draw(self, state):
        """Move the marks to `state`."""
        self.plain.set_data([state.plain.macs], [state.plain.milliseconds])
        self.here.set_data([state.macs], [state.milliseconds])
        rate = state.macs / state.milliseconds / 1e6
        self.title.set_text(f"{rate:.3g} billion MACs a second")


def host_text():
    """Where the times come from."""
    record = stored()
    return f"{record['host']['machine']}, {record['runtime']}"
