# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 Start here: a network has to fit a wrist
#
# **Question.** A network reads heart rhythms well on a laptop. Can it live in a wristband, and what may that
# cost?
#
# **You will learn**
#
# - to state network optimisation as a problem: *minimise cost, keep accuracy within delta*;
# - to count what a network costs: bytes, multiply-accumulates, RAM;
# - to read a device card, and to tell *measured*, *modelled* and *cited* numbers apart;
# - to run the smallest possible answer: the same network in 8-bit integers, on a real pulse.
#
# **Time** 35 minutes. **You need** basic Python, and to have trained one network once. **The modules behind it**
# `edgekit.graph.cost`, `edgekit.graph.memory`, `edgekit.search.solve`.

# %%
import numpy as np

from edgekit import tasks
from edgekit.core import metrics
from edgekit.course.claims import claim
from edgekit.deploy.devices import DEVICES, device
from edgekit.graph import cost, memory, ptq
from edgekit.graph.fold import fold
from edgekit.graph.run import predict, probabilities
from edgekit.nn import zoo
from edgekit.ui import plots

# %% [markdown]
# ## 1. The pain: a good network in the wrong place
#
# A wristband shines light into the skin and measures how much comes back. Each heartbeat pushes blood through,
# and the signal makes a wave. Doctors call it a *photoplethysmogram*, PPG. Ten seconds of it can tell a calm
# rhythm from an alarming one.
#
# Here is one window of each class that our network knows, all of one person, with a good sensor and a calm arm.
# The windows are *synthetic*: a generator made them, so every label is certain. At the end of the lesson you will
# meet a real pulse.
# %%
task = tasks.get("ppg")

from edgekit.data.synthetic.params import PpgParams, SensorParams
from edgekit.data.synthetic.ppg import make_windows

calm = SensorParams(motion=0, surge=0, swell=0, damped=0, clipped=0, gain_change=0, shot_noise=(0.002, 0.004))
person = make_windows(1, 6, seed=4, params=PpgParams(sensor=calm))
windows = task.front_end(person.x, person.fs)[np.argsort(person.y), 0, :, 0]
print([str(person.class_names[k]) for k in np.sort(person.y)])

# %%
fig, axes = plots.subplots(3, 2, height=6.0, sharex=True, sharey=True)
for ax, name, window in zip(axes.flat, person.class_names, windows, strict=True):
    ax.plot(np.arange(1000) / 100, window, lw=1.2)
    ax.set_title(name.replace("_", " "))
fig.supxlabel("time (s)")
fig.supylabel("pulse, scaled")
plots.show(fig, "Six pulse windows of ten seconds of one synthetic person, one per class.")

# %% [markdown]
# Read the picture from top to bottom. **Sinus** is the calm, even rhythm. **Bradycardia** is even too, but slow
# (below 60 beats a minute); **tachycardia** is even and fast (above 100). In **atrial fibrillation** no two beats
# keep the same distance. An **ectopic** beat comes too early: so early that the heart has hardly filled, and the
# wave is weak or missing. Then the heart pauses; look at second 7. In an **artefact** the arm moved so much that
# nothing can be read.
#
# Telling them apart is not hard for a small convolutional network. This one was trained on other synthetic
# people, and here is how well it does on people it has never seen.

# %%
floating = fold(zoo.load("ppg-cnn"))
x_val, y_val = task.inputs("val")
baseline = metrics.macro_f1(y_val, predict(floating, x_val).argmax(axis=1), 6)
claim("00/baseline_val_macro_f1", baseline)

# %% [markdown]
# The number is the *macro F1*: the F1 score of each class, averaged over the classes. 1 is perfect. A rare class
# counts as much as a common one, which is what you want of an alarm.
#
# (`fold` merged each batch normalisation into the convolution before it. It changes no answer; lesson 02 shows
# why.)
#
# Now the pain. A wristband has no gigabytes. This is what the network needs:

# %%
for name, quantity in cost.summary(floating).items():
    print(f"{name:15} {quantity}")

# %% [markdown]
# A laptop laughs at such numbers. Let us ask a device that does not.

