# %% [markdown]
# # 02 Post-training quantization: a whole network, without training it again
#
# **Question.** We have a trained network and a few hundred examples. Can all of it run in integers by this
# evening? And if the result is useless, how do we find the reason?
#
# **You will learn**
#
# - to turn a float network into an integer one: fold, calibrate, choose grids, quantize;
# - to find the layer that suffers, with a sensitivity report;
# - to heal a network by moving factors between its layers, without changing what it computes;
# - to get more out of four bits: correct the biases, and round weights together instead of one by one;
# - to tell when the field's own tool has the same illness, and how to help it.
#
# **Time** 45 minutes. **You need** lesson 01. **The module behind it** `edgekit.graph.ptq`.

# %%
import inspect

import numpy as np

from edgekit import tasks
from edgekit.core import metrics
from edgekit.course.checks import check, hint
from edgekit.course.claims import claim
from edgekit.graph import cost, fold, ptq, run
from edgekit.nn import zoo
from edgekit.ui import plots

# %% [markdown]
# ## 1. Four steps to integers
#
# **The pain.** In lesson 01 we rounded the weights, but the arithmetic stayed float. Integer arithmetic needs more:
# *every* activation must lie on a grid, and a grid needs a range. A weight is there to be looked at. An activation
# is not: it exists only while the network runs.
#
# **The equation.** There is one thing to tidy up first. While it was trained, the network normalised each channel
# after each convolution (*batch norm*). At inference the statistics are fixed numbers, so all of it is one linear
# step, and a convolution can absorb it:
#
# $$\gamma\,\frac{(w x + b) - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta = w' x + b', \qquad
#   w' = g\,w, \quad b' = \beta + g\,(b - \mu), \quad g = \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}} \tag{1}$$
#
# One worked number, for one channel with $w = 2$, $b = 0$:

# %%
gamma, beta, mean, variance = 3.0, 1.0, 4.0, 2.25
gain = gamma / np.sqrt(variance)
x = 5.0
print(f"one after the other: {gamma * (2 * x - mean) / np.sqrt(variance) + beta}")
print(f"folded: w' = {gain * 2}, b' = {beta + gain * (0 - mean)}, w' x + b' = {gain * 2 * x + beta - gain * mean}")

# %% [markdown]
# **Fold.** Our pulse network has a batch norm and a ReLU after each convolution. Folding leaves one operator of
# the three:

# %%
trained = zoo.load("ppg-cnn")
network = fold.fold(trained)
print(f"{len(trained.nodes)} operators before, {len(network.nodes)} after:")
for node in network.nodes:
    print(f"  {node.op:12} {node.source:14} {node.attrs.get('activation', '')}")

# %% [markdown]
# **Calibrate.** Now we run the float network on some training examples. At each activation an *observer* watches,
# and proposes a range. This is the whole code:

# %%
print(inspect.getsource(ptq.calibrate))

# %% [markdown]
# The refusals at the end are not pedantry. A calibration set of zeros (a forgotten sensor, a wrong path) would give
# ranges, too. They would only have nothing to do with the data to come.
#
# **Choose grids, quantize.** Activations get an affine grid, weights a symmetric one, as in lesson 01. The bias is
# added to sums of products, so it gets their scale: `scale_x * scale_w`, in 32 bits. Let us do all four steps and
# measure, on people whom neither training nor calibration has seen:

# %%
task = tasks.get("ppg")
x_val, y_val = task.inputs("val")
batches = task.calibration_batches(256)


def score(graph):
    return task.score(y_val, x_val, run.predict(graph, x_val))


int8 = ptq.quantize_graph(network, ptq.calibrate(network, batches))

# %%
baseline, after = score(network), score(int8)
print(f"macro F1: float {baseline:.2f}, int8 {after:.2f}")
print(f"bytes:    float {cost.weight_bytes(network):,}, int8 {cost.weight_bytes(int8):,}")
claim("02/int8_drop", baseline - after)

# %% [markdown]
# A quarter of the bytes, and no loss that we could measure. It took a second, and no training.
#
# **See.** How many examples does calibration need? We calibrate with one window, with four, and so on, and compare
# the integer network's outputs with those of the float network, on a hundred windows:

# %%
windows, x_few = np.concatenate(task.calibration_batches(1024)), x_val[:200]
wanted = run.predict(network, x_val)
counts, decibels = [1, 4, 16, 64, 256, 1024], {"minmax": [], "percentile": []}
for observer, values in decibels.items():
    for count in counts:
        ranges = ptq.calibrate(network, [windows[:count]], observer)
        graph = ptq.quantize_graph(network, ranges)
        values.append(metrics.sqnr_db(wanted[:100], run.predict(graph, x_few[:100])))

# %%
fig, ax = plots.subplots(height=3.2)
for (observer, values), marker in zip(decibels.items(), "os", strict=True):
    ax.plot(counts, values, marker=marker, label=observer)
ends = {name: (values[-1], plots.PALETTE[i]) for i, (name, values) in enumerate(decibels.items())}
plots.label_ends(ax, counts[-1], ends)
ax.set(xscale="log", xlabel="calibration windows", ylabel="SQNR of the output (dB)")
ax.set_xticks(counts, counts)
ax.minorticks_off()
ax.set_title("A few hundred examples are enough")
plots.show(fig, "SQNR against the number of calibration windows: it rises steeply and then stays level.")

# %% [markdown]
# With one window the ranges are those of one person's pulse: whatever is larger later is clipped. Each further
# window may bring something larger, so the curves climb. A few hundred windows have seen about all that there is,
# and the curves level off. So calibration needs *no labels* and *little data*. But the examples must be like those
# to come: the same sensor, the same preparation, all classes. The two observers hardly differ here. That will
# change when bits are few: try it in the widget below.
#
# **Check.** The curve has levelled off: at its end four times as many windows bring less than they do at its beginning.

# %%
for values in decibels.values():
    assert values[-1] - values[-2] < values[1] - values[0]
graph = ptq.quantize_graph(network, ptq.calibrate(network, [windows[:1]]))
print(f"calibrated on a single window, macro F1 is {score(graph):.2f}")

# %% [markdown]
# A surprise: even the worst of these calibrations costs no accuracy. The network answers by its *largest* output,
# and forgives a lot before another one becomes the largest. SQNR notices long before accuracy does. That makes it
# the better instrument for a search, and the worse one for a verdict.

# %% [markdown]
# ## 2. The patient
#
# **The pain.** Here is a second network. It comes from the same data, and it does the same job. We quantize it as
# well, but for an older accelerator, which knows only *one scale per tensor*.

# %%
from edgekit.course.broken import with_outlier_channels

patient = with_outlier_channels(network, "relu_3")
sick = ptq.post_training_quantize(patient, batches, per_channel=False)
sick_score = score(sick)
print(f"patient: float {score(patient):.2f}, int8 {sick_score:.2f}")
well = ptq.post_training_quantize(network, batches, per_channel=False)
print(f"healthy: float {baseline:.2f}, int8 {score(well):.2f}, with one scale per tensor too")
claim("02/patient_per_tensor", sick_score)

# %% [markdown]
# The float network is fine. Its int8 version has become useless: it knows no more than one answer. What is
# different about this network? Its name gives it away: it is our healthy network in which two channels of one
# activation were made smaller by a factor of 256. The layer before got smaller weights, and the layer behind got
# larger ones. (Section 4 shows how.) **Predict**: *by how much do the outputs of the two float networks differ at
# most?*

# %%
### BEGIN SOLUTION
largest_difference = 0
### END SOLUTION
check("02/predict_function", largest_difference)

# %%
difference = np.abs(run.predict(patient, x_val) - wanted).max()
print("largest difference of any output:", difference)

