"""How long a slider move takes in the kernel: computing, drawing, encoding; with --browser also up to the pixels.

    python -m benchmarks.widget_latency [--moves N] [--browser]

The bar is 100 ms at p95 from key to pixels. Run it on a quiet computer: times of a busy one say little.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np

from edgekit.ui.explorer import latency_ms
from edgekit.ui.widgets import QuantizationExplorer

ROOT = Path(__file__).resolve().parents[1]

#: shapes of the layers of the pulse model, output channels first, and one larger than any of them
SHAPES = {"16 x 9 x 1": (16, 1, 9, 1), "32 x 7 x 32": (32, 1, 7, 32), "256 x 3 x 3 x 64": (256, 3, 3, 64)}


def main():
    """Print a line for each tensor, observer and slider."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=60, help="slider moves in each line")
    parser.add_argument("--browser", action="store_true", help="run the browser test too, which prints its own times")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    explorer = QuantizationExplorer({name: rng.normal(0, 0.2, shape) for name, shape in SHAPES.items()})
    for tensor in SHAPES:
        for observer in ("minmax", "percentile", "mse", "entropy"):
            explorer.set(tensor=tensor, observer=observer)
            for slider in ("num_bits", "percent")[: 2 if observer == "percentile" else 1]:
                times = latency_ms(explorer, slider, arguments.moves)
                print(f"{tensor:18s} {observer:11s} {slider:9s} {summary(times)}", flush=True)
    if arguments.browser:
        subprocess.run([sys.executable, "-m", "pytest", "-q", str(ROOT / "tests" / "browser")], check=True, cwd=ROOT)


def summary(times):
    """Return median, 95th percentile and largest as text."""
    return f"median {np.median(times):5.1f} ms, p95 {np.percentile(times, 95):5.1f} ms, most {times.max():5.1f} ms"


if __name__ == "__main__":
    main()
