"""Mixed precision: fewer bits where they hurt least.

Errors of different layers hardly know of each other, so the noise that they bring to the output adds up. Noise per
layer and number of bits is measured with only that layer's weights quantized. Then, from 8 bits everywhere, the step
down that costs the least noise for each byte it saves is taken, until the weights fit.

Source: the greedy choice follows Dong et al., "HAWQ-V2", NeurIPS 2020, section 3 (sum of per-layer perturbations).
"""

from dataclasses import replace

import numpy as np

from edgekit.core.affine import dequantize
from edgekit.graph import cost, ptq
from edgekit.graph.run import predict

CHOICES = (8, 4, 2)


def choose_bits(graph, ranges, x, weight_bytes, choices=CHOICES, per_channel=True, weight_observer="mse"):
    """Return {output name of a layer: bits}, so that the quantized `graph` takes at most `weight_bytes`.

    graph: folded, in floats; ranges: from `calibrate`; x: inputs (N, ...) on which noise is measured. `weight_bytes`
    counts all that `cost.weight_bytes` counts. Raises ValueError when the fewest bits everywhere do not fit.
    """
    choices = sorted(choices, reverse=True)
    layers = [node for node in graph.nodes if node.op in ptq.WITH_WEIGHTS]
    noise = noise_table(graph, x, choices, per_channel, weight_observer)
    bits = {node.output: choices[0] for node in layers}

    def size(bits):
        return cost.weight_bytes(ptq.quantize_graph(graph, ranges, per_channel, bits))

    least = size(dict.fromkeys(bits, choices[-1]))
    if least > weight_bytes:
        raise ValueError(f"choose_bits: {choices[-1]} bits everywhere take {least:,} bytes, more than the "
                         f"{weight_bytes:,} allowed; allow more, or take a smaller network")
    while size(bits) > weight_bytes:
        name, lower = min(_steps_down(graph, layers, bits, choices, noise), key=lambda step: step[0])[1:]
        bits[name] = lower
    return bits


def noise_table(graph, x, choices=CHOICES, per_channel=True, weight_observer="mse"):
    """Return {(output name, bits): mean squared error of the network's output}, only this layer's weights in bits."""
    wanted, table = predict(graph, x), {}
    for node in graph.nodes:
        if node.op in ptq.WITH_WEIGHTS:
            for bits in choices:
                weight = graph.tensors[node.inputs[1]]
                coarse = ptq.quantize_weight(weight, per_channel, bits, weight_observer)
                restored = replace(weight, data=dequantize(coarse.data, coarse.qparams))
                error = predict(graph.with_tensors(**{weight.name: restored}), x) - wanted
                table[node.output, bits] = float(np.mean(np.square(error, dtype=np.float64)))
    return table


def _steps_down(graph, layers, bits, choices, noise):
    """(noise added per byte saved, layer, bits) of every step that is left; a step may skip a choice."""
    for node in layers:
        size, now = graph.tensors[node.inputs[1]].data.size, bits[node.output]
        for lower in choices[choices.index(now) + 1 :]:
            saved = size * (now - lower) / 8
            yield (noise[node.output, lower] - noise[node.output, now]) / saved, node.output, lower
