"""Networks whose weights are -1, 0 and 1 (ternary) or -1 and 1 (binary), trained as such.

    net = LowBitNet(graph, integer, "ternary")       the first and the last layer keep the bits they have in `integer`
    train(net, x, y);  net.to_integer()              an integer graph like any other; codes -1, 0, 1

The float weights stay behind the scenes and gather what single steps are too small to change.
Sources: Li et al., arXiv:1605.04711 (ternary); Zhu et al., ICLR 2017, arXiv:1612.01064 (trained scales); Rastegari et
al., ECCV 2016, arXiv:1603.05279 (binary with scaling); the trained threshold follows learned step size,
arXiv:1902.08153.
"""

import numpy as np
import torch
from torch import nn

from edgekit.core.affine import QParams
from edgekit.core.lowbit import TERNARY_THRESHOLD, binarize, ternarize
from edgekit.graph.operators import WITH_WEIGHTS
from edgekit.nn.qat import QatNet, key_of
from edgekit.nn.straight_through import round_through, scaled_gradient


class LearnedScale(nn.Module):
    """One positive scale per output channel: its first value times exp(change)."""

    def __init__(self, scale):
        super().__init__()
        self.register_buffer("first", torch.tensor(np.asarray(scale), dtype=torch.float32))
        self.change = nn.Parameter(torch.zeros_like(self.first))

    def forward(self):
        """The scales (O,)."""
        return self.first * self.change.exp()


class CodedWeights(nn.Module):
    """Weights on few codes: subclasses say which. Called as a `Grid`: weights -> (codes, scales)."""

    def __init__(self, scale):
        super().__init__()
        self.size = LearnedScale(scale)

    def forward(self, w):
        """Return (codes of the shape of w, scales (O,)); gradients reach the weights straight through."""
        factor = 1 / max(w.numel() / len(w), 1) ** 0.5
        return self.codes(w), scaled_gradient(self.size(), factor)

    @property
    def scale(self):
        """The scales (O,), in float32."""
        return self.size()

    def learned(self):
        """The `QParams` as they are now: the grid of 2 bits without its lowest code."""
        scale = self.scale.detach().numpy().astype(np.float32)
        return QParams(scale, np.zeros(len(scale), int), num_bits=2, axis=0, narrow=True)


class Ternary(CodedWeights):
    """code = round(w / (2 delta)) clipped to -1..1: 0 below delta, the sign above; delta and the scale are trained."""

    def __init__(self, w, threshold=TERNARY_THRESHOLD):
        super().__init__(ternarize(w, threshold)[1])
        magnitude = np.abs(w.reshape(len(w), -1)).mean(axis=1)
        self.delta = LearnedScale(np.maximum(threshold * magnitude, 1e-8))

    def codes(self, w):
        """-1, 0 or 1 for every weight."""
        factor = 1 / max(w.numel() / len(w), 1) ** 0.5
        delta = scaled_gradient(self.delta(), factor).reshape(-1, *[1] * (w.ndim - 1))
        return torch.clamp(round_through(w / (2 * delta)), -1, 1)


class Binary(CodedWeights):
    """code = sign(w), 1 for 0; the gradient passes where |w| is at most three times its channel's first mean."""

    def __init__(self, w):
        super().__init__(binarize(w)[1])
        self.register_buffer("reach", 3 * self.size.first)

    def codes(self, w):
        """-1 or 1 for every weight."""
        inner = torch.clamp(w / self.reach.reshape(-1, *[1] * (w.ndim - 1)), -1, 1)
        return inner + (torch.where(w < 0, -1.0, 1.0) - inner).detach()


KINDS = {"ternary": Ternary, "binary": Binary}


class LowBitNet(QatNet):
    """A `QatNet` in which the named layers, by default all but the first and the last, have weights of one `kind`.

    graph, integer: as for `QatNet`. layers: output names of layers, see `layer_names`. learn_steps: whether the grids
    of activations and of all other layers learn; the scales of few values always do. Raises ValueError for an unknown
    kind or layer.
    """

    def __init__(self, graph, integer, kind, layers=None, learn_steps=True):
        super().__init__(graph, integer, learn_steps)
        names = layer_names(integer)
        layers = names[1:-1] if layers is None else list(layers)
        unknown = [name for name in layers if name not in names]
        if kind not in KINDS or unknown or not layers:
            raise ValueError(f"LowBitNet: kind must be one of {', '.join(KINDS)} and layers some of "
                             f"{', '.join(names)}; got {kind!r} and {layers}")
        for node in self.graph.nodes:
            if node.output in layers:
                self.weight_grids[key_of(node.output)] = KINDS[kind](self.layer(node)[0].detach().numpy())


def layer_names(graph):
    """Output names of the layers with weights, in the order in which they run."""
    return [node.output for node in graph.nodes if node.op in WITH_WEIGHTS]
