"""Every block in torch equals its NumPy twin, costs what its formula says, and leaves through every door."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edgekit.core import block_costs
from edgekit.core import blocks as plain
from edgekit.core.activations import hard_swish
from edgekit.core.ops import add, conv2d, relu
from edgekit.core.shape_ops import channel_shuffle
from edgekit.deploy import litert, litert_run
from edgekit.deploy.onnx import to_onnx
from edgekit.graph import cost
from edgekit.graph.fold import fold
from edgekit.graph.ir import Tensor
from edgekit.graph.ptq import post_training_quantize
from edgekit.graph.run import run
from edgekit.nn.blocks import (
    ChannelShuffle,
    ConvBlock,
    HardSwish,
    InvertedResidual,
    Residual,
    Separable,
    ShuffleUnit,
    SqueezeExcite,
)
from edgekit.nn.trace import to_graph_layout, trace
from edgekit.nn.train import seeded

SIZES = {1: (12,), 2: (9, 7)}
DIMS = pytest.mark.parametrize("dims", [1, 2])


def randomised(build):
    """A block in eval mode, in float64, whose batch norms are not the identity."""
    block, generator = seeded(build, 5).double(), torch.Generator().manual_seed(5)
    for module in block.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.normal_(generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    return block.eval()


def draw(channels, dims, count=3):
    return torch.randn(count, channels, *SIZES[dims], generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def layer(conv):
    """(weight, bias) of a torch convolution in the layout of the graph."""
    weight = np.moveaxis(conv.weight.detach().numpy(), 1, -1)
    weight = weight[:, None] if weight.ndim == 3 else weight
    return weight, None if conv.bias is None else conv.bias.detach().numpy()


def folded(block):
    """The convolution of a `ConvBlock`, its batch norm folded in by torch."""
    return layer(fuse_conv_bn_eval(block[0], block[1]))


def standard_twin(block, x):
    kernel = folded(block)[0].shape[1:3]
    return relu(conv2d(x, *folded(block), (1, 1) if x.shape[1] == 1 else 1, plain.same(kernel), 1, block[0].groups))


def residual_twin(block, x):
    first, second = map(folded, block.body)
    steps = (1, block.body[0][0].stride[0]) if x.shape[1] == 1 else block.body[0][0].stride
    y = relu(conv2d(x, *first, steps, plain.same(first[0].shape[1:3])))
    fit = x if isinstance(block.fit, nn.Identity) else conv2d(x, *layer(block.fit), steps)
    return relu(add(conv2d(y, *second, 1, plain.same(second[0].shape[1:3])), fit))


def bottleneck_twin(block, x, activation=relu):
    parts = list(block.body)
    excite = next(((layer(p.squeeze), layer(p.excite)) for p in parts if isinstance(p, SqueezeExcite)), None)
    convs = [folded(p) for p in parts if isinstance(p, ConvBlock)]
    deep = next(p for p in parts if isinstance(p, ConvBlock) and p[0].groups > 1)
    widen = convs[0] if len(convs) == 3 else None
    return plain.inverted_residual(x, widen, *convs[-2:], excite, deep[0].stride[0], activation)


def shuffle_twin(block, x):
    first, _, deep, last = block.body
    return plain.shuffle_unit(x, folded(first), folded(deep), folded(last), first[0].groups)


#: name -> (channels in, build(dims), twin in NumPy, layers of the formula)
BLOCKS = {
    "standard": (6, lambda d: ConvBlock(6, 8, 3, dims=d), standard_twin,
                 lambda size: block_costs.standard(size, 6, 8, 3)),
    "grouped": (6, lambda d: ConvBlock(6, 9, 5, groups=3, dims=d), standard_twin,
                lambda size: block_costs.standard(size, 6, 9, 5, groups=3)),
    "separable": (6, lambda d: Separable(6, 8, 2, 3, dims=d),
                  lambda b, x: plain.separable(x, folded(b[0]), folded(b[1]), 2),
                  lambda size: block_costs.separable(size, 6, 8, 3, 2)),
    "inverted residual": (6, lambda d: InvertedResidual(6, 18, 6, 3, dims=d), bottleneck_twin,
                          lambda size: block_costs.inverted_residual(size, 6, 18, 6, 3)),
    "with squeeze-excite and hard swish": (
        6, lambda d: InvertedResidual(6, 18, 8, 5, 2, 4, HardSwish, dims=d),
        lambda b, x: bottleneck_twin(b, x, hard_swish),
        lambda size: block_costs.inverted_residual(size, 6, 18, 8, 5, 2, narrow=4)),
    "not widened": (6, lambda d: InvertedResidual(6, 6, 8, 3, dims=d), bottleneck_twin,
                    lambda size: block_costs.inverted_residual(size, 6, 6, 8, 3)),
    "squeeze-excite": (16, lambda d: SqueezeExcite(16, dims=d),
                       lambda b, x: plain.squeeze_excite(x, layer(b.squeeze), layer(b.excite)),
                       lambda size: block_costs.squeeze_excite(16, 8)),
    "shuffle unit": (8, lambda d: ShuffleUnit(8, 4, 2, 3, dims=d), shuffle_twin,
                     lambda size: block_costs.shuffle_unit(size, 8, 4, 2, 3)),
    "residual": (6, lambda d: Residual(6, 8, 2, d), residual_twin,
                 lambda size: (*block_costs.standard(size, 6, 8, 3, 2), *block_costs.standard(size, 6, 8, 1, 2),
                               *block_costs.standard([-(-n // 2) if n > 1 else 1 for n in size], 8, 8, 3))),
}
EVERY = pytest.mark.parametrize("name", BLOCKS)


@EVERY
@DIMS
def test_torch_equals_its_plain_twin(name, dims):
    channels, build, twin, _ = BLOCKS[name]
    block, x = randomised(lambda: build(dims)), draw(channels, dims)
    with torch.no_grad():
        expected = to_graph_layout(block(x))
    found = twin(block, to_graph_layout(x))
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())


@EVERY
@DIMS
def test_the_formula_equals_the_count_of_the_graph(name, dims):
    channels, build, _, formula = BLOCKS[name]
    graph = trace(build(dims), draw(channels, dims).float())
    layers = formula(graph.tensors[graph.inputs[0]].shape[:2])
    shuffles = [n for n in graph.nodes if n.op == "conv2d" and n.source.endswith("body.1") and name == "shuffle unit"]
    paid = sum(cost.macs_per_node(graph)[node.output] for node in shuffles)  # a move of bytes, paid as a 1 x 1
    assert cost.macs(graph) - paid == block_costs.macs(layers)
    counted = sum(int(np.prod(graph.tensors[n.inputs[1]].shape)) for n in graph.nodes if n.op == "conv2d"
                  if n not in shuffles)
    assert counted == block_costs.weights(layers)


@EVERY
@DIMS
def test_every_block_leaves_through_every_door(name, dims):
    """In integers LiteRT and ONNX Runtime give the interpreter's very codes, grouped convolutions too."""
    channels, build, _, _ = BLOCKS[name]
    x = draw(channels, dims, 8).float()
    graph = fold(trace(randomised(lambda: build(dims)).float(), x))
    integer = seven_bits(post_training_quantize(graph, [to_graph_layout(x)]))
    codes = np.random.default_rng(0).integers(-128, 128, (4, *graph.tensors[graph.inputs[0]].shape), np.int8)
    for resolver in ("reference", "xnnpack"):
        found = litert_run.run(litert.write(integer), codes, resolver)
        np.testing.assert_array_equal(found, run(integer, codes, resolver))
    np.testing.assert_array_equal(in_onnx_runtime(to_onnx(integer), codes), run(integer, codes, "ort"))


