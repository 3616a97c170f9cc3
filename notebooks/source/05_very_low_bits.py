# %% [markdown]
# # 05 Very low bits: weights of three values, or of two
#
# **Question.** What is left of a network when each weight may only say minus, nothing or plus? And what does it
# save?
#
# **You will learn**
#
# - to choose ternary and binary codes, and the best scale for them, by hand;
# - to pack five ternary codes into a byte, and to count the bytes of a network to the last bit;
# - to multiply signs without multiplying: XNOR and counting ones, and what that is worth in NumPy, told honestly;
# - why the first and the last layer keep more bits;
# - what such weights cost on four tasks, with intervals, and what decides it.
#
# **Time** 35 minutes. **You need** lesson 04. **The modules behind it** `edgekit.core.lowbit` and
# `edgekit.nn.lowbit`.

# %%
import inspect

import numpy as np

from edgekit import tasks
from edgekit.core import lowbit
from edgekit.course.checks import check, hint
from edgekit.course.claims import claim
from edgekit.course.studies import Study
from edgekit.graph import cost, fold, ptq, run
from edgekit.nn import zoo
from edgekit.ui import plots

# %% [markdown]
# ## 1. Three values
#
# **The pain.** Lesson 04 ended with 2 bits, whose symmetric grid has just three codes. Let us take the pulse network
# and simply round its weights to them:

# %%
task = tasks.get("ppg")
x_val, y_val = task.inputs("val")
trained = zoo.load("ppg-cnn")
network = fold.fold(trained)
ranges = ptq.calibrate(network, task.calibration_batches(256), "mse")


def score(graph):
    return task.score(y_val, x_val, run.predict(graph, x_val))


two_bits = ptq.quantize_graph(network, ranges, num_bits=2)
print(f"macro F1: float {score(network):.2f}, 2 bits {score(two_bits):.2f}")

# %% [markdown]
# The grid reaches up to the largest weight of a channel, and its only other code is zero. So every weight below
# half of the largest becomes zero, and that is nearly every weight. With three codes a range is the wrong idea. We
# need two other numbers: a *threshold* $\Delta$, below which a weight becomes zero, and a *scale* $s$, which all
# others share.
#
# **The equation.** Suppose that the codes $c_i$ are given. The best scale has the least squared error:
#
# $$\frac{\partial}{\partial s} \sum_i (w_i - s\,c_i)^2 = 0 \quad\Rightarrow\quad
#   s = \frac{\sum_i w_i c_i}{\sum_i c_i^2} = \text{mean of } |w_i| \text{ where } c_i \neq 0 \tag{1}$$
#
# The last step holds because $w_i c_i = |w_i|$ wherever the code has the sign of the weight. **Predict**: *which
# scale is best for the weights 3, -0.5, 1, -2 with the codes 1, 0, 1, -1?*

# %%
### BEGIN SOLUTION
best_scale = 2
### END SOLUTION
check("05/predict_scale", best_scale)

# %% [markdown]
# For the threshold there is no such formula. But for weights that are spread like a bell, a good one is known:
# $\Delta = 0.7 \cdot \text{mean}\,|w|$. The code takes it for each output channel (a row of the flattened weights), and
# `_scale` is equation (1):

# %%
print(inspect.getsource(lowbit.ternarize))
print(inspect.getsource(lowbit._scale))

# %% [markdown]
# **See.** Is 0.7 a good choice for *our* weights? We try others, with the best scale for each. We measure the squared
# error as a share of the squared weights themselves: 1 would be the error of setting all of them to zero.

# %%
w = network.tensors["features.3.0.weight.folded"].data


def error(threshold):
    codes, scale = lowbit.ternarize(w, threshold)
    return np.mean((w - codes * scale[:, None, None, None]) ** 2) / np.mean(w**2)


shares = np.linspace(0, 2, 41)
errors = [error(share) for share in shares]

# %%
fig, ax = plots.subplots(height=3)
ax.plot(shares, errors)
ax.plot(lowbit.TERNARY_THRESHOLD, error(lowbit.TERNARY_THRESHOLD), "o", label="0.7")
ax.annotate("the usual choice", (0.7, error(0.7)), (0, 18), textcoords="offset points", ha="center")
ax.set(xlabel="threshold / mean size of the weights", ylabel="squared error (share)", ylim=(0, 0.6),
       title="The usual threshold lies in a flat valley")
