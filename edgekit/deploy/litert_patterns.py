"""Operators of a `.tflite` file that mean one thing together, and become one operator.

    CAST, ADD of 128, GATHER from 256 codes     a table of codes: what `litert.write` makes of hard_sigmoid
    PADV2 with the lowest code, MAX_POOL_2D      a maximum whose padding never wins
    RESHAPE, an LSTM, RESHAPE or GATHER          a memory over the row of a signal, or its last state
"""

from dataclasses import replace

import numpy as np

from edgekit.deploy.litert_parse import LSTM
from edgekit.deploy.litert_writer import FileOperator

#: the name of the operator that stands for the first pattern
TABLE = "CAST + ADD + GATHER"


def combine(model):
    """Return [(index in the file, operator)] of `model` with its patterns combined.

    The tensors between the parts of a pattern are read by no other operator.
    """
    file = {tensor.name: tensor for tensor in model.tensors}
    readers = _readers(model)
    combined, gone = {}, set()
    for operator in model.operators:
        if id(operator) in gone or id(operator) in combined:
            continue
        found = (_pool_with_padding(operator, file, readers) or _table(operator, file, readers)
                 or _memory(operator, file, readers))
        if found is not None:
            parts, one = found
            gone.update(map(id, parts[:-1]))
            combined[id(parts[-1])] = one
    left = [(i, operator) for i, operator in enumerate(model.operators) if id(operator) not in gone]
    return [(i, combined.get(id(operator), operator)) for i, operator in left]


def _readers(model):
    """{name of a tensor: the operators that read it}; an output of the model is read by None as well."""
    readers = {name: [None] for name in model.outputs}
    for operator in model.operators:
        for name in operator.inputs:
            readers.setdefault(name, []).append(operator)
    return readers


def _only_reader(operator, readers):
    """The one operator that reads the output of `operator`, or None."""
    found = readers.get(operator.outputs[0], []) if len(operator.outputs) == 1 else []
    return found[0] if len(found) == 1 else None


def _pool_with_padding(operator, file, readers):
    """Pooling whose option `padding` is the amounts of the PADV2 before it."""
    pool = _only_reader(operator, readers)
    if operator.code != "PADV2" or pool is None or pool.code != "MAX_POOL_2D" or len(operator.inputs) != 3:
        return None
    amounts, value = (file[name].data if name else None for name in operator.inputs[1:])
    if amounts is None or value is None or amounts.shape != (4, 2) or amounts[[0, 3]].any() or value.size != 1:
        return None
    lowest = np.iinfo(value.dtype).min if value.dtype.kind == "i" else np.finfo(np.float32).min
    if value.reshape(-1)[0] != lowest or amounts.min() < 0 or pool.options["padding"] != "VALID":
        return None
    padding = tuple(tuple(int(n) for n in side) for side in amounts[1:3])
    return (operator, pool), replace(pool, inputs=operator.inputs[:1], options={**pool.options, "padding": padding})


def _table(operator, file, readers):
    """One operator with two inputs, the codes and the table."""
    offset = _only_reader(operator, readers)
    gather = _only_reader(offset, readers) if offset is not None else None
    codes = (operator.code, getattr(offset, "code", ""), getattr(gather, "code", ""))
    if codes != ("CAST", "ADD", "GATHER") or len(offset.inputs) != 2 or len(gather.inputs) != 2:
        return None
    table, constant = (file[name].data if name else None for name in (gather.inputs[0], offset.inputs[1]))
    if constant is None or table is None or table.shape != (256,) or constant.reshape(-1).tolist() != [128]:
        return None
    if (table.dtype, gather.options["axis"], gather.options["batch_dims"]) != (np.int8, 0, 0):
        return None
    inputs = (*operator.inputs, gather.inputs[0])
    return (operator, offset, gather), FileOperator(TABLE, inputs, gather.outputs)


def _memory(operator, file, readers):
    """An LSTM whose option `last` says whether only its last state is given."""
    memory = _only_reader(operator, readers) if _is_row(operator, file, 0, 1) else operator
    if memory is None or memory.code != LSTM or not memory.inputs or memory.inputs[0] not in (
            operator.inputs[0], operator.outputs[0]):
        return None
    parts, after = (operator, memory)[operator is memory:], _only_reader(memory, readers)
    last = _is_last_step(after, memory, file)
    if last or (_is_row(after, file, 1, 0) and after.inputs[0] == memory.outputs[0]):
        parts = (*parts, after)
    return parts, replace(memory, inputs=(parts[0].inputs[0], *memory.inputs[1:]), outputs=parts[-1].outputs,
                          options={**memory.options, "last": last})


def _is_row(operator, file, wider, narrow):
    """Whether `operator` makes (N, 1, T, C), as the graph has signals, of (N, T, C), or the reverse.

    `wider` and `narrow`: 0 for its input, 1 for its output.
    """
    if operator is None or operator.code != "RESHAPE" or None in (*operator.inputs[:1], *operator.outputs):
        return False
    if not operator.inputs or len(operator.outputs) != 1:
        return False
    ends = file[operator.inputs[0]].shape, file[operator.outputs[0]].shape
    return len(ends[narrow]) == 3 and ends[wider] == (ends[narrow][0], 1, *ends[narrow][1:])


def _is_last_step(after, memory, file):
    """Whether `after` takes the last step of all states."""
    if after is None or after.code != "GATHER" or len(after.inputs) != 2 or after.inputs[1] is None:
        return False
    index, shape = file[after.inputs[1]].data, file[memory.outputs[0]].shape
    return (after.inputs[0] == memory.outputs[0] and index is not None and index.shape == () and len(shape) == 3
            and (int(index), after.options["axis"], after.options["batch_dims"]) == (shape[1] - 1, 1, 0))