# %%
small = device("cortex-m0+ small")
print(f"{small.core}, {small.clock_hz / 1e6:.0f} MHz; cited from the {small.memory_source}")
print(f"flash {small.flash_bytes:7,} B, the weights need {cost.weight_bytes(floating):6,} B")
print(f"RAM   {small.ram_bytes:7,} B, the network needs {memory.plan(floating).peak_ram_bytes:6,} B")
assert memory.plan(floating).peak_ram_bytes > small.ram_bytes

# %% [markdown]
# **The network does not fit.** Its weights fit the flash, the memory that keeps its content without power. But
# while it computes, it needs more RAM than the whole chip has, and the wristband's own program needs some too.

# %% [markdown]
# ## 2. The equation: cheap, but not worse than delta
#
# Every lesson of this course answers one question. Let $f$ be the network we have, and $m$ run over networks we
# could have instead:
#
# $$\min_m \; \text{cost}(m) \quad \text{subject to} \quad \text{accuracy}(m) \ge \text{accuracy}(f) - \delta \tag{1}$$
#
# *cost* is what hurts: bytes, RAM, multiplications, milliseconds, microjoules. *accuracy* is any score where more
# is better. $\delta$ is what you are ready to lose, and you choose it *before* you look.
#
# One worked number:

# %%
delta = task.delta
print(f"baseline {baseline:.3f} - delta {delta} = {baseline - delta:.3f}: no model below this line is allowed")

# %% [markdown]
# As code, equation (1) is a filter and a `min`. This is the function of the package itself:

# %%
import inspect

from edgekit.search import solve

print(inspect.getsource(solve.feasible))

# %% [markdown]
# Read its last two lines aloud: *keep the candidates whose value reaches the baseline minus delta, and whose
# costs stay within the budget.* `solve.cheapest` then takes the one of least cost.

# %% [markdown]
# ## 3. What a network costs
#
# ### Multiply-accumulates
#
# A convolution slides a kernel along the signal. At each of $L_{out}$ positions, each of $C_{out}$ output
# channels multiplies $K \cdot C_{in}$ weights with $K \cdot C_{in}$ inputs and adds them up:
#
# $$\text{MACs} = L_{out} \cdot C_{out} \cdot K \cdot C_{in} \tag{2}$$
#
# One MAC is one multiplication *and* one addition. Let us count the second layer by hand, and then ask the
# package.

# %%
node = floating.nodes[1]
_, _, kernel, channels_in = floating.tensors[node.inputs[1]].shape
_, length_out, channels_out = floating.tensors[node.output].shape
by_hand = length_out * channels_out * kernel * channels_in
print(f"{length_out} positions x {channels_out} channels x {kernel} taps x {channels_in} inputs")
print(f"= {by_hand:,} MACs")
assert by_hand == cost.macs_per_node(floating)[node.output]

# %% [markdown]
# Where do the MACs and where do the bytes sit?

# %%
layers = [n for n in floating.nodes if n.op in ("conv2d", "dense")]
names = [n.source.replace("features.", "conv ").split(".")[0] for n in layers]
macs = [cost.macs_per_node(floating)[n.output] for n in layers]
constants = cost.constants(floating)
size = [sum(len(constants[name]) for name in n.inputs[1:]) for n in layers]

# %%
fig, axes = plots.subplots(1, 2, height=3.2, sharey=True)
for ax, values, unit in zip(axes, (macs, size), ("MACs", "bytes"), strict=True):
    ax.barh(names[::-1], np.array(values[::-1]) / 1000)
    ax.set_xlabel(f"thousand {unit}")
assert min(sum(macs[1:-1]) / sum(macs), sum(size[1:-1]) / sum(size)) > 0.9
axes[0].set_title("Work ...")
axes[1].set_title("... and weight, layer by layer")
plots.show(fig, "Two bar charts over the layers: multiply-accumulates, and weight bytes.")

