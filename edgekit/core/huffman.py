"""Huffman's code: the shortest words, of whole bits each, for symbols of known frequency.

    entropy <= mean length of a word < entropy + 1          bits per symbol

Words are canonical: sorted by length, then by symbol, each is the number after the one before. Their lengths are all
that a reader needs. Source: Huffman 1952; canonical codes as in RFC 1951, section 3.2.2.
"""

import heapq

import numpy as np

#: longest word that is written; reached only after more than 2^40 symbols
LONGEST = 56


def entropy(counts):
    """Return the entropy in bits per symbol of symbols that occur `counts` times: -sum p log2 p.

    >>> float(entropy([2, 1, 1]))
    1.5
    """
    p = np.asarray(counts, np.float64) / np.sum(counts)
    p = p[p > 0]
    return -(p * np.log2(p)).sum()


def lengths(counts):
    """Return the length in bits (uint8) of the word for each symbol that occurs `counts` times, at least once.

    The two rarest trees become one until one is left; a word's length is its symbol's depth. A lone symbol gets 1 bit.

    >>> lengths([5, 1, 1, 2]).tolist()
    [1, 3, 3, 2]
    """
    if len(counts) < 1 or min(counts) < 1:
        raise ValueError(f"huffman.lengths: every symbol must occur, got counts {list(counts)[:8]}")
    if len(counts) == 1:
        return np.ones(1, np.uint8)
    heap = [(int(count), i) for i, count in enumerate(counts)]
    heapq.heapify(heap)
    parent = {}
    for joint in range(len(counts), 2 * len(counts) - 1):
        (few, one), (more, other) = heapq.heappop(heap), heapq.heappop(heap)
        parent[one] = parent[other] = joint
        heapq.heappush(heap, (few + more, joint))
    depth = {2 * len(counts) - 2: 0}
    for node in range(2 * len(counts) - 3, -1, -1):
        depth[node] = depth[parent[node]] + 1
    return np.array([depth[i] for i in range(len(counts))], np.uint8)


def words(lengths):
    """Return the canonical word (uint64) of each symbol, its bits at the top end of 56.

    >>> [bin(int(w) >> 53) for w in words(np.array([1, 3, 3, 2]))]
    ['0b0', '0b110', '0b111', '0b100']
    """
    lengths = np.asarray(lengths, np.int64)
    order = np.lexsort((np.arange(lengths.size), lengths))
    spans = np.left_shift(np.uint64(1), (LONGEST - lengths[order]).astype(np.uint64))
    starts = np.zeros(lengths.size, np.uint64)
    starts[order] = np.cumsum(spans, dtype=np.uint64) - spans
    return starts


def encode(symbols, lengths):
    """Return the words of `symbols` (N,), one after the other, the first bit highest, as bytes."""
    lengths = np.asarray(lengths, np.int64)
    word, length = words(lengths)[symbols], lengths[symbols]
    bits = np.zeros(int(length.sum()), np.uint8)
    starts = np.cumsum(length) - length
    for place in range(int(lengths.max())):
        has = length > place
        bits[starts[has] + place] = word[has] >> np.uint64(LONGEST - 1 - place) & np.uint64(1)
    return np.packbits(bits).tobytes()


def decode(data, lengths, count):
    """Return the `count` symbols (int64) whose words `encode` put into `data`; raise ValueError when they are not.

    What a word beginning at each bit would be is looked up for all bits at once; then one follows from the other.
    """
    lengths = np.asarray(lengths, np.int64)
    order = np.lexsort((np.arange(lengths.size), lengths))
    if lengths.size < 1 or lengths.min() < 1 or lengths.max() > LONGEST or not _complete(lengths):
        raise ValueError("huffman.decode: no code has words of these lengths; the bytes are altered")
    firsts = words(lengths)[order]
    total = 8 * len(data)
    found = order[np.searchsorted(firsts, _windows(data), side="right") - 1]
    after = np.arange(total) + lengths[found]
    places, place, following = [], 0, after.tolist()
    for _ in range(count):
        if place >= total or following[place] > total:
            raise ValueError(f"huffman.decode: the bytes end before {count} symbols; they are truncated")
        places.append(place)
        place = following[place]
    if total - place >= 8:
        raise ValueError("huffman.decode: bytes are left over; give what encode returned alone")
    return found[np.array(places, np.int64)]


def _complete(lengths):
    """Whether every string of bits begins with a word: sum 2^-length = 1; a lone symbol has one bit."""
    return lengths.size == 1 or int((1 << (LONGEST - lengths)).sum()) == 1 << LONGEST


def _windows(data):
    """The 56 bits (uint64) that begin at each bit of `data`, zeros after its end."""
    octets = np.zeros(len(data) + 8, np.uint64)
    octets[: len(data)] = np.frombuffer(data, np.uint8)
    whole = np.zeros(len(data), np.uint64)
    for i in range(8):
        whole |= octets[i : i + len(data)] << np.uint64(56 - 8 * i)
    return (whole[:, None] << np.arange(8, dtype=np.uint64) >> np.uint64(8)).ravel()
