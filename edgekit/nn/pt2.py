"""Read a `.pt2` file (torch.export.save) into a `Graph` without `torch.export.load`.

    from_pt2(data, name) -> Graph

torch's own loader unpickles sample inputs and weights of old files, and evaluates the text of shape expressions: a
doctored archive could run code. This reader takes JSON and raw little-endian weights alone, and looks operators up
among those that `trace` knows; whatever else lies in the archive is never opened.
Source: the schema of torch.export, version 8, and the archive format "pt2", version 0, of torch 2.13.
"""

import io
import json
import zipfile
import zlib
from types import SimpleNamespace

import numpy as np
import torch

from edgekit.graph.check import check_graph
from edgekit.nn.trace import HANDLERS, graph_of
from edgekit.nn.trace_recurrent import OPS as RECURRENT

MAX_BYTES = 1 << 30
MAX_JSON = 16 << 20
SCHEMA_MAJOR = 8
#: code of torch's schema -> element type; bfloat16 has no NumPy type and is not read
ELEMENTS = {1: "u1", 2: "i1", 4: "<i4", 5: "<i8", 6: "<f2", 7: "<f4", 8: "<f8", 12: "?"}
CONFIGS = ("data/weights/model_weights_config.json", "data/constants/model_constants_config.json")


def from_pt2(data, name="model"):
    """Return the graph held in the bytes of a `.pt2` archive; `name` appears in errors.

    Raises ValueError for a file that is no such archive, that is truncated, altered or too large, that keeps a weight
    as a pickle, or whose model holds an operator that `trace` does not know.
    """
    try:
        return _read(bytes(data), name)
    except ValueError as error:
        prefix = "" if name in str(error) else f"from_pt2 {name}: "
        raise ValueError(f"{prefix}{error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"from_pt2 {name}: not a readable .pt2 archive ({error}); export it again") from error
    except Exception as error:  # whatever an altered program trips over in zip, JSON or torch
        what = f"not a sound program ({type(error).__name__}: {error})"
        raise ValueError(f"from_pt2 {name}: {what}; export it again with torch.export.save") from error


def _read(data, name):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = _entries(archive, name)
        program = _json(archive, entries, "models/model.json")
        if program["schema_version"]["major"] != SCHEMA_MAJOR:
            raise ValueError(f"from_pt2 {name}: schema {program['schema_version']} is unknown, this edgekit reads "
                             f"{SCHEMA_MAJOR}; export the model again with torch {torch.__version__.split('+')[0]}")
        constants = {}
        for config in CONFIGS:
            constants |= _arrays(archive, entries, config)
    exported = _program(program["graph_module"], constants)
    _check_sequences(exported)
    graph = graph_of(exported, name)
    check_graph(graph)
    return graph


def _check_sequences(program):
    """Raise ValueError when a recurrent layer reads an input as it is: inputs are (N, C, T), as for a convolution."""
    for fx in program.graph.nodes:
        sequences = str(fx.target) in RECURRENT and fx.args[8:] == (True,)  # the batch first
        if sequences and getattr(fx.args[0], "op", "") == "placeholder":
            raise ValueError(
                f"{fx.target} reads the input {fx.args[0].name!r} as (N, T, C), but inputs are read as (N, C, T); "
                "export a network that takes (N, C, T) and transposes inside, x.transpose(1, 2), before the layer"
            )


def _entries(archive, name):
    """{path below the archive's one folder: entry}, after a look at names and sizes."""
    entries = {entry.filename.partition("/")[2]: entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()):
        raise ValueError(f"from_pt2 {name}: two entries of the archive share a name; export the model again")
    if "models/model.json" not in entries:
        raise ValueError(f"from_pt2 {name}: no models/model.json in it, found {sorted(entries)[:5]}; "
                         "save the model with torch.export.save of torch 2.13")
    for entry in entries.values():
        most = MAX_JSON if entry.filename.endswith(".json") else MAX_BYTES
        if entry.file_size > most or (most == MAX_BYTES and entry.file_size > max(entry.compress_size, 1)):
            raise ValueError(f"from_pt2 {name}: entry {entry.filename!r} claims {entry.file_size:,} bytes; at most "
                             f"{most:,} are read, and weights are stored as they are, not compressed")
    return entries


def _json(archive, entries, path):
    return json.loads(archive.read(entries[path]))


def _arrays(archive, entries, path):
    """{name: tensor} of the weights or constants that a configuration lists."""
    if path not in entries:
        return {}
    folder = path.rpartition("/")[0]
    listed = _json(archive, entries, path)["config"]
    used = [spec["path_name"] for spec in listed.values()]
    if len(set(used)) != len(used):
        raise ValueError("two weights lie in one entry of the archive; export the model again with torch.export.save")
    return {key: _tensor(archive, entries, folder, key, spec) for key, spec in listed.items()}


def _tensor(archive, entries, folder, key, spec):
    if spec["use_pickle"]:
        raise ValueError(f"weight {key!r} is stored as a pickle, which could run code; save plain tensors on the CPU")
    meta = spec["tensor_meta"]
    element, shape = meta["dtype"], [size["as_int"] for size in meta["sizes"]]
    if element not in ELEMENTS:
        raise ValueError(f"weight {key!r} has element type {element}; known: {sorted(ELEMENTS)}")
    if any(not isinstance(n, int) or n < 0 for n in shape):
        raise ValueError(f"weight {key!r} has shape {shape}")
    raw = np.frombuffer(archive.read(entries[f"{folder}/{spec['path_name']}"]), ELEMENTS[element])
    return torch.from_numpy(_strided(raw, shape, meta, key))


def _strided(raw, shape, meta, key):
    """The array within its storage; every place it touches must lie inside."""
    strides, offset = [step["as_int"] for step in meta["strides"]], meta["storage_offset"]["as_int"]
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if min(strides, default=0) < 0 or offset < 0 or (0 not in shape and last >= len(raw)):
        raise ValueError(f"weight {key!r} of shape {shape} reaches beyond its {len(raw)} stored numbers")
    steps = [step * raw.itemsize for step in strides]
    view = np.lib.stride_tricks.as_strided(raw[offset:], shape, steps, writeable=False)
    if view.size > max(len(raw), 1):
        raise ValueError(f"weight {key!r} of shape {shape} repeats its {len(raw)} stored numbers")
    array = np.array(view, raw.dtype.newbyteorder("="))
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"weight {key!r} holds NaN or infinite values; train or export it again")
    return array.astype(np.float32) if array.dtype.kind == "f" else array


