"""The embedded recordings: three files of log-mel codes and ten short sounds of four channels; and how to read them.

Three data sets lie in the same files. `acoustic`: recordings of 2 s, 15 classes. `acoustic-fault`: 1 s windows of them;
both windows of a recording train, its first one tests (the second would add examples, but hardly information).
`acoustic-anomaly`: healthy or not, of 2 s; its train split is healthy only.
"""

import io
import json
import wave
import zipfile
from pathlib import Path

import numpy as np

from edgekit.data import logmel, store
from edgekit.data.dataset import Dataset
from edgekit.data.synthetic.acoustic.params import FS
from edgekit.data.synthetic.acoustic.sets import FRAMES, REFERENCE_TAKES, make_unit, unit_takes
from edgekit.data.synthetic.acoustic.units import CLASSES

FAMILY = "acoustic"
NAMES = ("acoustic", "acoustic-fault", "acoustic-anomaly")
# split: (units, recordings of each, seed)
EMBEDDED = {"train": (40, 24, 30_101), "val": (15, 42, 30_102), "test": (30, 69, 30_103)}
RAW_SEED, RAW_SAMPLES = 30_105, FS
EXTRAS = ("reference", "azimuth_deg", "snr_db", "speed_hz", "gain_db", "level")


def make(root: Path) -> None:
    """Write the three splits and the sounds below `root/acoustic`, and their lines of the manifest."""
    files, first = {}, 0
    for split, (units, takes, seed) in EMBEDDED.items():
        columns = join([make_unit(index, takes, seed) for index in range(units)])
        order = np.random.default_rng(seed).permutation(units * takes)
        columns = {key: value[order] for key, value in columns.items()}
        files[f"{split}.npz"] = pack(columns | {"group": columns["group"] + first})
        first += units
    store.write_family(Path(root), FAMILY, files | _sounds(first))


def join(parts: list[dict]) -> dict[str, np.ndarray]:
    """Columns of several units below each other."""
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def pack(columns: dict[str, np.ndarray]) -> bytes:
    """Columns as a compressed `.npz`: each recording's mean code per band, and the differences from it, mod 256."""
    level = np.round(columns["x"].mean(axis=1)).astype(np.uint8)
    unit, first = np.unique(columns["group"], return_index=True)
    arrays = {"level_codes": level, "rest": columns["x"] - level[:, None] + np.uint8(128),
              "y": columns["y"].astype(np.uint8), "group": columns["group"].astype(np.int32), "unit": unit,
              "unit_reference": columns["reference"][first], "unit_azimuth_deg": columns["azimuth_deg"][first]}
    arrays |= {key: columns[key].astype(np.float32) for key in EXTRAS[2:]}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def unpack(content: bytes, label: str) -> dict[str, np.ndarray]:
    """The columns in the bytes that `pack` made. Raises ValueError for bytes that are no such file."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file.items())
        level, rest = arrays.pop("level_codes"), arrays.pop("rest")
        row = np.searchsorted(arrays.pop("unit"), arrays["group"])
        arrays["reference"], arrays["azimuth_deg"] = (arrays.pop(f"unit_{key}")[row] for key in EXTRAS[:2])
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"load: {label} is not a readable file of sound codes ({error})") from None
    return arrays | {"x": rest + level[:, None] - np.uint8(128), "y": arrays["y"].astype(np.int64)}


def read(root: Path, name: str, split: str) -> Dataset:
    """One of NAMES, one split, from the files below `root`; x float32 in dB."""
    content = store.checked_bytes(Path(root), f"{FAMILY}/{split}.npz")
    return view(recordings(unpack(content, f"{name}/{split}"), split), name)


def recordings(columns: dict[str, np.ndarray], split: str) -> Dataset:
    """Columns as the data set `acoustic`: x (N, 64, 40) dB, y index into CLASSES, group the unit."""
    return Dataset("acoustic", split, logmel.from_codes(columns["x"]), columns["y"], CLASSES, float(FS),
                   columns["group"], {key: columns[key] for key in EXTRAS})


def view(data: Dataset, name: str) -> Dataset:
    """Recordings as the examples of `name`: one of NAMES. `extras["state"]` of the anomaly set is the class."""
    if name == "acoustic-fault":
        pieces = logmel.windows(data.x)[:, :FRAMES // logmel.WINDOW_FRAMES if data.split == "train" else 1]
        owner = np.repeat(np.arange(len(data)), pieces.shape[1])
        extras = {key: value[owner] for key, value in data.extras.items()} | {"recording": owner}
        return Dataset(name, data.split, pieces.reshape(-1, *pieces.shape[2:]), data.y[owner], CLASSES, data.fs,
                       data.group[owner], extras, data.origin)
    if name == "acoustic-anomaly":
        kept = data.subset(data.y % 3 == 0) if data.split == "train" else data
        return Dataset(name, data.split, kept.x, (kept.y % 3 > 0).astype(np.int64), ("normal", "anomaly"), data.fs,
                       kept.group, kept.extras | {"state": kept.y}, data.origin)
    return data


def _sounds(first_unit: int) -> dict[str, bytes]:
    """Ten sounds of 1 s and four channels, healthy and with a fault of each machine, and `raw/index.json`."""
    files, index = {}, []
    for machine in range(5):
        scene, takes = unit_takes(machine, 3, RAW_SEED, channels=4)
        for fault in (0, 1 + machine % 2):
            row = REFERENCE_TAKES + int(np.flatnonzero(takes.state.fault[REFERENCE_TAKES:] == fault)[0])
            label = CLASSES[3 * machine + fault]
            files[f"raw/{label}.wav"] = wav_bytes(takes.audio[row, :, :RAW_SAMPLES])
            mics = scene.room.mics - scene.room.mics.mean(axis=0)
            index.append({"file": f"{label}.wav", "class": label, "unit": first_unit + machine,
                          "azimuth_deg": round(scene.room.azimuth_deg, 2),
                          "radius_mm": round(1000 * float(np.linalg.norm(mics[0])), 2),
                          "snr_db": round(float(takes.state.snr_db[row]), 2)})
    return files | {"raw/index.json": (json.dumps({"fs": FS, "sounds": index}, indent=1) + "\n").encode()}


def wav_bytes(audio: np.ndarray) -> bytes:
    """int16 samples (channels, L) at 16 kHz as the bytes of a `.wav` file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(len(audio))
        file.setsampwidth(2)
        file.setframerate(FS)
        file.writeframes(np.ascontiguousarray(audio.T, dtype="<i2").tobytes())
    return buffer.getvalue()
