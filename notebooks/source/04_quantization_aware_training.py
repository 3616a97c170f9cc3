# %% [markdown]
# # 04 Quantization-aware training: learning with the grid
#
# **Question.** Rounding came after training so far. What if the network knows during training that it will be
# rounded?
#
# **You will learn**
#
# - why rounding stops every gradient, and what the straight-through estimator pretends instead;
# - how a grid learns its own step, and why its gradient is just the rounding error;
# - to train a network with 4, 3 and 2 bits for a few seconds, and to carry it into integers unchanged;
# - what to do with batch norm meanwhile;
# - when training pays, and when the repairs of lesson 02 are enough.
#
# **Time** 40 minutes. **You need** lessons 01 and 02, and one network that you have trained. **The modules behind
# it** `edgekit.nn.straight_through` and `edgekit.nn.qat`.

# %%
import inspect

import numpy as np
import torch

from edgekit import tasks
from edgekit.course.checks import check, hint
from edgekit.course.claims import claim
from edgekit.course.studies import Study
from edgekit.graph import cost, fold, ptq, rounding, run
from edgekit.nn import straight_through, zoo
from edgekit.ui import plots

# %% [markdown]
# ## 1. Where rounding ends
#
# **The pain.** We take the small network that hears faults of machines. It has few weights, so each of them matters.
# We quantize its weights with 8, 4, 3 and 2 bits: once each weight by itself, and once with the best that lesson 02
# had, all weights of a layer rounded together. Activations keep 8 bits throughout. **Predict**: *down to how many bits
# is all well?*

# %%
task = tasks.get("acoustic-fault")
x_val, y_val = task.inputs("val")
trained = zoo.load("acoustic-student")
network = fold.fold(trained)
batches = task.calibration_batches(256)
ranges = ptq.calibrate(network, batches, "mse")


def score(graph):
    return task.score(y_val, x_val, run.predict(graph, x_val))

# %%
coarse, together = {}, {}
for bits in (8, 4, 3, 2):
    coarse[bits] = ptq.quantize_graph(network, ranges, num_bits=bits, weight_observer="mse")
    together[bits] = rounding.round_adaptively(network, coarse[bits], batches)
print(f"macro F1 in float: {score(network):.2f}")
for bits, graph in coarse.items():
    print(f"{bits} bits: each by itself {score(graph):.2f}, together {score(together[bits]):.2f}")
claim("04/two_bits_rounded", score(together[2]))

# %% [markdown]
# Down to 4 bits all is well. With 3 bits the repair saves most of it. With 2 bits nothing helps: the weights that
# training left are simply not made for such a grid. We would need *other weights*. So let us train again, with the
# rounding inside the network.

# %% [markdown]
# ## 2. A gradient through a staircase
#
# **The pain.** Training follows gradients. **Predict**: *what is the derivative of `round(x)` at x = 0.3?*

# %%
### BEGIN SOLUTION
slope = 0
### END SOLUTION
check("04/predict_slope", slope)

# %% [markdown]
# **The equation.** A quantized weight is a staircase of the real one. A staircase is flat nearly everywhere, so the
# true gradient is zero, and nothing learns. The way out is a bold lie. We round on the way *forward*. On the way
# *back* we pretend that we had not:
#
# $$\hat x = s \cdot \text{clip}\left(\text{round}(x / s),\, q_{min},\, q_{max}\right), \qquad
#   \frac{\partial \hat x}{\partial x} := \begin{cases} 1 & \text{on the grid} \\ 0 & \text{beyond its ends}
#   \end{cases} \tag{1}$$
#
# This is the *straight-through estimator*. It is not the gradient of anything that we compute. It is the slope of
# the staircase seen from afar, and that turns out to be good enough.
#
# **The code.** `detach` cuts a value out of the gradient. So the rounding error is added as if it were a constant:

# %%
print(inspect.getsource(straight_through.round_through))
print(inspect.getsource(straight_through.steps))
print(inspect.getsource(straight_through.fake_quantize))

# %% [markdown]
# One worked number. With a step of 0.5, the value 0.3 becomes

# %%
x = torch.tensor([-9.0, 0.3, 9.0], requires_grad=True)
y = straight_through.fake_quantize(x, torch.tensor(0.5), 0, -4, 3)
y.sum().backward()
print("rounded ", y.tolist())
print("gradient", x.grad.tolist())
assert x.grad.tolist() == [0, 1, 0]