plots.show(fig, "Squared error against the threshold: a flat valley around 0.7, higher at zero and at two.")
claim("05/threshold_near_best", error(lowbit.TERNARY_THRESHOLD) / min(errors))

# %% [markdown]
# The left end of the curve, threshold zero, is a layer of two values: nothing becomes zero. Zero as a third code is
# worth nearly half of that error. The valley is flat, so the exact threshold hardly matters. But even at its bottom
# the error is large: lesson 01 would call it a few decibels, where 8 bits had dozens. So here, too, the network
# must *learn* with its codes. Thresholds and scales then learn as well.
#
# ## 2. Two values
#
# **The equation.** With $c_i = \pm 1$ equation (1) says $s = \text{mean}\,|w|$, over all weights:

# %%
print(inspect.getsource(lowbit.binarize))

# %% [markdown]
# Where does zero go? It needs a sign, so by convention it becomes plus. One worked number:

# %%
codes, scale = lowbit.binarize(np.array([[3.0, -0.5, 1.0, -2.0, 0.0]]))
print("codes", codes[0], " scale", scale[0])
assert scale[0] == np.mean([3, 0.5, 1, 2, 0])

# %% [markdown]
# ## 3. Bytes, to the bit
#
# **The pain.** How many bits does a ternary code need? Two, says the processor. But two bits hold four values, and
# we use three. **Predict**: *how many ternary codes fit into one byte?*

# %%
### BEGIN SOLUTION
trits = 5
### END SOLUTION
check("05/predict_trits", trits)

# %% [markdown]
# **The code.** We read the codes as digits of a number in base 3:

# %%
print(inspect.getsource(lowbit.pack_ternary))

# %%
codes = np.array([-1, 0, 1, 0, -1])
packed = lowbit.pack_ternary(codes)
print(codes, "->", packed, "->", lowbit.unpack_ternary(packed, 5))
print(f"{3**5} of 256 values used: {8 / 5} bits a code, the limit is log2(3) = {np.log2(3):.3f}")

# %% [markdown]
# That is as good as it gets. Yet codes are not all that a device must store. Each channel has a scale, and, as in
# lesson 03, a multiplier, a shift and a bias. `LowBitNet` is the `QatNet` of lesson 04 with such codes in all
# layers but the first and the last, which keep 8 bits (section 5 says why). Not trained yet, it is good for
# counting bytes:

# %%
from edgekit.nn.lowbit import LowBitNet

int8 = ptq.quantize_graph(network, ranges)
nets = {kind: LowBitNet(trained, int8, kind) for kind in ("ternary", "binary")}
graphs = {"8 bits": int8} | {kind: net.to_integer() for kind, net in nets.items()}
print(f"{'':8} {'codes':>7} {'all else':>9} {'together':>9}")
for name, graph in graphs.items():
    total = cost.weight_bytes(graph)
    inner = sum(len(cost.packed(t)) for t in graph.constants if t.qparams is not None)
    print(f"{name:8} {inner:7,} {total - inner:9,} {total:9,}")

# %% [markdown]
# From 8 bits to binary the codes shrink by far, and everything else stays. In a small network the rest is soon the
# larger part. So *bits per weight* is a poor measure. Count bytes.
#
# **Check.** What is packed comes back, for all codes of the network:

# %%
for t in graphs["ternary"].constants:
    if t.qparams is not None and t.qparams.num_bits == 2:  # the ternary layers
        assert np.array_equal(lowbit.unpack_ternary(cost.packed(t), t.shape), t.data)
        assert len(cost.packed(t)) == -(-t.data.size // 5)
print("every ternary weight comes back")

# %% [markdown]
# ## 4. Multiplying without multiplying
#
# **The equation.** Let inputs *and* weights be signs, and write a bit for each: 1 for plus. A product is plus where
# two bits are equal. So a sum of $n$ products needs no multiplication at all:
#
# $$\sum_{i=1}^{n} x_i w_i = (\text{equal}) - (\text{different}) = n - 2\,\text{popcount}(x \oplus w) \tag{2}$$
#
# Popcount counts the ones in a word; processors have an instruction for it. (XNOR is the same with the equal places
# counted.) **Predict**: two vectors of eight signs differ in three places. *What is their sum of products?*

# %%
### BEGIN SOLUTION
sign_sum = 2
### END SOLUTION
check("05/predict_signs", sign_sum)

# %% [markdown]
# On paper:

# %%
x, w_signs = np.array([[1, -1, 1, 1, -1, -1, 1, -1]]), np.array([[1, 1, 1, -1, -1, -1, -1, -1]])
bits_x, bits_w = lowbit.pack_signs(x)[0, 0], lowbit.pack_signs(w_signs)[0, 0]
print(f"x         {bits_x:08b}   (first sign lowest)")
print(f"w         {bits_w:08b}")
print(f"different {bits_x ^ bits_w:08b}: {(bits_x ^ bits_w).bit_count()} ones")
print("8 - 2 * ones =", 8 - 2 * int(bits_x ^ bits_w).bit_count(), " sum of products =", int((x * w_signs).sum()))

# %%
print(inspect.getsource(lowbit.binary_dense))

# %% [markdown]
# **See.** Is it fast? We let NumPy multiply the same matrices of signs in three ways: by popcount, as integers, and
# as floats. The best of several attempts counts:

# %%
import time

rng = np.random.default_rng(0)
q_x, q_w = (rng.choice([-1, 1], shape).astype(np.int32) for shape in ((64, 1024), (256, 1024)))
wide_x, wide_w = q_x.astype(np.float32), q_w.astype(np.float32)
ways = {"popcount, packing included": lambda: lowbit.binary_dense(q_x, q_w), "integers": lambda: q_x @ q_w.T,
        "floats (BLAS)": lambda: wide_x @ wide_w.T}


def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)

# %%
taken = {name: min(milliseconds(work) for _ in range(9)) for name, work in ways.items()}

# %%
fig, ax = plots.subplots(height=2.2)
ax.barh(list(taken), list(taken.values()), color=plots.PALETTE[:3])
ax.invert_yaxis()
ax.set(xlabel="milliseconds on this computer (measured)", title="One product of signs, computed in three ways")
plots.show(fig, "Time of one product of signs: popcount is far faster than NumPy's integers.", compare=False)
assert np.array_equal(lowbit.binary_dense(q_x, q_w), (wide_x @ wide_w.T).astype(int))
assert taken["popcount, packing included"] < taken["integers"]

# %% [markdown]
# Here is the honest reading. Popcount is faster than NumPy's plain integer product. But compare it with the last bar.
# A library for floats (BLAS), tuned for decades, is usually faster still on a PC, although its numbers are 32 times as
# large. The trick pays where there is no such library and no vector unit: in hardware that is built for it.
#
# There is a second catch. Equation (2) needs *inputs* of one bit. Our networks have binary weights, but activations
# of 8 bits. What is left for them is that a product with a sign is an addition or a subtraction. So in what follows
# the gain is *bytes*. We do not claim any speed.
#
# ## 5. Train
#
# **The code.** A ternary layer is the straight-through estimator of lesson 04 with another rounding. A weight
# divided by $2\Delta$ rounds to zero exactly when it is smaller than $\Delta$. The threshold is a parameter, and so
# is the scale (as in lesson 04, as a logarithm, and with a gradient made smaller, since many weights share it):

# %%
from edgekit.nn.lowbit import Ternary

print(inspect.getsource(Ternary.codes))

# %% [markdown]
# We train for a few passes over the small training split: once with the first and the last layer in 8 bits, once
# with all layers ternary.

# %%
from edgekit.nn.lowbit import layer_names
from edgekit.nn.train import Recipe, outputs, train

x_train, y_train = task.inputs("train")


def learn(kind, layers=None):
    net = LowBitNet(trained, int8, kind, layers)
    before = task.score(y_val, x_val, outputs(net, x_val))
    train(net, x_train, y_train, Recipe(epochs=5, batch_size=64, learning_rate=5e-3))
    return before, net.to_integer()

