import numpy as np
import pytest

from edgekit import data


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Two classes of the validation people, resampled to 64 Hz, in other units, upside down."""
    from edgekit.data.features import resample

    val = data.load("ppg", "val")
    keep = np.flatnonzero(np.isin(val.y, (0, 3)))
    x = 3.3 - 1e-3 * resample(val.x[keep].astype(float), val.fs, 64.0)
    path = tmp_path_factory.mktemp("own") / "mine.npz"
    names = np.array(["Atrial Fibrillation", "sinus"])
    np.savez(path, x=x, y=(val.y[keep] == 0).astype(int), fs=64.0, group=val.group[keep], class_names=names)
    return path


def test_evaluation_of_own_data(edgekit_json, own):
    result = edgekit_json("evaluate", "ppg", "--data", own)
    assert set(result) == {
        "n", "classes", "accuracy", "macro_f1", "confusion", "per_class", "per_group", "windows", "pooling",
        "scores_file",
    }  # fmt: skip
    assert (result["windows"], result["pooling"]) == (result["n"], None)
    assert result["accuracy"] > 0.9
    assert result["n"] == sum(map(sum, result["confusion"])) == sum(row["n"] for row in result["per_group"].values())
    columns = np.array(result["confusion"]).sum(axis=0)
    assert columns[[1, 2, 4, 5]].sum() == 0  # only the two named classes are predicted


def test_the_scores_file(edgekit_json, own, tmp_path):
    result = edgekit_json("evaluate", "ppg", "--data", own, "--scores", tmp_path / "s.npz")
    stored = np.load(result["scores_file"])
    assert stored["scores"].shape == (result["n"], 6)
    np.testing.assert_allclose(stored["scores"].sum(axis=1), 1, rtol=0, atol=8 * np.finfo(np.float32).eps)
    assert [result["classes"][i] for i in sorted(set(stored["y"]))] == ["sinus", "atrial_fibrillation"]


def test_zoo_name_and_file_give_the_same(edgekit_json, own, tmp_path):
    from edgekit.nn import zoo

    path = tmp_path / "model.edge"
    path.write_bytes(zoo.read("ppg-cnn-int8.edge"))
    results = [edgekit_json("evaluate", model, "--data", own) for model in ("ppg", "ppg-cnn-int8", path)]
    assert results[0] == results[1] == results[2]


def test_the_text_names_the_classes(edgekit, own):
    status, out, _ = edgekit("evaluate", "ppg", "--data", own)
    assert status == 0
    assert "over atrial_fibrillation, sinus" in out


@pytest.mark.parametrize(
    ("model", "message"),
    [("resnet", "neither a task (ppg, camera-presence"), ("missing.edge", "missing.edge: no such file")],
)
def test_unknown_models(edgekit, own, model, message):
    status, _, err = edgekit("evaluate", model, "--data", own)
    assert status != 0
    assert message in err


def test_every_kind_of_task_on_data_of_ones_own(edgekit, edgekit_json, tmp_path):
    """What only one task has to say stands in the JSON, in the text, and in the scores file."""
    from edgekit.data.public.npz import to_npz

    sound = to_npz(data.load("acoustic-anomaly", "val"), tmp_path / "sound.npz")
    result = edgekit_json("evaluate", "acoustic-anomaly", "--data", sound)
    assert 0.75 < result["mean_auc"] < 0.97
    assert set(np.load(result["scores_file"])) == {"scores", "y", "classes", "anomaly_score"}
    assert result["windows"] == 2 * result["n"]
    text = edgekit("evaluate", "acoustic-anomaly", "--data", sound)[1]
    assert "examples  630, cut into 1,260 windows: mean of the anomaly scores of the windows of an example" in text
    assert "group: n, accuracy, auc, pauc" in text

    pictures = to_npz(data.load("camera", "val").subset(np.arange(60)), tmp_path / "pictures.npz")
    assert "and 20 more groups, which --json lists" in edgekit("evaluate", "camera-presence", "--data", pictures)[1]


@pytest.mark.parametrize("model", ["ppg-rate", "ppg-beats-int8"])
def test_a_model_that_names_no_classes_says_what_it_is_for(edgekit, own, model):
    status, _, err = edgekit("evaluate", model, "--data", own)
    assert status != 0
    assert "expected one score for each of 6 classes" in err
    assert "it helps the model of the task, which is ppg-cnn; evaluate ppg-cnn-int8" in err


@pytest.mark.parametrize("content", [b"x,y\n1,2\n", b"PK\x03\x04broken", b"", b"\x80\x04N."])
def test_a_file_of_another_kind_is_no_reason_to_unpickle(edgekit, tmp_path, content):
    (tmp_path / "own.npz").write_bytes(content)
    status, _, err = edgekit("evaluate", "ppg", "--data", tmp_path / "own.npz")
    assert status != 0
    assert "it is no whole zip archive; save it again with np.savez, without object arrays" in err
    assert "pickle" not in err
