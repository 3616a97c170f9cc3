"""Numbers as a learner reads them in a report: short, plain, never scientific without need."""

import numpy as np


def shown(value) -> str:
    """Return a short text for a number, an array, a tuple of them, or anything else.

    >>> shown(np.array([0.25, -1.0])), shown((np.float64(0.5), np.int64(-12))), shown(None)
    ('[0.25, -1.0]', '(0.5, -12)', 'None')
    """
    if isinstance(value, tuple):
        return "(" + ", ".join(map(shown, value)) + ")"
    if isinstance(value, list) and len(value) <= 12:
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, np.ndarray) and value.ndim:
        if value.size > 12:
            return f"array of shape {value.shape} from {shown(value.min())} to {shown(value.max())}"
        return "[" + ", ".join(shown(item) for item in value) + "]"
    if isinstance(value, (float, np.floating)):
        text = f"{float(value):.7g}"
        return text if not text.lstrip("-").isdigit() else f"{text}.0"
    if isinstance(value, (np.integer, np.bool_)) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return shown(value.item())
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
