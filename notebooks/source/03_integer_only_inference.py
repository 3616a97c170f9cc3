# %% [markdown]
# # 03 Integer-only inference: multiplying by a real number without any float
#
# **Question.** A small processor has no floating-point unit. How does it run a network whose scales are real numbers?
# And why do two runtimes give different integers for one and the same model file?
#
# **You will learn**
#
# - what a layer computes between its input codes and its output codes: bias, zero points, a sum in 32 bits;
# - to write a real number as a multiplier and a shift, by hand;
# - what a tie is, and five ways in which the runtimes of the field round;
# - to read the difference between two runtimes: where it begins, how it spreads, whether it matters;
# - to make integers agree to the last bit with LiteRT and ONNX Runtime, and to prove it.
#
# **Time** 40 minutes. **You need** lessons 01 and 02. **The module behind it** `edgekit.core.integer`.

# %%
import inspect
from dataclasses import replace

import numpy as np

from edgekit import tasks
from edgekit.core import affine
from edgekit.core.integer import conv, fixed_point
from edgekit.course.checks import check, hint
from edgekit.course.claims import claim
from edgekit.graph import cost, run
from edgekit.graph.ir import Graph
from edgekit.nn import zoo

# %%
from edgekit.ui import plots

# %% [markdown]
# ## 1. The sum before the rounding
#
# **The pain.** In lesson 02 we made a network of integers and were content with its score. Let us look inside. Here
# is its second layer, a convolution, with the numbers that belong to it:

# %%
network = zoo.load("ppg-cnn-int8")
layer = network.nodes[1]
x, w, b = network.inputs_of(layer)
y = network.tensors[layer.output]
for name, tensor in {"input": x, "weights": w, "bias": b, "output": y}.items():
    scale = "" if tensor.qparams is None else f", first scale {np.ravel(tensor.qparams.scale)[0]:.6f}"
    print(f"{name:8} {tensor.dtype:6} {tensor.shape}{scale}")
z_x = int(x.qparams.zero_point)
print("zero_point of the input:", z_x)

# %% [markdown]
# All tensors are integers. The scales are not. They say what the integers mean, so they must enter *somewhere*.
#
# **The equation.** We take equation (1) of lesson 01 for input, weights and output, and put it into
# $y = \sum x\,w + b$. (Weights have the zero point 0.) The scales of input and weights can be taken out of the sum:
#
# $$s_y\,(q_y - z_y) = s_x s_w \underbrace{\left(\sum (q_x - z_x)\, q_w + q_b\right)}_{\text{accumulator}},
#   \qquad b = s_x s_w\, q_b \tag{1}$$
#
# Inside the bracket there are only integers. That is why lesson 02 stored the bias with the scale $s_x s_w$: it can
# simply be added. One worked number, the first channel at the third position of a pulse window:

# %%
task = tasks.get("ppg")
x_val, y_val = task.inputs("val")
q_val = affine.quantize(x_val, network.tensors[network.inputs[0]].qparams)
codes = run.run(network, q_val[:100], all_tensors=True)
q_x = codes[layer.inputs[0]]
patch = q_x[0, 0, 1:8].astype(np.int32)
acc_by_hand = ((patch - z_x) * w.data[0, 0]).sum() + b.data[0]
print(f"{patch.size} products and the bias {b.data[0]:,}: the accumulator holds {acc_by_hand:,}")

# %% [markdown]
# **Fold.** The zero point of the input costs one subtraction for each product. It need not. Weights are known before
# the network runs, and so is their sum:
#
# $$\sum (q_x - z_x)\, q_w + q_b = \sum q_x\, q_w + q_b', \qquad q_b' = q_b - z_x \sum q_w \tag{2}$$
#
# Now only plain products of codes are left, and a new bias. (Where the input is padded, the padding must hold the
# code of zero, which is $z_x$.) In the package:

# %%
print(inspect.getsource(conv.fold))
folded = conv.fold(w.data, b.data, z_x)
print(f"bias {b.data[0]:,}, folded {folded[0]:,}")
assert (patch * w.data[0, 0]).sum() + folded[0] == acc_by_hand

