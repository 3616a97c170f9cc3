"""Pickles of data are read; pickles that do anything else are refused before they do it."""

import builtins
import contextlib
import os
import pickle
import struct
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgekit.data import safe_pickle

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    | st.tuples(inner, inner),
    max_leaves=12)


@given(plain, st.integers(0, 5))
def test_plain_data_come_back_unchanged(value, protocol):
    assert safe_pickle.loads(pickle.dumps(value, protocol=protocol)) == value


@given(hnp.arrays(st.sampled_from(["u1", "<i2", ">i4", "<f4", ">f8", "?", "<U3", "S4"]),
                  hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)),
       st.integers(0, 4), st.booleans())
def test_arrays_come_back_with_dtype_shape_and_order(x, protocol, fortran):
    x = np.asfortranarray(x) if fortran else x
    found = safe_pickle.loads(pickle.dumps({"x": x}, protocol=protocol))["x"]
    assert found.dtype == x.dtype
    assert found.shape == x.shape
    np.testing.assert_array_equal(found, x)


def test_numpy_scalars_and_shared_parts():
    shared = [np.float32(1.5), np.int64(-3)]
    found = safe_pickle.loads(pickle.dumps({"a": shared, "b": shared}, protocol=2))
    assert found == {"a": [1.5, -3], "b": [1.5, -3]}
    assert found["a"] is found["b"]


def python2_cifar(data: bytes, shape: tuple[int, int]) -> bytes:
    """The bytes that Python 2 and NumPy 1 wrote for a CIFAR-10 batch: protocol 2, byte strings, old names."""
    short = lambda text: b"U" + bytes([len(text)]) + text  # noqa: E731 - SHORT_BINSTRING
    dtype = b"cnumpy\ndtype\n" + short(b"u1") + b"K\0K\1\x87R" + b"(K\3" + short(b"|") + b"NNNJ\xff\xff\xff\xff" \
        b"J\xff\xff\xff\xffK\0tb"
    array = (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + short(b"b") + b"\x87R"
             + b"(K\1" + b"M" + struct.pack("<H", shape[0]) + b"M" + struct.pack("<H", shape[1]) + b"\x86" + dtype
             + b"\x89" + b"T" + struct.pack("<i", len(data)) + data + b"tb")
    return b"\x80\x02}(" + short(b"data") + array + short(b"labels") + b"](K\3K\7e" + b"u."


def test_the_bytes_of_python_2_are_read():
    data = bytes(range(200, 256)) + bytes(range(8))
    found = safe_pickle.loads(python2_cifar(data, (2, 32)))
    assert found["labels"] == [3, 7]
    assert found["data"].tobytes() == data
    assert found["data"].shape == (2, 32)
    assert found["data"].dtype == np.uint8
    standard = pickle.loads(python2_cifar(data, (2, 32)), encoding="latin1")  # noqa: S301 - made three lines above
    np.testing.assert_array_equal(standard["data"], found["data"])