# %%
before, ternary = learn("ternary")
print(f"ternary: macro F1 {before:.2f} before training, {score(ternary):.2f} after")
claim("05/ternary_gain", score(ternary) - before)

# %% [markdown]
# **Where to begin?** Rounding each weight by itself leaves a wreck, and training had far to go. Lesson 02 knew better:
# round all weights of a layer *together*, so that its outputs come out right. That works for three codes as well:

# %%
from edgekit.nn.rounded_start import begin_rounded

begun = LowBitNet(network, int8, "ternary")
begin_rounded(begun, task.calibration_batches(256))
together = score(begun.eval().to_integer())
print(f"ternary, rounded together, not trained: macro F1 {together:.2f}")
claim("05/together_gain", together - before)

# %% [markdown]
# No label, no gradient, a few seconds: most of what training gained was to be had for nothing. Training can begin
# there, too, and has less far to go. (Binary codes cannot be rounded so: between minus and plus one lies zero.)
#
# **Why the ends keep 8 bits.** The first layer sees the signal itself, through few weights. The last one decides.
# Both are small, so they save little. What do they cost?

# %%
everywhere = learn("ternary", layer_names(int8))[1]
saved = cost.weight_bytes(ternary) - cost.weight_bytes(everywhere)
lost = score(ternary) - score(everywhere)
print(f"all layers ternary: {saved:,} of {cost.weight_bytes(ternary):,} bytes saved")
print(f"macro F1 {score(ternary):.2f} with ends of 8 bits, {score(everywhere):.2f} without")
claim("05/ends_lost", lost)

# %% [markdown]
# One run is no proof, and a short training exaggerates. The bytes, though, are exact: the ends hold so few weights
# that sparing them costs next to nothing. That is why nearly everybody spares them.
#
# **Check.** The codes are what they should be:

# %%
kinds = {t.name: np.unique(t.data).tolist() for t in ternary.constants if t.qparams is not None}
inner = [codes for codes in kinds.values() if codes == [-1, 0, 1]]
print(f"{len(inner)} of {len(kinds)} layers have the codes {inner[0]}")
assert len(inner) == len(kinds) - 2

# %% [markdown]
# ## 6. What do they cost?
#
# **The pain.** A few seconds on little data say little. So there are studies, as in lesson 04: each network of the kit
# with ternary and binary weights, trained five times and measured once on the sealed test split. Only on the pulse did
# they train with labels. All others learned from what their own float version answers. The band is the 95 % interval of
# the mean.

# %%
TASKS = {"pulse": ("bits_vs_accuracy", "macro F1"), "machine sounds": ("bits_vs_accuracy_acoustic", "macro F1"),
         "camera": ("bits_vs_accuracy_camera", "accuracy"), "anomalies": ("bits_vs_accuracy_anomaly", "AUC")}
STUDIES = {data: Study.load(name) for data, (name, _) in TASKS.items()}
METRICS = {data: metric for data, (_, metric) in TASKS.items()}
NAMES = {"float": "float", "trained4": "4 bits, trained", "ternary": "ternary", "binary": "binary"}

# %%
fig, axes = plots.subplots(2, 2, height=6.4, width=11)
for ax, (data, study) in zip(axes.flat, STUDIES.items(), strict=True):
    values = {words: study.values[key] for key, words in NAMES.items()}
    intervals = {words: study.interval(key) for key, words in NAMES.items()}
    plots.study(ax, values, intervals, METRICS[data], title=data.capitalize())
    ax.locator_params(axis="x", nbins=4)
plots.show(fig, "Four tasks, float to binary, five seeds each. What few values cost differs from task to task.")

# %% [markdown]
# Mind the axes: each picture has its own. In figures, with one more network beside them, which hears the same machine
# sounds and is far larger (its study did not try binary weights):

# %%
def lost(study, key):
    """Points lost against the float network: the mean, and the ends of its interval."""
    return [100 * (study.mean("float") - value) for value in (study.mean(key), *reversed(study.interval(key)))]


