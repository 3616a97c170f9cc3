# %% [markdown]
# # 08 Knowledge distillation: what the wrong answers know
#
# **Question.** A large network hears the faults of machines well, a small one less well. Can the large one teach the
# small one, and what does it have to say that the labels do not?
#
# **You will learn**
#
# - to read a network's wrong answers: which classes it takes for similar, and how temperature makes that visible;
# - the loss of distillation in fifteen lines, part by part, and where its factor $T^2$ comes from;
# - to keep a teacher's answers beside the examples, so that an epoch costs no look at the teacher;
# - to teach a network of 3-bit weights;
# - when a teacher helps and when it does not, read off five seeds.
#
# **Time** 40 minutes. **You need** lesson 01 and one network that you have trained; lesson 04 for section 5. **The
# modules behind it** `edgekit.core.distill` and `edgekit.nn.distill`.

# %%
import inspect

import numpy as np

from edgekit import tasks
from edgekit.core import distill
from edgekit.course.checks import check, hint
from edgekit.course.claims import claim
from edgekit.course.studies import Study
from edgekit.graph import cost
from edgekit.nn import zoo
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.train import outputs
from edgekit.ui import plots

# %% [markdown]
# ## 1. Two that listen
#
# **The pain.** Two networks listen to one second of a machine and name its state, one of fifteen. Both were trained
# on the same labels. Here they are on machines that neither has heard:

# %%
task = tasks.get("acoustic-fault")
x_val, y_val = task.inputs("val")
graphs = {"teacher": zoo.load("acoustic-teacher"), "student": zoo.load("acoustic-student")}
logits = {name: outputs(GraphNet(graph), x_val) for name, graph in graphs.items()}
for name, graph in graphs.items():
    weights = sum(t.data.size for t in graph.constants)
    print(f"{name}: {weights:,} numbers, {cost.macs(graph):,} MACs, "
          f"macro F1 {task.score(y_val, x_val, logits[name]):.2f}")

# %% [markdown]
# The teacher hears more, and no small device can hold it. Pruning and rounding make the *same* network smaller. Here
# we go another way: keep the small network, and give it a better education.
#
# A label says one thing about a sound: *pump, leak*. A network says fifteen. Most of the fourteen others are wrong,
# but not equally wrong, and the teacher knows that. The trouble is that it hardly shows: a network that is sure leaves
# only crumbs for the rest.
#
# **The equation.** So we ask it to speak more softly. Its logits $z$ are divided by a *temperature* $T$ before the
# softmax:
#
# $$P_i = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}} \qquad\Rightarrow\qquad \frac{P_i}{P_j} = e^{(z_i - z_j)/T} \tag{1}$$
#
# **Predict**: a teacher gives one class the logit 6 and another the logit 2. *At $T = 4$, how many times more likely
# does it call the first?* (Two decimals.)

# %%
### BEGIN SOLUTION
odds = 2.72
### END SOLUTION
check("08/predict_odds", odds)

# %%
print(inspect.getsource(distill.softened))

# %% [markdown]
# **See.** We average what the teacher answers to all sounds of a class: a row for each true class. Left as it speaks,
# right at $T = 4$. The diagonal is left out of the colours, since we know that it is usually right. We want to see
# what it says *besides*.

# %%
names = [name.replace("_", " ") for name in task.class_names]


def says(temperature):
    """Row: true class. Column: what the teacher answers on average, the true class left out, as shares of the rest."""
    p = distill.softened(logits["teacher"], temperature)
    rows = np.stack([p[y_val == c].mean(axis=0) for c in range(len(names))])
    return np.where(np.eye(len(names)) > 0, np.nan, rows)

# %%
fig, axes = plots.subplots(ncols=2, height=4.9, width=9.6, sharey=True)
for ax, temperature in zip(axes, (1, 4), strict=True):
    image = ax.imshow(says(temperature), cmap="Blues", vmin=0)
    fig.colorbar(image, ax=ax, shrink=0.7, label="probability (mean)")
    ax.set(xlabel="the teacher also says", title=f"T = {temperature}")
    ax.set_xticks(range(len(names)), names, rotation=90, fontsize=8.5)
    ax.set_yticks(range(len(names)), names, fontsize=8.5)
    ax.grid(visible=False)
axes[0].set_ylabel("the machine is")
plots.show(fig, "Two matrices of 15 by 15: besides the true class the teacher names states of the same machine.")