# %% [markdown]
# How wide must the accumulator be? A code difference reaches 255, a weight 127. **Predict**: our layer adds 112
# products. *How many bits, the sign included, can the sum need?* (Leave out the bias.)

# %%
### BEGIN SOLUTION
bits_needed = 23
### END SOLUTION
check("03/predict_bits", bits_needed)

# %% [markdown]
# **See.** All accumulators of this layer for a hundred pulse windows. **Predict**: *do any of them leave 16 bits?*

# %%
geometry = {key: layer.attrs[key] for key in ("stride", "padding", "dilation", "groups")}
acc = conv.accumulate_conv2d(q_x, w.data, b.data, z_x, **geometry)
assert acc[0, 0, 2, 0] == acc_by_hand
fig, ax = plots.subplots(height=3.0)
ax.hist(acc.ravel() / 1000, 90, color=plots.PALETTE[0], label="accumulators")
for end in (-(2**15) / 1000, 2**15 / 1000):
    ax.axvline(end, color=plots.PALETTE[1], ls="--", label="_guide")
ax.annotate(" ends of 16 bits", (2**15 / 1000, 3e4), color="#222222")
ax.set(yscale="log", xlabel="accumulator (thousands)", ylabel="count per bin", title="16 bits would wrap round")
plots.show(fig, "Histogram of the accumulators of one layer: its tails lie far beyond the ends of 16 bits.")

# %% [markdown]
# Most sums are small. Yet the tails reach far beyond the dashed lines, the ends of 16 bits. There a sum would wrap
# round: the *largest* response of a channel would come out as a negative number. No real network fills the bound
# that you predicted. But a program must not depend on luck, so accumulators have 32 bits everywhere.
#
# **Check.** Within 32 bits nothing wraps, whatever the input. Within 16 bits, some sums of this very network would:

# %%
bound = 255 * np.abs(w.data.astype(np.int64)).reshape(len(w.data), -1).sum(axis=1) + np.abs(b.data)
wrapped = np.mean(acc != acc.astype(np.int16))
print(f"largest possible sum {bound.max():,}; in 16 bits {100 * wrapped:.1f} % of the sums here would wrap round")
assert bound.max() < 2**31
assert wrapped > 0

# %% [markdown]
# ## 2. A real number as two integers
#
# **The pain.** We solve equation (1) for the output code:
#
# $$q_y = z_y + \text{round}\left(M \cdot \text{accumulator}\right), \qquad M = \frac{s_x s_w}{s_y} \tag{3}$$
#
# Everything is an integer, except $M$. Here are some of its values, one for each channel:

# %%
factors = fixed_point.make_multiplier(x.qparams.scale, w.qparams.scale, y.qparams.scale).real
print("M of the first four channels:", factors[:4].round(6))
print("as whole numbers:            ", factors[:4].round().astype(int))

# %% [markdown]
# All are far below one. Rounded to whole numbers, nothing is left of them.
#
# **The equation.** So we move the binary point. Any positive number is a fraction from a half to one, times a power
# of two. We keep 31 bits of the fraction, as an integer $m$:
#
# $$M \approx m \cdot 2^{\,shift - 31}, \qquad 2^{30} \le m < 2^{31} \tag{4}$$
#
# A power of two is a shift of bits, which every processor can do. **By hand**, for $M = 0.1$: halve or double until
# the number lies between a half and one, and count.

# %%
fraction, shift = 0.1, 0
while fraction < 0.5:
    fraction, shift = 2 * fraction, shift - 1
m = round(fraction * 2**31)
print(f"0.1 = {fraction} * 2^{shift}")
print(f"m = round({fraction} * 2^31) = {m:,}, shift = {shift}")
print(f"back: m * 2^(shift - 31) = {m * 2.0 ** (shift - 31):.12f}")

# %% [markdown]
# **The code.** `np.frexp` does the loop for us. One case needs care: a fraction just below one may be rounded up to
# $2^{31}$, which has one bit too many. (`data` and `shape` are an array as bytes, so that the answer can be stored and
# need not be computed again.)

