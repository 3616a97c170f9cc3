"""Ethos-U through Arm's compiler Vela: what of a `.tflite` model runs on the NPU, and how long Vela says it takes.

    compile_model(model, accelerator="ethos-u55-128") -> NpuReport

Vela is no part of the default environment (extra `npu`): `pip install ethos-u-vela`. Its cycles are *modelled*, not
measured.
"""

import csv
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ACCELERATORS = (*(f"ethos-u55-{macs}" for macs in (32, 64, 128, 256)), "ethos-u65-256", "ethos-u65-512")

#: Vela takes less than a second for models of microcontrollers
TIMEOUT_S = 300


@dataclass(frozen=True)
class NpuReport:
    """What Vela says of a model: operators by processor, and the modelled cost of one inference."""

    npu_operators: int
    cpu_operators: int
    cycles: int
    latency_ms: float
    sram_bytes: int
    flash_bytes: int


def compile_model(model, accelerator="ethos-u55-128"):
    """Return the `NpuReport` of the bytes of an int8 `.tflite` model; clock and memories are Vela's defaults.

    Raises ValueError for an unknown accelerator, a missing Vela, or a model that Vela refuses, with its last words.
    """
    if accelerator not in ACCELERATORS:
        raise ValueError(f"npu.compile_model: accelerator must be one of {', '.join(ACCELERATORS)}, "
                         f"got {accelerator!r}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.tflite")
        path.write_bytes(model)
        command = [sys.executable, "-m", "ethosu.vela", str(path), "--accelerator-config", accelerator,
                   "--output-dir", folder]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        if done.returncode:
            raise ValueError(f"npu.compile_model: Vela stopped: {_last_words(done.stderr)}")
        summary, = Path(folder).glob("*summary*.csv")
        return _report(done.stdout, summary)


def _last_words(text):
    last = (text.strip().splitlines() or ["it said nothing"])[-1]
    return f"{last}; pip install ethos-u-vela" if "No module named" in last else last


def _report(text, summary):
    """Operators are told on standard output alone, the rest in the summary."""
    cpu, npu = (int(re.search(rf"{kind} operators = (\d+)", text).group(1)) for kind in ("CPU", "NPU"))
    with open(summary, encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    sram, flash = (round(1024 * float(row[f"{memory}_memory_used"])) for memory in ("sram", "off_chip_flash"))
    return NpuReport(npu, cpu, round(float(row["cycles_total"])), 1e3 * float(row["inference_time"]), sram, flash)
