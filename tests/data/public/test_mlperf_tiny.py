"""The MLPerf Tiny feature file and the person-detection bitmaps, made small and real."""

import numpy as np
import pytest
from PIL import Image

from edgekit.data.public import mlperf_tiny, person_detection

NAME = "normal_id_01_00000000_hist_librosa.bin"


def test_frames_bands_labels_and_machines(tmp_path):
    x = np.random.default_rng(2).normal(size=(2, 200, 128)).astype("<f4")
    (tmp_path / NAME).write_bytes(x[0].tobytes())
    (tmp_path / "mlperf_ad01_anomaly_id_04_00000263_hist_librosa.bin").write_bytes(x[1].tobytes())
    data = mlperf_tiny.load(tmp_path)
    order = np.argsort(data.y)
    np.testing.assert_array_equal(data.x[order], x)
    assert data.group[order].tolist() == [1, 4]


def test_stacked_is_five_frames_in_a_row():
    x = np.random.default_rng(3).normal(size=(200, 128))
    stacked = mlperf_tiny.stacked(x)
    assert stacked.shape == (196, 640)
    for i in (0, 77, 195):
        np.testing.assert_array_equal(stacked[i], np.concatenate([x[i + k] for k in range(5)]))
    with pytest.raises(ValueError, match="at least 5 frames"):
        mlperf_tiny.stacked(x[:4])


def test_faults(tmp_path):
    (tmp_path / NAME).write_bytes(bytes(102396))
    with pytest.raises(ValueError, match=rf"{NAME} has 102396 bytes, expected 4 x 200 x 128 = 102400"):
        mlperf_tiny.load(tmp_path)
    (tmp_path / NAME).write_bytes(np.full(25600, np.nan, "<f4").tobytes())
    with pytest.raises(ValueError, match="holds NaN"):
        mlperf_tiny.load(tmp_path)
    (tmp_path / NAME).rename(tmp_path / "odd_hist_librosa.bin")
    with pytest.raises(ValueError, match="is no feature file"):
        mlperf_tiny.load(tmp_path)


def reconstruction_error(model, inputs):
    """Mean squared error of the int8 autoencoder of MLPerf Tiny, by LiteRT."""
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter(model_path=str(model))
    interpreter.allocate_tensors()
    (source,), (sink,) = interpreter.get_input_details(), interpreter.get_output_details()
    errors = []
    for row in inputs:
        scale, zero_point = source["quantization"]
        q = np.clip(np.round(row / scale) + zero_point, -128, 127).astype(np.int8)
        interpreter.set_tensor(source["index"], q[None])
        interpreter.invoke()
        scale, zero_point = sink["quantization"]
        made = scale * (interpreter.get_tensor(sink["index"])[0].astype(float) - zero_point)
        errors.append(np.mean((made - row) ** 2))
    return np.mean(errors)


def test_the_real_file_is_known_to_the_real_autoencoder(edgekit_data):
    if not (edgekit_data / "mlperf_tiny").is_dir():
        pytest.skip("no mlperf_tiny in EDGEKIT_DATA")
    data = mlperf_tiny.load(edgekit_data)
    x = data.x[0].astype(float)
    assert np.abs(np.diff(x, axis=0)).mean() < 5  # dB from frame to frame
    model = mlperf_tiny.models(edgekit_data)["ad01_int8"]
    rows = mlperf_tiny.stacked(x)[::14]
    other = mlperf_tiny.stacked(data.x[0].reshape(128, 200).T.astype(float))[::14]  # the axes the other way round
    assert reconstruction_error(model, rows) < 0.5 * reconstruction_error(model, other)


def test_person_detection_small_and_real(tmp_path, request):
    for i, name in enumerate(("no_person", "person")):
        Image.fromarray(np.full((96, 96), 9 + i, np.uint8)).save(tmp_path / f"{name}.bmp")
    assert person_detection.load(tmp_path).x[:, 0, 0].tolist() == [9, 10]
    (tmp_path / "no_person.bmp").unlink()
    with pytest.raises(FileNotFoundError, match=r"no_person\.bmp"):
        person_detection.load(tmp_path)
    folder = request.getfixturevalue("edgekit_data")
    if not (folder / "person_detection").is_dir():
        pytest.skip("no person_detection in EDGEKIT_DATA")
    data = person_detection.load(folder)
    assert data.class_names[1] == "person"
    for image, name in zip(data.x, data.class_names, strict=True):
        expected = np.asarray(Image.open(folder / "person_detection" / f"{name}.bmp").convert("L"))
        np.testing.assert_array_equal(image, expected)
