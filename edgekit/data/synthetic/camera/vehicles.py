"""Vehicles: their families and measures; `cars` and `cycles` paint them."""

from dataclasses import dataclass, fields

import numpy as np

from edgekit.data.synthetic.camera import cars, cycles
from edgekit.data.synthetic.camera.colors import paint
from edgekit.data.synthetic.camera.solids import Solid


@dataclass(frozen=True)
class Body:
    """Shape of a car family. Lengths in metres, the rest in parts of length or height, counted from the
    front.

    bonnet, screen, boot, back: lengths of bonnet, windscreen, boot and rear window; belt: height where glass
    begins; nose: height of the bonnet; tail: height of the boot; panes: side windows, 0 for a closed side;
    load: height of a box behind the cab (lorry), 0 for none; trough: an open bed behind the cab (pick-up).
    """

    length: float
    height: float
    width: float
    bonnet: float = 0.24
    screen: float = 0.14
    boot: float = 0.02
    back: float = 0.07
    nose: float = 0.62
    tail: float = 0.66
    belt: float = 0.58
    panes: int = 2
    wheel: float = 0.31
    load: float = 0.0
    trough: bool = False
    stripe: bool = False


@dataclass(frozen=True)
class Cycle:
    """Shape of a two-wheeler family in metres; heavy = tyre radius in parts of the wheel's; motor: engine and
    tank."""

    base: float
    wheel: float
    heavy: float = 0.06
    motor: bool = False
    step: bool = False
    basket: bool = False


FAMILIES = {
    "train": {
        "hatchback": Body(3.9, 1.48, 1.72, 0.22, 0.15, 0.02, 0.08),
        "saloon": Body(4.6, 1.44, 1.8, 0.25, 0.15, 0.15, 0.12),
        "offroader": Body(4.5, 1.82, 1.9, 0.24, 0.09, 0.01, 0.05, 0.62, 0.7, 0.6, 3, 0.38),
        "van": Body(5.3, 2.2, 1.98, 0.13, 0.12, 0.0, 0.01, 0.5, 0.9, 0.55, 1, 0.35),
        "bus": Body(10.5, 3.0, 2.5, 0.005, 0.02, 0.0, 0.005, 0.4, 0.9, 0.42, 6, 0.46, stripe=True),
        "pickup": Body(5.2, 1.78, 1.88, 0.23, 0.11, 0.42, 0.02, 0.58, 0.57, 0.6, 2, 0.38, trough=True),
        "lorry": Body(7.2, 2.4, 2.4, 0.01, 0.04, 0.7, 0.01, 0.5, 0.36, 0.5, 1, 0.46, load=3.3),
        "bicycle": Cycle(1.04, 0.34),
        "motorcycle": Cycle(1.4, 0.31, 0.17, motor=True),
    },
    "val": {
        "city car": Body(3.4, 1.52, 1.62, 0.16, 0.18, 0.01, 0.05),
        "limousine": Body(5.1, 1.47, 1.88, 0.27, 0.14, 0.17, 0.1),
        "people carrier": Body(4.8, 1.76, 1.88, 0.17, 0.17, 0.0, 0.06, 0.56, 0.7, 0.57, 3, 0.33),
        "coach": Body(12.0, 3.5, 2.55, 0.01, 0.03, 0.0, 0.005, 0.35, 0.9, 0.5, 7, 0.5),
        "touring bicycle": Cycle(1.08, 0.36, 0.07, basket=True),
    },
    "test": {
        "coupe": Body(4.3, 1.32, 1.8, 0.3, 0.17, 0.1, 0.2, 0.63, 0.72, 0.62, 1),
        "estate": Body(4.75, 1.5, 1.82, 0.24, 0.14, 0.0, 0.1, 0.62, 0.66, 0.6, 3),
        "crossover": Body(4.2, 1.64, 1.82, 0.22, 0.13, 0.03, 0.1, 0.63, 0.68, 0.62, 2, 0.36),
        "delivery van": Body(6.0, 2.65, 2.05, 0.1, 0.1, 0.0, 0.005, 0.45, 0.95, 0.47, 1, 0.36, stripe=True),
        "minibus": Body(6.4, 2.6, 2.08, 0.1, 0.11, 0.0, 0.02, 0.46, 0.9, 0.48, 4, 0.37),
        "box lorry": Body(6.2, 2.2, 2.2, 0.07, 0.08, 0.66, 0.01, 0.5, 0.35, 0.52, 1, 0.4, load=2.9),
        "moped": Cycle(1.2, 0.22, 0.2, motor=True, step=True),
        "step-through": Cycle(1.1, 0.33, 0.07, step=True, basket=True),
    },
}


@dataclass(frozen=True)
class Vehicle:
    """One vehicle: the shape with its proportions drawn anew, and colours."""

    shape: Body | Cycle
    color: np.ndarray
    second: np.ndarray
    glass: float
    lamps_on: bool

    @property
    def extent_m(self):
        """(length, width, height)."""
        s = self.shape
        if isinstance(s, Cycle):
            return s.base + 2 * s.wheel, 0.5, 1.1
        return s.length, s.width, max(s.height, s.load)


def draw_vehicle(family, split, rng):
    """A vehicle of a family: every measure within 4 % of the family's, colours and glass drawn anew."""
    shape = FAMILIES[split][family]
    values = {item.name: getattr(shape, item.name) for item in fields(shape)}
    jitter = {
        name: value * rng.uniform(0.96, 1.04) for name, value in values.items() if isinstance(value, float)
    }
    return Vehicle(
        type(shape)(**(values | jitter)), paint(rng), paint(rng), rng.uniform(0.05, 0.7), rng.random() < 0.25
    )


def shapes(vehicle, pose, view, light):
    """The shapes of a `vehicle` standing at `pose`, for `raster.render`."""
    solid = Solid(pose, view, light)
    (cycles.cycle if isinstance(vehicle.shape, Cycle) else cars.car)(solid, vehicle)
    return solid.shapes