# %% [markdown]
# Nothing passes at the two ends, and that part is *no* lie: beyond the last code, moving $x$ changes nothing.
#
# **See.** The staircase, its true gradient, and the pretended one:

# %%
x = torch.linspace(-3, 2.5, 1101, requires_grad=True)
y = straight_through.fake_quantize(x, torch.tensor(0.5), 0, -4, 3)
(pretended,) = torch.autograd.grad(y.sum(), x)
fig, axes = plots.subplots(1, 2, height=3.3)
axes[0].plot(x.detach(), x.detach(), "--", color="#666666", label="seen from afar")
axes[0].plot(x.detach(), y.detach(), label="the staircase")
axes[1].plot(x.detach(), pretended, "--", color="#666666", label="pretended")
axes[1].plot(x.detach(), np.zeros(len(x)), label="true")
for jump in np.arange(-1.75, 1.5, 0.5):
    axes[1].annotate("", (jump, 1.4), (jump, 0), arrowprops={"arrowstyle": "->", "color": plots.PALETTE[0]})

# %%
axes[0].set(xlabel="real weight", ylabel="rounded weight", title="Forward: a staircase")
axes[1].set(xlabel="real weight", ylabel="gradient", ylim=(-0.1, 1.9), title="Back: flat, or pretended")
axes[0].legend(loc="upper left")
axes[1].legend(loc="upper right", ncols=2)
plots.show(fig, "Left: a staircase along a diagonal. Right: its true gradient, zero with infinite jumps drawn as "
                "arrows, and the pretended one, one between the ends and zero beyond.")

# %% [markdown]
# On the right, the solid line is the truth: zero, with an infinite jump (an arrow) at each edge. No optimizer can
# use that. The dashed line is what we hand to it: one wherever the dashed diagonal on the left follows the stairs,
# and zero where the stairs end.
#
# **Check.** A network of one weight. It starts at 0.3, the grid has steps of 0.5, and the result should become 1. We
# descend once with the true gradient, and once straight through. **Predict**: *does the rounded value move at once,
# in small steps, or in one jump?*

# %%
def descend(rounded, updates=30, rate=0.04):
    w, path = torch.tensor(0.3, requires_grad=True), []
    for _ in range(updates):
        path.append((w.item(), rounded(w).item()))
        (gradient,) = torch.autograd.grad((rounded(w) - 1) ** 2, w)
        w = (w - rate * gradient).detach().requires_grad_()
    return np.array(path)


stuck = descend(lambda w: 0.5 * torch.round(w / 0.5))
moving = descend(lambda w: 0.5 * straight_through.round_through(w / 0.5))

# %%
fig, ax = plots.subplots(height=3)
ax.plot(moving[:, 0], "-", marker=".", label="the float weight behind the scenes")
ax.step(range(len(moving)), moving[:, 1], where="mid", label="what the network sees")
ax.plot(stuck[:, 0], "--", color="#666666", label="with the true gradient")
ax.set(xlabel="update", ylabel="weight", title="The float weight gathers what one update is too small to change")
ax.legend()
plots.show(fig, "A float weight climbs in small steps; its rounded value jumps once, to one, and then both rest.")
assert stuck[-1, 0] == stuck[0, 0]
assert moving[-1, 1] == 1

# %% [markdown]
# With the true gradient nothing ever moves. Straight through, the float weight climbs a little with each update,
# and nothing seems to happen. Then it crosses an edge, and the code jumps. From there on the error is zero and all
# is quiet. So two weights live side by side: a float one that *remembers*, and a rounded one that *works*. Only the
# second one is shipped.
#
# **Predict**: a weight stands at 0.92 steps, so its code is 1. Each update takes 0.05 steps away. *After how many
# updates does its code change?*

# %%
### BEGIN SOLUTION
updates = 9
### END SOLUTION
check("04/predict_updates", updates)

