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
# # A1 Meet the data: look before you compress
#
# **Question.** Which data do the lessons train and measure on, how hard are they, and what may a number that was
# measured on them claim?
#
# **You will learn**
#
# - to look at a data set before you trust a score on it: pictures, pulses and sounds, one by one;
# - to split by person, machine or scene, and to see how a careless split flatters;
# - to tell a hard task from an easy one with a model that costs nothing;
# - to move from the shipped *synthetic* data to real recordings by changing one name.
#
# **Time** 30 minutes. **You need** lesson 00. **The modules behind it** `edgekit.data`, `edgekit.data.public`,
# `edgekit.ui.browser`.

# %%
import numpy as np

from edgekit import data, tasks
from edgekit.course.checks import check
from edgekit.course.claims import claim
from edgekit.ui import plots
from edgekit.ui.browser import DatasetBrowser

# %% [markdown]
# ## 1. Four families, one object
#
# The kit ships four families of data. All are *synthetic*: a generator made them, so labels are certain, nobody's
# privacy is touched, and the same command makes the same files again. Whatever the family, `data.load` returns the
# same kind of object: examples `x`, labels `y`, a `group` (the person, machine or scene), and extras.

# %%
loaded = {name: data.load(name, "val") for name in ("camera", "ppg", "acoustic", "faces")}
print(f"{'':9} examples  one example      classes  groups  bytes of one")
for name, found in loaded.items():
    shape, groups = " x ".join(map(str, found.x.shape[1:])), len(np.unique(found.group))
    print(f"{name:9} {len(found):8}  {shape:15}  {len(found.class_names):7}  {groups:6}  {found.x[0].nbytes:12,}")
    assert found.origin == "synthetic"

# %% [markdown]
# The last column matters on a small device: before any network runs, *one example must fit into RAM*. Compare it
# with the devices of lesson 00:

# %%
from edgekit.deploy.devices import DEVICES

for name, card in DEVICES.items():
    too_large = [family for family, found in loaded.items() if found.x[0].nbytes > card.ram_bytes]
    print(f"{name:17} {card.ram_bytes:9,} bytes of RAM (cited), too small for: {', '.join(too_large) or 'none'}")

# %% [markdown]
# What fits is not yet what runs: the network's own layers come on top. (The pulse is stored as 16-bit
# codes and loaded as float, so the sensor's own buffer is half of what you see.)
#
# The test split is missing here on purpose. It is sealed: whoever has looked at it chooses by it, even if he does
# not want to.

# %%
try:
    data.load("ppg", "test")
except ValueError as refusal:
    print(str(refusal).split(";")[0])

# %% [markdown]
# ## 2. See
#
# ### The camera
#
# Six scenes with the boxes that a detector has to find, large things above, small things below. Solid boxes hold
# people, dashed ones vehicles.

# %%
camera = loaded["camera"]
left, top, right, bottom = np.moveaxis(camera.extras["boxes"].astype(int), -1, 0)
areas = np.where(camera.extras["kinds"] >= 0, (right - left) * (bottom - top), 0).max(axis=1)
by_size = np.argsort(-areas, kind="stable")[: (areas > 0).sum()]
rows = by_size[(np.array([0.02, 0.05, 0.1, 0.6, 0.75, 0.9]) * len(by_size)).astype(int)]
fig, axes = plots.subplots(2, 3, height=5.6)
for ax, row in zip(axes.flat, rows, strict=True):
    real = camera.extras["kinds"][row] >= 0
    boxes, kinds = camera.extras["boxes"][row][real], camera.extras["kinds"][row][real]
    plots.scene(ax, camera.x[row], boxes, kinds, title=camera.class_names[camera.y[row]])
plots.show(fig, "Six synthetic camera scenes with boxes around people and vehicles.")

# %% [markdown]
# Look for what makes it hard: small objects, things that stand in front, noise in the dark, blur. Some *things* (a
# coat stand, a dress form) are there to be mistaken for people. The background is drawn before the label is known,
# so it cannot give the label away.
#
# ### The pulse
#
# A slow heart with an early beat. The generator knows every beat, and the accelerometer beside the sensor says when
# the arm moved.

