"""PyTorch's own tool, torchao's "pt2e", on a graph of ours: the same float network, as many bits, the same examples.

    answers(rounded(graph, x, num_bits), x)        post-training quantization: export, prepare, calibrate, convert
    net = trainable(graph, num_bits)               quantization-aware training: export, prepare, train ...
    answers(converted(frozen(net)), x)             ... freeze and convert

Every convolution and dense layer gets a grid for its input (8 bits, affine, one scale) and one for its weights
(`num_bits`, symmetric, one scale per output channel); biases and all that lies between stay float. The exported model
takes batches of SIZE alone. torchao tells of missing libraries when it is imported, which happens within the functions.

Source: PyTorch documentation, "How to Write a Quantizer for PyTorch 2 Export Quantization".
"""

import numpy as np
import torch

from edgekit.nn.graph_net import GraphNet

SIZE = 64


def rounded(graph, x, num_bits):
    """Return the float `graph` with its layers on grids that min-max found on the examples x, as a torch module."""
    from torchao.quantization.pt2e import MinMaxObserver, PerChannelMinMaxObserver
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    prepared = prepare_pt2e(exported(graph), quantizer(num_bits, MinMaxObserver, PerChannelMinMaxObserver))
    answers(prepared, x)
    return convert_pt2e(prepared)


def trainable(graph, num_bits):
    """Return the float `graph` as a torch module that trains with fake quantization, its ranges a moving average."""
    from torchao.quantization.pt2e import FakeQuantize, allow_exported_model_train_eval
    from torchao.quantization.pt2e import MovingAverageMinMaxObserver as OfTensor
    from torchao.quantization.pt2e import MovingAveragePerChannelMinMaxObserver as OfChannels
    from torchao.quantization.pt2e.quantize_pt2e import prepare_qat_pt2e

    fakes = (FakeQuantize.with_args(observer=observer) for observer in (OfTensor, OfChannels))
    return allow_exported_model_train_eval(prepare_qat_pt2e(exported(graph), quantizer(num_bits, *fakes)))


def frozen(net):
    """Let the ranges of what `trainable` made follow nothing any more; return it."""
    from torchao.quantization.pt2e import disable_observer

    return net.apply(disable_observer)


def converted(net):
    """Return what was trained as the module that is shipped: int8 weights, float layers between quantize operators."""
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e

    return convert_pt2e(net)


def exported(graph):
    """The torch twin of a float graph as `torch.export` sees it."""
    example = torch.zeros(SIZE, *graph.tensors[graph.inputs[0]].shape)
    return torch.export.export(GraphNet(graph), (example,)).module()


def quantizer(num_bits, of_tensor, of_channels):
    """A torchao quantizer that annotates each layer: the grid of its input, and the grid of its weights."""
    from torchao.quantization.pt2e.quantizer import QuantizationAnnotation, QuantizationSpec, Quantizer
    end = 2 ** (num_bits - 1) - 1
    inputs = QuantizationSpec(torch.int8, of_tensor, -128, 127, qscheme=torch.per_tensor_affine)
    weights = QuantizationSpec(torch.int8, of_channels, -end, end, qscheme=torch.per_channel_symmetric, ch_axis=0)

    class Layers(Quantizer):
        def annotate(self, model):
            for node in model.graph.nodes:
                if node.target in (torch.ops.aten.conv2d.default, torch.ops.aten.linear.default):
                    grids = {node.args[0]: inputs, node.args[1]: weights}
                    node.meta["quantization_annotation"] = QuantizationAnnotation(grids, _annotated=True)
            return model

        def validate(self, model):
            """Every annotation above is one that the tool supports."""

    return Layers()


def answers(model, x):
    """Return the outputs (N, ...) of an exported `model` for x (N, ...): in batches of SIZE, the last one filled up."""
    filled = np.concatenate([x, np.repeat(x[:1], -len(x) % SIZE, axis=0)])
    with torch.no_grad():
        parts = [model(torch.from_numpy(part)).numpy() for part in np.split(filled, len(filled) // SIZE)]
    return np.concatenate(parts)[: len(x)]
