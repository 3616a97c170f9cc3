"""A trained torch model as files: its parameters, and its graph with metadata."""

from dataclasses import replace

import torch
from safetensors.torch import save

from edgekit.nn.trace import trace


def to_graph(model, input_shape, name, metadata):
    """Return the float `Graph` of a torch `model` that takes (N, *input_shape), with `metadata` (plain JSON values)."""
    return replace(trace(model, torch.zeros(2, *input_shape), name), metadata=metadata)


def state_bytes(model):
    """Return the parameters of a torch `model` as the bytes of a safetensors file."""
    return save({name: value.contiguous() for name, value in model.state_dict().items()})