ALL = {**STUDIES, "sounds, large": Study.load("bits_vs_accuracy_teacher")}
for kind in ("together4", "trained4", "ternary", "binary"):
    for data, study in ALL.items():
        if kind in study.values:
            drop, low, high = lost(study, kind)
            size, whole = (study.values[f"bytes_{key}"][0] for key in (kind, "float"))
            print(f"{data:15} {kind:9} loses {drop:5.2f} points ({low:5.2f} to {high:5.2f}), "
                  f"{size:7,.0f} bytes, {whole / size:4.1f} times smaller")

# %%
claim("05/pulse_ternary_drop", lost(ALL["pulse"], "ternary")[0])
claim("05/sounds_ternary_drop", lost(ALL["machine sounds"], "ternary")[0])
claim("05/camera_ternary_drop", lost(ALL["camera"], "ternary")[0])
claim("05/anomaly_ternary_drop", lost(ALL["anomalies"], "ternary")[0])
claim("05/large_ternary_drop", lost(ALL["sounds, large"], "ternary")[0])

# %%
print(f"4 bits, rounded together: {max(lost(study, 'together4')[0] for study in ALL.values()):.1f} points at the most")
for data in ("pulse", "machine sounds", "camera"):
    assert ALL[data].interval("ternary")[0] > ALL[data].interval("binary")[1]
assert all(lost(ALL["anomalies"], kind)[1] < 0 for kind in ("ternary", "binary"))
goal = 3
worst = max(lost(study, "ternary")[0] for study in ALL.values())
print(f"ternary: {worst:.1f} points at the most; the goal was {goal}")
assert worst < goal

# %% [markdown]
# With 4 bits little is lost, if weights are rounded together: the first line says how much where it is worst. It needs
# no training, as lesson 04 found. With fewer values the networks part. On three tasks binary weights cost clearly more
# than ternary ones. On the fourth neither costs anything that five seeds can tell.
#
# Why so different? **Predict**, before you look at the next figure: *what do the networks that bear ternary weights
# well have in common?*

# %%
fig, ax = plots.subplots(height=3.6)
for (data, study), marker in zip(ALL.items(), "osD^v", strict=True):
    drop, low, high = lost(study, "ternary")
    size = study.values["bytes_float"][0]
    ax.plot([size, size], [low, high], color="#666666", lw=3, alpha=0.5, label=f"interval of {data}")
    ax.plot(size, drop, marker, ms=9, label=data)
    ax.annotate(data, (size, drop), (8, -15 if data == "anomalies" else 8), textcoords="offset points")
ax.set(xscale="log", xlabel="bytes of the float network (logarithmic)", ylabel="points lost, ternary",
       title="Ternary weights: small networks pay most", xlim=(1e4, 4e6), ylim=(-1, 5))
plots.show(fig, "Points lost with ternary weights against the bytes of five float networks: the smallest lose most.")

# %%
small, large = ALL["machine sounds"], ALL["sounds, large"]
rows = {"large, float": (large, "float"), "large, ternary": (large, "ternary"),
        "small, float": (small, "float"), "small, 8 bits": (small, "nearest8"), "small, ternary": (small, "ternary")}
for words, (study, key) in rows.items():
    print(f"{words:15} macro F1 {study.mean(key):.2f}, {study.values['bytes_' + key][0]:11,.0f} bytes")
sizes = [study.values["bytes_float"][0] for study in ALL.values()]
drops = [lost(study, "ternary") for study in ALL.values()]
means = [mean for mean, _, _ in drops]
assert set(np.argsort(sizes)[:2]) == set(np.argsort(means)[-2:])

# %% [markdown]
# It is the size, first of all. The two smallest networks, which hear machines and read the pulse, pay most: each of
# their weights matters. The *same* sounds and a network with far more weights: three values for each cost less. The
# other two kinds of input, pictures and anomalies, fit in. (Different tasks, and points of different metrics: read it
# as a tendency.)
#
# The smallest network has a story. At first *all* four of its layers of 1 x 1 were ternary, and much more was lost.
# Training longer did not help, and codes rounded together helped a little. What helped was to look where the weights
# are. The first two of these layers hold few of them; they keep 4 bits now. What does that cost in bytes?

# %%
few = {"all four ternary, before": small.config["all_four_ternary_lost"], "two ternary": lost(small, "ternary")[0],
       "3 bits, trained": lost(small, "trained3")[0], "4 bits, rounded together": lost(small, "together4")[0]}
