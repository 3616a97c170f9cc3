"""What a block of a network costs, from its shape alone: MACs, weights, activations.

    standard(size, C, C', K, stride, groups)           K^2 C C' H' W' / groups
    separable(size, C, C', K, stride)                  K^2 C H' W' + C C' H' W'
    inverted_residual(size, C, E, C', K, stride)       C E H W + K^2 E H' W' + E C' H' W'
    squeeze_excite(C, narrow)                          2 C narrow

Each gives the block's convolutions, one `Layer` each; `macs` and `weights` add them up. `size` is (H, W) of the input,
a signal has H = 1; H' = ceil(H / stride), because the blocks pad as 'same' does.
"""

from dataclasses import dataclass

from edgekit.core.windows import pair


@dataclass(frozen=True)
class Layer:
    """One convolution: its name, channels in and out, kernel (K_h, K_w), groups, size (H, W) of its input, stride.

    >>> Layer("depthwise", 8, 8, (3, 3), 8, (12, 12), (2, 2)).macs
    2592
    """

    name: str
    in_channels: int
    channels: int
    kernel: tuple = (1, 1)
    groups: int = 1
    size: tuple = (1, 1)
    stride: tuple = (1, 1)

    def __post_init__(self):
        if self.groups < 1 or self.in_channels % self.groups or self.channels % self.groups:
            raise ValueError(f"Layer {self.name!r}: {self.in_channels} -> {self.channels} channels do not divide into "
                             f"{self.groups} groups; take a divisor of both")

    @property
    def out_size(self):
        """(H', W'), each ceil(n / stride)."""
        return tuple(-(-n // s) for n, s in zip(self.size, self.stride, strict=True))

    @property
    def weights(self):
        """K_h K_w (C / groups) C': every output channel sees the channels of its own group alone."""
        return self.kernel[0] * self.kernel[1] * (self.in_channels // self.groups) * self.channels

    @property
    def macs(self):
        """The weights once for every place of the output."""
        return self.weights * self.out_size[0] * self.out_size[1]

    @property
    def reads(self):
        """Elements of the input."""
        return self.size[0] * self.size[1] * self.in_channels

    @property
    def writes(self):
        """Elements of the output."""
        return self.out_size[0] * self.out_size[1] * self.channels


def standard(size, in_channels, channels, kernel=3, stride=1, groups=1):
    """Return the one layer of a standard or grouped convolution."""
    return (_layer("convolution", in_channels, channels, kernel, groups, size, stride),)


def separable(size, in_channels, channels, kernel=3, stride=1):
    """Return the depthwise and the pointwise layer. Howard et al. 2017, MobileNets, section 3.1.

    >>> macs(separable((8, 8), 16, 32)), macs(standard((8, 8), 16, 32))
    (41984, 294912)
    """
    depthwise = _layer("depthwise", in_channels, in_channels, kernel, in_channels, size, stride)
    return depthwise, _layer("pointwise", in_channels, channels, 1, 1, depthwise.out_size)


def inverted_residual(size, in_channels, wide, channels, kernel=3, stride=1, narrow=None):
    """Return the layers of an inverted residual; with `narrow`, those of its squeeze-and-excite too.

    It does not widen where `wide` is `in_channels`. Sandler et al. 2018, section 3.3; Howard et al. 2019, section 5.
    """
    widen = () if wide == in_channels else (_layer("widen", in_channels, wide, 1, 1, size),)
    depthwise = _layer("depthwise", wide, wide, kernel, wide, size, stride)
    excite = () if narrow is None else squeeze_excite(wide, narrow)
    return (*widen, depthwise, *excite, _layer("narrow", wide, channels, 1, 1, depthwise.out_size))


def squeeze_excite(channels, narrow):
    """Return the two layers on the means, which have one place. Hu et al. 2018, section 3."""
    return (_layer("squeeze", channels, narrow, 1, 1, 1), _layer("excite", narrow, channels, 1, 1, 1))


def shuffle_unit(size, channels, middle, groups, kernel=3):
    """Return the layers of a residual of grouped 1 x 1, depthwise, grouped 1 x 1; the shuffle has no product.

    Zhang et al. 2018, ShuffleNet, figure 2b.
    """
    first = _layer("grouped", channels, middle, 1, groups, size)
    depthwise = _layer("depthwise", middle, middle, kernel, middle, size)
    return first, depthwise, _layer("grouped back", middle, channels, 1, groups, size)


def macs(layers):
    """Return the multiply-accumulates of all `layers`."""
    return sum(layer.macs for layer in layers)


def weights(layers):
    """Return the weights of all `layers`, biases left out."""
    return sum(layer.weights for layer in layers)


def _layer(name, in_channels, channels, kernel, groups, size, stride=1):
    """A `Layer`; one number for kernel, size or stride stands for both axes, but not along a height of 1."""
    size, kernel, stride = pair(size), pair(kernel), pair(stride)
    if size[0] == 1:
        kernel, stride = (1, kernel[1]), (1, stride[1])
    return Layer(name, in_channels, channels, kernel, groups, size, stride)
