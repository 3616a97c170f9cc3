"""Independent right answers to the exercises of lesson 05, which every check must accept."""


def ternarize_by_loop(w):
    """One row after the other, with Python's own numbers."""
    codes, scales = [], []
    for row in w.tolist():
        delta = 0.7 * sum(map(abs, row)) / len(row)
        signs = [(value > delta) - (value < -delta) for value in row]
        kept = [abs(value) for value, sign in zip(row, signs, strict=True) if sign]
        codes.append(signs)
        scales.append(sum(kept) / len(kept) if kept else 1.0)
    return codes, scales


def product_by_matches(a, b, n):
    """XNOR within n places, counted: twice the equal places minus all."""
    equal = ~(a ^ b) & (1 << n) - 1
    return 2 * bin(equal).count("1") - n


def pack_one_by_one(codes):
    """Horner's rule from the last code of each group to the first."""
    found = []
    for start in range(0, len(codes), 5):
        value = 0
        for code in reversed(codes[start : start + 5].tolist()):
            value = 3 * value + code + 1
        found.append(value)
    return found


VARIANTS = {"05/ternarize": ternarize_by_loop, "05/sign_product": product_by_matches, "05/pack_trits": pack_one_by_one,
            "05/predict_scale": 2.0, "05/predict_trits": 5.0, "05/predict_signs": 2.0}
