"""Synthetic machine sound: five machines with their faults, in rooms, heard by four microphones."""

from edgekit.data.synthetic.acoustic.files import NAMES, make, read, view
from edgekit.data.synthetic.acoustic.params import FS, AcousticParams
from edgekit.data.synthetic.acoustic.scene import Scene, Takes, draw_scene, record
from edgekit.data.synthetic.acoustic.training import training_set, training_sound
from edgekit.data.synthetic.acoustic.units import CLASSES, FAULTS, MACHINES

__all__ = ["CLASSES", "FAULTS", "FS", "MACHINES", "NAMES", "AcousticParams", "Scene", "Takes", "draw_scene", "make",
           "read", "record", "training_set", "training_sound", "view"]
