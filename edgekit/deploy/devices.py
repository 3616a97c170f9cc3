"""Device cards: flash, RAM, clock, cycles per MAC and energy per MAC, each figure with its source."""

from dataclasses import dataclass
from statistics import median

from edgekit.graph.cost import Quantity

#: MACs of the MLPerf Tiny reference models (Banbury et al., "MLPerf Tiny Benchmark", NeurIPS 2021, table 1 and code)
BENCHMARK_MACS = {"AD": 264_192, "KWS": 2_656_768, "VWW": 7_489_664, "IC": 12_501_632}


@dataclass(frozen=True)
class Device:
    """A microcontroller: what fits, and what a MAC costs on it.

    `latency_ms` and `energy_uj` hold cited benchmark results by workload; the cost of one MAC follows from them.
    """

    name: str
    core: str
    clock_hz: float
    flash_bytes: int
    ram_bytes: int
    memory_source: str
    latency_ms: dict
    energy_uj: dict
    benchmark_source: str
    benchmark_hz: float

    def cycles_per_mac(self):
        """Return (lowest, median, highest) of `latency * clock / MACs` over the cited workloads."""
        values = [ms * 1e-3 * self.benchmark_hz / BENCHMARK_MACS[task] for task, ms in self.latency_ms.items()]
        return min(values), median(values), max(values)

    def latency(self, macs):
        """Modelled latency of `macs` multiply-accumulates, in ms: macs * cycles per MAC (median) / clock."""
        value = macs * self.cycles_per_mac()[1] / self.clock_hz * 1e3
        return Quantity(value, "ms", "modelled", f"MACs x median cycles per MAC of {self.benchmark_source}")

    def energy(self, macs):
        """Modelled energy of `macs` multiply-accumulates, in microjoule; None when no energy figure is cited."""
        if not self.energy_uj:
            return None
        per_mac = median(uj / BENCHMARK_MACS[task] for task, uj in self.energy_uj.items())
        return Quantity(macs * per_mac, "uJ", "modelled", f"MACs x median energy per MAC of {self.benchmark_source}")

    def fits(self, weight_bytes, peak_ram_bytes):
        """True when constants fit the flash and the arena fits the RAM (program code and stack not counted)."""
        return weight_bytes <= self.flash_bytes and peak_ram_bytes <= self.ram_bytes


KIB = 1024
M0_PLUS_MS = {"AD": 41.0, "KWS": 475.0, "VWW": 1414.0, "IC": 1522.0}
DEVICES = {
    card.name: card
    for card in (
        Device(
            "cortex-m0+ small",
            "Arm Cortex-M0+",
            32e6,
            192 * KIB,
            20 * KIB,
            "STM32L073RZ data sheet (DS10685)",
            M0_PLUS_MS,
            {},
            "MLPerf Tiny v1.2, the same core at 64 MHz",
            64e6,
        ),
        Device(
            "cortex-m0+",
            "Arm Cortex-M0+",
            64e6,
            512 * KIB,
            144 * KIB,
            "STM32G0B1RE data sheet (DS13560)",
            M0_PLUS_MS,
            {},
            "MLPerf Tiny v1.2",
            64e6,
        ),
        Device(
            "cortex-m4",
            "Arm Cortex-M4F",
            120e6,
            2048 * KIB,
            640 * KIB,
            "STM32L4R5ZI data sheet (DS12023)",
            {"AD": 4.79, "KWS": 43.4, "VWW": 89.4, "IC": 165.7},
            {"AD": 160.0, "KWS": 1431.0, "VWW": 3030.0, "IC": 5496.0},
            "MLPerf Tiny v1.3, X-CUBE-AI 10.2",
            120e6,
        ),
        Device(
            "cortex-m7",
            "Arm Cortex-M7",
            280e6,
            2048 * KIB,
            1376 * KIB,
            "STM32H7A3ZI data sheet (DS13195)",
            {"AD": 1.23, "KWS": 11.3, "VWW": 23.8, "IC": 40.8},
            {},
            "MLPerf Tiny v1.2, X-CUBE-AI 9",
            280e6,
        ),
    )
}


def device(name):
    """Return the card called `name`. Raises ValueError that lists the known names.

    >>> low, middle, high = device("cortex-m4").cycles_per_mac()
    >>> round(low, 2), round(middle, 2), round(high, 2)
    (1.43, 1.78, 2.18)
    """
    if name not in DEVICES:
        raise ValueError(f"device: unknown device {name!r}; known: {', '.join(DEVICES)}")
    return DEVICES[name]