# %%
pulse = DatasetBrowser({"ppg": loaded["ppg"]})
ectopic = loaded["ppg"].subset(loaded["ppg"].y == 4)
one_early = (ectopic.extras["premature"] == 1).sum(axis=1) == 1
pulse.set(label="ectopic", index=int(np.where(one_early, ectopic.extras["bpm"], np.inf).argmin()))
pulse.picture()

# %% [markdown]
# Read the middle panel: a short interval, then a long one. The heart beat too early, and made up for it. A network
# has to find this in the wave alone.
#
# ### The machine
#
# A healthy pump and one that leaks, each as *log-mel*: how loud each pitch is, frame by frame.

# %%
sound = loaded["acoustic"]
fig, axes = plots.subplots(1, 2, height=3.4, sharey=True)
mean = {}
for ax, state in zip(axes, ("pump_normal", "pump_leak"), strict=True):
    rows = np.flatnonzero(sound.y == sound.class_names.index(state))
    plots.spectrogram(ax, sound.x[rows[0]], title=state.replace("_", " "))
    mean[state] = sound.x[rows].mean(axis=(0, 1))
axes[1].set_ylabel("")
plots.show(fig, "Log-mel spectrograms of a healthy and a leaking synthetic pump: they look much alike.")

# %%
louder = mean["pump_leak"] - mean["pump_normal"]
low, high = louder[:20].mean(), louder[20:].mean()
print(f"all leaking pumps against all healthy ones: lower bands {low:+.1f} dB, upper bands {high:+.1f} dB")
assert high > low

# %% [markdown]
# They look alike, and that is honest: the factory is louder than the machine. The bright blots are clanks of the
# factory and mean nothing; the leak is a faint hiss in the upper half, which only the average over many recordings
# shows. If a fault jumped to the eye, the task would teach nothing about compression.
#
# Four microphones hear the machine a few microseconds apart. From these delays alone, its direction follows:

# %%
from edgekit.data.synthetic.acoustic import sounds
from edgekit.ui.example_views import estimated_direction

raw = sounds.raw_sounds()
true = raw.extras["azimuth_deg"]
found = [estimated_direction(x, radius, raw.fs) for x, radius in zip(raw.x, raw.extras["radius_mm"], strict=True)]
off = np.abs((found - true + 180) % 360 - 180)
print(f"{(off < 15).sum()} of {len(raw)} machines are found within 15 degrees")
assert (off < 15).mean() >= 0.6

# %%
fig, axes = plots.subplots(1, 3, height=3.0)
for ax, row in zip(axes, (0, 4, 8), strict=True):
    plots.microphones(ax, true[row], found[row], title=raw.class_names[raw.y[row]].replace("_", " "))
plots.show(fig, "Three arrays of four microphones; an arrow from the machine, a dashed line for the estimate.")

# %% [markdown]
# The arrow comes from the machine, the dashed line is the estimate. Where the dashed line misses the arrow, an echo or
# the factory was stronger than the machine. Two lessons (15, 16) come back to this array.

# %% [markdown]
# ## 3. A careless split flatters
#
# **The pain.** Take a plain linear model on the mean and the spread of each band, and ask it for the machine's
# state. Train on half of the recordings, test on the other half. First we choose the halves by coin, then by
# *machine unit*: no unit on both sides.

# %%
def linear(train, y, test, classes, strength=10.0):
    """Ridge regression on standardised features: the class with the largest answer."""
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-9
    a, b = (np.c_[(x - mean) / spread, np.ones(len(x))] for x in (train, test))
    w = np.linalg.solve(a.T @ a + strength * np.eye(a.shape[1]), a.T @ np.eye(classes)[y])
    return (b @ w).argmax(axis=1)


def bands(x):
    return np.concatenate([x.mean(axis=1), x.std(axis=1)], axis=1)

# %%
part = data.load("acoustic", "train")
coin = np.random.default_rng(0).random(len(part)) < 0.5
by_unit = np.isin(part.group, np.unique(part.group)[:20])
score = {}
for name, half in {"by coin": coin, "by unit": by_unit}.items():
    answer = linear(bands(part.x[half]), part.y[half], bands(part.x[~half]), 15)
    score[name] = np.mean(answer == part.y[~half])
    print(f"{name}: {score[name]:.2f} right")
claim("a1/careless_split", float(score["by coin"] - score["by unit"]))