sizes = dict(zip(list(few)[1:], ("ternary", "trained3", "together4"), strict=True))
for words, points in few.items():
    size = f", {small.values['bytes_' + sizes[words]][0]:,.0f} bytes" if words in sizes else ""
    print(f"{words:25} {points:4.1f} points lost{size}")

# %% [markdown]
# Now compare the last three lines. Three codes for two layers hardly save a byte over 4 bits everywhere, and 3 bits
# everywhere are smaller still. In so small a network ternary weights *can* be made to work, but they do not pay.
#
# And look at the bytes of the large network before you cheer. Ternary, it still takes several times what the small one
# takes *in floats*. It buys accuracy with them. Few bits and few weights are two ways to the same goal, and one does
# not replace the other.
#
# **Which layers?** No rule holds without a look at the network. On the pulse all layers but the ends have few values.
# On sounds and pictures the depthwise layers have nine weights for a channel, and keep 4 bits; on pictures the early
# layers, which hold few weights, keep 8. The network for anomalies turns the rule around: its first and its last
# layer hold nearly all the weights, so *these* are the ternary ones, and the small ones between them keep 8 bits. The
# rule behind all rules: few values where the weights are many.
#
# The ternary camera network and the small one for sounds began where rounding together leaves them, as in section 5.
#
# Two warnings belong to these figures. All seeds start from one shipped network, so they show the chance in data and
# order, not in the first training. And on the pulse a part of the loss comes from training again for a short time, as
# the control in lesson 04 showed.
#
# ## Explore
#
# All variants of four networks, bytes against their metric. The broad grey line is the *front*: nothing else is
# smaller and better. Predict, then move the controls:
#
# 1. *Is the ternary pulse network on the front?* It has three codes, and so have the networks of 2 bits. Which of
#    them is smaller, and why?
# 2. Change to machine sounds. *Is binary still worth a thought?* Compare its bytes with those of 2 bits, trained.
# 3. Change to anomalies. *Which network would you ship?* Mind the scale of the vertical axis.

# %%
from edgekit.ui.bits_vs_accuracy import BitsVsAccuracy

explorer = BitsVsAccuracy(STUDIES, metric=METRICS)
explorer.set(method="ternary")
explorer

# %% [markdown]
# ## Exercises
#
# Three predictions are behind you. Hints come one at a time:

# %%
hint("05/ternarize")

# %% [markdown]
# **1. Ternary.** For each row of `w`: a threshold of 0.7 times the mean size, the codes, and the best scale. A row
# whose codes are all zero gets the scale 1.

# %%
def my_ternarize(w):
    """Return (codes, in the shape of w; scales, one for each row)."""
    ### BEGIN SOLUTION
    delta = 0.7 * np.abs(w).mean(axis=1, keepdims=True)
    codes = (np.sign(w) * (np.abs(w) > delta)).astype(int)
    kept = np.abs(codes).sum(axis=1)
    return codes, np.where(kept > 0, (w * codes).sum(axis=1) / np.maximum(kept, 1), 1.0)
    ### END SOLUTION


check("05/ternarize", my_ternarize)

# %% [markdown]
# **2. Signs.** `a` and `b` are whole numbers whose lowest `n` bits are signs, 1 for plus; all higher bits are zero.
# Return the sum of the `n` products. `(5).bit_count()` counts the ones of a number.

# %%
def my_sign_product(a, b, n):
    """Return the sum of products of n signs."""
    ### BEGIN SOLUTION
    return n - 2 * (a ^ b).bit_count()
    ### END SOLUTION


check("05/sign_product", my_sign_product)

# %% [markdown]
# **3. Transfer: pack.** Pack an array of ternary codes, five to a byte, the first code lowest. Fill the last byte
# with digits 0.

# %%
def my_pack(codes):
    """Return the bytes, as an array."""
    ### BEGIN SOLUTION
    digits = np.concatenate([codes + 1, np.zeros(-len(codes) % 5, int)])
    return (digits.reshape(-1, 5) @ 3 ** np.arange(5)).astype(np.uint8)
    ### END SOLUTION