# %%
print(inspect.getsource(fixed_point._fixed))

# %% [markdown]
# **See.** How exact is that? We write many numbers with 7, 15 and 31 bits, and plot the relative error.

# %%
reals = np.geomspace(1e-3, 0.99, 1500)
fractions, shifts = np.frexp(reals)
fig, ax = plots.subplots(height=3.2)
for bits, color in zip((7, 15, 31), plots.PALETTE, strict=False):
    error = np.abs(np.rint(fractions * 2.0**bits) * 2.0 ** (shifts - bits) - reals) / reals
    ax.plot(reals, error, ".", ms=2.5, color=color, label=f"{bits} bits")
    ax.plot(reals[[0, -1]], [2.0**-bits] * 2, "--", color=color, lw=1.4, label="_guide")
    ax.annotate(f"{bits} bits", (1.1, 2.0**-bits), color=color, va="center", annotation_clip=False)
    assert error.max() <= 2.0**-bits
ax.set(xscale="log", yscale="log", xlabel="M", ylabel="relative error", xlim=(9e-4, 1.05))
ax.set_title("The shift keeps all bits busy")
plots.show(fig, "Relative error of M written with 7, 15 and 31 bits: level bands, each below its dashed bound.")

# %% [markdown]
# Each band lies below its dashed line, $2^{-bits}$. And each band is *level*: a small $M$ is written as exactly as a
# large one. That is what the shift is for. All three widths exist in the field. 31 bits are the rule. LiteRT keeps
# 15 where activations have 16 bits, so that the product still fits into 64.
#
# **Check.** The error of a product is at most its $2^{31}$-th part. Products are small, since they are to become codes.
# So nothing that we could ever notice is lost:

# %%
multiplier, shift = fixed_point.quantize_multiplier(factors)
written = multiplier * 2.0 ** (shift - 31.0)
off = np.abs(acc * written - acc * factors).max()
print(f"largest error of M * accumulator in this layer: {off:.1g} output steps")
assert off <= np.abs(acc * factors).max() * 2.0**-31

# %% [markdown]
# ## 3. Ties: five ways to round
#
# **The pain.** Now $M$ is as good as exact, and only *round* is left in equation (3). What is there to go wrong? The
# **tie**: a product midway between two integers. You know three answers from lesson 01: up, away from zero, to the
# even neighbour. The runtimes of the field have chosen all three. And some round *twice*.
#
# | profile | how | who |
# |---|---|---|
# | A | twice; the second time ties go away from zero | LiteRT reference, CMSIS-NN, TensorFlow Lite Micro |
# | B | twice; the second time ties go up | LiteRT's built-in kernels on a PC |
# | C | once, as a float32 product; ties go to even | XNNPACK (LiteRT's default), ONNX Runtime |
# | D | once; ties go up | CMSIS-NN and TensorFlow Lite Micro, when built for single rounding |
# | E | once, in float64; ties go away from zero | LiteRT reference, dense layers |
#
# **Predict**: the product is 2.5, and then -2.5. *What does each profile make of them?*

# %%
for profile in "ABCDE":
    print(profile, fixed_point.requantize(np.array([10, -10]), 0.25, profile))

# %% [markdown]
# Up is B and D, away from zero is A and E, and C takes the even neighbour. What is *twice*?
#
# **The equation.** Many processors have an instruction that multiplies two 32-bit numbers and keeps the upper half
# of the product. It rounds. A second instruction shifts right, and rounds as well. So with $R = -shift$:
#
# $$h = \left\lfloor \frac{acc \cdot m}{2^{31}} + \frac12 \right\rfloor, \qquad
#   q = \text{round}\left(\frac{h}{2^R}\right) \tag{5}$$
#
# **The code.** A and B share a function. The last line is a trick of bit masks: it shifts right and adds one if what
# was shifted out is more than a half, or exactly a half of a positive number.

# %%
print(inspect.getsource(fixed_point._round_twice))