# %% [markdown]
# Nothing about the model changed, only the split. By coin, the model has met every unit before: it knows the room,
# the speed, the recorder. A new machine in a new factory gets the second number. In symbols, with $G$ the set of
# groups on a side, an honest split demands
#
# $$G_a \cap G_b = \emptyset \quad \text{for any two of train, validation and test} \tag{1}$$
#
# One worked number: how many groups do the shipped splits share?

# %%
for name in loaded:
    sides = [set(data.load(name, split).group.tolist()) for split in ("train", "val")]
    print(f"{name:9} train has {len(sides[0]):5,} groups, val {len(sides[1]):4}, both {len(sides[0] & sides[1])}")
    assert not sides[0] & sides[1]

# %% [markdown]
# A second way to cheat without noticing: the label hides in what has nothing to do with the task. The gain of the
# recorder, the noise, the *place in the file*. So we ask a model that sees nothing else:

# %%
names = ("snr_db", "gain_db", "speed_hz", "azimuth_deg")
nuisance = np.stack([*(part.extras[key] for key in names), np.arange(len(part))], axis=1).astype(float)
state = part.y % 3
blind = np.mean(linear(nuisance[coin], state[coin], nuisance[~coin], 3) == state[~coin])
reach = 3 * np.sqrt(1 / 3 * 2 / 3 / (~coin).sum())
print(f"blind model: {blind:.2f} right; chance {1 / 3:.2f} +- {reach:.2f}")
assert abs(blind - 1 / 3) < reach

# %% [markdown]
# At chance. The tests of the kit ask such blind models for every family, and also check that a planted leak would
# be found. A test that cannot fail proves nothing.

# %% [markdown]
# ## 4. How hard is it?
#
# A task that a linear model solves needs no network, and compressing a network for it proves nothing. So here is
# the linear model against the network that the kit ships, both on validation people and machines.

# %%
from edgekit.graph.fold import fold
from edgekit.graph.run import predict
from edgekit.nn import zoo


def spectrum(x):
    return np.log(np.abs(np.fft.rfft(x[:, 0, :, 0]))[:, 1:60] + 1e-3)


features = {"ppg": spectrum, "acoustic-fault": lambda x: bands(x[..., 0])}

# %%
gap = {}
for name, make in features.items():
    task = tasks.get(name)
    (x, y), (x_val, y_val) = task.inputs("train"), task.inputs("val")
    plain = task.metric(y_val, linear(make(x), y, make(x_val), len(task.class_names)))
    network = task.score(y_val, x_val, predict(fold(zoo.load(task.model)), x_val))
    gap[name] = plain, network
    print(f"{name:15} {task.metric_name}: linear {plain:.2f}, network {network:.2f}")
    assert plain + 0.10 <= network <= 0.99

# %%
fig, ax = plots.subplots(height=2.6)
places = np.arange(len(gap))
for shift, name, column in ((0.2, "linear", 0), (-0.2, "network", 1)):
    bars = ax.barh(places + shift, [pair[column] for pair in gap.values()], 0.38, label=name)
    ax.bar_label(bars, fmt="%.2f", padding=3)
ax.set(yticks=places, xlim=(0, 1.1), xlabel="macro F1 (validation)", title="A network is worth its bytes here")
ax.set_yticklabels(list(gap))
ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, fontsize=8)
plots.show(fig, "Bars: the linear model scores far below the network on the pulse and on the machine faults.")

# %% [markdown]
# Both gaps are wide, and neither network is perfect. That is the room in which compression can cost something: with
# a task at 100 %, every method looks free.

# %% [markdown]
# ## Explore: look for yourself
#
# Choose a set, a class, a group; step with the arrow keys or the buttons. Predict first:
#
# 1. Choose `ppg`, class `artefact`. *In how many of the first ten windows could you count the beats by eye?*
# 2. Choose `acoustic-raw` and listen to `valve_normal`, then to `valve_leak`. *Will you hear the difference? Will
#    you see it?* Then try a bearing.

# %%
DatasetBrowser()

# %% [markdown]
# ## Exercises
#
# **1. Predict.** Six classes, equally many examples each. A model always says *sinus*. What is its macro F1, the
# mean of the six F1 scores?

# %%
### BEGIN SOLUTION
macro_f1_of_a_constant = 1 / 21
### END SOLUTION
check("A1/constant_answer", macro_f1_of_a_constant)

