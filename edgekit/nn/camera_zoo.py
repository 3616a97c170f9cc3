"""The shipped camera weights: one safetensors file for the two networks that share a backbone."""

import torch
from safetensors.torch import load, save

from edgekit.nn import zoo
from edgekit.nn.camera import build_pair


def to_bytes(presence, detector):
    """Both networks as one safetensors file; the backbone, which they share, is stored once."""
    pair = torch.nn.ModuleDict({"presence": presence, "detector": detector})
    shared = "detector.backbone."
    return save({k: v.contiguous() for k, v in pair.state_dict().items() if not k.startswith(shared)})


def from_bytes(content, backbone):
    """The pair of networks (presence, detector), in eval mode, from what `to_bytes` wrote for this
    backbone."""
    presence, detector = build_pair(backbone)
    pair = torch.nn.ModuleDict({"presence": presence, "detector": detector})
    state = load(content)
    state |= {
        "detector." + k.removeprefix("presence."): v
        for k, v in state.items()
        if k.startswith("presence.backbone.")
    }
    pair.load_state_dict(state)
    return presence.eval(), detector.eval()


def load_pair(backbone):
    """The shipped pair of networks with backbone "v1" or "v3". Raises ValueError when the file is missing or
    altered."""
    return from_bytes(zoo.read(f"camera-{backbone}.safetensors"), backbone)


def store_pair(backbone, presence, detector):
    """Put a trained pair among the shipped weights, as `camera-<backbone>.safetensors`."""
    zoo.store({f"camera-{backbone}.safetensors": to_bytes(presence, detector)})