# %% [markdown]
# One worked number. The accumulator is 1, and $M$ is a quarter. So $m = 2^{30}$ and $R = 1$. **Predict**: *what does
# profile A make of the product 0.25?* Go through equation (5) step by step.

# %%
### BEGIN SOLUTION
quarter = 1
### END SOLUTION
check("03/predict_quarter", quarter)

# %%
h = (1 * 2**30 + 2**30) >> 31
print(f"h = {h}, then h / 2 = {h / 2}, a tie, and it goes away from zero")
for profile in "ABCDE":
    print(profile, fixed_point.requantize(np.array([1]), 0.25, profile))

# %% [markdown]
# A quarter becomes a half, and the half becomes one. Each rounding is right by itself, and together they are wrong.
# **See** the five profiles side by side, on the same accumulators:

# %%
accumulators = [-13, -12, -11, -5, -4, -3, 3, 4, 5, 11, 12, 13]
fig, ax = plots.subplots(height=3.6, width=9.5)
plots.roundings(ax, accumulators, 1 / 8)
plots.show(fig, "Five profiles as rows, products as columns: they differ at ties, A and B beside ties as well.")

# %% [markdown]
# Read the shaded columns first: they are ties. D and B always go up. A and E go up on the right of zero and down on
# the left, so they are symmetric. C alternates: that way ties cancel out in the long run. Now the crosses. They stand
# only in the first two rows, and always beside a tie: there the first rounding has *made* a tie, and the second one
# did not know. With so small a shift this happens all the time. How often in a real layer?
#
# The first rounding leaves steps of $2^{-R}$. A product is pushed onto a tie if it lies within half such a step of
# it, on one side. So the share of outputs that differ is about
#
# $$P(\text{A or B strays}) \approx 2^{-(R+1)} \tag{6}$$
#
# **Check** it with the accumulators of our layer, channel by channel, against D, which rounds once:

# %%
strays = fixed_point.requantize(acc, factors, "A") != fixed_point.requantize(acc, factors, "D")
expected = np.mean(2.0 ** (shift - 1.0))
print(f"equation (6): {100 * expected:.2f} %, counted: {100 * strays.mean():.2f} % of {strays.size:,} outputs")
claim("03/strays_over_theory", strays.mean() / expected)
assert not np.array_equal(*(fixed_point.requantize(acc, factors, p) for p in "AB"))

# %% [markdown]
# ## 4. Does it matter?
#
# **The pain.** Few outputs in a thousand, and each by a single step. That sounds like nothing. But the next layer
# reads them, and the one after that reads *those*.
#
# `run` takes a *preset*: the name of a runtime, which says the profile of each operator.

# %%
presets = ("reference", "builtin", "xnnpack", "ort", "cmsis", "single")
for preset in presets:
    chosen = {op: fixed_point.profile_of(preset, op) for op in ("conv2d", "dense")}
    print(f"{preset:10}", ", ".join(f"{op} {profile}" for op, profile in chosen.items()))

# %% [markdown]
# **See.** We follow two of them through the network, layer by layer, and count the codes that differ. **Predict**: *one
# in a thousand after the first layers: how many will it be at the end?*

# %%
one, other = (run.run(network, q_val[:200], preset, all_tensors=True) for preset in ("reference", "xnnpack"))
names = [node.output for node in network.nodes if node.op != "reshape"]
shares = [100 * np.mean(one[name] != other[name]) for name in names]
words = [f"conv {i + 1}" for i in range(6)] + ["pool", "dense"]

# %%
fig, ax = plots.subplots(height=3.2)
ax.plot(words, shares, "o-", color=plots.PALETTE[0], label="reference against xnnpack")
for word, share, later in zip(words, shares, [*shares[1:], 0], strict=True):
    place = (0, -18) if word == "pool" else (-6, 6) if later > share + 2 else (4, 7)
    ax.annotate(f"{share:.1f} %", (word, share), place, textcoords="offset points",
                ha="right" if place[0] < 0 else "center")
