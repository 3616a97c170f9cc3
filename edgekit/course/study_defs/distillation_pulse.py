"""Does a teacher help a small network that names rhythms of the pulse?"""

from edgekit.course import teaching
from edgekit.course.study_defs import Definition

FIRST, SUBJECTS, EPOCHS, TEMPERATURE, ALPHA, LABEL_SMOOTHING = 801, 300, 8, 2.0, 0.5, 0.02


def cell(seed):
    """Train the student on people of this seed, with and without the shipped model; score on the sealed test split."""
    from edgekit.nn import ppg, zoo
    from edgekit.nn.distill import Distillation, taught
    from edgekit.nn.models import PulseNet, small_pulse_net
    from edgekit.nn.train import Recipe
    from edgekit.tasks.ppg import TASK as task

    teacher = zoo.load_state(PulseNet(), f"{task.model}.safetensors")
    data = taught(teacher, *ppg.training_windows(FIRST + seed, SUBJECTS))
    return teaching.row(task, teacher, small_pulse_net, ppg.INPUT_SHAPE, data, Recipe(epochs=EPOCHS),
                        Distillation(TEMPERATURE, ALPHA), seed, LABEL_SMOOTHING)


STUDY = Definition(
    question="Does the shipped pulse model help a student with a quarter of its parameters?",
    cell=cell,
    seeds=range(5),
    tolerance=teaching.tolerances(),
    config={
        "teacher": "the shipped ppg-cnn, the same for every seed",
        "subjects": SUBJECTS,
        "windows_each": 12,
        "epochs": EPOCHS,
        "temperature": TEMPERATURE,
        "alpha": ALPHA,
        "label_smoothing": f"{LABEL_SMOOTHING} without the teacher, 0 with it",
    },
    tried=2,
    files=("datasets/ppg/test.npz", "edgekit/nn/weights/ppg-cnn.safetensors"),
)