# %% [markdown]
# ## 3. The step learns, too
#
# **The pain.** In lessons 01 and 02 an observer searched for the best range, before the network saw it. But when the
# weights move, the best step moves with them. Why not learn it, like any other parameter?
#
# **The equation.** Rounding adds an error of $e$ steps, with $e$ between -1/2 and 1/2. We write the rounded value as
# $\hat x = x + s\,e$. Straight through means: hold $e$ fixed. Then what happens if the step $s$ grows a little?
# Within the grid the error grows with it, by $e$. Beyond the ends $\hat x = s\,q_{max}$, and the end moves out, by
# $q_{max}$:
#
# $$\frac{\partial \hat x}{\partial s} = \begin{cases} e = \text{round}(x / s) - x / s & \text{on the grid} \\
#   q_{min} \text{ or } q_{max} & \text{beyond its ends} \end{cases} \tag{2}$$
#
# **Predict**: $x = -0.3$ and the step is 0.5. *What is the derivative by the step?*

# %%
print(f"x / s = {-0.3 / 0.5:.1f}, rounded {round(-0.3 / 0.5)}, so e = {round(-0.3 / 0.5) - -0.3 / 0.5:.1f}")

# %% [markdown]
# This is *learned step size* (LSQ). We did not have to program it: the fifteen lines above contain it already. Let
# us check that. `jacobian` gives the derivative of each of five rounded values by the step. Beside it we nudge the
# step by a millionth, and hold fixed what straight through holds fixed: the error $e$ on the grid, the code beyond:

# %%
x = torch.tensor([-9.0, -0.3, 0.1, 1.45, 9.0], dtype=torch.float64)
step = torch.tensor(0.5, dtype=torch.float64)
by_torch = torch.autograd.functional.jacobian(lambda s: straight_through.fake_quantize(x, s, 0, -4, 3), step)
codes = torch.clamp(torch.round(x / step), -4, 3)
on_grid, error = codes == torch.round(x / step), codes - x / step
nudged = torch.where(on_grid, x + (step + 1e-6) * error, (step + 1e-6) * codes)
by_hand = (nudged - straight_through.fake_quantize(x, step, 0, -4, 3)) / 1e-6
print("automatic", np.round(by_torch.numpy(), 3))
print("by hand  ", np.round(by_hand.numpy(), 3))
np.testing.assert_allclose(by_torch, by_hand, atol=1e-6)

# %% [markdown]
# **See.** Equation (2) for all values of $x$:

# %%
x = torch.linspace(-3.5, 3, 1301, dtype=torch.float64)
slopes = torch.autograd.functional.jacobian(lambda s: straight_through.fake_quantize(x, s, 0, -4, 3), step)
fig, ax = plots.subplots(height=3)
ax.plot(x, slopes)
ax.axvspan(-2.25, 1.75, color=plots.PALETTE[1], alpha=0.12, lw=0)
ax.text(-0.25, 2.4, "on the grid", ha="center")
ax.set(xlabel="real value", ylabel="gradient of the step", title="Clipped values pull hard, rounded ones hardly")
plots.show(fig, "The gradient of the step is a small sawtooth within the grid and large and constant beyond it.")

# %% [markdown]
# Within the grid there is only a small sawtooth, and its ups and downs cancel. Each clipped value pulls with the full
# strength of the last code. So a grid that is too narrow widens quickly. One that is too wide shrinks slowly: all
# that pulls it is what the loss and the rounding errors have in common. Since thousands of values share one step,
# their pulls add up. The kit divides the gradient by $\sqrt{n\,q_{max}}$ for $n$ values, as the authors advise. It
# also learns the *logarithm* of the step, so that the step stays positive.
#
# **Check.** Take the weights of one layer, 3 bits, and one step for each channel that begins as the widest range asks.
# Descend on the squared error, with nothing but equation (2). Does it arrive where a search arrives that tries many
# ranges and keeps the one with the least squared error (the observer "mse")? `Grid` holds the learned steps; it gives
# weights as whole steps, and the steps.

# %%
from edgekit.core.affine import dequantize

name = "features.4.1.0.weight.folded"
w = network.tensors[name].data
wide = ptq.quantize_graph(network, ranges, num_bits=3)


def squared_error(graph):
    return np.mean((dequantize(graph.tensors[name].data, graph.tensors[name].qparams) - w) ** 2)