def seven_bits(graph):
    """Weights of at most 7 bits, which every x86 multiplies exactly in ONNX Runtime."""
    halved = {t.name: Tensor(t.name, t.shape, "int8", (t.data // 2).astype(np.int8), t.qparams)
              for t in graph.constants if t.data.dtype == np.int8}
    return graph.with_tensors(**halved)


def in_onnx_runtime(model, codes):
    onnxruntime = pytest.importorskip("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    options.add_session_config_entry("session.qdqisint8allowed", "1")
    running = onnxruntime.InferenceSession(model, options)
    return np.moveaxis(running.run(None, {running.get_inputs()[0].name: np.moveaxis(codes, -1, 1)})[0], 1, -1)


@DIMS
@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_the_shuffle_is_torchs_own_and_exact(dims, groups):
    x = draw(6, dims).float()
    shuffle = ChannelShuffle(6, groups, dims)
    torch.testing.assert_close(shuffle(x), nn.ChannelShuffle(groups)(x), rtol=0, atol=0)
    np.testing.assert_array_equal(to_graph_layout(shuffle(x)), channel_shuffle(to_graph_layout(x), groups))
    assert not list(shuffle.parameters())


def test_the_shuffle_moves_codes_without_changing_them():
    x = draw(6, 2, 16).float()
    integer = post_training_quantize(trace(ChannelShuffle(6, 2), x), [to_graph_layout(x)])
    codes = np.random.default_rng(0).integers(-128, 128, (5, 9, 7, 6), np.int8)
    np.testing.assert_array_equal(run(integer, codes), channel_shuffle(codes, 2))


def test_a_residual_that_fits_adds_its_input_as_it_is():
    assert isinstance(Residual(8, 8).fit, nn.Identity)
    assert isinstance(Residual(8, 8, 2).fit, nn.Conv2d)
