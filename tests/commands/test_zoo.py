"""`edgekit zoo`: what ships, what can be trained, and graphs made again from the shipped weights."""

import numpy as np
import pytest

from edgekit.nn import origins, zoo
from edgekit.tasks import training


def test_list_names_every_model_with_its_task_and_its_costs(edgekit_json, edgekit):
    rows = edgekit_json("zoo", "list")
    assert list(rows) == zoo.names()
    assert {row["task"] for row in rows.values()} >= {"ppg", "camera-presence", "acoustic-fault", "acoustic-anomaly"}
    for name in rows:
        if f"{name}-int8" in rows:
            assert rows[f"{name}-int8"]["weight_bytes"] < 0.5 * rows[name]["weight_bytes"]
            assert rows[f"{name}-int8"]["macs"] == rows[name]["macs"]
    lines = edgekit("zoo", "list")[1].splitlines()
    assert [line.split()[0] for line in lines] == list(rows)
    assert len({line.index(f" {rows[line.split()[0]]['task']} ") for line in lines}) == 1  # however long a name is
    assert len({len(line) for line in lines}) == 1


def test_every_shipped_model_can_be_made_again():
    assert {name.removesuffix("-int8") for name in zoo.names()} <= set(origins.names())


@pytest.mark.parametrize("action", ["train", "export"])
def test_without_a_name_the_names_are_listed(edgekit_json, action):
    assert list(edgekit_json("zoo", action)["trainable"]) == origins.names()


def test_wrong_names_and_seeds_are_one_line(edgekit):
    for arguments, message in (
        (("train", "resnet"), "zoo train: unknown model 'resnet'; models that can be trained: ppg-cnn"),
        (("export", "resnet"), "zoo export: unknown model 'resnet'; models that can be trained: ppg-cnn"),
        (("list", "resnet"), "zoo list: it lists every model and takes no name, got 'resnet'; leave the name out"),
        (("export", "ppg-cnn", "--seed", -1), "--seed must be 0 or more, got -1"),
    ):
        status, out, err = edgekit("zoo", *arguments)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert message in err


def test_export_makes_the_shipped_graphs_again(tmp_path):
    """The same layers with the same numbers; names of activations may differ."""
    report = training.export("acoustic-student", folder=tmp_path)
    assert report["files"] == ["acoustic-student-int8.edge", "acoustic-student.edge"]
    assert report["scores"]["acoustic-student"]["val_macro_f1_int8"] > 0.75
    for name in ("acoustic-student", "acoustic-student-int8"):
        made, shipped = zoo.load(name, tmp_path), zoo.load(name)
        assert [(node.op, dict(node.attrs)) for node in made.nodes] == [(n.op, dict(n.attrs)) for n in shipped.nodes]
        for a, b in zip(made.constants, shipped.constants, strict=True):
            step = 1 if a.data.dtype.kind == "i" else 0  # other CPUs may round a range differently
            assert np.abs(a.data.astype(float) - b.data.astype(float)).max() <= step


def test_training_stores_weights_and_graphs(tmp_path, monkeypatch):
    """The camera pair, untrained: one file of weights, a graph of each network that the interpreter runs."""
    origin = origins.of("camera-presence-v1")
    monkeypatch.setattr(type(origin), "train", lambda self, seed, **recipe: {"camera-presence-v1": self.shipped()[
        "camera-presence-v1"]})
    monkeypatch.setattr(type(origin), "weights", lambda self, networks: {"camera-v1.safetensors": b"kept"})
    monkeypatch.setattr(training, "validation", lambda task, **graphs: {"val": sorted(graphs)})
    report = training.train_and_export("camera-presence-v1", 3, folder=tmp_path)
    assert report["files"] == ["camera-presence-v1-int8.edge", "camera-presence-v1.edge", "camera-v1.safetensors"]
    assert report["scores"] == {"camera-presence-v1": {"val": ["float", "int8"]}}
    assert zoo.load("camera-presence-v1-int8", tmp_path).metadata["seed"] == 3