# %% [markdown]
# Not one bit. For a *float* network such factors are invisible: nobody notices them in training, in the loss or in
# the accuracy. So they can arise unseen. Batch norm makes them, and weight decay, and pruning. Quantization is the
# first to ask how large the numbers are.
#
# ## 3. Finding the layer that suffers
#
# **The pain.** Suppose that nobody told us. The network has a handful of layers here; others have a hundred.
# Where do we look?
#
# **The equation.** We ask each layer $l$ two questions, with $f_S$ the network in which just the layers in the
# set $S$ lie on their grids ($f_\emptyset$ is the float network):
#
# $$\text{only}_l = \text{SQNR}\left(f_\emptyset, f_{\{l\}}\right), \qquad
#   \text{but}_l = \text{SQNR}\left(f_\emptyset, f_{\text{all} \setminus \{l\}}\right) \tag{2}$$
#
# *Only*: what does this layer cost by itself? *But*: what would we win back by sparing it? A layer is its weights
# together with its output.

# %%
from edgekit.graph.sensitivity import sensitivity

assert difference == 0  # as promised: the two float networks compute the same


def few_score(outputs):
    return task.score(y_val[:len(outputs)], x_few[:len(outputs)], outputs)


report = sensitivity(patient, sick, x_few, few_score)
print(report)

# %% [markdown]
# **See.** The same as bars:

# %%
from edgekit.ui.sensitivity import LayerSensitivity

plots.show(LayerSensitivity({"8 bits, per tensor": report}).static(),
           "SQNR when only one layer is quantized: one layer stands out, its neighbour is second.")

# %% [markdown]
# Most layers, quantized alone, leave a signal far above the noise. Two do not, and they are neighbours. The one
# that stands out drowns the output entirely: below 0 dB there is more noise than signal. One number of the report is
# worth a second look. Sparing just this layer (the second column) brings back as much as its neighbour alone leaves,
# though all the others are quantized. Sparing any other layer brings nothing. Illness is seldom spread evenly.
#
# **The code.** Nothing but the float network, with some tensors rounded on the way:

# %%
from edgekit.graph.sensitivity import _Twin

print(inspect.getsource(_Twin.run))

# %% [markdown]
# Now we know *where*. The next question is *what*. We look at the weights of that layer: the largest one for each
# channel that it reads, and for each channel that the layer before it makes.

# %%
def ranges_of(graph):
    made, read = (graph.tensors[f"features.{i}.0.weight.folded"].data for i in (3, 4))
    return np.abs(made).max(axis=(1, 2, 3)), np.abs(read).max(axis=(0, 1, 2))


def draw_ranges(ax, graph, title):
    for values, marker, name in zip(ranges_of(graph), "os", ("made by", "read by"), strict=True):
        ax.plot(values, marker, label=f"layer that it is {name}", alpha=0.8)
    ax.set(yscale="log", ylabel="largest |w|", title=title, ylim=(1e-4, 1e3))

# %%
fig, ax = plots.subplots(height=3.2)
draw_ranges(ax, patient, "Two channels are outliers, once small and once large")
ax.set_xlabel("channel of the activation between the two layers")
ax.legend(loc="upper right", ncols=2)
plots.show(fig, "Largest weight by channel for both layers: two channels lie far below and far above the rest.")

# %% [markdown]
# There they are. In the layer that *makes* the activation, two channels have tiny weights. In the layer that *reads*
# it, the same two have huge ones. **Predict**: in the layer that makes them, all weights share one scale. *How many
# different codes of 8 bits can the weights of such a channel have*, if they are at least 256 times smaller than the
# largest weight?

# %%
### BEGIN SOLUTION
codes_left = 1
### END SOLUTION
check("02/predict_codes_left", codes_left)

# %%
codes = sick.tensors["features.3.0.weight.folded"].data
print("channel 3, an outlier:  codes", np.unique(codes[3]))
print("channel 4, beside it:  ", np.unique(codes[4]).size, "different codes")

# %% [markdown]
# Two channels are simply gone. In the layer behind it is the other way round: two huge input channels stretch the
# grid, and the weights of all other channels are rounded to almost nothing.
#
# ## 4. Repair: per channel, and across layers
#
# **First attempt.** Lesson 01 has a remedy: one scale per output channel. So we buy a newer accelerator:

