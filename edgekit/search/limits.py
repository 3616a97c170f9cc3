"""What a device allows, checked before any training."""

from dataclasses import dataclass

from edgekit.deploy.devices import Device


@dataclass(frozen=True)
class Limits:
    """A device card, and what else the application leaves of it: most milliseconds, most bytes of constants.

    Latency is modelled by the cited cycles per MAC of the card, see `Device.latency`.
    """

    card: Device
    latency_ms: float | None = None
    weight_bytes: int | None = None

    def __post_init__(self):
        for name in ("latency_ms", "weight_bytes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"Limits: {name} must be above 0, got {value}; leave it out for no limit")

    @property
    def most(self):
        """{cost: most} in the units of `skeleton.costs`, and milliseconds."""
        flash = min(self.card.flash_bytes, self.weight_bytes or self.card.flash_bytes)
        table = {"weight_bytes": flash, "peak_ram_bytes": self.card.ram_bytes}
        return table | ({"latency_ms": self.latency_ms} if self.latency_ms else {})

    def exceeded(self, costs):
        """Return {cost: (value, most)} of what `costs` (as `skeleton.costs` gives them) exceed; empty when they fit.

        >>> from edgekit.deploy.devices import device
        >>> Limits(device("cortex-m0+ small")).exceeded({"macs": 1, "weight_bytes": 10, "peak_ram_bytes": 30_000})
        {'peak_ram_bytes': (30000, 20480)}
        """
        found = costs | {"latency_ms": self.card.latency(costs["macs"]).value}
        return {name: (found[name], most) for name, most in self.most.items() if found[name] > most}

    def allow(self, costs):
        """Whether `costs` exceed nothing."""
        return not self.exceeded(costs)
