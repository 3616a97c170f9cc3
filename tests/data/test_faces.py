"""Parametric faces: people differ more than pictures of one person, no person in two splits, no legal
parameter breaks."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit import data
from edgekit.data.synthetic import faces
from edgekit.data.synthetic.faces import IdentityParams, PictureParams, make_faces, render


def any_value(cls):
    """A dictionary with any legal value of every measure."""
    return st.fixed_dictionaries({item.name: st.floats(*item.metadata["legal"]) for item in fields(cls)})


@settings(max_examples=50)
@given(any_value(IdentityParams), any_value(PictureParams), st.integers(0, 99))
def test_any_legal_face_is_a_picture(person, picture, seed):
    x = render(person, picture, np.random.default_rng(seed))
    assert x.shape == (48, 48)
    assert x.dtype == np.uint8


def test_numbers_and_names():
    few = make_faces(3, 4, seed=2)
    assert few.x.shape == (12, 48, 48)
    assert sorted(few.y.tolist()) == [0] * 4 + [1] * 4 + [2] * 4
    assert few.group.tolist() == few.y.tolist()
    assert few.class_names == ("person 00", "person 01", "person 02")
    assert few.origin == "synthetic"


def test_pictures_of_one_person_are_alike_but_not_equal():
    """Nearest centre of 12 pictures names the person of the other 8 far above chance, far below certainty."""
    made = make_faces(20, 20, seed=5)
    x = made.x[np.argsort(made.y, kind="stable")].reshape(20, 20, -1).astype(float)
    x = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)
    centers = x[:, :12].mean(1)
    distance = ((x[:, 12:, None] - centers) ** 2).sum(-1)
    right = (distance.argmin(-1) == np.arange(20)[:, None]).mean()
    assert 0.05 + 4 * (0.05 * 0.95 / 160) ** 0.5 < right < 0.9  # chance: 0.05


def test_splits_are_different_people():
    """The same number in another split is another face: no stream of random numbers is shared."""
    first, second = (make_faces(2, 2, seed=7, split=split).x for split in ("train", "test"))
    assert (first != second).mean() > 0.9


def test_measures_outside_the_legal_range_are_refused():
    with pytest.raises(ValueError, match="width must lie in"):
        IdentityParams(width=(0.1, 0.5))


def test_embedded_sizes():
    assert sum(people for people, _ in faces.EMBEDDED.values()) == 64
    assert {pictures for _, pictures in faces.EMBEDDED.values()} == {20}


def test_the_embedded_set_is_whole_and_splits_by_person():
    splits = {name: data.load("faces", name, purpose="report") for name in faces.EMBEDDED}
    for name, split in splits.items():
        people, pictures = faces.EMBEDDED[name]
        assert split.x.shape == (people * pictures, 48, 48)
        assert list(split.counts().values()) == [pictures] * people
    groups = [set(split.group.tolist()) for split in splits.values()]
    assert len(set.union(*groups)) == sum(map(len, groups)) == 64
    rows = np.concatenate([split.x.reshape(len(split), -1) for split in splits.values()])
    assert len(np.unique(rows, axis=0)) == len(rows)
    size = sum(path.stat().st_size for path in (data.datasets_dir() / "faces").glob("*.npz"))
    assert size <= 1_000_000


def test_made_again_the_set_is_the_same(tmp_path):
    """At most one code in 0.01 % of the samples, for other processors' last digits."""
    place = data.make("faces", tmp_path)
    again = data.load("faces", "val", root=place.parent).x.astype(int)
    difference = np.abs(again - data.load("faces", "val").x)
    assert difference.max() <= 1
    assert (difference > 0).mean() <= 1e-4


def nuisances(split):
    """What is drawn without the person, as far as a corner shows it, and the place in the file."""
    corners = np.stack([split.x[:, :5, :5], split.x[:, :5, -5:]], axis=1).reshape(len(split), 2, -1).astype(float)
    place = np.arange(len(split))
    order = np.stack([place, place % 2, place % 4, place % 20, place // 20], axis=1)
    return np.concatenate([corners.mean(axis=2), corners.std(axis=2), order], axis=1)


def neighbours_right(x, y, k=5):
    """The share of examples that the k nearest others name rightly."""
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    distance = ((x[:, None] - x) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    near = y[np.argsort(distance, axis=1)[:, :k]]
    votes = (near[..., None] == np.arange(y.max() + 1)).sum(axis=1)
    return (votes.argmax(axis=1) == y).mean()


@pytest.mark.parametrize("name", ["val", "test"])
def test_background_noise_and_place_in_the_file_do_not_tell_the_person(name):
    """Nearest neighbours in nuisance alone, all of it and the place alone, stay within 4 standard errors of chance."""
    split = data.load("faces", name, purpose="report")
    x, chance = nuisances(split), 1 / len(split.class_names)
    for columns in (x, x[:, :4], x[:, 4:5]):
        assert neighbours_right(columns, split.y) < chance + 4 * np.sqrt(chance * (1 - chance) / len(split))


def test_a_file_in_the_order_of_people_would_be_seen():
    split = data.load("faces", "val")
    assert neighbours_right(np.arange(len(split))[:, None].astype(float), np.sort(split.y)) > 0.9
