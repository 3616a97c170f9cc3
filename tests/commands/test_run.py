import numpy as np
import pytest

from edgekit import tasks
from edgekit.graph import file
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.nn import zoo


@pytest.fixture
def codes(tmp_path):
    q = np.random.default_rng(0).integers(-128, 128, (3, 1, 1000, 1)).astype(np.int8)
    np.save(tmp_path / "x.npy", q)
    return q


def test_run_gives_what_the_interpreter_gives(edgekit_json, codes, tmp_path):
    result = edgekit_json(
        "run", "ppg", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--rounding", "ort"
    )
    y = np.load(tmp_path / "y.npy")
    assert np.array_equal(y, run(zoo.load("ppg-cnn-int8"), codes, "ort"))
    assert (result["dtype"], result["shape"]) == ("int8", [3, 6])


def test_all_tensors_are_written(edgekit_json, codes, tmp_path):
    edgekit_json(
        "run", "ppg", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--all-tensors", tmp_path / "all"
    )
    values = run(zoo.load("ppg-cnn-int8"), codes, all_tensors=True)
    assert {path.stem for path in (tmp_path / "all").iterdir()} == set(values)
    for name, value in values.items():
        assert np.array_equal(np.load(tmp_path / "all" / f"{name}.npy"), value)


def test_bad_input_is_one_line(edgekit, codes, tmp_path):
    np.save(tmp_path / "floats.npy", np.zeros((1, 1, 1000, 1), np.float32))
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY\x01\x00")
    for name, array in (("scalar", np.int8(3)), ("words", np.array(["a"])), ("empty", np.zeros((0, 1, 1000, 1), "i1"))):
        np.save(tmp_path / f"{name}.npy", array)
    for name, message in (
        ("scalar", "scalar.npy: it must hold numbers of shape (N, ...) with N >= 1, got int8 (); save a batch"),
        ("words", "got <U1 (1,)"),
        ("empty", "got int8 (0, 1, 1000, 1)"),
        ("floats", "takes int8, got float32"),
        ("broken", "not a readable .npy"),
        ("none", "no such file"),
    ):
        status, _, err = edgekit("run", "ppg", "--input", tmp_path / f"{name}.npy", "--output", tmp_path / "y.npy")
        assert status != 0
        assert message in err
        assert err.count("\n") == 1


@pytest.mark.parametrize("task", [name for name in tasks.TASKS if tasks.get(name).shipped in zoo.names()])
def test_the_shipped_model_of_every_task_runs(edgekit_json, tmp_path, task):
    graph = zoo.load(tasks.get(task).shipped)
    shape = graph.tensors[graph.inputs[0]].shape
    np.save(tmp_path / "x.npy", np.random.default_rng(1).integers(-128, 128, (2, *shape)).astype(np.int8))
    result = edgekit_json("run", task, "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy")
    assert result["shape"] == [2, *graph.tensors[graph.outputs[0]].shape]
    assert result["dtype"] == "int8"


def test_objects_are_refused_without_advice_to_unpickle_them(edgekit, tmp_path):
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    status, _, err = edgekit("run", "ppg", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy")
    assert status != 0
    assert "it holds Python objects" in err
    assert "pickle" not in err


def test_tensors_whose_names_differ_in_odd_characters_have_files_of_their_own(edgekit_json, tmp_path):
    names = ["x", "a/b", "a_b", "A_b", "../" * 60, "../" * 60 + "x", "\u5c42" * 120, "\u5c42" * 121]
    tensors = {name: Tensor(name, (2,)) for name in names}
    nodes = [Node("relu" if i % 2 else "tanh", [names[i]], names[i + 1]) for i in range(len(names) - 1)]
    file.save(Graph("odd", tensors, nodes, names[:1], names[-1:]), tmp_path / "odd.edge")
    x = np.array([[-1, 2]], np.float32)
    np.save(tmp_path / "x.npy", x)
    result = edgekit_json("run", tmp_path / "odd.edge", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy",
                          "--all-tensors", tmp_path / "all")
    assert set(result["tensors"]) == set(names)
    assert len({name.casefold() for name in result["tensors"].values()}) == len(names)
    assert {path.name for path in (tmp_path / "all").iterdir()} == set(result["tensors"].values())
    for name, value in run(file.load(tmp_path / "odd.edge"), x, all_tensors=True).items():
        np.testing.assert_array_equal(np.load(tmp_path / "all" / result["tensors"][name]), value)
