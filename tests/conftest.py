"""What every test shares: repeatable Hypothesis, figures without a screen, the place of the public data."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def edgekit_data() -> Path:
    """The folder of public data that EDGEKIT_DATA names; the test is skipped, with the reason, without it."""
    value = os.environ.get("EDGEKIT_DATA", "")
    if not value:
        pytest.skip("EDGEKIT_DATA is not set: public data are not shipped with the kit")
    if not Path(value).is_dir():
        pytest.skip(f"EDGEKIT_DATA={value} is not a folder")
    return Path(value)
