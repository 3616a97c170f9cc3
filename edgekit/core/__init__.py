"""The equations that the lessons explain: NumPy only, pure functions, no input or output."""