check("05/pack_trits", my_pack)

# %% [markdown]
# ## Real life: an inference engine with 4-bit codes
#
# Which tools run such weights? ONNX knows 4-bit integers as a type, and ONNX Runtime unpacks them. It has no type
# for three values, nor for signs. A ternary network travels there in 4 bits a code, and computes the same. Let us see
# both, with the last ternary layer of our network:

# %%
import onnxruntime
from onnx import TensorProto, helper

t = next(t for t in reversed(ternary.constants) if t.qparams is not None and t.qparams.num_bits == 2)
rows = t.data.reshape(len(t.data), -1)
codes4 = helper.make_tensor("codes", TensorProto.INT4, rows.shape, rows.ravel().tolist())
scales = helper.make_tensor("scales", TensorProto.FLOAT, [len(rows)], t.qparams.scale.astype(np.float32))
nodes = [helper.make_node("DequantizeLinear", ["codes", "scales"], ["w"], axis=0),
         helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)]

# %%
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, n])
        for name, n in (("x", rows.shape[1]), ("y", len(rows)))]
made = helper.make_graph(nodes, "ternary", ends[:1], ends[1:], [codes4, scales])
model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
x = rng.normal(size=(50, rows.shape[1])).astype(np.float32)
theirs = session.run(None, {"x": x})[0]
ours = x @ (rows * t.qparams.scale[:, None]).T
np.testing.assert_allclose(theirs, ours, atol=1e-4 * np.abs(ours).max())
print("the same numbers within float rounding")
print(f"codes: {len(codes4.raw_data) or -(-rows.size // 2):,} bytes there, {len(cost.packed(t)):,} here")

# %% [markdown]
# Their four bits against our 1.6. The format has no better place for such codes, so most of the gain is lost on the
# way. That is the usual fate of very low bits: a network can have them long before a tool can keep them. Formats for
# large language models have found the same trick as we did; `TQ1_0` of llama.cpp packs five ternary codes in a byte
# (cited).
#
# ## Cost box

# %%
from edgekit.graph import memory

rows = {"float": network, "8 bits": int8, "ternary": ternary, "all ternary": everywhere}
print(f"{'':12} macro F1   weight bytes   peak RAM, B     MACs")
for words, graph in rows.items():
    ram = memory.plan(graph).peak_ram_bytes
    print(f"{words:12} {score(graph):8.2f} {cost.weight_bytes(graph):14,} {ram:13,} {cost.macs(graph):8,}")

# %% [markdown]
# - *Accuracy* is **measured** here, on validation people, after seconds of training; the study above trained longer.
# - *Weight bytes* are **measured**: codes packed five to a byte, biases, scales and multipliers included.
# - *RAM* is **modelled** by placing all activations in one arena. It depends on activations alone, and those still
#   have 8 bits. *MACs* are **modelled** by counting; those with ternary weights are additions.
# - *Latency* and *energy*: not shown. A kernel for ternary weights would have to unpack them first.
#
# ## Summary
#
# - Codes first, then the best scale for them: the mean size of the weights that are kept.
# - Five ternary codes fit in a byte. In small networks scales and biases soon outweigh the codes.
# - With signs on both sides a product is an XNOR and a sum is a popcount. With 8-bit activations it is an addition.
# - Spare the first and the last layer: they cost few bytes.
# - Ternary is within reach where a network has weights to spare. Binary mostly costs more. Small networks pay most.
# - Begin with codes that were rounded together: most of the gain, before the first step of training.
#
# **Next.** Fewer bits for each weight was one way. The other is fewer weights: lesson 06.
#
# **Sources**
#
# - F. Li et al., "Ternary Weight Networks", arXiv:1605.04711, 2016: equation (1), the threshold.
# - C. Zhu et al., "Trained Ternary Quantization", ICLR 2017: trained scales.
# - M. Rastegari et al., "XNOR-Net: ImageNet Classification Using Binary Convolutional Neural Networks", ECCV 2016:
#   equation (2), binary weights with a scale.
# - S. Esser et al., "Learned Step Size Quantization", ICLR 2020: how a threshold is trained.
# - llama.cpp, "ggml-quants": the format TQ1_0.
