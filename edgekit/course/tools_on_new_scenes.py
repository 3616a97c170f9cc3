"""Our int8 models of the camera beside those of ONNX Runtime's quantizer, on pictures made for this alone.

Every cell draws calibration data of its own and makes scenes of its own, of the backgrounds and families that are kept
for tests. Cells share nothing but the float models: a t interval over cells counts other draws and other scenes alike.
All models run in ONNX Runtime, which answers as preset "ort" does and many times faster.
"""

CALIBRATION = 512
FIRST_SCENES = 7_000_000  # far from every seed of a shipped network, of a split and of another study
TOLERANCE = {"float": 0.2, "drop": 0.3, "ort_drop": 0.3, "ahead": 0.3}


def row(tasks, seed, recipe, scenes):
    """One cell: {"KEY_FIGURE": points} of `compared` for each of `tasks`, {key: task name}, on `scenes` new scenes."""
    from edgekit.data.synthetic.camera import make_scenes

    made = make_scenes(scenes, FIRST_SCENES + seed, "test")
    cells = {key: compared(task, seed, recipe, made) for key, task in tasks.items()}
    return {f"{key}_{name}": value for key, cell in cells.items() for name, value in cell.items()}


def tolerance(tasks):
    """How far a second run may differ, for every value of `row`: other processors flip an answer or two."""
    return {f"{key}_{name}": value for key in tasks for name, value in TOLERANCE.items()}


def config(tasks, recipe, scenes):
    """What the study held fixed, for its record."""
    return {
        "models": tasks,
        "recipe": recipe,
        "calibration_examples": CALIBRATION,
        "seeds": "draws of the calibration data, and scenes of their own; the float models are the shipped ones",
        "ours": "post_training_quantize: per channel, mse observer, and what `recipe` says",
        "theirs": "quantize_static: per channel, min-max, int8 activations and weights",
        "scenes_of_a_cell": scenes,
        "scenes": f"the generator's test kind, seeds from {FIRST_SCENES}",
        "runtime": "ONNX Runtime for all three",
        "units": "points of the task's metric",
    }


def compared(name, seed, recipe, scenes):
    """Return what int8 costs the task `name` on a `Dataset` of scenes, by our recipe and by theirs, in points.

    Both are calibrated on the draw `seed`; `recipe` are further arguments of `tasks.quantized.quantized`.
    """
    from edgekit import tasks
    from edgekit.deploy import ort_run
    from edgekit.deploy.onnx.static import quantize_static
    from edgekit.graph.fold import fold
    from edgekit.nn import zoo
    from edgekit.tasks.quantized import quantized

    task = tasks.get(name)
    floating, x = fold(zoo.load(task.model)), task.front_end(scenes.x)
    ours = quantized(floating, task, seed, **recipe)
    theirs = quantize_static(floating, task.calibration_batches(CALIBRATION, seed))
    answers = ort_run.predict(floating, x), ort_run.predict(ours, x), ort_run.run(theirs, x)
    before, a, b = (100 * task.score(labels(task, scenes), x, each) for each in answers)
    return {"float": before, "drop": before - a, "ort_drop": before - b, "ahead": a - b}


def labels(task, scenes):
    """The labels of a camera `Dataset` as `task.inputs` gives them: boxes, or what is there."""
    from edgekit.tasks.camera import truth

    return truth(scenes) if task.kind == "boxes" else scenes.y
