"""Does int8 cost the pulse model accuracy, and how much does chance in training matter?"""

from edgekit.course.study_defs import Definition

SUBJECTS, EPOCHS = 1200, 10


def cell(seed):
    """Train a pulse model from scratch and compare it with its int8 version on the sealed test split."""
    from edgekit.graph.fold import fold
    from edgekit.graph.run import predict
    from edgekit.nn.export import to_graph
    from edgekit.nn.ppg import INPUT_SHAPE, train_pulse_net
    from edgekit.nn.train import Recipe
    from edgekit.tasks.ppg import TASK as task
    from edgekit.tasks.quantized import quantized

    model = train_pulse_net(seed, SUBJECTS, Recipe(epochs=EPOCHS))
    floating = fold(to_graph(model, INPUT_SHAPE, task.model, {}))
    x, y = task.inputs("test", purpose="report")
    score = {
        name: task.score(y, x, predict(graph, x))
        for name, graph in (("float", floating), ("int8", quantized(floating, task, seed)))
    }
    return {
        "float_macro_f1": score["float"],
        "int8_macro_f1": score["int8"],
        "drop_points": 100 * (score["float"] - score["int8"]),
    }


STUDY = Definition(
    question="How much macro-F1 does the pulse model lose when it becomes int8?",
    cell=cell,
    seeds=range(5),
    tolerance={"float_macro_f1": 0.02, "int8_macro_f1": 0.02, "drop_points": 1.0},
    config={
        "subjects": SUBJECTS,
        "windows_each": 12,
        "epochs": EPOCHS,
        "observer": "mse",
        "calibration_windows": 512,
    },
    tried=4,
    files=("datasets/ppg/train.npz", "datasets/ppg/test.npz"),
)