# %% [markdown]
# Both sit in the same layers. The first convolution reads one channel only, so it has few weights and little
# work, although it visits the most positions. The last layer, `classify`, runs once. The wide convolutions
# between them dominate work *and* weight. So that is where pruning and low bits will pay, in lessons 02 to 07.
#
# ### RAM
#
# Weights lie still. *Activations*, the values between layers, come and go. A layer needs its input and its output
# at the same time. The peak is the worst moment of the whole run:

# %%
for n in layers:
    needed = floating.tensors[n.inputs[0]].num_bytes + floating.tensors[n.output].num_bytes
    print(f"{names[layers.index(n)]:9} input + output = {needed:6,} B")
print(f"peak of the whole network  {memory.plan(floating).peak_ram_bytes:6,} B")

# %% [markdown]
# ### Time and energy, before you own the device
#
# Nobody here has soldered a wristband. Still we can say something, if we say *how we know it*. Benchmarks publish
# how long known networks take on a chip. That gives cycles per MAC, and with equation (2) an estimate for ours:
#
# $$\text{latency} \approx \text{MACs} \cdot \frac{\text{cycles}}{\text{MAC}} \cdot \frac{1}{\text{clock}} \tag{3}$$

# %%
total = cost.macs(floating)
for name, card in DEVICES.items():
    low, middle, high = card.cycles_per_mac()
    cited, modelled = f"{low:4.1f} to {high:4.1f} cycles per MAC", card.latency(total).value
    print(f"{name:17}{cited} (cited) -> about {modelled:6.1f} ms (modelled)")

# %% [markdown]
# Three words matter from here to the last lesson. **Measured**: we ran it, and say where. **Cited**: somebody
# else ran it, and we say who. **Modelled**: a formula made it out of the other two. The cycles per MAC were
# published for int8 networks, so the milliseconds are those of an int8 version of our network. The spread between
# the lowest and the highest is what such a model is worth: take it as an order of magnitude.

# %% [markdown]
# ## 4. The smallest answer: eight bits instead of thirty-two
#
# A float weight takes 4 bytes. An 8-bit integer takes 1. *Post-training quantization* replaces one by the other,
# without training: show the network some examples, note the range of each activation, and choose integer grids.
# Lessons 01 to 03 open the box. Here we only use it:

# %%
batches = task.calibration_batches(512)
ranges = ptq.calibrate(floating, batches, "mse")
int8 = ptq.quantize_graph(floating, ranges)

# %%
rows = {"float": cost.summary(floating), "int8": cost.summary(int8)}
fig, ax = plots.subplots(height=3.4)
plots.costs(ax, rows, title="Int8 takes about a quarter of the bytes, and exactly as many MACs")
plots.show(fig, "Bars comparing the float and the int8 model: weight bytes, file bytes, MACs and peak RAM.")

# %% [markdown]
# All that is stored in bytes shrinks to about a quarter. Not *exactly* a quarter: each channel now also stores
# its scale, its multiplier and its shift, and this course counts everything that inference needs. The MACs do not
# change at all. Their *kind* does: integer multiplications, which every microcontroller has.
#
# Is the int8 network allowed by equation (1)?

# %%
value = metrics.macro_f1(y_val, predict(int8, x_val).argmax(axis=1), 6)
print(f"float {baseline:.2f}, int8 {value:.2f}; allowed: {bool(value >= baseline - delta)}")
assert value >= baseline - delta
assert cost.macs(int8) == cost.macs(floating)
claim("00/int8_drop", baseline - value)
claim("00/int8_weight_share", cost.weight_bytes(int8) / cost.weight_bytes(floating))
assert memory.plan(int8).peak_ram_bytes < small.ram_bytes

# %% [markdown]
# It is allowed, and it fits the small device. One training run could be luck, though. So the same comparison was
# repeated with five networks, trained from five different seeds. Such a stored result is called a *study* in this
# course:

# %%
from edgekit.course.studies import Study

study = Study.load("ppg_int8_drop")
low, high = study.interval("drop_points")
print(f"{len(study.seeds)} seeds: int8 loses {study.mean('drop_points'):.2f} points of macro F1")
print(f"95 % interval {low:.2f} to {high:.2f} points")
assert high < 0.5

