"""Independent right answers to the exercises of lesson 09, which every check must accept."""


def size_by_walking(n, kernel, stride, padding):
    """Walk along the padded axis and count where the kernel still fits."""
    places, left = 0, 0
    while left + kernel <= n + 2 * padding:
        places, left = places + 1, left + stride
    return places


def grouped_by_groups(height, width, in_channels, channels, kernel, groups):
    """Add up the groups, each a small standard convolution."""
    total = 0
    for _ in range(groups):
        total += height * width * kernel * kernel * (in_channels // groups) * (channels // groups)
    return total


def separable_by_layers(height, width, in_channels, channels, kernel, stride):
    """Count row by row, layer by layer."""
    rows = len(range(0, height, stride))
    columns = len(range(0, width, stride))
    depthwise = sum(kernel * kernel for _ in range(in_channels)) * rows * columns
    return depthwise + rows * columns * in_channels * channels


def width_by_halving(macs, budget, resolution):
    """Search the width between 0 and 1 by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        fits = macs * (middle * resolution) ** 2 <= budget
        low, high = (middle, high) if fits else (low, middle)
    return high


VARIANTS = {"09/out_size": size_by_walking, "09/grouped_macs": grouped_by_groups,
            "09/separable_macs": separable_by_layers, "09/width_for": width_by_halving, "09/predict_separable": 7.89,
            "09/predict_groups": 4.0, "09/predict_width": 3.9, "09/predict_flops": 300.0}