ax.set(ylabel="codes that differ (%)", xlabel="after this layer", ylim=(0, 1.25 * max(shares)))
ax.set_title("Small differences gather on the way")
plots.show(fig, "Share of codes that differ, layer by layer: it grows, falls at the pooling, is largest at the end.")

# %% [markdown]
# After the first layer hardly any code differs. Each further layer adds its own ties and strays, and passes on those
# that it reads: an output adds up more than a hundred inputs, so it notices when one of them moves. Some layers forget.
# A ReLU does, since whatever is negative becomes zero. The pooling does even more: it takes a mean over all positions,
# and single steps mostly vanish when that is rounded. The last layer has a fine grid and no ReLU, and each of its
# outputs depends on everything before. There a good part of the codes is different.
#
# So is the model a different one? We ask all presets about all windows, and look at two things: the *logits*, the
# codes of the last layer, and the *decisions*, the class with the largest logit.

# %%
logits = {preset: run.run(network, q_val, preset).astype(int) for preset in presets}
decisions = {preset: q.argmax(axis=1) for preset, q in logits.items()}
print("against single   logits   largest   decisions   macro F1")
for preset, q in logits.items():
    difference = np.abs(q - logits["single"])
    flips = (decisions[preset] != decisions["single"]).sum()
    f1 = task.metric(y_val, decisions[preset])
    print(f"{preset:13} {100 * np.mean(difference > 0):7.1f} % {difference.max():6} steps {flips:6} {f1:12.3f}")

# %% [markdown]
# Read it line by line. The presets that round *once* agree with each other in nearly every logit, although they treat
# ties differently: with scales like these, true ties are rare. Those that round *twice* differ in a good part of the
# logits, by a step or two. And of the decisions? Very few of the six hundred, where two classes were nearly equal
# anyway. Which of them is *right*? None is. The score is the same within what so many windows can show.
#
# So it matters little for the user, and much for the engineer. If you compare your firmware with a reference and a
# fifth of all outputs differ, you cannot tell rounding from a bug. You need *no* difference at all. Then the first
# one that appears is a bug.
#
# **Check.** How far the families lie apart, and that the scores do not, are results of this lesson:

# %%
assert np.array_equal(logits["xnnpack"], logits["ort"])
assert np.mean(logits["xnnpack"] != logits["single"]) < 0.01 < np.mean(logits["reference"] != logits["single"])
claim("03/logits_that_differ", 100 * np.mean(logits["reference"] != logits["xnnpack"]))
claim("03/decisions_that_differ", (decisions["reference"] != decisions["xnnpack"]).sum())
scores = [task.metric(y_val, chosen) for chosen in decisions.values()]
claim("03/spread_of_scores", max(scores) - min(scores))

# %% [markdown]
# ## Explore
#
# Above you see the multiplier's 31 bits; the shift says where they begin. Below is the number line around the
# product, with a lane for each profile. A diamond marks where the first rounding of A and B has led.
#
# 1. The widget starts at a tie. *Predict which profiles change their direction when you turn the sign of the
#    accumulator.* Then move it to 12. Move on to 20: who changes now?
# 2. Move the multiplier by one click, away from the power of two. *Can you still find a tie? Can A and D still
#    disagree?* Move the accumulator with the arrow keys until you see a red cross.

# %%
from edgekit.ui.fixed_point_explorer import FixedPointExplorer

explorer = FixedPointExplorer()
explorer

# %% [markdown]
# Did you foretell it? Both questions, answered by the widget's own headline:

# %%
for real, acc in ((0.125, -12), (0.125, 12), (0.125, 20), (2 ** (1 / 8 - 3), -187)):
    print(explorer.sentence(explorer.compute(real, acc)))

# %% [markdown]
# A and E turn with the sign, away from zero. B and D go up both times. C looks for the even neighbour, so at 2.5 it
# alone goes down. The last line stands one click beside a power of two: no product is a tie there, and still A
# disagrees with D. Its first rounding has made a tie of what lay a little beside one.
#
# ## Exercises
#
# Three functions, and at the end you have a layer that runs without any float. Each check says which case fails and,
# if it knows it, which misconception is behind it. Hints come one at a time:

# %%
hint("03/multiplier")

# %% [markdown]
# **1. Multiplier and shift.** Equation (4), for any number of bits: return `(multiplier, shift)` such that
# `real` is about `multiplier * 2**(shift - num_bits)`, and `multiplier` uses all of its `num_bits` bits.

# %%
def my_multiplier(real, num_bits):
    """Return (multiplier, shift), two integers."""
    ### BEGIN SOLUTION
    fraction, shift = np.frexp(real)
    multiplier = int(np.floor(fraction * 2**num_bits + 0.5))
    if multiplier == 2**num_bits:
        return multiplier // 2, int(shift) + 1
    return multiplier, int(shift)
    ### END SOLUTION


check("03/multiplier", my_multiplier)

# %% [markdown]
# **2. Rescale.** Profile D: multiply the int32 accumulators by `multiplier * 2**(shift - 31)` and round *once*, ties
# upward. Use integers only. A right shift, `>> n`, divides by $2^n$ and rounds down.

# %%
def my_rescale(acc, multiplier, shift):
    """Return round(acc * multiplier * 2^(shift - 31)) as integers, ties upward."""
    ### BEGIN SOLUTION
    return (acc.astype(np.int64) * multiplier + (1 << (30 - shift))) >> (31 - shift)
    ### END SOLUTION


check("03/rescale", my_rescale)

# %% [markdown]
# **3. Transfer: a whole dense layer.** From codes (N, C) to codes (N, O), in integers from end to end: `q_w` is
# (O, C), `bias` (O,). Rescale as in profile D. You may use your own function or `fixed_point.multiply_fixed` of the
# package.

# %%
def my_dense(q_x, q_w, bias, zero_point_x, multiplier, shift, zero_point_y):
    """Return the int8 codes of the layer."""
    ### BEGIN SOLUTION
    acc = (q_x.astype(np.int32) - zero_point_x) @ q_w.astype(np.int32).T + bias
    q_y = fixed_point.multiply_fixed(acc, multiplier, shift, "D") + zero_point_y
    return np.clip(q_y, -128, 127).astype(np.int8)
    ### END SOLUTION


check("03/integer_dense", my_dense)

# %% [markdown]
# ## Real life: one layer in four runtimes
#
# So far we have only *said* what other runtimes do. Now we ask them. LiteRT has three sets of kernels: `reference`
# (plain C++), `builtin` (optimised) and `xnnpack` (its default). ONNX Runtime is the fourth. We give all of them the
# same layer and the same codes, and compare every output.
#
# A word of care. Many PCs multiply int8 in pairs, and *saturate* the sum of a pair at 16 bits. ONNX Runtime does so
# where the processor lacks a newer instruction, and its documentation advises to give weights 7 bits. We do: we halve
# the codes and double the scales. Then no pair can reach the end of 16 bits, and all PCs agree.

# %%
def with_seven_bits(graph):
    changed = {}
    for node in (node for node in graph.nodes if node.op in ("conv2d", "dense")):
        _, weights, bias = graph.inputs_of(node)
        q = weights.qparams
        changed[weights.name] = replace(weights, data=np.rint(weights.data / 2).astype(np.int8),
                                        qparams=replace(q, scale=2 * q.scale))
        changed[bias.name] = replace(bias, data=np.rint(bias.data / 2).astype(np.int32))
    return graph.with_tensors(**changed)


seven = with_seven_bits(network)

# %% [markdown]
# First our layer as it is. Then the same layer without its ReLU, and with scales that are powers of two: some
# accelerators can only shift, so they ask for such scales. There $M = 2^{-7}$, and ties are no longer rare.

# %%
def one_layer(graph, output, **changed):
    (node,) = (node for node in graph.nodes if node.output == output)
    tensors = {name: graph.tensors[name] for name in (*node.inputs, output)} | changed
    attrs = dict(node.attrs) if not changed else {k: v for k, v in node.attrs.items() if k != "activation"}
    return Graph("one layer", tensors, [replace(node, attrs=attrs)], [node.inputs[0]], [output])


