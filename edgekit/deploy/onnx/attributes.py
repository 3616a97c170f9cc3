"""Attributes of an ONNX node, and the geometry of its window."""

from edgekit.core.windows import resolve_padding


def attributes(reader, node):
    """The numbers, lists and words among a node's attributes."""
    from onnx import AttributeProto, helper

    kinds = AttributeProto
    plain = (kinds.FLOAT, kinds.INT, kinds.STRING, kinds.FLOATS, kinds.INTS)
    for attribute in node.attribute:
        if attribute.type not in (*plain, AttributeProto.TENSOR):
            reader.fail(node, f"has the attribute {attribute.name!r}, of a kind that is not supported")
    values = {a.name: helper.get_attribute_value(a) for a in node.attribute if a.type in plain}
    return {key: value.decode(errors="replace") if isinstance(value, bytes) else value for key, value in values.items()}


def geometry(reader, node, view, kernel):
    """Stride, padding and dilation of a window operator, for a signal as for an image."""
    given = attributes(reader, node)
    if given.get("ceil_mode") or given.get("channels_last"):
        reader.fail(node, "with ceil_mode or channels_last is not supported")

    def pair(key):
        values = [int(n) for n in given.get(key, [1] * 2)]
        return (1, values[0]) if len(values) == 1 else tuple(values)

    stride, dilation, auto = pair("strides"), pair("dilations"), given.get("auto_pad", "NOTSET")
    pads = [int(n) for n in given.get("pads", [0] * 4)]
    pads = [0, pads[0], 0, pads[1]] if len(pads) == 2 else pads
    if auto not in ("NOTSET", "VALID", "SAME_UPPER") or len(pads) != 4:
        reader.fail(node, f"has auto_pad {auto!r} and pads {pads}; NOTSET, VALID and SAME_UPPER are supported")
    padding = ((pads[0], pads[2]), (pads[1], pads[3]))
    if auto != "NOTSET":
        space = reader.tensors[view.tensor].shape[:2]
        padding = resolve_padding("same" if auto == "SAME_UPPER" else "valid", space, kernel, stride, dilation)
    return {"stride": stride, "padding": tuple(tuple(int(n) for n in side) for side in padding)}, dilation
