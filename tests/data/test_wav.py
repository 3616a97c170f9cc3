"""Strict reading of `.wav`: against the standard library, and files that lie."""

import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.data import wav


def riff(coding: bytes, content: bytes, extra: bytes = b"") -> bytes:
    chunks = b"fmt " + struct.pack("<I", len(coding)) + coding + extra
    chunks += b"data" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def coding(kind: int, bits: int, channels: int = 1, fs: int = 16000) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", kind, channels, fs, fs * block, block, bits)


def stdlib_file(path, codes: bytes, width: int, channels: int, fs: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(fs)
        file.writeframes(codes)


@pytest.mark.parametrize("channels", [1, 2, 8])
def test_reads_what_the_standard_library_writes(tmp_path, channels):
    x = np.random.default_rng(channels).integers(-32768, 32768, (57, channels)).astype(np.int16)
    stdlib_file(tmp_path / "a.wav", x.astype("<i2").tobytes(), 2, channels, 44100)
    found = wav.read(tmp_path / "a.wav", fs=44100, channels=channels, bits=16)
    assert found.x.dtype == np.int16
    np.testing.assert_array_equal(found.x, x)


@given(st.integers(1, 300), st.integers(1, 5), st.integers(1, 192000), st.integers(0, 2**32 - 1))
def test_write_then_read_is_the_identity_and_the_standard_library_agrees(tmp_path_factory, frames, channels, fs, seed):
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    x = np.random.default_rng(seed).integers(-32768, 32768, (frames, channels)).astype(np.int16)
    wav.write(path, x, fs)
    np.testing.assert_array_equal(wav.read(path, fs=fs).x, x)
    with wave.open(str(path), "rb") as file:
        assert (file.getnframes(), file.getnchannels(), file.getframerate()) == (frames, channels, fs)
        assert file.readframes(frames) == x.astype("<i2").tobytes()


def test_24_bit_keeps_sign_and_scale(tmp_path):
    values = [0, 1, -1, 2**23 - 1, -(2**23)]
    codes = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    stdlib_file(tmp_path / "a.wav", codes, 3, 1, 8000)
    x = wav.read(tmp_path / "a.wav").x[:, 0]
    assert x.tolist() == [value * 256 for value in values]
    np.testing.assert_allclose(wav.to_float(x), np.array(values) / 2**23, atol=2**-24)


def test_8_bit_and_32_bit_integers_and_floats(tmp_path):
    (tmp_path / "8.wav").write_bytes(riff(coding(1, 8), bytes([0, 128, 255, 64])))
    assert wav.to_float(wav.read(tmp_path / "8.wav").x[:, 0]).tolist() == [-1.0, 0.0, 127 / 128, -0.5]
    x32 = np.array([-(2**31), 0, 2**30], "<i4")
    (tmp_path / "32.wav").write_bytes(riff(coding(1, 32), x32.tobytes()))
    assert wav.to_float(wav.read(tmp_path / "32.wav").x[:, 0]).tolist() == [-1.0, 0.0, 0.5]
    for bits in (32, 64):
        x = np.array([0.25, -3.5, 1e-6], f"<f{bits // 8}")
        (tmp_path / "f.wav").write_bytes(riff(coding(3, bits), x.tobytes()))
        np.testing.assert_array_equal(wav.read(tmp_path / "f.wav", bits=bits).x[:, 0], x)


def test_extensible_header_and_unknown_chunks_are_passed(tmp_path):
    plain = coding(0xFFFE, 16, channels=2)
    extensible = plain + struct.pack("<HHI", 22, 16, 3) + struct.pack("<H", 1) + bytes(14)
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # padded to an even length
    x = np.array([[1, 2], [3, -4]], "<i2")
    (tmp_path / "a.wav").write_bytes(riff(extensible, x.tobytes(), odd))
    np.testing.assert_array_equal(wav.read(tmp_path / "a.wav").x, x)


def test_wrong_rate_channels_and_bits_name_file_and_remedy(tmp_path):
    wav.write(tmp_path / "a.wav", np.zeros((10, 2), np.int16), 8000)
    with pytest.raises(ValueError, match=r"a\.wav has a rate of 8000 Hz, expected 16000; resample"):
        wav.read(tmp_path / "a.wav", fs=16000)
    with pytest.raises(ValueError, match=r"a\.wav has 2 channels, expected 1; pick or mix"):
        wav.read(tmp_path / "a.wav", channels=1)
    with pytest.raises(ValueError, match=r"a\.wav has 16 bits per sample, expected 24"):
        wav.read(tmp_path / "a.wav", bits=24)


def test_every_truncation_is_refused(tmp_path):
    wav.write(tmp_path / "whole.wav", np.arange(8, dtype=np.int16), 16000)
    whole = (tmp_path / "whole.wav").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "cut.wav").write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"cut\.wav"):
            wav.read(tmp_path / "cut.wav")


@pytest.mark.parametrize(("content", "complaint"), [
    (b"ID3\x04 an mp3 in disguise", "no .wav file"),
    (b"", "no .wav file"),
    (riff(coding(17, 4), b"\0" * 8), "coding 17 with 4 bits"),
    (riff(coding(1, 16, channels=0), b"\0" * 8), "contradicts itself"),
    (riff(coding(1, 16, fs=0), b"\0" * 8), "contradicts itself"),
    (riff(coding(1, 16), b""), "holds 0 bytes"),
    (riff(coding(1, 16), b"\0" * 7), "holds 7 bytes"),
    (riff(coding(1, 16)[:8], b"\0" * 8), "fmt chunk of 8 bytes"),
])
def test_files_that_lie_are_named(tmp_path, content, complaint):
    (tmp_path / "liar.wav").write_bytes(content)
    with pytest.raises(ValueError, match=rf"liar\.wav.*{complaint}"):
        wav.read(tmp_path / "liar.wav")


def test_a_length_beyond_the_file_allocates_nothing(tmp_path):
    content = bytearray(riff(coding(1, 16), b"\0" * 8))
    content[-12:-8] = struct.pack("<I", 0xFFFFFFFE)
    (tmp_path / "huge.wav").write_bytes(bytes(content))
    with pytest.raises(ValueError, match="truncated: its 'data' chunk says 4294967294 bytes, 8 are there"):
        wav.read(tmp_path / "huge.wav")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.wav"):
        wav.read(tmp_path / "none.wav")


def test_write_and_to_float_refuse_other_types(tmp_path):
    with pytest.raises(ValueError, match="int16"):
        wav.write(tmp_path / "a.wav", np.zeros(4), 16000)
    with pytest.raises(ValueError, match="int64"):
        wav.to_float(np.zeros(4, np.int64))
