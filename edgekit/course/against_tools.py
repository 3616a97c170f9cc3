"""Our int8 models beside those of ONNX Runtime's quantizer: same float model, same calibration data, same test split.

What the studies `ptq_against_tools` and `ptq_against_tools_camera` compute, task by task. Biases are corrected, which
the shipped graphs of pulse and sound do without; the camera's channels are equalized too, as in its shipped graphs.
"""

CALIBRATION = 512
TOLERANCE = {"float": 0.1, "drop": 0.3, "drop_se": 0.1, "ort_drop": 0.3, "ahead": 0.3, "ahead_se": 0.1}
CONFIG = {
    "calibration_examples": CALIBRATION,
    "seeds": "draws of the calibration data; the float model is the shipped one",
    "ours": "post_training_quantize: per channel, mse observer, and what `recipe` says",
    "theirs": "quantize_static: per channel, min-max, int8 activations and weights",
    "units": "points of the task's metric, on the sealed test split",
    "bootstrap_resamples": 200,
}


def row(tasks, seed, recipe):
    """One cell: {"KEY_FIGURE": value} of `compared` for each of `tasks`, {key: task name}."""
    cells = {key: compared(task, seed, recipe) for key, task in tasks.items()}
    return {f"{key}_{name}": value for key, cell in cells.items() for name, value in cell.items()}


def tolerance(tasks):
    """How far a second run may differ, for every value of `row`: other processors flip an answer or two."""
    return {f"{key}_{name}": value for key in tasks for name, value in TOLERANCE.items()}


def compared(name, seed, recipe):
    """Return what int8 costs the task `name` in points, calibrated on the draw `seed`: by our recipe, by theirs, and
    how far ours is ahead.

    `recipe` are further arguments of `tasks.quantized.quantized`. The standard errors `_se` are those of a paired
    bootstrap over the examples of the test split.
    """
    from edgekit import tasks
    from edgekit.course.paired import judge, standard_error
    from edgekit.deploy.onnx import from_onnx, quantize_static
    from edgekit.graph.fold import fold
    from edgekit.graph.run import predict
    from edgekit.nn import zoo
    from edgekit.tasks.quantized import quantized

    task = tasks.get(name)
    floating = fold(zoo.load(task.model))
    ours = quantized(floating, task, seed, **recipe)
    theirs = from_onnx(quantize_static(floating, task.calibration_batches(CALIBRATION, seed)))
    x, y = task.inputs("test", purpose="report")
    before = judge(task, x, y, predict(floating, x))
    a, b = judge(task, x, y, predict(ours, x)), judge(task, x, y, predict(theirs, x, "ort"))
    return {
        "float": before.whole(),
        "drop": before.whole() - a.whole(),
        "drop_se": standard_error(before, a),
        "ort_drop": before.whole() - b.whole(),
        "ahead": a.whole() - b.whole(),
        "ahead_se": standard_error(a, b),
    }