# %%
p = distill.softened(logits["teacher"], 1.0)
machine = np.arange(len(names)) // 3
same, wrong = machine[None] == machine[y_val][:, None], np.arange(len(names))[None] != y_val[:, None]
inside = (p * same * wrong).sum() / (p * wrong).sum()
print(f"of what goes to wrong classes, {inside:.2f} goes to the same machine; by chance it would be {2 / 14:.2f}")
claim("08/same_machine", inside)

# %% [markdown]
# Read a row. Where a pump runs as it should, the teacher also thinks of a pump that is misaligned or leaks, and of a
# fan, which hums as well. It hardly thinks of a valve, which clicks. Nobody told it so: labels are fifteen names
# without any order. It found out which sounds are *near* each other, and its wrong answers say so. At $T = 1$ only the
# strongest confusions show. At $T = 4$ faint ones appear too, but everything has become paler: a high temperature
# shows more and says less.
#
# ## 2. The loss, part by part
#
# **The equation.** The student learns from both, the label $y$ and the teacher:
#
# $$L = \alpha\,\underbrace{\text{CE}(y, P_S)}_{\text{label, at } T=1}
#   + (1-\alpha)\,T^2\,\underbrace{\text{KL}(P_T \,\|\, P_S)}_{\text{teacher, both at } T},
#   \qquad \text{KL}(P\,\|\,Q) = \sum_c P_c \log\frac{P_c}{Q_c} \tag{2}$$
#
# KL says what it costs to answer $Q$ where $P$ is the truth. It is not symmetric, so the order matters: the teacher
# stands first, because *its* answer is the truth here.
#
# **Predict**: the student has become the teacher's equal, and both say one half to each of two classes. *How large is
# the teacher's part of the loss?*

# %%
### BEGIN SOLUTION
floor = 0
### END SOLUTION
check("08/predict_floor", floor)

# %%
print(inspect.getsource(distill.loss))
print(inspect.getsource(distill.kl))

# %% [markdown]
# One worked number. At $T = 2$ the teacher says 3/4 to 1/4 and the student cannot decide:

# %%
teacher, student, label = np.array([[2 * np.log(3), 0.0]]), np.zeros((1, 2)), np.array([0])
by_hand = 0.75 * np.log(0.75 / 0.5) + 0.25 * np.log(0.25 / 0.5)
print(f"KL by hand {by_hand:.4f}, by the code {distill.kl(teacher, student, 2.0):.4f}")
print(f"turned round, KL(student || teacher) would be {distill.kl(student, teacher, 2.0):.4f}")
whole = distill.loss(student, teacher, label, temperature=2.0, alpha=0.25)
print(f"loss {whole:.4f} = .25 * {np.log(2):.4f} + .75 * 4 * {by_hand:.4f}")
assert np.isclose(whole, 0.25 * np.log(2) + 0.75 * 4 * by_hand)

# %% [markdown]
# Texts differ in this loss. Some leave out $T^2$, some soften the label's part as well, and many let $\alpha$ be the
# weight of the *teacher*. So a value of $\alpha$ from a paper means nothing without its formula. The code knows the
# variants as `squared` and `soft_labels`, side by side. Are they different at all? We put our two networks in:

# %%
pair = (logits["student"], logits["teacher"], y_val)
for words, form in {"as in (2)": {}, "without T²": {"squared": False}, "labels softened": {"soft_labels": True}}.items():
    parts = [distill.loss(*pair, temperature=4.0, alpha=a, **form) for a in (1.0, 0.0)]
    print(f"{words:16} label's part {parts[0]:.3f}, teacher's part {parts[1]:.3f}")

# %% [markdown]
# ## 3. Where T squared comes from
#
# **The equation.** What counts in training is the slope. Take one example and the teacher's part without $T^2$. The
# slope of a cross-entropy with respect to what goes into the softmax is *answer minus target*, and what goes in here
# is $z/T$, so the chain rule adds $1/T$:
#
# $$\frac{\partial\,\text{KL}}{\partial z_S} = \frac{1}{T}\,(P_S - P_T) \tag{3}$$
#
# That is one $T$. The second hides in the bracket. For a high temperature $e^{z/T} \approx 1 + z/T$, and with logits
# that have mean zero over $C$ classes both answers are nearly even:
#
# $$P_S - P_T \approx \frac{z_S - z_T}{C\,T}
#   \qquad\Rightarrow\qquad \frac{\partial\,\text{KL}}{\partial z_S} \approx \frac{z_S - z_T}{C\,T^2} \tag{4}$$
#
# **Predict**: by equation (4), *how many times smaller does the slope become when $T$ goes from 2 to 8?*

# %%
### BEGIN SOLUTION
times_smaller = 16
### END SOLUTION
check("08/predict_shrink", times_smaller)