# %% [markdown]
# **2. Write.** Equation (1) as code. Return the positions that train and those that test, both as lists. Raise a
# `ValueError` when a held-out group does not occur, or when a side stays empty.

# %%
def group_split(groups, held_out):
    """Return (train, test): the positions of the examples of each side."""
    ### BEGIN SOLUTION
    if set(held_out) - set(groups) or not set(groups) - set(held_out):
        raise ValueError(f"cannot hold out {held_out} of {sorted(set(groups))}")
    test = [i for i, group in enumerate(groups) if group in held_out]
    return [i for i in range(len(groups)) if i not in test], test
    ### END SOLUTION


check("A1/group_split", group_split)

# %% [markdown]
# **3. Transfer.** When is a blind model "at chance"? Return the band of three standard errors about the accuracy of
# a guess among `classes` classes on `total` examples. Raise a `ValueError` without an example or with one class.

# %%
def chance_band(total, classes):
    """Return (low, high)."""
    ### BEGIN SOLUTION
    if total < 1 or classes < 2:
        raise ValueError(f"needs an example and two classes, got {total} and {classes}")
    p = 1 / classes
    reach = 3 * np.sqrt(p * (1 - p) / total)
    return p - reach, p + reach
    ### END SOLUTION


check("A1/chance_band", chance_band)

# %% [markdown]
# ## Real life: one name further
#
# Synthetic data teach methods. A product needs real recordings. The readers of the kit take the published files of
# a set as they are and return the same object. Two small ones need no download, they lie inside Python packages:

# %%
for name in ("sklearn_digits", "heartpy"):
    real = data.load(name, "all")
    print(f"{real.name}: {real.origin}, {len(real)} examples of {real.x.shape[1:]}, {len(real.class_names)} classes")
    assert real.origin == "real"

# %% [markdown]
# The large ones you bring yourself, or fetch with `edgekit data fetch NAME` into the folder that `EDGEKIT_DATA`
# names. Before that, read what you may do with them, and by which split and metric others report:

# %%
from edgekit.data.public import registry

for name in ("visual_wake_words", "mimic_perform_af", "mimii", "dcase2020"):
    card = registry.card(name)
    print(f"{name}: {card.licence}\n   {card.metric}")

# %% [markdown]
# `data.load("ppg", "val")` becomes `data.load("mimic_perform_af", "val")`, and the rest of your code stays. What
# does *not* stay is the claim: a figure measured on a generator is a figure about the generator.
#
# ## Cost box
#
# What do the data themselves cost? Bytes of the files are **measured**; bytes of one example are what a device has to
# hold before it computes anything, **modelled** as the array that a sensor fills.

# %%
from edgekit.data.store import datasets_dir, read_manifest

files = read_manifest(datasets_dir())
for name, found in loaded.items():
    stored = sum(entry["bytes"] for path, entry in files.items() if path.startswith(name + "/"))
    sensor = found.x[0].size * (2 if name == "ppg" else 1)
    print(f"{name:9} {stored / 1e6:4.1f} MB on disk (measured), {sensor:6,} B for one example (modelled)")
assert sum(entry["bytes"] for entry in files.values()) <= 20e6

# %% [markdown]
# *Accuracy* was the subject of sections 3 and 4. *MACs*, *latency* and *energy* belong to models, not to data. What
# data cost there is the front end: log-mel features take time too, and lesson 15 counts it.
#
# ## Summary
#
# - Look at examples, class by class, before you believe a score.
# - Split by who or what was recorded; a split by coin flatters.
# - A blind model must stay at chance, a linear one well below the network, the network below 100 %.
# - Synthetic is a word to repeat beside every figure; real sets are one name away.
#
# **Next** [00 Start here](00_start_here.ipynb), if you came from there, or the lesson of the application you like:
# camera, pulse or machine.
#
# **Sources** The datasheets in `datasets/*/DATASHEET.md`. T. Gebru et al., *Datasheets for Datasets*, Communications
# of the ACM 64(12), 2021. T. Brooks et al., *Unprocessing Images for Learned Raw Denoising*, CVPR 2019. J. Allen and D.
# Berkley, *Image method for efficiently simulating small-room acoustics*, JASA 65(4), 1979. C. Knapp and G. Carter,
# *The generalized correlation method for estimation of time delay*, IEEE TASSP 24(4), 1976.
