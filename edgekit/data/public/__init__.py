"""Readers of public recordings in the layout in which their authors publish them.

They return recordings as they are, in the units of the sensor; `edgekit.data.features` does the rest.
"""

from edgekit.data.public.recording import Recording, data_dir

__all__ = ["Recording", "data_dir"]