# %% [markdown]
# So without a remedy, whoever turns up the temperature silently turns down the teacher, and the label takes over.
# Multiplying by $T^2$ repairs it. The whole gradient in closed form:

# %%
print(inspect.getsource(distill.gradient))

# %% [markdown]
# **See.** We draw its size on the real logits of our two networks, against the temperature, with and without the
# factor:

# %%
temperatures = 2.0 ** np.arange(0, 7)


def slope_size(temperature, alpha=0.0, squared=True):
    """The mean over sounds of the length of an example's gradient."""
    found = distill.gradient(*pair, temperature, alpha, squared) * len(y_val)
    return np.linalg.norm(found, axis=1).mean()


with_factor, without = ([slope_size(t, squared=s) for t in temperatures] for s in (True, False))

# %%
fig, ax = plots.subplots(height=3.6)
ax.plot(temperatures, with_factor, "o-", label="teacher's part, with T²")
ax.plot(temperatures, without, "s-", label="teacher's part, without")
ax.axhline(slope_size(1.0, alpha=1.0), color="#666666", ls="--", label="label's part")
ax.set(xscale="log", yscale="log", xlabel="temperature", ylabel="length of the gradient",
       title="Without T² a hot teacher falls silent")
ax.set_xticks(temperatures, [f"{t:.0f}" for t in temperatures])
ax.minorticks_off()
ax.legend()
plots.show(fig, "Gradient length against temperature: level with T squared, falling as one over T squared without.")

# %%
fall = np.log(without[-1] / without[-2]) / np.log(temperatures[-1] / temperatures[-2])
print(f"at the hot end the slope falls like T to the power {fall:.2f}")
assert max(with_factor[2:]) / min(with_factor[2:]) < 1.3
claim("08/power", fall)

# %% [markdown]
# With the factor the teacher's part is level from $T = 4$ on, and of the size of the label's part throughout, so that
# $\alpha$ keeps its meaning. Without it most of the teacher is gone at $T = 4$, and at $T = 16$ practically all. Whoever forgets the factor and then finds that
# "high temperatures do not help" has measured his own mistake.
#
# Equation (4) tells something else as well. A very hot student learns to copy the teacher's *logits*, all fifteen
# alike, the certain and the irrelevant. A cool one attends to the few classes that matter. The best temperature lies
# between, and only an experiment finds it.
#
# **Check.** The gradient is the slope of the loss: we nudge a logit and look.

# %%
nudge, step = np.zeros(logits["student"].shape), 1e-5
nudge[7, 3] = step
difference = distill.loss(pair[0] + nudge, *pair[1:]) - distill.loss(pair[0] - nudge, *pair[1:])
np.testing.assert_allclose(difference / (2 * step), distill.gradient(*pair)[7, 3], atol=1e-9)
print("the nudge agrees with the formula")

# %% [markdown]
# ## 4. A teacher that answers once
#
# **The pain.** A teacher that is asked in every step makes each epoch dearer. Its answers to a training set never
# change, so one look should do. But in training we usually *vary* the sounds: another second out of each recording,
# heard through another room. A varied sound is another sound, and an answer to the original would be an answer to
# the wrong question.
#
# We solve it plainly. Before the training we draw a fixed number of views of every recording, and the teacher answers
# each once. What is shuffled later is a row that holds both, the label and the answer:

# %%
from edgekit.nn import distill as nn_distill

print(inspect.getsource(nn_distill.taught))

# %%
from edgekit import data
from edgekit.nn import acoustic

teacher_net = GraphNet(graphs["teacher"])
recordings = data.load("acoustic", "train")


def vary(x, y, draw):
    """One second from a random moment of each recording, through a random smooth filter; channels last."""
    return acoustic.seconds(x, draw, 2.0).movedim(1, -1), y


taught = nn_distill.taught(teacher_net, recordings.x, recordings.y, vary, views=4)
print("views", tuple(taught[0].shape), " label and logits", tuple(taught[1].shape))

# %% [markdown]
# **Check.** We shuffle, draw one view of each example, and ask the teacher again. Every row must still hold the answer
# to *its* view:

# %%
import torch

draw = torch.Generator().manual_seed(1)
order = torch.randperm(len(taught[0]), generator=draw)[:64]
seen, targets = nn_distill.one_view(taught[0][order], taught[1][order], draw)
np.testing.assert_allclose(outputs(teacher_net, seen), targets[:, 1:], atol=1e-4)
assert targets[:, 0].long().tolist() == recordings.y[order.numpy()].tolist()
print("64 shuffled views, each with the answer that belongs to it")
