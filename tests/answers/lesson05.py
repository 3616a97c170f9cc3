"""Right and wrong answers to the exercises of lesson 05, written apart from their mutants."""

import numpy as np


def ternary(w, share=0.7, scale=lambda kept: np.abs(kept).mean(), empty=1.0, axis=1):
    delta = share * np.abs(w).mean(axis, keepdims=True)
    codes = np.where(w > delta, 1, np.where(w < -delta, -1, 0))
    return codes, np.array([scale(row[code != 0]) if code.any() else empty
                            for row, code in zip(w, codes, strict=True)])


def pack(codes, base=3, fill=0, turned=1):
    digits = [*(np.asarray(codes) + 1).tolist(), *[fill] * (-len(codes) % 5)]
    groups = [digits[i : i + 5][::turned] for i in range(0, len(digits), 5)]
    return [sum(digit * base**i for i, digit in enumerate(group)) % 256 for group in groups]


RIGHT = [
    ("05/ternarize", ternary),
    ("05/ternarize", lambda w: [part.astype(np.float32) for part in ternary(w)]),
    ("05/sign_product", lambda a, b, n: n - 2 * bin(a ^ b).count("1")),
    ("05/sign_product", lambda a, b, n: sum((2 * (a >> i & 1) - 1) * (2 * (b >> i & 1) - 1) for i in range(n))),
    ("05/pack_trits", pack), ("05/pack_trits", lambda codes: np.array(pack(codes), float)),
    ("05/predict_scale", (3 + 1 + 2) / 3), ("05/predict_trits", int(8 / np.log2(3))),
]

WRONG = [
    ("05/ternarize", "three_quarters", lambda w: ternary(w, 0.75)),
    ("05/ternarize", "half_mean", lambda w: ternary(w, 0.5)), ("05/ternarize", "whole_mean", lambda w: ternary(w, 1)),
    ("05/ternarize", "scale_median", lambda w: ternary(w, scale=lambda kept: np.median(np.abs(kept)))),
    ("05/ternarize", "scale_signed", lambda w: ternary(w, scale=np.mean)),
    ("05/ternarize", "scale_rms", lambda w: ternary(w, scale=lambda kept: np.sqrt(np.mean(kept**2)))),
    ("05/ternarize", "scale_sum", lambda w: ternary(w, scale=lambda kept: np.abs(kept).sum())),
    ("05/ternarize", "scale_threshold", lambda w: (ternary(w)[0], 0.7 * np.abs(w).mean(1))),
    ("05/ternarize", "dead_zero", lambda w: ternary(w, empty=0.0)),
    ("05/ternarize", "dead_nan", lambda w: ternary(w, empty=np.nan)),
    ("05/ternarize", "columns", lambda w: ternary(w, axis=0)),
    ("05/ternarize", "unsigned", lambda w: (np.abs(ternary(w)[0]), ternary(w)[1])),
    ("05/ternarize", "order", lambda w: ternary(w)[::-1]), ("05/ternarize", "codes_only", lambda w: ternary(w)[0]),
    ("05/ternarize", "scales_upright", lambda w: (ternary(w)[0], ternary(w)[1].reshape(-1, 1))),
    ("05/sign_product", "all_bits", lambda a, b, n: 2 * (~(a ^ b)).bit_count() - n),
    ("05/sign_product", "both_plus", lambda a, b, n: sum((a >> i & 1) * (b >> i & 1) for i in range(n))),
    ("05/sign_product", "or", lambda a, b, n: n - 2 * bin(a | b).count("1")),
    ("05/sign_product", "length", lambda a, b, n: (a | b).bit_length() - 2 * (a ^ b).bit_count()),
    ("05/sign_product", "mean", lambda a, b, n: 1 - 2 * (a ^ b).bit_count() / n),
    ("05/sign_product", "number", lambda a, b, n: n - 2 * (a ^ b)),
    ("05/pack_trits", "first_highest", lambda codes: pack(codes, turned=-1)),
    ("05/pack_trits", "filled_by_codes", lambda codes: pack(codes, fill=1)),
    ("05/pack_trits", "base_two", lambda codes: pack(codes, 2)),
    ("05/pack_trits", "signed", lambda codes: np.array(pack(codes), np.uint8).view(np.int8)),
    ("05/pack_trits", "byte_too_many", lambda codes: pack(codes) + [0] * (len(codes) % 5 == 0)),
    ("05/pack_trits", "filled_in_front", lambda codes: pack([-1] * (-len(codes) % 5) + codes.tolist())),
    ("05/pack_trits", "one_number", lambda codes: sum(int(c + 1) * 3**i for i, c in enumerate(codes))),
    ("05/predict_scale", "signed", 0.67), ("05/predict_scale", "rms", 2.16),
    ("05/predict_trits", "fraction", 8 / np.log2(3)),
]
