"""Poses, and where the joints of a body are in one."""

import numpy as np

# lean, then for left and right arm: swing forward, spread, elbow; for left and right leg: swing, spread,
# knee; degrees
POSES = {
    "train": {
        "stand": (2, 4, 8, 10, 4, 8, 10, 0, 4, 0, 0, 4, 0),
        "walk": (5, -24, 6, 15, 24, 6, 25, 24, 2, 8, -20, 2, 18),
        "wait": (0, -8, 28, 60, -8, 28, 60, 0, 6, 0, 4, 3, 8),
        "phone": (3, 12, 14, 115, 0, 8, 12, 6, 4, 8, -6, 4, 5),
        "run": (14, -45, 10, 90, 45, 10, 90, 45, 2, 60, -28, 2, 50),
        "carry": (4, 35, 12, 65, 35, 12, 65, 16, 3, 8, -14, 3, 12),
        "wave": (0, 5, 130, 30, 4, 8, 10, 2, 5, 0, 0, 5, 2),
        "squat": (30, 40, 12, 30, 40, 12, 30, 95, 14, 120, 85, 14, 110),
    },
    "val": {
        "stroll": (3, -15, 6, 10, 15, 6, 18, 15, 3, 5, -13, 3, 12),
        "point": (2, 85, 10, 5, 2, 8, 12, 5, 6, 2, -5, 6, 2),
        "lean": (-10, -20, 15, 50, 4, 10, 20, 14, 4, 2, 22, 4, 30),
        "jog": (9, -32, 10, 80, 32, 10, 80, 34, 2, 40, -20, 2, 40),
    },
    "test": {
        "stride": (7, -33, 6, 20, 33, 6, 30, 31, 2, 6, -27, 2, 22),
        "fold": (2, 30, 14, 105, 30, 14, 105, 3, 7, 0, -3, 7, 4),
        "reach": (12, 110, 12, 15, 15, 10, 20, 8, 4, 5, -10, 4, 8),
        "bend": (48, 60, 8, 15, 60, 8, 15, 6, 5, 5, 0, 5, 8),
        "cheer": (-3, 150, 25, 25, 150, 25, 25, 2, 8, 0, 0, 8, 2),
        "stoop": (18, 25, 10, 25, 18, 10, 35, 22, 3, 20, -12, 3, 14),
    },
}


def joints(angles, height_m, broad):
    """Joint name -> (3,) metres forward, right, up; the lowest foot stands on the ground.

    angles (13,): in the order of POSES, in radians; broad: width of the shoulders, 1 for an average build.
    """
    a, h = angles, height_m
    spine = np.array([np.sin(a[0]), 0, np.cos(a[0])])
    points = {
        "pelvis": np.zeros(3),
        "neck": 0.29 * h * spine,
        "waist": 0.1 * h * spine,
        "head": 0.29 * h * spine + 0.105 * h * _turn(0.4 * a[0], 0),
    }
    for side, sign, arm, leg in (("left", -1, a[1:4], a[7:10]), ("right", 1, a[4:7], a[10:13])):
        shoulder = 0.275 * h * spine + np.array([0, sign * 0.098 * h * broad, 0])
        elbow = shoulder - 0.165 * h * _turn(-arm[0], -sign * arm[1])
        wrist = elbow - 0.15 * h * _turn(-arm[0] - arm[2], -sign * arm[1] * (0.3 if arm[1] < 1.2 else 1))
        hip = np.array([0, sign * 0.05 * h, 0])
        knee = hip - 0.245 * h * _turn(-leg[0], -sign * leg[1])
        ankle = knee - 0.235 * h * _turn(leg[2] - leg[0], -sign * leg[1])
        points |= {
            f"{side} shoulder": shoulder,
            f"{side} elbow": elbow,
            f"{side} wrist": wrist,
            f"{side} hip": hip,
            f"{side} knee": knee,
            f"{side} ankle": ankle,
            f"{side} toe": ankle + h * np.array([0.07, 0, -0.02]),
        }
    low = min(points["left ankle"][2], points["right ankle"][2]) - 0.035 * h
    return {name: point - [0, 0, low] for name, point in points.items()}


def _turn(forward, outward):
    """The up vector leant `forward` and to the right by `outward` radians."""
    return np.array([np.sin(forward) * np.cos(outward), np.sin(outward), np.cos(forward) * np.cos(outward)])