class Calls:
    """An object whose pickle calls `function(*arguments)`."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


EVIL = {
    "os.system": Calls(os.system, "touch {path}"),
    "builtins.eval": Calls(eval, "open({path!r}, 'w')"),
    "builtins.exec": Calls(exec, "open({path!r}, 'w')"),
    "builtins.getattr": Calls(getattr, "os", "upper"),
    "builtins.open": Calls(open, "{path}", "w"),
    "builtins.bytearray": Calls(bytearray, 1 << 40),
    "numpy.load": Calls(np.load, "{path}", None, True),
    "numpy.fromfile": Calls(np.fromfile, "{path}"),
    "numpy.zeros": Calls(np.zeros, 1 << 50),
    "numpy.frombuffer": Calls(np.frombuffer, b"1234"),
    "sys.exit": Calls(sys.exit, 3),
    "type": Calls(type, "Made", (), {}),
    "import": Calls(builtins.__import__, "antigravity"),
}


def with_path(call: Calls, path) -> Calls:
    function, arguments = call.call
    return Calls(function, *[a.format(path=str(path)) if isinstance(a, str) else a for a in arguments])


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("nested", [False, True])
def test_calls_are_refused_and_have_no_effect(tmp_path, name, protocol, nested):
    trace = tmp_path / "trace"
    call = with_path(EVIL[name], trace)
    payload = {"data": np.zeros(3), "labels": [1, {"deep": (call,)}]} if nested else call
    (tmp_path / "evil").write_bytes(pickle.dumps(payload, protocol=protocol))
    with pytest.raises(ValueError, match="evil was refused: it calls"):
        safe_pickle.load(tmp_path / "evil")
    assert not trace.exists()


# Names that lists by module or by prefix would let through.
GADGETS = [b"cnumpy.f2py.crackfortran\ngetlincoef\n", b"cnumpy.testing._private.utils\nruncommand\n",
           b"cnumpy.core.multiarray\nfromfile\n", b"cnumpy._core.multiarray\n_reconstruct.__globals__\n",
           b"cnumpy\ndtype.__init__\n", b"ccollections\nnamedtuple\n", b"c_codecs\ndecode\n", b"cbuiltins\nset\n",
           b"cpickle\nloads\n", b"cedgekit.data.safe_pickle\n_Array\n", b"cnumpy\nmemmap\n",
           b"ccopyreg\n_reconstructor\n"]


@pytest.mark.parametrize("gadget", GADGETS)
def test_neighbours_of_the_allowed_names_are_refused(gadget):
    with pytest.raises(ValueError, match="it calls"):
        safe_pickle.loads(b"\x80\x02" + gadget + b"(U\x01xtR.")


def test_a_name_put_together_at_run_time_is_refused():
    with pytest.raises(ValueError, match=r"it calls os\.system"):
        safe_pickle.loads(b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.")


ARRAY = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n%s%s\x87R."


@pytest.mark.parametrize(("program", "complaint"), [
    (ARRAY % (b"J\xff\xff\xff\x7f\x85", b"U\x01b"), "not made empty first"),
    (b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\ndtype\nK\0\x85U\x01b\x87R.", "not made empty first"),
    (b"\x80\x02cnumpy\ndtype\nU\x01O\x85R.", "dtype 'O'"),
    (b"\x80\x02cnumpy\ndtype\nU\x0eV1000000000000\x85R.", "dtype 'V1000000000000'|not a readable pickle"),
    (b"\x80\x02cnumpy\ndtype\nU\x05i4,i4\x85R.", "dtype 'i4,i4'"),
    (b"\x80\x02cnumpy\ndtype\nU\x02i4\x85R(K\x03U\x01<Nh\0Nttb.", "not a readable|refused"),
    (b"\x80\x02U\x04evilQ.", "instruction BINPERSID"),
    (b"Pevil\n.", "instruction PERSID"),
    (b"\x80\x02\x82\x01.", "instruction EXT1"),
    (b"(ios\nsystem\n.", "instruction INST"),
    (b"\x80\x05\x97.", "instruction NEXT_BUFFER"),
    (b"\x80\x02]r\xff\xff\xff\x7f.", "memo index 2147483647"),
    (b"]p2147483647\n.", "memo index 2147483647"),
    (b"\x80\x02cnumpy\ndtype\n.", "an object of _Maker"),
    (b"\x80\x02c_codecs\nencode\nN}U\x0c__defaults__NU\x01xs\x86b.", "changes its reader|readable"),
    (b"\x80\x02c_codecs\nencode\n}U\x04makeNsb.", "changes its reader"),
    (ARRAY % (b"K\0\x85", b"U\x01b"), "an array without content"),
    (b"\x80\x02cnumpy\nndarray\n)\x81.", "not a readable|refused"),
    (b"\x80\x02c_codecs\nencode\nU\x01xU\x03rot\x86R.", "encoding 'rot'"),
    (b"\x80\x02}]]K\1s.", "unhashable|refused|readable"),
])
def test_programs_by_hand_are_refused(program, complaint):
    with pytest.raises(ValueError, match=complaint):
        safe_pickle.loads(program)


def test_an_array_must_have_the_bytes_that_its_shape_says():
    whole = python2_cifar(bytes(64), (2, 32))
    with pytest.raises(ValueError, match=r"shape \(2, 64\).*in 64 bytes"):
        safe_pickle.loads(whole.replace(struct.pack("<H", 32) + b"\x86", struct.pack("<H", 64) + b"\x86"))
    with pytest.raises(ValueError, match="array of shape"):
        safe_pickle.loads(whole.replace(b"K\1M\2\0M", b"K\1J\xff\xff\xff\xffM"))


@pytest.mark.parametrize("length", [b"\x8e" + struct.pack("<Q", 1 << 40), b"B" + struct.pack("<I", 0xFFFFFFF0),
                                    b"\x8d" + struct.pack("<Q", 1 << 62), b"\x8b\xff\xff\xff\x7f"])
def test_lengths_beyond_the_file_are_refused_without_being_allocated(length):
    with pytest.raises(ValueError, match="readable pickle"):
        safe_pickle.loads(b"\x80\x04" + length + b"abc.")


def test_objects_in_arrays_and_deep_or_circular_containers_are_refused():
    with pytest.raises(ValueError, match="dtype 'O"):
        safe_pickle.loads(pickle.dumps(np.array([{}, []], dtype=object), protocol=2))
    circle = []
    circle.append(circle)
    with pytest.raises(ValueError, match="nested deeper than 50"):
        safe_pickle.loads(pickle.dumps(circle))


def test_doubling_lists_do_not_explode():
    value = ["x"]
    for _ in range(40):
        value = [value, value]
    found = safe_pickle.loads(pickle.dumps(value))
    assert found[0] is found[1]


def test_too_large_missing_and_damaged_files(tmp_path):
    path = tmp_path / "batch"
    with pytest.raises(FileNotFoundError, match="no file"):
        safe_pickle.load(path)
    path.write_bytes(pickle.dumps(list(range(1000))))
    with pytest.raises(ValueError, match="expected at most 100; give max_bytes="):
        safe_pickle.load(path, max_bytes=100)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"batch is not a readable pickle|batch was refused"):
            safe_pickle.load(path)


@given(st.binary(max_size=60))
def test_random_programs_give_a_value_or_a_valueerror(program):
    with contextlib.suppress(ValueError):
        safe_pickle.loads(b"\x80\x02" + program + b".")