# %%
per_channel = ptq.post_training_quantize(patient, batches, per_channel=True)
channel_score = score(per_channel)
print(f"per tensor {sick_score:.2f}, per channel {channel_score:.2f}, float {baseline:.2f}")
claim("02/patient_per_channel", channel_score)
own_scale = per_channel.tensors["features.3.0.weight.folded"].data
assert np.unique(codes[3]).size < np.unique(own_scale[3]).size

# %% [markdown]
# Better, and still ill. Think about *which* channels have a scale of their own: those that a layer *makes*. So the
# first of the two layers is healed. The second one *reads* the outliers: each of its output channels contains a
# huge weight and many small ones, and must round them with one scale. The activation between them is no better off:
# its small channels share a grid with the large ones, for activations have one scale per tensor everywhere.
#
# **The equation.** So let us treat the cause. ReLU lets a positive factor pass:
#
# $$\max(0, x / s) = \max(0, x) / s \qquad (s > 0) \tag{3}$$
#
# Hence we may divide channel $i$ of the first layer by any $s_i$, if the second layer multiplies by it. That is how
# the patient was made. It is also how it is healed: choose $s_i$ such that both ranges of the channel become equal,
# $r_{1,i} / s_i = s_i\, r_{2,i}$, which gives
#
# $$s_i = \sqrt{r_{1,i} / r_{2,i}} \tag{4}$$
#
# One worked number: a channel with ranges 0.01 and 100 gets

# %%
s = np.sqrt(0.01 / 100)
print(f"s = {s}, and both ranges become {0.01 / s:g} and {100 * s:g}")

# %% [markdown]
# **The code.** `_balance` is equation (4); `rescale` moves the factors. A layer in the middle of a chain has two
# neighbours, so `equalize` goes round until nothing moves any more.

# %%
from edgekit.graph import equalize

print(inspect.getsource(equalize._balance))
print(inspect.getsource(equalize.rescale))

# %%
healed = equalize.equalize(patient)
drift = metrics.sqnr_db(wanted, run.predict(healed, x_val))
print(f"the float network before and after: equal within float rounding ({drift > 100})")

# %% [markdown]
# **See.** The ranges again, before and after:

# %%
fig, axes = plots.subplots(1, 2, height=3.2, sharey=True)
draw_ranges(axes[0], patient, "Before")
draw_ranges(axes[1], healed, "After: made and read alike")
axes[1].set_ylabel("")
for ax in axes:
    ax.set_xlabel("channel")
plots.show(fig, "Largest weight by channel before and after: afterwards the two layers have equal ranges.")

# %% [markdown]
# On the right each circle is hidden behind its square: a channel is made with the same range with which it is read.
# The two outliers have moved back among the others. They were never needed.
#
# **Check.** Per tensor, on the old accelerator, with weights that compute the same as before:

# %%
cured = ptq.post_training_quantize(patient, batches, per_channel=False, equalize=True)
cured_score = score(cured)
print(f"per tensor: {sick_score:.2f} before, {cured_score:.2f} after equalization, float {baseline:.2f}")
claim("02/equalized_drop", baseline - cured_score)

# %% [markdown]
# It does not work everywhere. ReLU6 has a second corner, at six, and a factor would move it. An activation with two
# readers needs a factor that suits both. The package refuses such places and says why:

# %%
for link in equalize.links(network):
    print(f"{link.activation:8} -> {link.reader or link.reason}")

# %% [markdown]
# ## 5. Four bits: do not waste what is left
#
# **The pain.** You may say: that patient was constructed. So let us take a network as training left it, a small one
# that hears faults of machines. With 8 bits it is fine. We go down to 4 bits, one scale per tensor.

# %%
listening = tasks.get("acoustic-fault")
x_ear, y_ear = listening.inputs("val")
ear, sounds = zoo.load("acoustic-student"), listening.calibration_batches(256)


def ear_score(graph):
    return listening.score(y_ear, x_ear, run.predict(graph, x_ear))


plain = ptq.post_training_quantize(ear, sounds, per_channel=False, num_bits=4)
print(f"float {ear_score(fold.fold(ear)):.2f}, 4 bits per tensor {ear_score(plain):.2f}")