# %% [markdown]
# The interval holds zero and lies below half a point: no difference that these five networks could show. For this
# network, 8 bits are free as far as we can measure.
#
# So why stop at 8? Let us build a shelf of candidates with fewer bits for the weights, and let equation (1)
# choose. We look at the *validation* people only. Whoever chooses by the test set cheats himself.

# %%
models = {"float": floating}
for bits in (8, 5, 4, 3):
    models[f"{bits} bits"] = ptq.quantize_graph(floating, ranges, num_bits=bits)
shelf = []
for name, model in models.items():
    f1 = metrics.macro_f1(y_val, predict(model, x_val).argmax(axis=1), 6)
    spent = {key: quantity.value for key, quantity in cost.summary(model).items()}
    shelf.append(solve.Candidate(name, f1, spent))

# %%
chosen = solve.cheapest(shelf, baseline, delta)
fig, ax = plots.subplots(height=4.2)
points = {c.name: (c.costs["weight_bytes"], c.value) for c in shelf}
title = f"Within delta, the cheapest is: {chosen.name}"
plots.constraint(ax, points, baseline, delta, metric="macro F1", title=title)
plots.show(fig, "Macro F1 against weight bytes for float and 8 to 3 bits; the allowed band is shaded.")

# %% [markdown]
# Follow the points from right to left. Down to a certain number of bits nothing happens, and then the score falls
# off a cliff. The filled markers are allowed, the open ones are not. The cheapest filled one is the answer of
# equation (1), and the whole craft of this course is to push that cliff to the left: with better ranges (02),
# with training (04, 05), with fewer weights (06, 07), with a teacher (08), with better shapes (09, 10).

# %% [markdown]
# ## 5. A real pulse
#
# So far everything was synthetic. The package `heartpy` ships recordings of real people. Nobody labelled their
# rhythms, so we cannot compute an accuracy. We can look.

# %%
from edgekit.data.features import heart_rate
from edgekit.data.public import heartpy
from edgekit.data.windows import split_windows

recording = heartpy.load("data2")
fs = recording.fs
pieces = split_windows(recording.x, fs)
answers = probabilities(int8, task.front_end(pieces, fs))
print(f"real recording, {recording.seconds:.0f} s at {fs:.1f} Hz, {heart_rate(recording.x, fs):.0f} bpm")
print([task.class_names[k] for k in answers.argmax(axis=1)])

# %%
fig, ax = plots.subplots(height=3.0)
shown = task.class_names[answers[9].argmax()]
plots.signal(ax, pieces[9], fs, prediction=f"A real pulse; the int8 model says: {shown}", unit="ADC")
plots.show(fig, "Ten seconds of a real pulse recording with the rhythm that the int8 model names.")

# %% [markdown]
# The curve is what a cheap sensor on a finger delivers: units of an analogue-digital converter, not the neat
# scale of our figures above. The front end of the task resampled it, removed the drift and scaled it, as it did
# with the synthetic windows. You see the tenth window. The list above holds all answers: the first windows cannot
# be read, says the model, and two are *ectopic*. Is that right? Nobody knows: there is no label, and a jolt of
# the finger can look like an early beat.
#
# Does quantization change the answers on real data? Let us ask both networks about every window of all three
# recordings:

# %%
agree = total = 0
for name in heartpy.NAMES:
    real = heartpy.load(name)
    x_real = task.front_end(split_windows(real.x, real.fs), real.fs)
    same = predict(floating, x_real).argmax(axis=1) == predict(int8, x_real).argmax(axis=1)
    agree, total = agree + same.sum(), total + len(same)
print(f"float and int8 agree on {agree} of {total} real windows")
assert agree >= 0.95 * total

# %% [markdown]
# **What this does not show.** Three unlabelled recordings prove nothing about medical use. They show that the
# int8 model behaves like its float original on data that nobody generated. That is all we claim.

# %% [markdown]
# ## Explore: what may it cost?
#
# Predict first, then move the sliders:
#
# 1. Delta is 0.01. You double it. Will the cheapest allowed model change?
# 2. You choose the smallest device. Which model drops out, and is it for its weights or for its RAM?

