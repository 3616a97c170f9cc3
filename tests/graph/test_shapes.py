import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.graph import kernels
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.graph.shapes import check_shapes, infer

NUMBER = st.integers(1, 5)
PAIR = st.tuples(NUMBER, NUMBER)
PADDING = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2)
MAP = st.tuples(NUMBER, NUMBER, NUMBER)
SHAPE = st.one_of(MAP, st.tuples(NUMBER), st.tuples(NUMBER, NUMBER))
WINDOW = {"kernel": PAIR, "stride": PAIR, "padding": PADDING}
CONVOLUTION = {"stride": PAIR, "padding": PADDING, "dilation": PAIR, "groups": st.integers(1, 3)}
AXIS = st.integers(-4, -1)

#: operator -> shapes of its inputs, of its weights, and attributes; legal and illegal alike
CASES = {
    "conv2d": ([MAP], [st.tuples(NUMBER, NUMBER, NUMBER, NUMBER)], CONVOLUTION),
    "dense": ([SHAPE], [st.tuples(NUMBER, NUMBER)], {}),
    "batch_norm": ([SHAPE], [st.tuples(NUMBER)] * 4, {"eps": st.just(1e-3)}),
    "add": ([SHAPE, SHAPE], [], {}),
    "mul": ([SHAPE, SHAPE], [], {}),
    "avg_pool2d": ([SHAPE], [], WINDOW),
    "max_pool2d": ([SHAPE], [], WINDOW),
    "reshape": ([SHAPE], [], {"shape": SHAPE}),
    "concat": ([SHAPE, SHAPE, SHAPE], [], {"axis": AXIS}),
    "pad": ([SHAPE], [], {"padding": PADDING}),
    "resize_nearest": ([SHAPE], [], {"size": PAIR}),
    "mean": ([SHAPE], [], {"axes": st.lists(AXIS, min_size=1, max_size=3, unique=True).map(tuple),
                           "keepdims": st.booleans()}),
    "softmax": ([SHAPE], [], {}),
    "hard_swish": ([SHAPE], [], {}),
}


def computed(op, data, weights, attrs):
    """The shape that the float kernel gives, None where it refuses."""
    names = [f"t{i}" for i in range(len(data) + len(weights))]
    arrays = [np.ones((2, *shape), np.float32) for shape in data] + [np.ones(shape, np.float32) for shape in weights]
    try:
        y = kernels.FLOAT[op](None, Node(op, names, "y", attrs), arrays, "cmsis")
    except ValueError:
        return None
    return y.shape[1:]


@pytest.mark.parametrize("op", CASES)
@given(draw=st.data())
def test_the_inferred_shape_is_the_computed_one_and_illegal_is_illegal(op, draw):
    data, weights, attrs = CASES[op]
    data, weights = ([draw.draw(shape) for shape in shapes] for shapes in (data, weights))
    # fitting ones are rare, and core stretches a batch norm's parameters
    if op == "batch_norm" or (op in ("add", "mul", "concat", "dense") and draw.draw(st.booleans())):
        data = data[:1] * len(data)
        weights = [(*shape[:-1], data[0][-1]) for shape in weights]
    attrs = {name: draw.draw(value) for name, value in attrs.items()}
    expected = computed(op, data, weights, attrs)
    if expected is None:
        with pytest.raises(ValueError, match=r".+"):
            infer(op, [*data, *weights], attrs)
    else:
        assert infer(op, [*data, *weights], attrs) == expected


@pytest.mark.parametrize(("op", "gates"), [("gru", 3), ("lstm", 4)])
def test_recurrent_layers(op, gates):
    shapes = [(1, 20, 5), (gates * 8, 5), (gates * 8, 8), (gates * 8,), (gates * 8,)]
    assert infer(op, shapes, {"return_sequence": True}) == (1, 20, 8)
    assert infer(op, shapes, {"return_sequence": False}) == (8,)
    with pytest.raises(ValueError, match=rf"weights \({gates}H, C\)"):
        infer(op, [(1, 20, 4), *shapes[1:]], {"return_sequence": True})


def test_every_operator_runs_as_declared(every_operator):
    check_shapes(every_operator)
    x = np.random.default_rng(0).normal(size=(3, 6, 6, 4)).astype(np.float32)
    for name, value in run(every_operator, x, all_tensors=True).items():
        assert value.shape == (3, *every_operator.tensors[name].shape)


def test_a_wrong_declaration_names_the_node(every_operator):
    wrong = dataclasses.replace(every_operator, tensors={**every_operator.tensors, "q": Tensor("q", (4, 4, 9))})
    with pytest.raises(ValueError, match=r"node 'q' \(max_pool2d\): declared shape \(4, 4, 9\).*give \(4, 4, 8\)"):
        check_shapes(wrong)


def test_an_impossible_node_says_why():
    tensors = {"x": Tensor("x", (2, 2, 1)), "y": Tensor("y", (1, 1, 1))}
    window = {"kernel": (3, 3), "stride": (1, 1), "padding": ((0, 0), (0, 0))}
    graph = Graph("g", tensors, [Node("max_pool2d", ("x",), "y", window)], ("x",), ("y",))
    with pytest.raises(ValueError, match=r"node 'y' \(max_pool2d\): kernel \(3, 3\).*does not fit in \(2, 2\)"):
        check_shapes(graph)