# %% [markdown]
# This one fell ill on its own. Equalization will help. But with few bits there are two more things to win.
#
# **Bias correction.** Rounding errors of weights do not cancel out within one channel, and after a ReLU inputs are
# never negative. So the *mean* of a channel is shifted, by the same amount for every input:
#
# $$E[y] - E[\hat y] = (w - \hat w)\, E[x], \qquad \hat b = b + E[y] - E[\hat y] \tag{5}$$
#
# The bias is there anyway, so carrying the shift costs nothing. The code measures both means, layer after layer:

# %%
from edgekit.graph import correct, rounding

print(inspect.getsource(correct.mean_corrected))

# %% [markdown]
# **Adaptive rounding.** Is the nearest code the best one? Take two weights of 0.4 steps each, and two inputs that
# are always equal. **Predict**: *what should the sum of the two codes be?*

# %%
### BEGIN SOLUTION
best_sum = 1
### END SOLUTION
check("02/predict_sum", best_sum)

# %% [markdown]
# Rounding each to its nearest code gives no output at all. One up and one down is much better, although one of the
# two weights then has the *larger* error. What counts is the error of the output:
#
# $$E\left[\left((\hat w - w)\, x\right)^2\right] = (\hat w - w)\, G\, (\hat w - w)^T, \qquad G = E[x x^T] \tag{6}$$
#
# Off the diagonal, $G$ says which inputs go together. We start from the nearest codes. Then we visit one weight
# after the other, and give it the better one of its two neighbouring codes while the others stay. No step can make
# it worse, and after some rounds nothing changes any more:

# %%
print(inspect.getsource(rounding.descend))

# %% [markdown]
# All remedies, one after the other, on the same network with the same 4 bits:

# %%
stages = {"nearest codes": {}, "+ equalized": {"equalize": True}}
stages["+ biases corrected"] = {"equalize": True, "correct": True}
stages["+ rounded together"] = {"equalize": True, "rounding": "adaptive"}
values = {}
for name, options in stages.items():
    graph = ptq.post_training_quantize(ear, sounds, per_channel=False, num_bits=4, **options)
    values[name] = ear_score(graph)

# %%
fig, ax = plots.subplots(height=2.8)
ax.barh(list(values), list(values.values()), color=plots.PALETTE[0], label="4 bits")
ax.axvline(ear_score(fold.fold(ear)), ls="--", color="#666666", label="_guide float")
for y, value in enumerate(values.values()):
    ax.text(value - 0.01, y, f"{value:.2f}", va="center", ha="right", color="white")
ax.invert_yaxis()
ax.set(xlabel="macro F1 on unseen machines (dashed: float)", xlim=(0, 1), title="Each remedy helps, at the same size")
plots.show(fig, "Macro F1 after each remedy: it climbs from bar to bar, nearly up to the float network.")

# %% [markdown]
# From bar to bar the network recovers, and not one byte was added. At the end hardly anything is missing to the
# float network. Adaptive rounding corrects the biases as well, so it comes last and replaces the step before.
#
# **Check.** The whole gain is a claim of this lesson. One honest remark belongs to it: these are single
# measurements on one network. A difference of one hundredth between two of the bars would mean nothing.

# %%
gain = values["+ rounded together"] - values["nearest codes"]
claim("02/four_bit_gain", gain)
assert values["+ equalized"] > values["nearest codes"]

# %% [markdown]
# ## Explore
#
# **The range of an activation.** Predict, then move the controls:
#
# 1. With 4 bits, which observer is best? And with 8 bits? *Guess where the dot on the right-hand curve should lie.*
# 2. Choose "min and max" and let it see one example only. *What is clipped, and how much does it cost?*

# %%
from edgekit.ui.calibration_explorer import CalibrationExplorer

seen = run.run(network, x_val[:64], all_tensors=True)
explorer = CalibrationExplorer({name: seen[name] for name in seen if name == "x" or name.startswith("relu")})
explorer.set(tensor="relu_3", num_bits=4)
explorer