# %%
grid = straight_through.Grid(wide.tensors[name].qparams)
optimizer = torch.optim.Adam(grid.parameters(), 0.01)
for _ in range(300):
    whole, scale = grid(torch.tensor(w))
    loss = ((whole * scale.reshape(-1, 1, 1, 1) - torch.tensor(w)) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
searched, first = squared_error(coarse[3]), squared_error(wide)
print(f"squared error: widest range 1, searched {searched / first:.2f}, learned {loss.item() / first:.2f}")
claim("04/learned_over_searched", loss.item() / searched)

# %% [markdown]
# The gradient ends nearly where the search does. The search looked at every candidate; the gradient walked. But it
# can do something that no search can: follow the *task's* loss instead of the squared error, with all layers at once.
#
# ## 4. Train
#
# **The pain.** Back to our network with too few bits. `QatNet` is the float network with every weight and every
# activation on a learned grid, started from the grids that post-training quantization chose. Training is the
# ordinary loop of the kit. The training split has some two thousand seconds of sound, and we go through it a
# few times. **Predict**: *with how many bits does it come back to the float network?*

# %%
from edgekit.nn.qat import QatNet
from edgekit.nn.train import Recipe, outputs, train

x_train, y_train = task.inputs("train")
recipe = Recipe(epochs=6, batch_size=64, learning_rate=3e-3)


def learn(bits):
    net, curve = QatNet(trained, coarse[bits]), [score(coarse[bits])]
    train(net, x_train, y_train, recipe,
          progress=lambda *_: curve.append(task.score(y_val, x_val, outputs(net, x_val))))
    return net, curve

# %%
learned = {bits: learn(bits) for bits in (4, 3, 2)}
fig, ax = plots.subplots(height=3.4)
for (bits, (_, curve)), marker in zip(learned.items(), "os^", strict=True):
    ax.plot(curve, marker=marker, label=f"{bits} bits")
ends = {f"{bits} bits": (curve[-1], plots.PALETTE[i]) for i, (bits, (_, curve)) in enumerate(learned.items())}
ax.axhline(score(network), ls="--", color="#666666", label="_guide float")
ax.set(xlabel="passes over the training split (dashed: float)", ylabel="macro F1, validation", ylim=(0, 1),
       xlim=(-0.2, recipe.epochs + 0.1), title="A few seconds of training bring lost bits back")
plots.label_ends(ax, recipe.epochs + 0.1, ends)
plots.show(fig, "Macro F1 after each pass: 4 bits start high and stay, 3 bits climb to them, 2 bits climb far.",
           compare=False)

# %% [markdown]
# The curve for 4 bits starts near the dashed line and stays there: it had nothing to win. With 3 bits the first pass
# brings back most of what was lost, and the others bring the rest. With 2 bits the network starts from nothing and
# climbs far, in some runs with setbacks. It does not reach the float network here. A study below tells more.
#
# **Check.** What training brought back, and that 2 bits now do better than the best rounding:

# %%
gain = {bits: curve[-1] - curve[0] for bits, (_, curve) in learned.items()}
claim("04/three_bit_gain", gain[3])
claim("04/two_bit_gain", gain[2])
assert learned[2][1][-1] > score(together[2])

# %% [markdown]
# **Predict**: *how many different codes does the grid of 2 bits have*, symmetric as weights have it?

# %%
### BEGIN SOLUTION
codes_of_two_bits = 3
### END SOLUTION
check("04/predict_two_bits", codes_of_two_bits)

# %%
codes = learned[2][0].to_integer().tensors[name].data
print("codes of one layer:", np.unique(codes))

# %% [markdown]
# So "2 bits" means: minus, nothing, plus. Lesson 05 begins there.
#
# ## 5. Batch norm must hold still
#
# **The pain.** While a network trains, batch norm uses the mean and the spread of the *present batch*. At inference
# it uses fixed ones, and they are folded into the weights (lesson 02, equation 1). Rounded are the *folded* weights.
# If their factor $g$ changes from batch to batch, so do the codes, although nothing was learned. **Predict**: *how
# many percent of them?* We take one layer and its batch norm, give the norm the statistics of one batch alone
# (`follow`, all the way), fold, and round:

# %%
from edgekit.nn.folded_norm import norms_of
from edgekit.nn.graph_net import channels_first

node = next(node for node in network.nodes if name in node.inputs)
seen = run.run(network, x_train[:256], all_tensors=True)
norm, fixed = norms_of(trained)[name], straight_through.Grid(coarse[3].tensors[name].qparams)
norm.momentum = 1.0  # take the statistics of one batch alone


def codes_after(batch):
    norm.follow(node, channels_first(torch.tensor(seen[node.inputs[0]][batch])))
    return fixed(norm()[0])[0]

# %%
first = codes_after(slice(0, 64))
moved = [(codes_after(slice(i, i + 64)) != first).float().mean().item() for i in (64, 128, 192)]
print(f"codes that differ from one batch of 64 to the next: {100 * np.mean(moved):.0f} %")
claim("04/codes_that_jump", np.mean(moved))

# %% [markdown]
# All these codes jump with each batch, though nothing was learned. That is noise in the way of every gradient. So
# `QatNet` folds batch norm from the first step on, with *frozen* statistics: $\gamma$, $\beta$ and the weights still
# learn, mean and variance do not. `freeze_batch_norm(False)` lets the statistics follow slowly. That is of use early
# in a long training; freeze them again before its end. This is the code:

# %%
from edgekit.nn.folded_norm import Norm

print(inspect.getsource(Norm.forward))

# %% [markdown]
# ## 6. Arriving unchanged
#
# **The pain.** A network that trained with *pretended* integers is worth nothing if the real integers differ. This
# happens more often than one would like: another rounding of the bias, a pool that rounds its mean, two activations
# that share one grid. What was measured in training is then not what is shipped.
#
# **The code.** Nothing is quantized again. Weights leave as the codes they had, with the steps they learned:

# %%
print(inspect.getsource(QatNet._codes))

# %% [markdown]
# **Check.** All outputs for all validation sounds, once from torch and once from the integer graph. **Predict**: *how
# many of some thousand outputs differ?*

# %%
for bits, (net, _) in learned.items():
    integer = net.to_integer()
    step = float(integer.tensors[integer.outputs[0]].qparams.scale)
    off = np.abs(outputs(net, x_val) - run.predict(integer, x_val)) / step
    print(f"{bits} bits: {off.size:,} outputs, {(off > 0.01).sum()} differ, {(off > 1.01).sum()} by more than a step")
    assert (off > 0.01).mean() <= 0.001

# %% [markdown]
# Nothing differs, with any number of bits. So what was measured in training is what will be shipped, to the last
# code. The learned steps arrive unchanged, too, and so does the score:

# %%
integer = learned[3][0].to_integer()
scale = learned[3][0].weight_grids[node.output].scale.detach().numpy()
assert np.array_equal(integer.tensors[name].qparams.scale, scale)
difference = score(integer) - learned[3][1][-1]
print(f"macro F1 of the integer graph minus that in training: {difference:.3f}")
assert abs(difference) <= 0.001

# %% [markdown]
# How is that possible? Activations travel through `QatNet` as *whole numbers* of steps, kept in float32. **Predict**:
# *which is the first whole number that float32 cannot hold?*

# %%
for number in (2**24 - 1, 2**24, 2**24 + 1, 2**24 + 2):
    print(f"{number:,} in float32 is {int(np.float32(number)):,}")

# %% [markdown]
# Up to $2^{24}$ all are exact. So a layer adds up the same integers as the integer graph does. And when it is not
# learning, it rounds the sum exactly where the fixed-point arithmetic of lesson 03 does, twice: profile A. A small
# thing was hard to get right. With 2 bits the steps of the weights are so large that some layers multiply their sums
# by *more* than one. Then the shift goes to the left, and comes *before* the first rounding.

# %% [markdown]
# ## 7. When does it pay?
#
# **The pain.** One network, one run, one curve: that could be luck. So we let the computer work for longer than a
# lesson lasts. The *studies* behind the next figure trained each variant five times, each time from the shipped float
# network, and measured once on the sealed test split. On the pulse every seed brought newly generated people and
# their labels. On the machine sounds the network learned from itself: its goal was what its own float version
# answers, and no label was needed. (Lesson 08 explains this way of learning.) The band is the 95 % interval of the
# mean. **Predict**: *with how many bits does training beat rounding together?*

# %%
STUDIES = {"pulse": Study.load("bits_vs_accuracy"), "machine sounds": Study.load("bits_vs_accuracy_acoustic")}
METHODS = {"nearest": "each by itself", "together": "together", "trained": "trained"}
BITS = (8, 4, 3, 2)


def draw(ax, study, method, label, marker):
    low, high = np.transpose([study.interval(f"{method}{bits}") for bits in BITS])
    places = range(len(BITS))
    (line,) = ax.plot(places, [study.mean(f"{method}{bits}") for bits in BITS], marker=marker, label=label)
    ax.fill_between(places, low, high, color=line.get_color(), alpha=0.25, lw=0)

# %%
fig, axes = plots.subplots(1, 2, height=3.4, sharey=True)
for ax, (data, study) in zip(axes, STUDIES.items(), strict=True):
    for (method, label), marker in zip(METHODS.items(), "so^", strict=True):
        draw(ax, study, method, label, marker)
    ax.axhline(study.mean("float"), ls="--", color="#666666", label="_guide float")
    ax.set(xlabel="bits per weight (dashed: float)", title=data, ylim=(0, 1))
    ax.set_xticks(range(len(BITS)), BITS)
axes[0].set_ylabel("macro F1, test split")
axes[0].legend(loc="lower left")
plots.show(fig, "Macro F1 against bits for three ways of choosing codes, on two tasks. Rounding each weight by itself "
                "falls first; rounding together holds longer; at 2 bits training holds best on the small network.")

# %% [markdown]
# Read it from the left. Rounding to 8 bits loses next to nothing, in either way. Rounded each by itself, both
# networks then fall, the small one to nothing. Rounded together, the pulse network still works with 2 bits, and no
# training was needed. Only the small network falls even then, and there training wins clearly.
#
# Now look where training does *not* win. With 8, 4 and 3 bits its line is nowhere clearly above rounding together. We
# did not expect that, and it has a reason that is worth knowing. The numbers first:

# %%
for data, study in STUDIES.items():
    for key in ("together8", "trained8", "together4", "trained4", "together3", "trained3", "together2", "trained2"):
        low, high = (100 * (study.mean("float") - end) for end in reversed(study.interval(key)))
        drop = 100 * (study.mean("float") - study.mean(key))
        print(f"{data:15} {key:10} loses {drop:5.1f} points ({low:.1f} to {high:.1f})")

# %% [markdown]
# On the pulse the intervals of *together* and *trained* keep apart with 4 and 3 bits: training lost more. On the
# machine sounds they overlap, which is no difference. Only with 2 bits does training win, and on the sounds alone.
#
# Why should training lose anything? We need a control: the *float* network, trained again in the same way, without any
# rounding. **Predict**: *does it lose, too?*

# %%
pulse, sounds = STUDIES.values()
claim("04/pulse_w4_drop", 100 * (pulse.mean("float") - pulse.mean("trained4")))
assert sounds.interval("trained2")[0] > sounds.interval("together2")[1]
assert all(pulse.interval(f"together{bits}")[0] > pulse.interval(f"trained{bits}")[1] for bits in (4, 3))
assert all(sounds.interval(f"together{bits}")[1] > sounds.interval(f"trained{bits}")[0] for bits in (8, 4, 3))
for data, study in STUDIES.items():
    lost = round(100 * (study.mean("float") - study.mean("tuned")), 1) + 0.0  # no "-0.0"
    print(f"{data:15} trained again, in floats: {lost:.1f} points lost")

# %% [markdown]
# On the pulse the control lost accuracy, too: a short new training, on fewer people than the shipped network had seen,
# disturbs what was trained well. So much of what the triangles lose there is not the fault of the bits. On the sounds
# the control loses nothing: a network that learns from its own answers has nothing new to learn, and nothing to forget.
# What is lost there, the bits have cost. Without such a control one blames the wrong thing.
#
# So the order of the tools is: first round, then round together, and train only when that ends.
#
# ## Explore
#
# The same studies, with bytes instead of bits. The broad grey line is the *front*: no other variant is smaller and
# better. Predict, then move the controls:
#
# 1. *Which variant of the pulse network is the smallest that loses less than three points?* Guess its bytes.
# 2. Change to machine sounds. *Is 2 bits, trained, still on the front, and would you ship it?*

# %%
from edgekit.ui.bits_vs_accuracy import BitsVsAccuracy

explorer = BitsVsAccuracy(STUDIES, ("nearest", "together", "trained"))
explorer.set(method="trained", num_bits=3)
explorer

# %% [markdown]
# Did you foretell it? Both questions, answered by the widget's own headline:

# %%
for data, method in (("pulse", "together"), ("pulse", "trained"), ("machine sounds", "trained")):
    print(explorer.sentence(explorer.compute(data, method, 2)))

# %% [markdown]
# On the pulse two bits are the smallest that lose less than three points, and rounding together is enough. On the
# sounds two trained bits are on the front: nothing is as small and better. But nobody would ship them. To be on the
# front is not to be good enough.
#
# ## Exercises
#
# Now write both gradients yourself. Hints come one at a time:

# %%
hint("04/straight_through")

# %% [markdown]
# **1. Straight through.** Equation (1), by hand: `g` is the gradient that arrives from above, for each value of the
# array `x`. Return the gradient that goes on to `x`. The zero point is 0.

# %%
def my_gradient(g, x, scale, qmin, qmax):
    """Return the gradient of x, in its shape."""
    ### BEGIN SOLUTION
    code = np.rint(x / scale)
    return g * ((qmin <= code) & (code <= qmax))
    ### END SOLUTION


check("04/straight_through", my_gradient)

# %% [markdown]
# **2. The learned step.** Equation (2): return the derivative of each rounded value by the scale.

# %%
def my_step_gradient(x, scale, qmin, qmax):
    """Return the derivative by the scale, in the shape of x."""
    ### BEGIN SOLUTION
    code = np.rint(x / scale)
    end = np.clip(code, qmin, qmax)
    return np.where(code == end, code - x / scale, end)
    ### END SOLUTION


check("04/step_gradient", my_step_gradient)

# %% [markdown]
# **3. Transfer: a learned clip.** Another method (PACT) learns where an activation is cut off: `y = clip(x, 0, alpha)`,
# rounded afterwards, straight through. It ignores what rounding does. Return the gradient of `x`, and that of the
# one number `alpha`, both from the gradient `g` that arrives.

# %%
def my_clip_gradients(g, x, alpha):
    """Return (gradient of x, gradient of alpha)."""
    ### BEGIN SOLUTION
    return g * ((x > 0) & (x < alpha)), (g * (x > alpha)).sum()
    ### END SOLUTION


check("04/clip_gradients", my_clip_gradients)

# %% [markdown]
# ## Real life: PyTorch's own tools
#
# **The gradients.** PyTorch has both built in, in C++: one fake quantization with a step that an observer moves, and
# one with a step that is learned. Side by side with our few lines, on ten thousand random values, many of them clipped:

# %%
values = torch.randn(10_000, generator=torch.Generator().manual_seed(0))
weights = torch.randn(10_000, generator=torch.Generator().manual_seed(1))  # a random gradient from above


def gradients(fake):
    x, step = values.clone().requires_grad_(), torch.tensor([0.3], requires_grad=True)
    y = fake(x, step)
    return y.detach(), *torch.autograd.grad((y * weights).sum(), (x, step), allow_unused=True)


# %%
ours = gradients(lambda x, s: straight_through.fake_quantize(x, s, 0, -4, 3))
fixed_step = gradients(lambda x, s: torch.fake_quantize_per_tensor_affine(x, 0.3, 0, -4, 3))
learned_step = gradients(lambda x, s: torch._fake_quantize_learnable_per_tensor_affine(
    x, s, torch.zeros(1), -4, 3, 1.0))

# %%
for words, theirs in {"fixed step": fixed_step, "learned step": learned_step}.items():
    same = [int((~torch.isclose(a, b)).sum()) for a, b in zip(ours[:2], theirs[:2], strict=True)]
    print(f"{words}: {same[0]} values differ, {same[1]} gradients differ")
    assert same == [0, 0]
print(f"gradient of the step: ours {ours[2].item():.2f}, theirs {learned_step[2].item():.2f}")
np.testing.assert_allclose(ours[2], learned_step[2], rtol=1e-3)

# %% [markdown]
# The same lie, word for word.
#
# **The tool.** Around these operators stands *torchao*, PyTorch's package for quantization. Its way is called *pt2e*:
# export the network, insert observers (or fake quantization) where a *quantizer* says so, calibrate (or train), and
# convert. The quantizer is for us to choose. Ours gives each layer what this kit gives it, an input of 8 bits and
# weights of `num_bits`. Then come the two ways through the tool:

# %%
from edgekit.course.quiet import quiet
from edgekit.nn import torchao_tool

for function in (torchao_tool.quantizer, torchao_tool.rounded, torchao_tool.trainable):
    print(inspect.getsource(function))

# %% [markdown]
# First without training: the same float network, the same examples, ranges by minimum and maximum on both sides.

# %%
examples, min_max = np.concatenate(batches), ptq.calibrate(network, batches)
print("rounded   ours   torchao   (macro F1)")
for bits in (8, 4, 3):
    ours = score(ptq.quantize_graph(network, min_max, num_bits=bits))
    with quiet():  # torchao tells of libraries that it misses and we do not need
        answers = torchao_tool.answers(torchao_tool.rounded(network, examples, bits), x_val)
    theirs = task.score(y_val, x_val, answers)
    print(f"{bits} bits {ours:8.2f} {theirs:9.2f}")
    assert abs(ours - theirs) < 0.05

# %% [markdown]
# Line by line the same. Now training, with 3 bits and the very recipe of section 4:

# %%
with quiet():
    net = torchao_tool.trainable(network, 3)
    train(net, x_train, y_train, recipe)
    in_training = torchao_tool.answers(torchao_tool.frozen(net), x_val)
    shipped = torchao_tool.answers(torchao_tool.converted(net), x_val)
claim("04/torchao_three_bits", task.score(y_val, x_val, shipped) - theirs)
print(f"largest difference between training and what is converted: {np.abs(shipped - in_training).max():.1g}")
np.testing.assert_allclose(shipped, in_training, atol=1e-4 * np.abs(shipped).max())

# %% [markdown]
# The tool of the field brings back what ours brought back: its steps follow a moving average of the ranges, ours are
# learned, and with 3 bits one run of each cannot tell them apart. And its converted network answers as it did in
# training. But look at what was converted: weights are stored as integers, while the arithmetic between them is still
# *float*, with a rounding before each layer. A *back end* for a device has to make integers of that, and rounds at
# places of its own. There section 6 begins. With such tools, measure once more behind the back end, on the device or
# on its exact model.

# %% [markdown]
# ## Cost box
#
# The small network of this lesson, before and after.
#
# - *Accuracy* is **measured** here, on validation machines, in integers; one run each, so hundredths mean nothing.
# - *Weight bytes* are **measured**: codes packed, biases, scales and multipliers included. In a network this small
#   they do not shrink with the bits, which is why the last steps save so little.
# - *RAM* is **modelled** by placing all activations in one arena; *MACs* are **modelled** by counting.
# - *Latency* and *energy* do not change with the way in which codes were chosen: a trained code costs what a rounded
#   one costs. What training costs is your time, and labelled data.

# %%
from edgekit.graph import memory

rows = {"float": network, "8 bits, rounded": together[8], "4 bits, rounded": together[4]}
rows |= {f"{bits} bits, trained": learned[bits][0].to_integer() for bits in (4, 3, 2)}
print(f"{'':16} macro F1   weight bytes   peak RAM, B      MACs")
for words, graph in rows.items():
    ram = memory.plan(graph).peak_ram_bytes
    print(f"{words:16} {score(graph):8.2f} {cost.weight_bytes(graph):14,} {ram:13,} {cost.macs(graph):9,}")

# %% [markdown]
# From 8 bits to 4 is half of the bits, and nowhere near half of the bytes; RAM and MACs stay as they are. Trained with
# 3 bits the network comes near the score of the floats, in about a quarter of their bytes.
#
# ## Summary
#
# - Rounding has no useful gradient. Pretend that it is not there on the way back, except beyond the ends.
# - A float weight behind the scenes gathers small steps until a code jumps.
# - The gradient of a step is the rounding error within the grid and the last code beyond it.
# - Fold batch norm while training, and hold its statistics still.
# - What was trained must be what is shipped: compare every output in integers.
# - Try the repairs of lesson 02 first. Training pays when they end: at very few bits, in small networks.
#
# **Next.** Two bits were three codes. Lesson 05 takes that seriously: ternary and binary networks, and what their
# arithmetic could save.

# %% [markdown]
# **Sources**
#
# - Y. Bengio, N. Léonard, A. Courville, "Estimating or Propagating Gradients Through Stochastic Neurons for
#   Conditional Computation", arXiv:1308.3432, 2013: equation (1).
# - S. Esser et al., "Learned Step Size Quantization", ICLR 2020: equation (2), the factor of its gradient.
# - R. Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference", arXiv:1806.08342, 2018:
#   folding and freezing batch norm.
# - J. Choi et al., "PACT: Parameterized Clipping Activation for Quantized Neural Networks", arXiv:1805.06085, 2018.
# - PyTorch documentation, "torch.fake_quantize_per_tensor_affine"; torchao documentation, "PyTorch 2 Export
#   Quantization".
