"""A training that was cut goes on: everything that the next epoch depends on, in one safetensors file."""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save

from edgekit._atomic import write_bytes


def write(path, models, optimizer, draw, losses):
    """Write {name: torch model}, the optimizer, the generator `draw` and the losses so far to `path`, at once."""
    tensors = {f"{name}/{key}": value for name, model in models.items() for key, value in model.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{key}": value for key, value in state.items()}
    tensors["draw"] = draw.get_state()
    tensors = {name: value.clone(memory_format=torch.contiguous_format) for name, value in tensors.items()}
    notes = {"losses": losses, "groups": optimizer.state_dict()["param_groups"]}
    write_bytes(Path(path), save(tensors, {"notes": json.dumps(notes)}))


@torch.no_grad()
def read(path, models, optimizer, draw):
    """Put what `write` wrote back in place; return the losses so far, none where there is no file yet."""
    if not Path(path).is_file():
        return []
    tensors = load_file(path)
    for name, model in models.items():
        model.load_state_dict(_below(tensors, name))
    state, parameters = {}, [p for group in optimizer.param_groups for p in group["params"]]
    for name, value in _below(tensors, "optimizer").items():
        index, key = name.split("/")
        state.setdefault(int(index), {})[key] = _laid_out(value, parameters[int(index)])
    with safe_open(path, "pt") as file:
        notes = json.loads(file.metadata()["notes"])
    optimizer.load_state_dict({"state": state, "param_groups": notes["groups"]})
    draw.set_state(tensors["draw"])
    return notes["losses"]


def _laid_out(value, parameter):
    """`value` in the memory order of its `parameter`, which a fused optimizer takes for granted."""
    return torch.empty_like(parameter).copy_(value) if value.shape == parameter.shape else value


def _below(tensors, name):
    return {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}