# %% [markdown]
# **The layer that suffers.** Here are four reports of the patient.
#
# 1. *Which layer gains most when each channel gets its own scale?* Look at the one that makes the outliers, then at
#    the one that reads them.
# 2. Choose "all but this layer". *With 4 bits, does sparing one layer still save the network?*

# %%
ranges, reports = ptq.calibrate(patient, batches), {}
for bits in (8, 4):
    for per_channel in (False, True):
        graph = ptq.quantize_graph(patient, ranges, per_channel, bits)
        name = f"{bits} bits, per {'channel' if per_channel else 'tensor'}"
        reports[name] = sensitivity(patient, graph, x_few[:100], few_score)
LayerSensitivity(reports, "macro F1")

# %% [markdown]
# ## Exercises
#
# Three predictions are behind you. Now write the three steps yourself. Each check says which case fails and, if it
# knows it, which misconception is behind it. Hints come one at a time:

# %%
hint("02/fold_batch_norm")

# %% [markdown]
# **1. Fold.** Equation (1), for a dense layer: `w` has one row for each output, the other arrays one number for each
# output. Return the new weights and the new bias.

# %%
def my_fold(w, b, gamma, beta, mean, variance, eps):
    """Return (weights, bias) of the one layer that computes the layer and its batch norm."""
    ### BEGIN SOLUTION
    gain = gamma / np.sqrt(variance + eps)
    return w * gain[:, None], beta + gain * (b - mean)
    ### END SOLUTION


check("02/fold_batch_norm", my_fold)

# %% [markdown]
# **2. Balance.** Equation (4), for two dense layers: row $i$ of `w1` makes channel $i$, column $i$ of `w2` reads it.
# A channel without any weight on one side gets the factor 1.

# %%
def my_balance(w1, w2):
    """Return the factor of every channel, shape (len(w1),)."""
    ### BEGIN SOLUTION
    r1, r2 = np.abs(w1).max(axis=1), np.abs(w2).max(axis=0)
    alive = (r1 > 0) & (r2 > 0)
    return np.sqrt(np.where(alive, r1, 1.0) / np.where(alive, r2, 1.0))
    ### END SOLUTION


check("02/balance", my_balance)

# %% [markdown]
# **3. Transfer: correct a bias.** Equation (5), for real: you have the float weights `w`, the coarse weights `w_q`
# (both (outputs, inputs)), some inputs `x` (examples, inputs) and the bias. Return the bias that keeps the mean of
# each output.

# %%
def my_corrected_bias(w, w_q, x, bias):
    """Return the corrected bias, shape (outputs,)."""
    ### BEGIN SOLUTION
    return bias + (w - w_q) @ x.mean(axis=0)
    ### END SOLUTION


check("02/corrected_bias", my_corrected_bias)

# %% [markdown]
# ## Real life: two quantizers of the field
#
# Two tools that many engineers call do the same four steps. `quantize_static` belongs to ONNX Runtime: it takes a
# float ONNX file and a reader of calibration data. `ai-edge-quantizer` belongs to LiteRT: it takes a float `.tflite`
# file. Our package writes both files, so both tools get the *same* network and the *same* examples as ours.
#
# First ONNX Runtime. This function of the package writes the file and calls the tool with its defaults, ranges by
# minimum and maximum:

# %%
from edgekit.deploy.onnx import static

print(inspect.getsource(static.quantize_static))

# %% [markdown]
# To run what comes out, ONNX Runtime needs the session option below. Without it, this runtime executes such models in
# *float* on a PC, and you measure something else than the device will do. And it wants channels first.

# %%
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.add_session_config_entry("session.qdqisint8allowed", "1")


def by_onnx_runtime(graph, per_channel):
    model = static.quantize_static(graph, batches[:2], per_channel)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return task.score(y_val, x_val, session.run(None, {graph.inputs[0]: static.channels_first(x_val)})[0])

# %% [markdown]
# Now LiteRT's tool. It calibrates with one example at a time, and follows the ranges with a *moving average*. What it
# gives back is an integer `.tflite` file, which LiteRT itself executes. (`quiet` keeps back its progress reports.)