# ---- the program, as `torch.export` would hand it over


def _program(module, constants):
    graph, signature = module["graph"], module["signature"]
    nodes = _Nodes(graph)
    sources, users = {}, []
    for spec in signature["input_specs"]:
        kind, entry = next(iter(spec.items()))
        if kind == "user_input":
            users.append(entry["arg"]["as_tensor"]["name"])
        elif kind in ("parameter", "buffer", "tensor_constant"):
            sources[entry["arg"]["name"]] = entry[f"{kind}_name"]
        else:
            raise ValueError(f"the program has an input of kind {kind!r}; parameters, buffers and tensors are read")
    for entry in graph["inputs"]:
        nodes.placeholder(entry["as_tensor"]["name"])
    for entry in graph["nodes"]:
        nodes.call(entry)
    nodes.output([entry["as_tensor"]["name"] for entry in graph["outputs"]])
    names = SimpleNamespace(
        inputs_to_parameters={nodes.by_name[name].name: target for name, target in sources.items()},
        inputs_to_buffers={},
        inputs_to_lifted_tensor_constants={},
        user_inputs=[nodes.by_name[name].name for name in users],  # fx renames what Python has names for, as "input"
    )
    return SimpleNamespace(graph=nodes.graph, graph_signature=names, state_dict=constants, constants={})


class _Nodes:
    """Builds a `torch.fx.Graph` from the JSON of one; nothing in it is ever called."""

    def __init__(self, described):
        self.graph, self.by_name, self.shapes = torch.fx.Graph(), {}, described["tensor_values"]
        self.sizes = {key: _hint(value) for key, value in described.get("sym_int_values", {}).items()}

    def placeholder(self, name):
        self._keep(name, self.graph.placeholder(_text(name)))

    def output(self, names):
        self.graph.output(tuple(self.by_name[name] for name in names))

    def call(self, entry):
        """One operator; what only computes a size is known from its hint."""
        if all("as_sym_int" in output for output in entry["outputs"]):
            return
        module = entry["metadata"].get("nn_module_stack", "")
        target = entry["target"].removeprefix("torch.ops.")
        if target not in HANDLERS:
            raise ValueError(f"operator {target} in module {_module(module)!r} is not supported; "
                             f"supported are {', '.join(sorted(HANDLERS))}")
        args = tuple(self._argument(part["arg"]) for part in entry["inputs"] if part["kind"] == 1)
        kwargs = {part["name"]: self._argument(part["arg"]) for part in entry["inputs"] if part["kind"] == 2}
        names = [output["as_tensor"]["name"] for output in entry["outputs"]]
        node = self.graph.create_node("call_function", _operator(target), args, kwargs, _text(names[0]))
        node.meta["nn_module_stack"] = {"": (_module(module), None)}
        if len(names) == 1:
            return self._keep(names[0], node)
        for place, name in enumerate(names):
            self._keep(name, self.graph.call_function(_getitem(), (node, place)))

    def _keep(self, name, node):
        """Remember a node under its name, with the shape that the file declares."""
        shape = [_hint(size) for size in self.shapes[name]["sizes"]]
        node.meta["val"] = SimpleNamespace(shape=tuple(shape))
        self.by_name[name] = node
        return node

    def _argument(self, arg):
        (kind, value), = arg.items() if isinstance(arg, dict) else ((arg, None),)
        if kind in ("as_int", "as_float", "as_bool", "as_string", "as_ints", "as_floats", "as_bools", "as_strings"):
            return value
        if kind == "as_tensor":
            return self.by_name[value["name"]]
        if kind == "as_tensors":
            return [self.by_name[item["name"]] for item in value]
        if kind == "as_none":
            return None
        if kind in ("as_sym_int", "as_sym_ints"):
            sizes = [self._size(item) for item in (value if kind == "as_sym_ints" else [value])]
            return sizes if kind == "as_sym_ints" else sizes[0]
        return value if kind in ("as_scalar_type", "as_device", "as_memory_format", "as_layout") else _unknown(kind)

    def _size(self, item):
        return item["as_int"] if "as_int" in item else self.sizes[item["as_name"]]


def _text(name):
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"a tensor is called {name!r}; names are letters, digits and underscores")
    return name


def _unknown(kind):
    raise ValueError(f"an argument of kind {kind!r} is not supported")


def _hint(size):
    """A size, or the example that a dynamic one was traced with; its expression is text and stays text."""
    value = size if "as_int" in size else size["as_expr"]["hint"]
    return int(value["as_int"])


def _module(stack):
    """The innermost module of "key,path,class;key,path,class"."""
    parts = stack.rpartition(";")[2].split(",")
    return parts[1] if len(parts) > 1 else ""


def _operator(target):
    """The operator object behind a name that `trace` supports."""
    namespace, name, overload = target.split(".")
    return getattr(getattr(getattr(torch.ops, namespace), name), overload)


def _getitem():
    from operator import getitem

    return getitem
