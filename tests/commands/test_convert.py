"""edgekit convert: every format in, three out, int8 where there is data; and `run` on what came out."""

import json

import numpy as np
import pytest
import torch

from edgekit import cli
from edgekit.commands import _models as models
from edgekit.graph.run import predict, run
from edgekit.nn import zoo
from edgekit.nn.acoustic import student

pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A .pt2 file and calibration data, both channels first."""
    folder = tmp_path_factory.mktemp("models")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = student().eval()
    torch.export.save(torch.export.export(model, (torch.zeros(2, 1, 32, 40),), strict=False), folder / "net.pt2")
    x = np.random.default_rng(0).standard_normal((48, 1, 32, 40)).astype(np.float32)
    np.savez(folder / "data.npz", x=x)
    with torch.no_grad():
        np.save(folder / "expected.npy", model(torch.tensor(x)).numpy())
    return folder


def convert(capsys, *arguments):
    assert cli.main(["convert", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("suffix", models.WRITABLE)
def test_a_float_model_computes_the_same_in_every_format(folder, capsys, tmp_path, suffix):
    result = convert(capsys, folder / "net.pt2", tmp_path / f"net{suffix}")
    assert (result["integer"], result["file_bytes"]) == (False, (tmp_path / f"net{suffix}").stat().st_size)
    graph, x = models.read(tmp_path / f"net{suffix}"), np.load(folder / "data.npz")["x"]
    ours = run(graph, x if x.shape[1:] == graph.tensors[graph.inputs[0]].shape else np.moveaxis(x, 1, -1).copy())
    np.testing.assert_allclose(ours, np.load(folder / "expected.npy"), atol=1e-5)


@pytest.mark.parametrize("suffix", models.WRITABLE)
def test_with_data_it_becomes_int8_and_the_formats_agree_to_the_code(folder, capsys, tmp_path, suffix):
    convert(capsys, folder / "net.pt2", tmp_path / "net.edge", "--calibrate", folder / "data.npz")
    result = convert(capsys, tmp_path / "net.edge", tmp_path / f"other{suffix}")
    assert result["integer"]
    one, other = models.read(tmp_path / "net.edge"), models.read(tmp_path / f"other{suffix}")
    x = np.random.default_rng(1).integers(-128, 128, (16, 32, 40, 1), np.int8)
    np.testing.assert_array_equal(run(one, x), run(other, x))
    real = np.moveaxis(np.load(folder / "data.npz")["x"], 1, -1)
    expected = np.load(folder / "expected.npy")
    assert np.abs(predict(other, real) - expected).max() < 0.2 * np.abs(expected).max()


def test_run_takes_and_gives_the_order_of_the_file(folder, capsys, tmp_path):
    convert(capsys, folder / "net.pt2", tmp_path / "net.onnx")
    np.save(tmp_path / "x.npy", np.load(folder / "data.npz")["x"])
    for model in (folder / "net.pt2", tmp_path / "net.onnx"):
        arguments = ["run", str(model), "--input", str(tmp_path / "x.npy"), "--output", str(tmp_path / "y.npy")]
        assert cli.main(arguments) == 0
        np.testing.assert_allclose(np.load(tmp_path / "y.npy"), np.load(folder / "expected.npy"), atol=1e-5)
    capsys.readouterr()


class Listener(torch.nn.Module):
    """A recurrent layer over a signal (N, 3, 20) between a convolution and a product."""

    def __init__(self, kind, last):
        super().__init__()
        self.conv, self.recur = torch.nn.Conv1d(3, 4, 3, stride=2), kind(4, 6, batch_first=True)
        self.dense, self.last = torch.nn.Linear(6, 2), last

    def forward(self, x):
        states, _ = self.recur(self.conv(x).relu().transpose(1, 2))
        return self.dense(states[:, -1]) if self.last else states.transpose(1, 2)


@pytest.mark.parametrize("kind", [torch.nn.GRU, torch.nn.LSTM])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.filterwarnings("ignore:The tensor attributes self.recur")  # torch, of what it leaves out of the file
def test_a_recurrent_model_runs_from_its_onnx(capsys, tmp_path, kind, last):
    onnxruntime = pytest.importorskip("onnxruntime")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, x = Listener(kind, last).eval(), torch.randn(5, 3, 20)
    torch.export.save(torch.export.export(model, (x,), strict=False), tmp_path / "net.pt2")
    np.save(tmp_path / "x.npy", x.numpy())
    assert not convert(capsys, tmp_path / "net.pt2", tmp_path / "net.onnx")["integer"]
    source, target = str(tmp_path / "x.npy"), str(tmp_path / "y.npy")
    assert cli.main(["run", str(tmp_path / "net.onnx"), "--input", source, "--output", target]) == 0
    expected = model(x).detach().numpy()
    np.testing.assert_allclose(np.load(target), expected, atol=1e-6)
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    theirs = session.run(None, {session.get_inputs()[0].name: x.numpy()[:, :, None]})[0]
    np.testing.assert_allclose(theirs.reshape(expected.shape), expected, atol=1e-6)


@pytest.mark.parametrize(("arguments", "words"), [
    (["nowhere.pt2", "out.onnx"], "nowhere.pt2: no such file"),
    (["net.pth", "out.onnx"], "unknown format '.pth'"),
    (["{folder}/net.pt2", "{tmp}/out.h5"], "cannot write '.h5'; known: .edge, .onnx, .tflite"),
    (["{folder}/net.pt2", "{tmp}/out.edge", "--calibrate", "nowhere.npz"], "nowhere.npz: no such file"),
    (["{folder}/net.pt2", "{tmp}/out.edge", "--activation-bits", "16"], "give its data with --calibrate DATA.npz"),
    (["{folder}/net.pt2", "{tmp}/out.edge", "--calibrate", "{folder}/expected.npy"], "not a readable .npz"),
    (["{folder}/net.pt2", "{tmp}/out.edge", "--calibrate", "{tmp}/small.npz"], "x must be (N, 32, 40, 1)"),
    (["{folder}/net.pt2", "{tmp}/out.edge", "--calibrate", "{tmp}/named.npz"], "no array 'x'"),
    (["{folder}/net.pt2", "{tmp}/out.edge", "--calibrate", "{tmp}/holes.npz"], "holes.npz: x holds NaN or infinite"),
    (["ppg-gru-int8", "{tmp}/out.onnx"], "has no .onnx form in integers, GRU and LSTM of ONNX are float; write .edge"),
    (["camera-detect-v3-int8", "{tmp}/out.onnx", "--form", "qlinear"], "; use --form qdq"),
    (["{folder}/net.pt2", "{tmp}"], "cannot write ''; known: .edge, .onnx, .tflite; give OUT one of these endings"),
])
def test_what_cannot_be_is_one_line(folder, capsys, tmp_path, arguments, words):
    np.savez(tmp_path / "small.npz", x=np.zeros((3, 1, 5, 5), np.float32))
    np.savez(tmp_path / "holes.npz", x=np.full((3, 1, 32, 40), np.nan, np.float32))
    np.savez(tmp_path / "named.npz", inputs=np.zeros((3, 1, 32, 40), np.float32))
    filled = [argument.format(folder=folder, tmp=tmp_path) for argument in arguments]
    assert cli.main(["convert", *filled]) == 1
    error = capsys.readouterr().err.strip()
    assert words in error
    assert error.count("\n") == 0
    assert not list(tmp_path.glob("out*"))


def test_a_map_of_as_many_channels_as_columns_keeps_its_order(capsys, tmp_path):
    """Channels first in the .pt2, channels last in the .tflite that it becomes, and the runtime agrees."""
    litert_run = pytest.importorskip("edgekit.deploy.litert_run")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Conv2d(8, 8, 3, padding=1)).eval()
    torch.export.save(torch.export.export(model, (torch.zeros(2, 8, 8, 8),), strict=False), tmp_path / "sq.pt2")
    x = np.random.default_rng(0).standard_normal((8, 8, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=x)
    convert(capsys, tmp_path / "sq.pt2", tmp_path / "sq.tflite", "--calibrate", tmp_path / "data.npz")
    codes = np.random.default_rng(1).integers(-128, 128, (4, 8, 8, 8), np.int8)
    np.save(tmp_path / "x.npy", codes)
    arguments = ["run", tmp_path / "sq.tflite", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy"]
    assert cli.main([*map(str, arguments), "--rounding", "reference"]) == 0
    theirs = litert_run.run((tmp_path / "sq.tflite").read_bytes(), codes, "reference")
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), theirs)
    capsys.readouterr()


def test_real_numbers_go_through_the_grids(folder, capsys, tmp_path):
    convert(capsys, folder / "net.pt2", tmp_path / "q.onnx", "--calibrate", folder / "data.npz")
    np.save(tmp_path / "x.npy", np.load(folder / "data.npz")["x"])
    arguments = ["run", tmp_path / "q.onnx", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy"]
    arguments = [str(argument) for argument in arguments]
    assert cli.main(arguments) == 1
    assert "add --real" in capsys.readouterr().err
    assert cli.main([*arguments, "--real"]) == 0
    graph = models.read(tmp_path / "q.onnx")
    expected = predict(graph, np.moveaxis(np.load(tmp_path / "x.npy"), 1, -1))
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), expected)
    capsys.readouterr()


@pytest.mark.parametrize(("name", "shipped"), [("ppg", "ppg-cnn-int8"), ("ppg-cnn-int8", "ppg-cnn-int8")])
def test_names_of_tasks_and_of_the_zoo_are_models_too(capsys, tmp_path, name, shipped):
    assert convert(capsys, name, tmp_path / "net.tflite")["integer"]
    x = np.random.default_rng(0).integers(-128, 128, (4, 1, 1000, 1), np.int8)
    np.testing.assert_array_equal(run(models.read(tmp_path / "net.tflite"), x), run(zoo.load(shipped), x))


def test_a_name_that_is_no_model_lists_what_is(capsys, tmp_path):
    assert cli.main(["convert", "nothing", str(tmp_path / "net.onnx")]) != 0
    assert "neither a task (ppg," in capsys.readouterr().err


def test_activations_of_sixteen_bits(folder, capsys, tmp_path):
    """Through the two formats that hold them, to the code; and much closer to the float model than int8."""
    data = ("--calibrate", folder / "data.npz")
    convert(capsys, folder / "net.pt2", tmp_path / "wide.edge", *data, "--activation-bits", 16)
    convert(capsys, tmp_path / "wide.edge", tmp_path / "wide.tflite")
    convert(capsys, folder / "net.pt2", tmp_path / "net.edge", *data)
    wide, again, narrow = (models.read(tmp_path / name) for name in ("wide.edge", "wide.tflite", "net.edge"))
    assert wide.tensors[wide.inputs[0]].dtype == "int16"
    real = np.moveaxis(np.load(folder / "data.npz")["x"], 1, -1)
    np.testing.assert_array_equal(predict(wide, real), predict(again, real))
    error = {name: np.square(predict(graph, real) - np.load(folder / "expected.npy")).mean()
             for name, graph in (("wide", wide), ("narrow", narrow))}
    assert error["wide"] < error["narrow"] / 4
