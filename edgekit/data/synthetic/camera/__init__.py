"""The synthetic camera: scenes of people, vehicles and things, through a lens, a noisy sensor and JPEG.

>>> few = make_scenes(4, seed=1)
>>> few.x.shape, few.x.dtype, few.class_names
((4, 96, 96, 3), dtype('uint8'), ('empty', 'person', 'vehicle', 'both'))
"""

import hashlib
import io
from dataclasses import astuple
from pathlib import Path

import numpy as np

from edgekit.data import cache, images, store
from edgekit.data.dataset import Dataset
from edgekit.data.synthetic.camera import backgrounds, imaging, scene
from edgekit.data.synthetic.camera.params import CameraParams, Params, SceneParams
from edgekit.data.synthetic.camera.scene import CLASS_NAMES, MAX_OBJECTS
from edgekit.data.synthetic.camera.stage import draw_stage

EMBEDDED = {"train": (1200, 11), "val": (400, 12), "test": (2048, 13)}  # split -> (scenes, seed)
SPLIT_CODE = {"train": 1, "val": 2, "test": 3}
KINDS = ("person", "vehicle")
NUISANCE = (
    "background",
    "horizon",
    "focal",
    "camera_height_m",
    "distance_m",
    "lamp_height",
    "lamp",
    "ambient",
    "shadow",
    "texture",
    "things",
    "blur_px",
    "motion_px",
    "motion_angle",
    "vignetting",
    "exposure",
    "shot",
    "read",
    "red_gain",
    "blue_gain",
    "red_error",
    "blue_error",
)


DEFAULT = Params()
VERSION = 2  # of the pictures: raised when the generator changes, so that an old cache is left alone


def make_scene(index, seed, split, params=DEFAULT):
    """Scene `index` of a stream: (JPEG bytes, label 0..3, `scene.Scene`, nuisance values in the order of
    NUISANCE).

    The label and the objects come from one generator, all else from another: no nuisance can know the label.
    """
    stream = [seed, SPLIT_CODE[split], index]
    rng, cast_rng = np.random.default_rng([*stream, 0]), np.random.default_rng([*stream, 1])
    stage = draw_stage(split, params.scene, rng)
    camera = imaging.draw_camera(params.camera, rng)
    label = int(cast_rng.integers(len(CLASS_NAMES)))
    made = scene.compose(label, split, stage, params.scene, cast_rng)
    picture = imaging.photograph(made.light, camera, rng)
    return images.encode(picture), label, made, _nuisance(stage, camera)


def _nuisance(stage, camera):
    view, light = stage.view, stage.light
    values = (
        backgrounds.INDEX[stage.background],
        view.horizon,
        view.focal,
        view.height_m,
        stage.distance_m,
        light.direction[1],
        light.lamp.mean(),
        light.ambient.mean(),
        stage.shadow,
        stage.texture,
        len(stage.clutter),
        *astuple(camera),
    )
    return np.array(values, np.float32)


def scene_arrays(n, seed=0, split="train", params=DEFAULT, progress=None):
    """`n` scenes as the arrays of an `.npz`: packed JPEGs, labels, boxes, hidden parts, nuisances.

    boxes (n, 5, 4) uint8: left, top, right, bottom in pixels; kinds (n, 5) int8: 0 person, 1 vehicle, -1 no
    box; hidden (n, 5): part that others cover; families (n, 5) int8: places in `scene.FAMILY_NAMES`, -1 for
    no box. `progress(done, n)` is called after every scene.
    """
    files, labels, nuisance = [], np.empty(n, np.uint8), np.empty((n, len(NUISANCE)), np.float32)
    boxes, kinds = np.zeros((n, MAX_OBJECTS, 4), np.uint8), np.full((n, MAX_OBJECTS), -1, np.int8)
    hidden, families = np.zeros((n, MAX_OBJECTS), np.float16), np.full((n, MAX_OBJECTS), -1, np.int8)
    for i in range(n):
        content, labels[i], made, nuisance[i] = make_scene(i, seed, split, params)
        files.append(content)
        count = len(made.kinds)
        boxes[i, :count], kinds[i, :count], hidden[i, :count] = made.boxes, made.kinds, made.hidden
        families[i, :count] = [scene.FAMILY_NAMES.index(name) for name in made.families]
        if progress:
            progress(i + 1, n)
    extras = {
        "extra_families": families,
        "extra_boxes": boxes,
        "extra_kinds": kinds,
        "extra_hidden": hidden,
        "extra_nuisance": nuisance,
    }
    return {
        **images.pack(files),
        "y": labels,
        "group": np.arange(n, dtype=np.int32),
        **extras,
        "class_names": np.array(CLASS_NAMES),
        "origin": np.array("synthetic"),
        "fs": np.float64(0),
    }


def _npz(arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def make_scenes(n, seed=0, split="train", params=DEFAULT, progress=None) -> Dataset:
    """`n` new scenes with the backgrounds and families of `split`; extras: boxes, kinds, families, hidden,
    nuisance."""
    return store.from_bytes(_npz(scene_arrays(n, seed, split, params, progress)), "camera", split)


def training_scenes(n, seed=1, params=DEFAULT, progress=None) -> Dataset:
    """`n` training scenes, made once and kept in the user's cache (about 2 kB each)."""
    key = hashlib.sha256(repr((n, seed, params, VERSION)).encode()).hexdigest()[:16]
    content = cache.cached_bytes(
        f"camera-{n}-{key}.npz", lambda: _npz(scene_arrays(n, seed, "train", params, progress))
    )
    return store.from_bytes(content, "camera", "train")


def make(root: Path) -> None:
    """Write train.npz, val.npz and test.npz below `root/camera`, and their lines of the manifest."""
    files, first = {}, 0
    for split, (n, seed) in EMBEDDED.items():
        arrays = scene_arrays(n, seed, split)
        files[f"{split}.npz"] = _npz(arrays | {"group": arrays["group"] + np.int32(first)})
        first += n
    store.write_family(Path(root), "camera", files)


__all__ = [
    "CLASS_NAMES",
    "KINDS",
    "NUISANCE",
    "CameraParams",
    "Params",
    "SceneParams",
    "make",
    "make_scene",
    "make_scenes",
    "training_scenes",
]
