"""Does a teacher help a student of a tenth of its size that hears faults of machines? The third answer: 100 units with
labels, and 200 more that nobody has labelled.

In all 33 settings of `distillation_first` and `distillation_acoustic` each sound had its label. Where alpha was 0 they
were not used, once with 300 units, but 200 of those were the teacher's own. Here the units are those of the second
study, new to the teacher; only the first 100 keep their labels. The teacher is the shipped one, as before: it has heard
the labels of 200 units of its own.

The judge was chosen before anything ran: 60 fresh units (`fresh_machines`), since both earlier studies have asked the
sealed test split. Its figures stand beside (`_test`), to be compared with theirs. The control has the 100 labelled
units, smoothing .1 (which had suited it better than .02) and at least as many steps, or 20 epochs. Set from the start:
300 units, 8 views, 16 epochs, rate 6e-3, decay .05, T 4. One run each on validation chose alpha, by the higher macro F1
in points (the teacher: 87.8):

    100 units with labels, 200 without   alpha .3   82.5
                                         alpha .1   84.4
    100 units with labels, 20 epochs     labels     75.2

With these three settings, 36 in all.
"""

from edgekit.course import unlabelled
from edgekit.course.study_defs import Definition
from edgekit.nn.partly_labelled import PartlyLabelled
from edgekit.nn.train import Recipe

PLAN = unlabelled.Plan(
    first=401,  # 101 to 105, 201 to 205 and 301 to 305 have been used
    labelled=100,
    units=300,
    views=8,
    recipe=Recipe(epochs=16, batch_size=64, learning_rate=6e-3, weight_decay=5e-2),
    loss=PartlyLabelled(temperature=4.0, alpha=0.1),
    label_smoothing=0.1,
    shorter=20,
)


def cell(seed):
    """Train the apprentice with and without the shipped teacher; score on fresh machines and on the test split."""
    return PLAN.row(seed)


STUDY = Definition(
    question="Does a student of a tenth of the teacher's size gain from recordings that only the teacher has labelled?",
    cell=cell,
    seeds=range(5),
    tolerance=unlabelled.tolerances(),
    config=PLAN.config(),
    tried=36,
    files=unlabelled.FILES,
)
