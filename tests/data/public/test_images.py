"""PGM, BMP and JPEG: against Pillow, and damaged files."""

import numpy as np
import pytest
from PIL import Image

from edgekit.data.public.images import read_bmp, read_jpeg, read_pgm


@pytest.mark.parametrize("shape", [(112, 92), (1, 1), (3, 5)])
def test_pgm_and_grey_bmp_equal_pillow(tmp_path, shape):
    x = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    for name, read in (("a.pgm", read_pgm), ("a.bmp", read_bmp)):
        Image.fromarray(x).save(tmp_path / name)
        np.testing.assert_array_equal(read(tmp_path / name), x)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 7])
def test_colour_bmp_with_padded_rows_equals_pillow(tmp_path, width):
    x = np.random.default_rng(width).integers(0, 256, (3, width, 3)).astype(np.uint8)
    Image.fromarray(x).save(tmp_path / "a.bmp")
    np.testing.assert_array_equal(read_bmp(tmp_path / "a.bmp"), x)


def test_pgm_with_comments(tmp_path):
    (tmp_path / "a.pgm").write_bytes(b"P5\n# made by hand\n3 # wide\n2\n255\n" + bytes(range(6)))
    assert read_pgm(tmp_path / "a.pgm").tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(("content", "complaint"), [
    (b"P2\n1 1\n255\n0", "expected P5"),
    (b"P5\n2 2\n255\n\0\0\0", "holds 3 bytes of pixels, expected 2 x 2"),
    (b"P5\n2 2\n65535\n" + bytes(8), "top value of 65535"),
    (b"P5" + b" " * 5000, "expected P5"),
    (b"", "expected P5"),
])
def test_bad_pgm(tmp_path, content, complaint):
    (tmp_path / "a.pgm").write_bytes(content)
    with pytest.raises(ValueError, match=rf"a\.pgm.*{complaint}"):
        read_pgm(tmp_path / "a.pgm")


def test_bad_bmp(tmp_path):
    path = tmp_path / "a.bmp"
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(path)
    whole = path.read_bytes()
    changed = lambda place, byte: whole[:place] + byte + whole[place + 1:]  # noqa: E731
    for content, complaint in ((whole[:-1], "bytes of pixels"), (b"XX" + whole[2:], "expected BM"),
                               (b"BM", "expected BM"), (changed(28, b"\x10"), "16 bits"),
                               (changed(30, b"\x01"), "packing 1"), (changed(54, b"\x09"), "palette of colours")):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"a\.bmp.*{complaint}"):
            read_bmp(path)


def test_jpeg_colour_grey_shape_and_damage(tmp_path, jpeg):
    path = tmp_path / "a.jpg"
    jpeg(path)
    np.testing.assert_array_equal(read_jpeg(path, (96, 96)), np.asarray(Image.open(path)))
    with pytest.raises(ValueError, match=r"a\.jpg has 96x96 pixels, expected 250x250"):
        read_jpeg(path, (250, 250))
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(ValueError, match=r"a\.jpg is no whole JPEG"):
        read_jpeg(path)
    jpeg(path, mode="L")
    grey = read_jpeg(path)
    assert grey.shape == (96, 96, 3)
    assert (grey[..., 0] == grey[..., 2]).all()
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "b.png")
    (tmp_path / "b.png").rename(tmp_path / "b.jpg")
    with pytest.raises(ValueError, match="no whole JPEG"):
        read_jpeg(tmp_path / "b.jpg")
    with pytest.raises(FileNotFoundError):
        read_jpeg(tmp_path / "none.jpg")