# %%
from edgekit.ui.budget import BudgetExplorer

BudgetExplorer(shelf, baseline)

# %% [markdown]
# ## Exercises
#
# **1. Predict.** You double the channels of *every* layer. By which factor do the MACs of a layer in the middle
# grow? Write the factor before you compute anything.

# %%
from edgekit.course.checks import check, hint

### BEGIN SOLUTION
factor = 4
### END SOLUTION
check("00/double_width", factor)

# %% [markdown]
# **2. Write.** Count the MACs of any 1-D convolution, with stride, padding and groups. (With `groups` = g, an
# output channel reads only every g-th part of the input channels.) Stuck? `hint("00/conv_macs")` helps, three
# times.

# %%
def conv_macs(length_in, channels_in, channels_out, kernel, stride=1, padding=0, groups=1):
    """Return the multiply-accumulates of a 1-D convolution."""
    ### BEGIN SOLUTION
    length_out = (length_in + 2 * padding - kernel) // stride + 1
    return length_out * channels_out * kernel * (channels_in // groups)
    ### END SOLUTION


check("00/conv_macs", conv_macs)

# %% [markdown]
# **3. Transfer.** Write equation (1) yourself: the position of the cheapest model that is allowed. When none is
# allowed, raise a `ValueError`: no answer is better than a wrong one.

# %%
def cheapest(values, costs, baseline, delta):
    """Return the position of the cheapest model whose value is at least baseline - delta."""
    ### BEGIN SOLUTION
    allowed = [i for i, value in enumerate(values) if value >= baseline - delta]
    if not allowed:
        raise ValueError(f"no model reaches {baseline - delta}")
    return min(allowed, key=lambda i: costs[i])
    ### END SOLUTION


check("00/cheapest", cheapest)

# %% [markdown]
# ## Real life: how others count
#
# PyTorch has a counter of its own. It counts *floating point operations*, FLOPs. One MAC is two of them. Papers
# and tools mix the two words, and then networks seem twice as good, or twice as bad. Count with both:

# %%
import torch
from torch.utils.flop_counter import FlopCounterMode

from edgekit.nn.models import PulseNet

model = zoo.load_state(PulseNet(), "ppg-cnn.safetensors")
with FlopCounterMode(display=False) as counter, torch.no_grad():
    model(torch.zeros(1, 1, 1000))
print(f"PyTorch: {counter.get_total_flops():,} FLOPs; edgekit: {cost.macs(floating):,} MACs")
assert counter.get_total_flops() == 2 * cost.macs(floating)

# %% [markdown]
# ## Cost box
#
# The same network before and after, on the validation people, with the source of each number:

# %%
m4 = device("cortex-m4")
print(f"{'macro F1':15} {baseline:10.2f} -> {value:10.2f}  measured")
for key in ("macs", "weight_bytes", "file_bytes", "peak_ram_bytes"):
    before, after = (rows[name][key] for name in rows)
    print(f"{key:15} {before.value:10,} -> {after.value:10,}  {after.kind}")
print(f"on {m4.core}: {m4.latency(cost.macs(int8))}, {m4.energy(cost.macs(int8))}")

# %% [markdown]
# ## Summary
#
# - Optimising a network means: least cost, accuracy within delta of the original. You choose delta first.
# - Costs are counted: bytes with everything that is stored, MACs from the layer shapes, RAM from lifetimes.
# - A number without *measured*, *modelled* or *cited* beside it is a rumour.
# - Int8 takes about a quarter of the bytes. Whether it costs accuracy is a question for data and several seeds.
#
# **Next** [01 Quantizing a tensor](01_quantizing_a_tensor.ipynb) opens the box: what happens to one number?
#
# **Sources** B. Jacob et al., *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
# Inference*, CVPR 2018. C. Banbury et al., *MLPerf Tiny Benchmark*, NeurIPS Datasets and Benchmarks 2021 (and the
# published results v1.2 and v1.3). P. van Gent et al., *HeartPy*, Transportation Research Part F 66, 2019. Data
# sheets DS10685, DS13560, DS12023, DS13195 of STMicroelectronics.
