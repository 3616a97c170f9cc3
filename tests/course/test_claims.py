"""A claim holds inside its tolerance, prints the same line everywhere, and raises otherwise."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.course import claims
from edgekit.course.claims import ClaimError, claim


@pytest.fixture
def path(tmp_path):
    claims.record("quantize/db_per_bit", 6.02, 0.05, "slope of a line through noisy points", "dB", tmp_path / "c.json")
    return tmp_path / "c.json"


@pytest.mark.parametrize("value", [6.02, 6.0, 6.069, np.float32(6.01), np.array(6.05)])
def test_inside_prints_the_same_line(path, capsys, value):
    claim("quantize/db_per_bit", value, path)
    assert capsys.readouterr().out == "claim quantize/db_per_bit: 6.02 ± 0.05 dB holds\n"


@pytest.mark.parametrize(("value", "message"), [
    (6.08, r"got 6.08, expected 6.02 ± 0.05 dB \(slope.*\); find what changed"),
    (-6.02, "got -6.02"),
    (float("nan"), "must be finite, got nan"),
    (float("inf"), "must be finite"),
    ("six", "must be one number, got 'six'"),
    (None, "must be one number"),
    (np.ones(3), "must be one number"),
])
def test_outside_raises(path, capsys, value, message):
    with pytest.raises(ClaimError, match=message):
        claim("quantize/db_per_bit", value, path)
    assert capsys.readouterr().out == ""


def test_unknown_name_says_how_to_record_it(path):
    with pytest.raises(ClaimError, match=r"no claim 'quantize/other'.*edgekit lessons claim quantize/other 1.5"):
        claim("quantize/other", 1.5, path)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e3), st.floats(-2e6, 2e6))
def test_raises_exactly_outside(tmp_path_factory, reference, tolerance, value):
    path = tmp_path_factory.getbasetemp() / "property.json"
    claims.record("a/b", reference, tolerance, "a test", path=path)
    if abs(value - reference) <= tolerance:
        claim("a/b", value, path)
    else:
        with pytest.raises(ClaimError):
            claim("a/b", value, path)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a/b": {}}', '{"Bad Name": {"reference": 1}}',
                                     '{"a/b": {"reference": 1, "tolerance": -1, "unit": "", "why": "x"}}',
                                     '{"a/b": {"reference": NaN, "tolerance": 1, "unit": "", "why": "x"}}',
                                     '{"a/b": {"reference": 1, "tolerance": 1, "unit": "", "why": " "}}'])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / "c.json").write_text(content)
    with pytest.raises(ClaimError, match=r"c.json is not a claims file.*git checkout"):
        claim("a/b", 1.0, tmp_path / "c.json")


def test_every_claim_of_the_kit_is_made_by_a_lesson_and_recorded(root):
    recorded = set(claims.load(root / "notebooks" / "claims.json"))
    sources = "".join(path.read_text() for path in (root / "notebooks" / "source").glob("*.py"))
    assert set(re.findall(r'\bclaim\(\s*"([^"]+)"', sources)) == recorded


def test_record_keeps_the_others_and_refuses_what_it_could_not_read(path):
    claims.record("a/first", 1, 0.5, "a test", path=path)
    assert list(json.loads(path.read_text())) == ["a/first", "quantize/db_per_bit"]
    before = path.read_bytes()
    with pytest.raises(ValueError, match="lower case"):
        claims.record("Noisy", 1, 0.5, "a test", path=path)
    assert path.read_bytes() == before
