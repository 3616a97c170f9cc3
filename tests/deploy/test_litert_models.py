"""The int8 models of MLPerf Tiny, read in: every tensor equals LiteRT's, in each of its three resolvers.

Inputs are real (spoken words through the model's own front end, photographs, log-mel frames), random, and, in a copy
of the model whose scales are powers of two, full of ties. A delegate hides what lies between its operators, so the
model is written again with every tensor as an output; the original file must then give the same output.
"""
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from edgekit.core.affine import QParams, quantize
from edgekit.data.public import mlperf_tiny, person_detection, speech_commands
from edgekit.deploy import litert, litert_run
from edgekit.graph.run import run

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

MODELS = ("kws_ref_model", "vww_96_int8", "ad01_int8")

#: front end of the keyword model: MLPerf Tiny v1.1, benchmark/training/keyword_spotting/get_dataset.py
FRAME, HOP, TRANSFORM, BANDS, COEFFICIENTS, LOW_HZ, HIGH_HZ = 480, 320, 512, 40, 10, 20.0, 4000.0
#: the order of the keyword model's classes
WORDS = ("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes", "_silence_", "_unknown_")


@pytest.fixture(scope="module")
def models(edgekit_data):
    return mlperf_tiny.models()


@cache
def mel_weights():
    """Triangles on the mel scale (bins, bands), as tf.signal.linear_to_mel_weight_matrix has them."""
    def mel(hz):
        return 1127 * np.log1p(np.asarray(hz) / 700)

    corners = np.linspace(mel(LOW_HZ), mel(HIGH_HZ), BANDS + 2)
    bins = mel(np.arange(1, TRANSFORM // 2 + 1) * 16000 / TRANSFORM)[:, None]
    rise = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    fall = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    return np.pad(np.maximum(0, np.minimum(rise, fall)), ((1, 0), (0, 0)))


def mfcc(x):
    """Mel-frequency cepstral coefficients (N, 49, 10, 1) of int16 sound (N, 16000)."""
    x = x / np.maximum(x.max(axis=1, keepdims=True), 1)
    frames = np.lib.stride_tricks.sliding_window_view(x, FRAME, axis=1)[:, ::HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
    power = np.abs(np.fft.rfft(frames * window, TRANSFORM)) @ mel_weights()
    angle = np.pi / BANDS * (np.arange(BANDS)[:, None] + 0.5) * np.arange(COEFFICIENTS)
    return (np.log(power + 1e-6) @ np.cos(angle) * np.sqrt(2 / BANDS))[..., None]


def words(limit=None):
    """MFCC and class of the official test clips at hand."""
    data = speech_commands.load(split="test", limit=limit)
    names = np.array(data.class_names)[data.y]
    return mfcc(data.x.astype(np.float64)), np.array([WORDS.index(name) for name in names])


def photographs():
    """Codes (2, 96, 96, 3) of two grey photographs and their mirror images: x / 255 on the model's grid."""
    grey = person_detection.load().x
    grey = np.concatenate([grey, grey[:, :, ::-1]])
    return (np.repeat(grey[..., None], 3, axis=-1).astype(np.int16) - 128).astype(np.int8)


def real_inputs(name, qparams):
    if name == "kws_ref_model":
        return quantize(words(24)[0], qparams)
    if name == "vww_96_int8":
        return photographs()
    return quantize(mlperf_tiny.stacked(mlperf_tiny.load().x[0]), qparams)


def random_inputs(shape, count=4):
    """Codes over the whole range, and codes at its ends alone."""
    rng = np.random.default_rng(7)
    whole = rng.integers(-128, 128, (count, *shape), np.int8)
    return np.concatenate([whole, rng.choice(np.int8([-128, 127]), (count, *shape))])


def powers_of_two(graph):
    """The graph with every scale but those of softmax rounded to a power of two."""
    def rounded(q):
        return QParams(2.0 ** np.round(np.log2(q.scale)), q.zero_point, q.num_bits, q.axis, q.signed, q.narrow)

    return graph.with_tensors(**{t.name: replace(t, qparams=rounded(t.qparams)) for t in graph.tensors.values()
                                 if t.qparams is not None})


def compare(graph, x, resolver):
    """Assert that all tensors are equal; return how many elements were compared."""
    names = [node.output for node in graph.nodes]
    theirs = litert_run.run(litert.write(replace(graph, outputs=tuple(names))), x, resolver)
    ours = run(graph, x, resolver, all_tensors=True)
    for name, values in zip(names, theirs, strict=True):
        assert np.array_equal(ours[name], values), f"{name}: {np.count_nonzero(ours[name] != values)} differ"
    return sum(values.size for values in theirs)


@pytest.mark.parametrize("resolver", litert_run.RESOLVERS)
@pytest.mark.parametrize("name", MODELS)
def test_every_tensor_equals_litert(models, name, resolver):
    graph = litert.read(models[name])
    tensor = graph.tensors[graph.inputs[0]]
    x = np.concatenate([real_inputs(name, tensor.qparams), random_inputs(tensor.shape)])
    compared = compare(graph, x, resolver)
    assert np.array_equal(run(graph, x, resolver), litert_run.run(models[name], x, resolver))
    compared += compare(powers_of_two(graph), random_inputs(tensor.shape), resolver)
    print(f"{name}, {resolver}: {compared} outputs of {len(graph.nodes)} operators, 0 mismatches")


@pytest.mark.parametrize("resolver", ["reference", "builtin"])
@pytest.mark.parametrize("name", MODELS)
def test_every_tensor_of_the_original_file(models, name, resolver):
    """Without a delegate LiteRT shows the tensors of the file itself."""
    graph = litert.read(models[name])
    x = random_inputs(graph.tensors[graph.inputs[0]].shape)
    theirs = litert_run.run(models[name], x, resolver, all_tensors=True)
    for tensor, values in run(graph, x, resolver, all_tensors=True).items():
        assert np.array_equal(theirs[tensor], values), tensor


def test_keywords_are_recognised(models):
    """The front end is the model's own: a wrong one would leave chance, 8 %. Published: 90 % of the whole test set."""
    graph, (features, y) = litert.read(models["kws_ref_model"]), words()
    found = run(graph, quantize(features, graph.tensors[graph.inputs[0]].qparams)).argmax(axis=1)
    print(f"{np.mean(found == y):.3f} of {len(y)} clips")
    assert np.mean(found == y) > 0.8


def test_the_person_is_seen(models):
    graph = litert.read(models["vww_96_int8"])
    person = run(graph, photographs())[:, 1]
    assert (person[1::2] > person[::2]).all()
