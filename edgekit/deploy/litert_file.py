"""A `.tflite` file in the making: which tensors it holds, which operators, and names that nobody has yet."""

import numpy as np

from edgekit.deploy.litert_writer import FileOperator, FileTensor


class File:
    """The file in the making: tensors by name, operators in order."""

    def __init__(self, graph):
        self.graph, self.tensors, self.operators = graph, {}, []

    def activation(self, name):
        """Make sure that the activation `name` is there; return its name."""
        tensor = self.graph.tensors[name]
        if tensor.is_constant:
            return self.constant(name, tensor.data, tensor.qparams)
        return self.hold(name, tensor.shape, tensor.dtype, tensor.qparams)

    def hold(self, name, shape, dtype, qparams):
        """An activation of `shape` without the batch."""
        if dtype not in ("float32", "int8", "uint8", "int16", "int32"):
            raise ValueError(f"activation {name!r} is {dtype}; LiteRT files of edgekit are int8, int16 or float32")
        if dtype == "int16" and qparams is not None and qparams.qmin != -(2**15):
            raise ValueError(f"activation {name!r} is int16 from {qparams.qmin} on, LiteRT's from -32768; quantize the "
                             "graph again")
        self.tensors.setdefault(name, FileTensor(name, (1, *shape), dtype, None, *_grid(qparams)))
        return name

    def fresh(self, name):
        """`name`, made longer until no tensor of the graph or the file has it."""
        while name in self.tensors or name in self.graph.tensors:
            name += "#"
        return name

    def constant(self, name, data, qparams=None, axis=0):
        """A constant; one that is there already with other data gets another name."""
        while name in self.tensors and not _equal(self.tensors[name].data, data):
            name += "#"
        data = np.asarray(data, order="C")
        self.tensors[name] = FileTensor(name, data.shape, str(data.dtype), data, *_grid(qparams), axis)
        return name

    def emit(self, code, inputs, output, **options):
        """Add an operator."""
        self.operators.append(FileOperator(code, tuple(inputs), (self.activation(output),), options))

    def padded(self, node, padding, value=None):
        """The first input of `node` with explicit `padding` around it, as a tensor; `value`: other than 0."""
        x, name = self.graph.tensors[node.inputs[0]], self.fresh(f"{node.output}#padded")
        shape = (*(n + sum(side) for n, side in zip(x.shape[:2], padding, strict=True)), x.shape[2])
        self.hold(name, shape, x.dtype, x.qparams)
        amounts = self.constant(f"{name}.amounts", amounts_of(padding))
        inputs, code = [x.name, amounts], "PAD"
        if value is not None:
            inputs, code = [*inputs, self.constant(f"{name}.value", np.array([value], x.dtype), x.qparams)], "PADV2"
        self.operators.append(FileOperator(code, tuple(inputs), (name,)))
        return name


def amounts_of(padding):
    """The constant of PAD."""
    return np.array([(0, 0), *padding, (0, 0)], np.int32)


def shape_of(file, name, shape):
    """The constant of RESHAPE; -1 is the batch."""
    return file.constant(f"{name}#shape", np.array([-1, *shape], np.int32))


def _grid(qparams):
    """(scale, zero point) as the file keeps them."""
    if qparams is None:
        return None, 0
    return np.atleast_1d(qparams.scale).astype(np.float32), qparams.zero_point


def _equal(a, b):
    return a is not None and a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b)
