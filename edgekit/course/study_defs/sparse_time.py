"""From which sparsity on does leaving out zeros save time, and do zeros save any by themselves?"""

from edgekit.course import sparse_speed
from edgekit.course.study_defs import Definition

NETWORK_SPARSITY = 0.8


def cell(seed):
    """Time every product and one network; `seed` draws the matrices and the inputs. Speed-ups as powers of two."""
    import numpy as np

    from edgekit.nn import zoo
    from edgekit.nn.prune import MaskedNet

    rng, found = np.random.default_rng(seed), {}
    for name, shape in sparse_speed.SHAPES.items():
        measured = [sparse_speed.speed_ups(shape, sparsity, rng) for sparsity in sparse_speed.SPARSITIES]
        for way in sparse_speed.WAYS:
            ratios = [row[way] for row in measured]
            found |= {key(name, way, sparsity): np.log2(ratio)
                      for sparsity, ratio in zip(sparse_speed.SPARSITIES, ratios, strict=True)}
            if way != "zeros":
                found[f"{name}_{way}_break_even"] = sparse_speed.break_even(sparse_speed.SPARSITIES, ratios)
    full = zoo.load("ppg-cnn")
    thin = MaskedNet(full).prune(NETWORK_SPARSITY).to_graph()
    x = rng.standard_normal((1, *full.tensors[full.inputs[0]].shape))
    found["network_zeros"] = np.log2(sparse_speed.network_ratio(full, thin, x))
    return found


def key(name, way, sparsity):
    """The name of a value: shape, way of multiplying, sparsity in tenths of a percent."""
    return f"{name}_{way}_{1000 * sparsity:.0f}"


def tolerances():
    """{value: tolerance}: zeros change nothing on any computer; how far SciPy is ahead depends on its caches."""
    found = {"network_zeros": 0.3}
    for name in sparse_speed.SHAPES:
        found |= {key(name, way, sparsity): 0.3 if way == "zeros" else 1.5
                  for way in sparse_speed.WAYS for sparsity in sparse_speed.SPARSITIES}
        found |= {f"{name}_{way}_break_even": 0.15 for way in sparse_speed.WAYS if way != "zeros"}
    return found


STUDY = Definition(
    question="From which sparsity on is a product that skips zeros faster than a dense one, and are zeros free?",
    cell=cell,
    seeds=range(5),
    tolerance=tolerances(),
    config={
        "shapes": sparse_speed.SHAPES,
        "unit": "log2(time of the full dense product / time), break-even in sparsity",
        "dense": "NumPy's BLAS, float32, one thread",
        "network": f"ppg-cnn in ONNX Runtime, batch 1, one thread, {NETWORK_SPARSITY} of the weights 0",
    },
    files=("edgekit/nn/weights/ppg-cnn.edge",),
)