def on_grid(tensor, scale, **zero_point):
    return replace(tensor, qparams=replace(tensor.qparams, scale=np.asarray(scale, np.float32), **zero_point))

# %%
x, w, b = (seven.tensors[name] for name in layer.inputs)
assert 2 * 255 * int(np.abs(w.data).max()) < 2**15
as_it_is = one_layer(seven, layer.output)
shifts_only = one_layer(seven, layer.output, **{
    x.name: on_grid(x, 2.0**-5),
    w.name: on_grid(w, np.full(len(w.data), 2.0**-6)),
    layer.output: on_grid(y, 2.0**-4, zero_point=np.asarray(0)),
})

# %% [markdown]
# Before you run on, **predict**: our layer as it is has a ReLU. *In how many percent of its outputs do `reference`
# (profile A) and `builtin` (profile B) differ?*

# %%
### BEGIN SOLUTION
percent = 0
### END SOLUTION
check("03/predict_relu", percent)

# %%
import onnxruntime

from edgekit.course.quiet import quiet
from edgekit.deploy import litert, litert_run
from edgekit.deploy.onnx import to_onnx

options = onnxruntime.SessionOptions()
options.intra_op_num_threads, options.log_severity_level = 1, 3


def in_onnx_runtime(graph, q):
    session = onnxruntime.InferenceSession(to_onnx(graph, "qlinear"), options, providers=["CPUExecutionProvider"])
    answer = session.run(None, {graph.inputs[0]: np.moveaxis(q, -1, 1)})[0]
    return np.moveaxis(answer, 1, -1) if answer.ndim == 4 else answer

# %%
RUNTIMES = ("reference", "builtin", "xnnpack", "ort")


def everywhere(graph, q):
    file = litert.write(graph)
    with quiet():  # LiteRT greets on standard error
        answers = {name: litert_run.run(file, q, name) for name in RUNTIMES[:3]}
    return answers | {"ort": in_onnx_runtime(graph, q)}


def differing(answers, p, r):
    return 100 * np.mean(answers[p] != answers[r])

# %%
results = {"as it is": everywhere(as_it_is, q_x), "powers of two": everywhere(shifts_only, q_x)}
for name, answers in results.items():
    print(f"{name}: percent of {answers['ort'].size:,} outputs that differ")
    print(" " * 10, *(f"{column:>10}" for column in RUNTIMES))
    for row in RUNTIMES:
        print(f"{row:10}", *(f"{differing(answers, row, column):10.2f}" for column in RUNTIMES))

# %% [markdown]
# The upper table: `reference` and `builtin` do not differ at all. A and B treat only *negative* values differently,
# and ReLU clips all of those to zero. The same two kernels do differ below, where no ReLU hides it. There every 128th
# accumulator is a tie, and beside each tie lies one that the first rounding pushes onto it: hence the size of these
# numbers. XNNPACK and ONNX Runtime are one family everywhere, as both multiply in float32. What you see depends on the
# layer, so one test on one layer proves little.
#
# Now the first tie on which `reference` and `builtin` disagree. We look it up and read it aloud:

# %%
tied = results["powers of two"]
assert differing(results["as it is"], "reference", "builtin") == 0 < differing(tied, "reference", "builtin")
acc = conv.accumulate_conv2d(q_x, w.data, b.data, z_x, **geometry)
apart = (tied["reference"] != tied["builtin"]) & ((acc * 2.0**-7) % 1 == 0.5)
place = tuple(int(i) for i in np.argwhere(apart)[0])
print(f"window {place[0]}, position {place[2]}, channel {place[3]}: accumulator {acc[place]:,}")
print(f"times 2^-7 is {acc[place] / 128}, a tie")
for name in RUNTIMES:
    print(f"  {name:10} profile {fixed_point.profile_of(name, 'conv2d')}: {tied[name][place]}")
assert acc[place] < 0
assert tied["reference"][place] == tied["builtin"][place] - 1

