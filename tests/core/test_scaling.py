"""Width and resolution: the channels of published networks, and what rounding may never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.scaling import round_channels, scaled_size


# MobileNetV2 at width 0.75, 0.5, 0.35 as the released checkpoints have them; 42 and 61 lie between two multiples
@pytest.mark.parametrize(("channels", "width", "expected"), [
    (32, 0.75, 24), (24, 0.75, 24), (64, 0.75, 48), (16, 0.5, 8), (24, 0.5, 16), (32, 0.35, 16), (24, 0.35, 8),
    (16, 0.35, 8), (96, 0.35, 32), (160, 0.35, 56), (320, 0.35, 112), (61, 1.0, 64), (42, 1.0, 40), (1, 1.0, 8),
    (12, 1.0, 16), (10, 1.0, 16), (1280, 1.4, 1792)])
def test_channels_by_hand(channels, width, expected):
    assert round_channels(channels, width) == expected


@given(st.integers(1, 4000), st.floats(0.05, 4), st.sampled_from([1, 2, 4, 8, 16]))
def test_a_multiple_near_what_was_asked(channels, width, divisor):
    found = round_channels(channels, width, divisor)
    assert found % divisor == 0
    assert found >= 0.9 * width * channels
    assert found <= max(divisor, width * channels + divisor)


@given(st.integers(1, 100))
def test_multiples_of_eight_stay(multiple):
    assert round_channels(8 * multiple) == 8 * multiple


@pytest.mark.parametrize("wrong", [(0, 1.0), (8, 0.0), (8, -1.0), (8, float("inf")), (8, 1.0, 0)])
def test_wrong_sizes_are_named(wrong):
    with pytest.raises(ValueError, match=r"round_channels: .*a width of 0.5 halves"):
        round_channels(*wrong)


def test_sizes():
    assert scaled_size((224, 224), 128 / 224) == (128, 128)
    assert scaled_size((1, 1000), 0.1) == (1, 100)
    assert scaled_size((1, 1000), 3) == (3, 3000)
    with pytest.raises(ValueError, match="resolution must be above 0, got 0"):
        scaled_size((8, 8), 0)
