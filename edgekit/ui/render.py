"""From a figure to PNG bytes, fast: what stands still is drawn once, what moves is drawn over a copy of it.

Artists that move are marked with `set_animated(True)`; changing them costs no more than drawing them. A change of
anything else, limits of axes too, is noticed, and everything is drawn anew. PNG rows are written without a filter
and hardly compressed: quick to make, small enough to send.
"""

import struct
import zlib

import numpy as np


class Renderer:
    """Draws one figure again and again.

    >>> from edgekit.ui.style import subplots
    >>> fig, ax = subplots(height=1, width=1)
    >>> dot, = ax.plot([0.5], [0.5], "o", animated=True)
    >>> renderer = Renderer(fig)
    >>> before = renderer.png()
    >>> dot.set_data([0.6], [0.5])
    >>> renderer.png() == before, renderer.png()[:4]
    (False, b'\\x89PNG')
    """

    def __init__(self, figure):
        self.figure, self.background = figure, None
        moving = [artist for artist in figure.findobj() if artist.get_animated()]
        self.moving = sorted(moving, key=lambda artist: artist.get_zorder())

    def png(self):
        """Draw the figure as its artists are now and return PNG bytes."""
        canvas = self.figure.canvas
        if self.background is None or self.figure.stale:  # a change of an animated artist does not make it stale
            canvas.draw()
            self.background = canvas.copy_from_bbox(self.figure.bbox)
        canvas.restore_region(self.background)
        for artist in self.moving:
            if artist.get_visible():
                artist.draw(canvas.renderer)
        return encode_png(np.asarray(canvas.buffer_rgba()))


def encode_png(pixels):
    """Return `pixels` (height, width, 4), uint8 RGBA, as PNG bytes. Source: PNG specification, third edition, 2025.

    >>> len(encode_png(np.zeros((2, 3, 4), np.uint8))) > 60
    True
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 4 * width), np.uint8)  # each row begins with its filter: 0, none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