# %% [markdown]
# *The product lies midway between two integers and is negative. The reference kernels go away from zero, so down.
# The optimised kernels add a half and shift, so up. The float kernels take the even neighbour.* Three sentences, and
# no mystery is left.
#
# **Exact.** If we know all that, we can compute what each of them will say. Our interpreter, under the preset of the
# runtime, must give the same code in *every* output. This check can fail: under a wrong preset it does.

# %%
for name, graph in {"as it is": as_it_is, "powers of two": shifts_only}.items():
    wrong = {p: int((run.run(graph, q_x, p) != results[name][p]).sum()) for p in RUNTIMES}
    print(f"{name:14} mismatches {wrong}")
    assert not any(wrong.values())
swapped = int((run.run(shifts_only, q_x, "builtin") != tied["reference"]).sum())
print("under the wrong preset there are some:", swapped > 0)
assert swapped > 0

# %% [markdown]
# And the whole network, as a `.tflite` and as an `.onnx` file, on all validation windows:

# %%
answers = everywhere(seven, q_val)
wrong = {p: int((run.run(seven, q_val, p) != answers[p]).sum()) for p in RUNTIMES}
print(f"mismatches among {answers['ort'].size:,} logits: {wrong}")
assert not any(wrong.values())
f1 = {p: round(task.metric(y_val, q.argmax(axis=1)), 2) for p, q in answers.items()}
print("macro F1", f1)

# %% [markdown]
# Not one logit is wrong in any of the four. So there is no such thing as *the* result of an int8 model. There is
# one for each runtime, and each can be computed in advance. (The optimised kernels were measured on x86. On another
# processor they may be others; run this cell there, and you will know.)
#
# ## Cost box
#
# What do multiplier and shift cost? They take five bytes for each channel, and one long multiplication for each
# *output*. The many products inside the sum stay plain int8.
#
# - *Accuracy* is **measured** above: it does not depend on the profile, as far as these windows can tell.
# - *Bytes* are **measured**, *MACs* and *RAM* are **modelled** by counting and by placing.
# - *Latency* and *energy* are not shown. They depend on the multiplications that a processor knows. Lesson 12 counts
#   the instructions.

# %%
macs = cost.macs(network)
layers = [node for node in network.nodes if node.op in ("conv2d", "dense")]
outputs = sum(int(np.prod(network.tensors[node.output].shape)) for node in layers)
channels = sum(len(network.tensors[node.inputs[1]].data) for node in layers)
print(f"multipliers and shifts {5 * channels:,} of {cost.weight_bytes(network):,} weight bytes")
print(f"{macs:,} int8 products, {outputs:,} multiplications of 32 bits: one for {macs // outputs} products")
for name, quantity in cost.summary(network).items():
    print(f"{name:15} {quantity.value:10,} {quantity.unit:4} {quantity.kind}")

# %% [markdown]
# Multipliers and shifts are a few of a hundred bytes, and a long multiplication comes once for more than a hundred
# short ones: that is what a processor pays for real scales.
#
# ## Summary
#
# - A layer adds integers in 32 bits. The zero point of its input is folded into the bias before the network runs.
# - The scales meet in one real number. It becomes a multiplier of 31 bits and a shift, exact enough for every sum.
# - Rounding is where runtimes differ: at ties, and beside them when they round twice.
# - Differences are small, spread from layer to layer, and hardly ever change a decision.
# - Each runtime can be predicted exactly. Compare with the right profile, and demand *no* mismatch.
#
# **Next.** Lesson 04 lets the network feel this arithmetic already while it trains.

# %% [markdown]
# **Sources**
#
# - B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
#   CVPR 2018, section 2.2: equations (1) to (4).
# - The gemmlowp project, `fixedpoint.h`: the two roundings of equation (5).
# - Arm, CMSIS-NN source, `arm_nnsupportfunctions.h`: rounding twice and once.
# - Google, XNNPACK source, `fp32` requantization. LiteRT source, `kernels/internal`.
# - ONNX Runtime documentation, "Quantize ONNX models": saturation of int8 products, and weights of 7 bits.