# %%
from ai_edge_quantizer.qtyping import QuantGranularity, TFLOperationName
from ai_edge_quantizer.quantizer import Quantizer

from edgekit.course.quiet import quiet
from edgekit.deploy import litert


def quantized_by_ai_edge(graph, per_channel):
    scales = QuantGranularity.CHANNELWISE if per_channel else QuantGranularity.TENSORWISE
    tool = Quantizer(litert.write(graph))
    tool.add_static_config(".*", TFLOperationName.ALL_SUPPORTED, 8, 8, scales)
    examples = [{graph.inputs[0]: window[None]} for batch in batches[:2] for window in batch]
    ranges = tool.calibrate({"serving_default": examples}, num_threads=1)
    return bytes(tool.quantize(ranges).quantized_model)

# %%
from edgekit.core.affine import quantize
from edgekit.deploy import litert_run


def by_ai_edge(graph, per_channel):
    with quiet():
        model = quantized_by_ai_edge(graph, per_channel)
        q = quantize(x_val, litert.read(model).tensors[graph.inputs[0]].qparams).astype(np.int8)
        return task.score(y_val, x_val, litert_run.run(model, q))

# %%
cases = {"healthy, per channel": (network, True), "patient, per tensor": (patient, False),
         "patient, per channel": (patient, True), "equalized, per tensor": (healed, False)}
print(f"{'macro F1':22}  ours  ONNX Runtime  AI Edge")
for name, case in cases.items():
    ours = score(ptq.post_training_quantize(case[0], batches[:2], per_channel=case[1]))
    onnx_runtime, ai_edge = by_onnx_runtime(*case), by_ai_edge(*case)
    print(f"{name:22} {ours:5.2f} {onnx_runtime:13.2f} {ai_edge:8.2f}")
    if "patient" not in name:
        assert max(abs(onnx_runtime - ours), abs(ai_edge - ours)) < 0.05

# %% [markdown]
# Line by line the same. On a healthy network the tools of the field are as good as ours, though each finds its ranges
# in another way. On the patient they are as helpless as ours. And look at the last line: *we* equalized the float
# network, and *their* quantizers profit, even on the old accelerator. That is the charm of this repair. It happens in
# floats, before any tool is called, so it works with all of them.
#
# Differences of a hundredth mean nothing here: one network, one draw of examples. Two *studies* compare our int8 models
# with those of ONNX Runtime on five tasks, five draws of calibration data each, on the sealed test split. By how many
# points of the task's metric is ours ahead, on average, and within which 95 % interval?

# %%
from edgekit.course.studies import Study

even = 0
for name in ("ptq_against_tools", "ptq_against_tools_camera"):
    study = Study.load(name)
    for key in (key for key in study.values if key.endswith("_ahead")):
        low, high = study.interval(key)
        even += low <= 0 <= high
        print(f"{key.removesuffix('_ahead'):10} {study.mean(key):+6.2f} points ({low:+.2f} to {high:+.2f})")
assert even >= 3

# %% [markdown]
# An interval that holds zero says: no difference was found, and that is what most of the lines say. Where an interval
# does not, look at the sign. It goes either way, and the distance is small. No quantizer wins everywhere.
#
# "No difference was found" is not "there is none". Whoever replaces a tool wants to know: *is ours behind by 0.2 points
# at most?* That is shown when the *whole* interval lies above -0.2. The test split of the camera has 2,048 pictures,
# too few for that. But its scenes are synthetic, so more of the same kind can be made. A third study does that, with
# other scenes for each draw, and judges the same two recipes once more. **Predict:** *which line of the camera will
# change?*

# %%
study, margin = Study.load("ptq_against_tools_camera_new_scenes"), 0.2
print(f"{len(study.seeds)} draws, {study.config['scenes_of_a_cell']:,} new scenes for each")
for key in ("presence", "detect"):
    low, high = study.interval(f"{key}_ahead")
    ours, theirs, ahead = (study.mean(f"{key}_{name}") for name in ("drop", "ort_drop", "ahead"))
    print(f"{key:9} loses {ours:+.2f} points by ours, {theirs:+.2f} by theirs; "
          f"ours is ahead by {ahead:+.2f} ({low:+.2f} to {high:+.2f})")
    assert low > -margin
