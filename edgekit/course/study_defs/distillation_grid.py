"""Which temperature and which alpha? Very short trainings of the listening student, judged on validation machines."""

from edgekit.course import teaching
from edgekit.course.study_defs import Definition

TEMPERATURES, ALPHAS = (1, 2, 4, 8), (0.0, 0.3, 0.7)
VIEWS, EPOCHS, LEARNING_RATE, BATCH_SIZE, COLOUR_DB, LABEL_SMOOTHING = 4, 6, 6e-3, 64, 2.0, 0.02
CELLS = {f"t{t}_a{round(100 * a)}": (t, a) for t in TEMPERATURES for a in ALPHAS}


def cell(seed):
    """Return the macro F1 of labels alone, and what every temperature and alpha gain over it, in points."""
    from edgekit import data, tasks
    from edgekit.nn import acoustic, zoo
    from edgekit.nn.distill import Distillation, LabelsOnly, taught
    from edgekit.nn.train import Recipe

    task = tasks.get("acoustic-fault")
    x, y = task.inputs("val")
    recordings = data.load("acoustic", "train")
    teacher = zoo.load_state(acoustic.teacher(), "acoustic-teacher.safetensors")
    views = taught(teacher, recordings.x, recordings.y, lambda x, y, draw: (acoustic.seconds(x, draw, COLOUR_DB), y),
                   VIEWS, seed)
    recipe = Recipe(epochs=EPOCHS, learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE, weight_decay=1e-2)

    def score(criterion):
        student = teaching.student_of(acoustic.student, views, recipe, criterion, seed)
        return task.score(y, x, teaching.answers(student, acoustic.INPUT_SHAPE, x))

    labels = score(LabelsOnly(LABEL_SMOOTHING))
    return {"labels": labels} | {name: 100 * (score(Distillation(*key)) - labels) for name, key in CELLS.items()}


STUDY = Definition(
    question="Which temperature and alpha help the listening student in a short training?",
    cell=cell,
    seeds=range(5),
    tolerance={"labels": 0.05} | dict.fromkeys(CELLS, 6.0),
    config={
        "teacher": "the shipped acoustic-teacher, the same for every seed",
        "student": "acoustic.student, 4,103 parameters",
        "recordings": "the embedded training split, the same for every seed",
        "judged_on": "the validation split",
        "views": VIEWS,
        "epochs": EPOCHS,
        "learning_rate": LEARNING_RATE,
        "batch_size": BATCH_SIZE,
        "colour_db": COLOUR_DB,
        "label_smoothing": f"{LABEL_SMOOTHING} for labels alone, 0 with the teacher",
    },
    files=("datasets/acoustic/train.npz", "datasets/acoustic/val.npz",
           "edgekit/nn/weights/acoustic-teacher.safetensors"),
)
