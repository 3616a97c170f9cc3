"""Where each activation lies in RAM: lifetimes -> offsets in one arena -> peak RAM."""

from dataclasses import dataclass

from edgekit.graph.operators import RECURRENT

ALIGNMENT = 16
#: bytes beside the output that one step of a recurrent operator needs, per row of its weights and per unit: integers
#: (parts of the gates in 16 and 32 bits; a state or cell of 16 bits and the hidden codes) and floats
SCRATCH = {"int": (2 + 4, 2 + 1), "float": (2 * 4, 2 * 4)}


@dataclass(frozen=True)
class Block:
    """An activation that needs `size` bytes from step `first` to step `last`, placed at `offset`."""

    name: str
    size: int
    first: int
    last: int
    offset: int = 0


@dataclass(frozen=True)
class Arena:
    """A placement of all activations: no two that live at the same time overlap."""

    blocks: tuple

    @property
    def peak_ram_bytes(self):
        """Highest byte in use: `max(offset + size)`."""
        return max(block.offset + block.size for block in self.blocks)


def lifetimes(graph):
    """Return a list of `Block`, one per activation: alive from the step that writes it to the last step that reads it.

    Inputs live from step 0, outputs to the end. A reshape moves no data, so its output shares its input's block. A
    recurrent operator has a block of its own for gates and state while it runs.
    """
    owner, first, last, size = {}, {}, {}, {}
    for name in graph.inputs:
        owner[name], first[name], last[name] = name, 0, 0
        size[name] = graph.tensors[name].num_bytes
    for step, node in enumerate(graph.nodes):
        read = [owner[name] for name in node.inputs if name in owner]
        for name in read:
            last[name] = step
        if node.op == "reshape":
            owner[node.output] = read[0]
            continue
        owner[node.output] = node.output
        first[node.output] = last[node.output] = step
        size[node.output] = graph.tensors[node.output].num_bytes
        if node.op in RECURRENT:
            name = f"{node.output}.scratch"
            first[name], last[name], size[name] = step, step, _scratch(graph, node)
    for name in graph.outputs:
        if name in owner:
            last[owner[name]] = len(graph.nodes)
    return [Block(name, size[name], first[name], last[name]) for name in first]


def _scratch(graph, node):
    rows, units = graph.tensors[node.inputs[2]].shape
    per_row, per_unit = SCRATCH["float" if graph.tensors[node.output].qparams is None else "int"]
    return per_row * rows + per_unit * units


def plan(graph):
    """Return an `Arena`: largest block first, each at the lowest aligned offset where nothing alive overlaps it.

    A greedy placement (as in TensorFlow Lite Micro's memory planner); optimal for a chain of layers.
    """
    placed = []
    for block in sorted(lifetimes(graph), key=lambda b: (-b.size, b.first, b.name)):
        rivals = sorted((p for p in placed if p.first <= block.last and block.first <= p.last), key=lambda p: p.offset)
        offset = 0
        for rival in rivals:
            if offset + block.size <= rival.offset:
                break
            offset = max(offset, -(-(rival.offset + rival.size) // ALIGNMENT) * ALIGNMENT)
        placed.append(Block(block.name, block.size, block.first, block.last, offset))
    return Arena(tuple(sorted(placed, key=lambda b: (b.first, b.offset))))