claim("02/presence_ahead", study.mean("presence_ahead"))
claim("02/detect_ahead", study.mean("detect_ahead"))
print(f"behind by {margin} points at the most: shown for both")

# %% [markdown]
# Look at *presence* in both tables. On the small split ours seemed to be behind, and the interval did not even hold
# zero. On new pictures nothing is left of that. Was the first interval wrong? It answers a smaller question. All five
# draws of calibration data were judged on the *same* pictures, so it says what other draws would give on these
# pictures, and nothing of other pictures. In the third study each draw has pictures of its own, and its interval counts
# both. (A loss below zero is no miracle: a few doubtful pictures flip, and some flip to the right side.)
#
# ## Cost box
#
# What do the bits cost and bring? The pulse network again, with one scale per channel and weights rounded together.
# The last row gives each layer 2, 4 or 8 bits, by the noise that it brings to the output:

# %%
from edgekit.graph import memory
from edgekit.graph.mixed import choose_bits

ranges = ptq.calibrate(network, batches)
sizes = {bits: cost.weight_bytes(ptq.quantize_graph(network, ranges, num_bits=bits)) for bits in (8, 4, 2)}
budget = (sizes[4] + sizes[2]) // 2
bits = {"8 bits": 8, "4 bits": 4, "2 bits": 2, "mixed": choose_bits(network, ranges, x_few[:100], budget)}
print("mixed:", list(bits["mixed"].values()))

# %%
print(f"{'':8} macro F1   weight bytes   peak RAM     MACs")
ram = memory.plan(network).peak_ram_bytes
print(f"{'float':8} {baseline:8.2f} {cost.weight_bytes(network):14,} {ram:10,} {cost.macs(network):8,}")
for name, choice in bits.items():
    options = {"num_bits": choice, "weight_observer": "mse", "rounding": "adaptive"}
    graph = ptq.post_training_quantize(network, batches[:1], **options)
    size, ram = cost.weight_bytes(graph), memory.plan(graph).peak_ram_bytes
    print(f"{name:8} {score(graph):8.2f} {size:14,} {ram:10,} {cost.macs(graph):8,}")

# %% [markdown]
# - *Accuracy* is **measured** here, on the validation people.
# - *Weight bytes* are **measured**: all constants as they would be stored, codes packed, scales included.
# - *RAM* is **modelled** by placing all activations in one arena; *MACs* are **modelled** by counting.
# - *Latency* and *energy* are not shown: they depend on the processor. Int8 is faster almost everywhere, 4 bits only
#   where the hardware or the kernel unpacks them for free. Lessons 03 and 12 measure.
#
# ## Summary
#
# - Fold, calibrate, choose grids, quantize: no training, no labels, a few hundred examples like the real ones.
# - Factors between layers are invisible in floats and deadly in integers. Find them with a sensitivity report: each
#   layer alone, and all but one.
# - One scale per channel heals the layer that makes an outlier, not the one that reads it. Equalization heals both.
# - With few bits, correct the means and round weights together. It costs nothing at run time.
# - Repairs in floats help every tool.
#
# **Next.** Lesson 03 opens the integer arithmetic itself: how a layer multiplies by a real number without any float.
# Where four bits are not enough even so, lesson 04 trains with the grid.
#
# **Sources**
#
# - B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
#   CVPR 2018: equation (1), calibration.
# - M. Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", ICCV 2019: equations
#   (3) to (5).
# - M. Nagel et al., "Up or Down? Adaptive Rounding for Post-Training Quantization", ICML 2020: equation (6).
# - K. Behdin et al., "QuantEase: Optimization-based Quantization for Language Models", 2023: coordinate descent.
# - Z. Dong et al., "HAWQ-V2: Hessian Aware trace-Weighted Quantization of Neural Networks", NeurIPS 2020: mixed bits.
# - ONNX Runtime documentation, "Quantize ONNX models".
# - Google AI Edge, the package `ai-edge-quantizer`: static recipes, calibration by moving average.
