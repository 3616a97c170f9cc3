# %% [markdown]
# # 01 Quantizing a tensor: all numbers on 256 steps
#
# **Question.** A weight is stored in 32 bits. May we store it in 8? How wrong does it become, and how do we know?
#
# **You will learn**
#
# - to put real numbers on an integer grid and to come back, with `scale` and `zero_point`;
# - when a grid should be symmetric and when affine;
# - to bound the error (half a step), and to measure it in decibels (about six per bit);
# - what an outlier costs, and two remedies: clipping, and one scale per channel;
# - to take apart a quantizer that looks right and is wrong in seven ways, and to repair it.
#
# **Time** 45 minutes. **You need** basic Python and a little NumPy. **The module behind it** `edgekit.core.affine`.

# %%
import inspect
from dataclasses import replace

import numpy as np

from edgekit import tasks
from edgekit.core import affine, metrics
from edgekit.core.affine import QParams, choose_qparams, fake_quantize, quantize
from edgekit.core.observers import observe
from edgekit.course.checks import check, hint
from edgekit.course.claims import claim
from edgekit.graph import cost, fold, run

# %%
from edgekit.nn import zoo
from edgekit.ui import plots

# %% [markdown]
# ## 1. A grid instead of numbers
#
# **The pain.** In lesson 00 you met a network that reads heart rhythms. Most of what it stores are weights. Let us
# take the weights of one layer and look at them closely.

# %%
network = fold.fold(zoo.load("ppg-cnn"))
weights = {tensor.name: tensor.data for tensor in network.constants if len(tensor.shape) > 1}
w = weights["features.3.0.weight.folded"]
print(f"{w.size:,} weights, {np.unique(w).size:,} different values")
print(f"{w.nbytes:,} bytes as {w.dtype}, {w.size:,} bytes if one byte were enough")

# %% [markdown]
# Nearly every weight has a value of its own, and each value takes four bytes. One byte would be a quarter of that.
# But one byte can tell only 256 values apart. So we must *share* values: we lay a grid over the number line and
# move every weight to its nearest grid point.
#
# **The equation.** A grid point has an integer name, its *code* $q$. Two numbers turn a code back into a value, the
# step `scale` and the code of zero, `zero_point`:
#
# $$x \approx \text{scale} \cdot (q - \text{zero\_point}) \tag{1}$$
#
# The other way round, we divide, round to the nearest integer, and stay on the grid:
#
# $$q = \text{clip}\left(\text{round}\left(\frac{x}{\text{scale}}\right) + \text{zero\_point},\;
#   q_{min},\; q_{max}\right) \tag{2}$$
#
# Signed 8-bit codes run from $q_{min} = -128$ to $q_{max} = 127$. One worked number, with a step of a quarter:

# %%
scale, x = 0.25, 0.6
print(f"{x} / {scale} = {x / scale}, rounded {round(x / scale)}, and back: {scale * round(x / scale)}")

# %% [markdown]
# **The code.** This is the function of the package itself, equation (2) and nothing more. `_along_axis` only
# prepares one scale per channel, which we need in section 4.

# %%
print(inspect.getsource(affine.quantize))

# %% [markdown]
# Notice two things. It *refuses* values that are not finite, because no code stands for "not a number". And
# `np.rint` rounds a tie, such as 2.5, to the *even* neighbour: always rounding ties up would push every sum a
# little upward. The way back is equation (1):

# %%
print(inspect.getsource(affine.dequantize))

# %% [markdown]
# **See.** We send a ramp of values through a coarse grid of 3 bits, that is eight codes, and plot what is lost.

# %%
ramp = np.linspace(-1.3, 1.3, 521)
coarse = QParams(scale=0.25, zero_point=0, num_bits=3)
fig, ax = plots.subplots()
plots.rounding_error(ax, ramp, coarse)
plots.show(fig, "Error against value: a saw tooth within half a step, and two ramps beyond the grid.")

# %% [markdown]
# Read it from the middle outward. Between two grid points the error is a saw tooth: nothing at a grid point, and
# half a step midway, never more. That is **rounding**. At both ends the last code has to serve for everything
# beyond it, so the error grows without limit. That is **clipping**. The left end reaches one step further than the
# right end, because there is one more negative code than positive ones. Every quantizer lives between these two
# errors: a larger step clips less and rounds worse.
#
# **Check.** If nothing is clipped, every error is at most `scale / 2`. (The tiny rest is the rounding of float32,
# in which the result is stored.) Real weights, 8 bits:

# %%
grid = choose_qparams(w.min(), w.max(), num_bits=8, scheme="symmetric")
error = fake_quantize(w, grid) - w
print(f"half a step {grid.scale / 2:.3g}, largest error {np.abs(error).max():.3g}")
assert np.abs(error).max() <= grid.scale / 2 + np.finfo(np.float32).eps * np.abs(w).max()

# %% [markdown]
# `fake_quantize` is there and back: `dequantize(quantize(x))`. The bound is tight. Remember it: a test that allows
# more than half a step lets bugs through, as you will see in section 5.

# %% [markdown]
# ## 2. Choosing the grid: symmetric or affine
#
# **The pain.** Weights lie on both sides of zero. After a ReLU, nothing is negative. Take a real activation, the
# output of the first layer for 64 pulse windows. Before you run on, **predict**: we use the signed 8-bit grid with
# `zero_point` 0, and the largest activation gets code 127. *How many of the 256 codes can occur at all?*

# %%
### BEGIN SOLUTION
codes_used = 128
### END SOLUTION
check("01/predict_codes", codes_used)

# %%
task = tasks.get("ppg")
x_val, y_val = task.inputs("val")
activation = run.run(network, x_val[:64], all_tensors=True)["relu"]
symmetric = choose_qparams(activation.min(), activation.max(), scheme="symmetric", narrow=False)
used = np.unique(quantize(activation, symmetric)).size
print(f"{activation.size:,} activations from {activation.min():.2f} to {activation.max():.2f}")
print(f"symmetric: {used} of 256 codes occur")

# %% [markdown]
# Half of the grid waits for negative numbers that never come: one bit of eight is thrown away. (Of the other half
# some codes are free too, because very large activations are rare.)
#
# **The equation.** The *symmetric* grid has its zero in the middle. It needs one number:
#
# $$\text{scale} = \frac{\max |x|}{q_{max}}, \qquad \text{zero\_point} = 0 \tag{3}$$
#
# The *affine* grid shifts its zero so that the codes cover just [low, high]:
#
# $$\text{scale} = \frac{high - low}{q_{max} - q_{min}}, \qquad
#   \text{zero\_point} = \text{round}\left(q_{min} - \frac{low}{\text{scale}}\right) \tag{4}$$
#
# Count the denominator with care: 256 codes, but 255 steps *between* them. And one condition comes before both:
# **the range must hold 0**, so it is widened if it does not. Zero padding and ReLU produce exact zeros, millions of
# them. If zero fell between two codes, each of them would carry the same error, and the errors would add up.
#
# One worked number, for the range from -1.0 to 1.2 that will stay with us:

# %%
step = (1.2 - -1.0) / 255
print(f"scale = 2.2 / 255 = {step:.9f}")
print(f"zero_point = round(-128 + {1.0 / step:.2f}) = {round(-128 + 1.0 / step)}")
example = choose_qparams(-1.0, 1.2)
print(f"the package has scale {example.scale:.9f}, zero_point {example.zero_point}")

# %% [markdown]
# **The code.** Both schemes in one function. Read the lines after the checks: widening happens in `_checked_range`,
# then comes (3) or (4).

# %%
print(inspect.getsource(affine.choose_qparams))

# %% [markdown]
# **See.** The same activation under both grids. We use 4 bits here, so that single codes can be seen.

# %%
fig, axes = plots.subplots(2, 1, height=5.4, sharex=True)
for ax, scheme in zip(axes, ("symmetric", "affine"), strict=True):
    qparams = choose_qparams(activation.min(), activation.max(), 4, scheme)
    plots.histogram(ax, activation, qparams, label="activation")
    used = np.unique(quantize(activation, qparams)).size
    ax.set_title(f"{scheme}: {used} of {qparams.qmax - qparams.qmin + 1} codes are used")
axes[0].set(xlabel="", xlim=(-1.1 * activation.max(), 1.1 * activation.max()))
plots.show(fig, "The activation under a symmetric grid, half of it unused, and under an affine grid.")

# %% [markdown]
# Orange lines are codes, blue bars are values (on a logarithmic scale, since most activations are small). Above,
# the left half of the grid stands over empty ground. Below, all codes stand where the values are, so the step is
# about half as wide. That is why activations use the affine scheme. Weights keep the symmetric one: they are spread
# on both sides anyway, and with `zero_point` 0 the integer arithmetic of lesson 03 saves a correction for each
# weight.
#
# **Check.** Zero comes back as exactly zero, on both grids, and the affine step is smaller:

# %%
affine_grid = choose_qparams(activation.min(), activation.max())
print(f"step: symmetric {symmetric.scale:.4f}, affine {affine_grid.scale:.4f}")
for qparams in (symmetric, affine_grid):
    assert fake_quantize(np.zeros(1), qparams)[0] == 0
assert np.isclose(symmetric.scale / affine_grid.scale, 255 / 127)
assert np.unique(quantize(activation, symmetric)).size <= 128

# %% [markdown]
# ## 3. Each bit is worth about six decibels
#
# **The pain.** "The largest error is half a step" does not say whether that hurts. We need one number that compares
# the error with the signal. Here it is for the weights of section 1:

# %%
def sqnr_at(x, num_bits):
    grid = choose_qparams(x.min(), x.max(), num_bits, "symmetric")
    return metrics.sqnr_db(x, fake_quantize(x, grid))


print(f"weights: {sqnr_at(w, 8):.1f} dB with 8 bits, {sqnr_at(w, 4):.1f} dB with 4 bits")

# %% [markdown]
# **The equation.** The *signal-to-quantization-noise ratio* compares two powers, on the logarithmic scale of sound
# engineers:
#
# $$\text{SQNR} = 10 \log_{10} \frac{\sum x^2}{\sum (x - \hat x)^2} \;\text{dB} \tag{5}$$
#
# How large is the noise? If a value may fall anywhere between two codes, its error is spread evenly from
# $-\text{scale}/2$ to $\text{scale}/2$. The mean of its square is then
#
# $$E[e^2] = \frac{\text{scale}^2}{12} \tag{6}$$
#
# One more bit halves the step. The noise *power* falls to a quarter, and four in decibels is the number of this
# section:

# %%
print(f"10 * log10(4) = {10 * np.log10(4):.2f} dB per bit")

# %% [markdown]
# **The code.** Equation (5), with the two cases in which a logarithm has no answer:

# %%
print(inspect.getsource(metrics.sqnr_db))

# %% [markdown]
# **See.** First the assumption behind (6). Is the error of real weights really spread evenly?

# %%
fig, ax = plots.subplots(height=3.0)
plots.error_histogram(ax, w, grid, bins=24)
plots.show(fig, "Histogram of rounding errors: nearly flat between minus and plus half a step.")

# %% [markdown]
# It is nearly flat, from minus half a step to plus half a step. Nobody designed the weights that way. The step is
# just so small that the weights, seen at this distance, have no preference. Now the law itself: SQNR against the
# number of bits, for evenly spread numbers and for our weights.

# %%
bits = list(range(2, 13))
uniform = np.random.default_rng(0).uniform(-1, 1, 100_000)
curves = {"uniform": [sqnr_at(uniform, b) for b in bits], "weights": [sqnr_at(w, b) for b in bits]}
fig, ax = plots.subplots()
plots.sqnr(ax, bits, curves)
plots.show(fig, "SQNR against bits: two lines, the weights below, both parallel to the guide.")

# %% [markdown]
# Both curves climb in parallel with the dashed guide. A bit is worth the same to everybody. What differs is the
# height: the weights lie *below*, because a few large weights stretch the grid while most weights huddle around
# zero and use few of its codes. At the left end both bend. A symmetric grid gives one code away, and of four or
# eight codes one is a lot; besides, the step is now so wide that the error is no longer spread evenly.
#
# **Check.** The slope, from 8 bits on, is a *claim* of this lesson. Its reference value and tolerance are kept in
# one file, and a value outside would stop us here. So would a noise that is not (6), within five percent:

# %%
claim("01/db_per_bit", np.polyfit(bits[6:], curves["uniform"][6:], 1)[0])
claim("01/noise_over_theory", np.mean(error.astype(np.float64) ** 2) / (grid.scale**2 / 12))

# %% [markdown]
# ## 4. Outliers: clip them, or keep them among themselves
#
# **The pain.** The grid ends where the largest value is. One large value is enough to make the step wide for all.
# Suppose that a single weight becomes ten times the largest. **Predict**: *how many decibels do all the other
# weights lose?*

# %%
### BEGIN SOLUTION
decibels_lost = 20
### END SOLUTION
check("01/predict_outlier", decibels_lost)

# %%
stretched = choose_qparams(10 * w.min(), 10 * w.max(), scheme="symmetric")
before = metrics.sqnr_db(w, fake_quantize(w, grid))
after = metrics.sqnr_db(w, fake_quantize(w, stretched))
print(f"8 bits: {before:.1f} dB with the old range, {after:.1f} dB with a range ten times as wide")
claim("01/outlier_loss", before - after)

# %% [markdown]
# More than three bits are gone, for one weight among thousands.
#
# **The equation.** First remedy: end the grid earlier, at $c$, and let the outliers be clipped. The error then has
# two parts, and they pull in opposite directions:
#
# $$E[e^2] \approx \underbrace{\frac{1}{12}\left(\frac{c}{q_{max}}\right)^2}_{\text{rounding: wants a small } c}
#   + \underbrace{E\left[\max(|x| - c,\, 0)^2\right]}_{\text{clipping: wants a large } c} \tag{7}$$
#
# One worked number: with $c$ at half the largest weight, the first part falls to a quarter. What does the second
# one cost?

# %%
c = np.abs(w).max() / 2
rounding, clipping = (c / 7) ** 2 / 12, np.mean(np.maximum(np.abs(w) - c, 0) ** 2)
print(f"4 bits, c = {c:.3f}: rounding {rounding:.2e}, clipping {clipping:.2e}")
print(f"4 bits, no clipping: rounding {(2 * c / 7) ** 2 / 12:.2e}")

# %% [markdown]
# **The code.** An *observer* looks at data and proposes a range. The simplest, `minmax`, takes the extremes.
# Another, `mse`, balances (7): it tries many ends and keeps the one with the least loss. This is its loss, the sum
# of squared errors over a histogram, and how you ask an observer:

# %%
from edgekit.core.observers import MSE

print(inspect.getsource(MSE._loss))
print(inspect.getsource(observe))

# %%
asked = {"minmax": {}, "percentile": {"percent": 99}, "mse": {"num_bits": 4, "scheme": "symmetric"}}
for name, options in asked.items():
    low, high = observe(w, name, **options)
    x = fake_quantize(w, choose_qparams(low, high, 4, "symmetric"))
    print(f"{name:10} range {low:6.3f} to {high:5.3f}: {metrics.sqnr_db(w, x):.1f} dB with 4 bits")

# %% [markdown]
# **See.** We end the grid at a fraction of the largest weight, from a tenth to one, and measure.

# %%
def sqnr_clipped(fraction, num_bits):
    end = fraction * np.abs(w).max()
    return metrics.sqnr_db(w, fake_quantize(w, choose_qparams(-end, end, num_bits, "symmetric")))


fractions = np.linspace(0.1, 1.0, 46)
clipped = {b: [sqnr_clipped(f, b) for f in fractions] for b in (8, 4, 3)}

# %%
fig, ax = plots.subplots()
for b, color in zip(clipped, plots.PALETTE, strict=False):
    y = clipped[b]
    ax.plot(fractions, y, color=color, label=f"{b} bits")
    ax.plot(fractions[np.argmax(y)], max(y), "o", color=color, label=f"best for {b} bits")
    plots.label_ends(ax, 1.0, {f"{b} bits": (y[-1], color)})
ax.set(xlabel="end of the grid / largest weight", ylabel="SQNR (dB)")
ax.set_title("The fewer bits, the earlier it pays to clip")
plots.show(fig, "SQNR against the end of the grid: with fewer bits the best end lies further left.")

# %% [markdown]
# Follow one curve from right to left. At first it rises: the step shrinks, and nobody is hurt. At the marked top
# the two parts of (7) are in balance. Then it falls, as more and more weights are clipped. With 8 bits the top is
# at the right end, almost without clipping. With 3 bits it is far to the left: a wide step is so bad that it pays
# to sacrifice the large weights. **Clipping is a remedy for few bits.**
#
# **Second remedy.** Look at *where* the outliers live. In a convolution each output channel has its own weights,
# and some channels are simply larger. So give every channel $k$ its own step:
#
# $$\text{scale}_k = \frac{\max |w_k|}{q_{max}} \tag{8}$$
#
# It costs one scale per channel, and at run time nothing: each channel's sum has its own factor at the end anyway.
# In the package you pass an `axis`. The first layer shows why it matters:

# %%
first = weights["features.0.0.weight.folded"]
per_tensor = choose_qparams(first.min(), first.max(), 8, "symmetric")
low, high = observe(first, "minmax", axis=0)
per_channel = choose_qparams(low, high, 8, "symmetric", axis=0)
largest = np.abs(first).reshape(len(first), -1).max(axis=1)
print(f"largest |w| of a channel: from {largest.min():.2f} to {largest.max():.2f}")

# %%
order = np.argsort(largest)
fig, ax = plots.subplots()
for name, qparams in (("one scale", per_tensor), ("one scale per channel", per_channel)):
    x = fake_quantize(first, qparams)
    decibels = [metrics.sqnr_db(first[k], x[k]) for k in order]
    ax.plot(decibels, "o" if qparams.axis == 0 else "s", label=name)
ax.set(xlabel="output channel, from small to large weights", ylabel="SQNR (dB)", ylim=(0, None))
ax.set_title("Small channels drown in a shared grid")
ax.legend(loc="lower right")
plots.show(fig, "SQNR of each channel: one scale serves small channels badly, their own serves all.")

# %% [markdown]
# Read the squares from right to left. The largest channel does well, since the grid was made for it. The smaller a
# channel is, the fewer codes it reaches, and the more decibels it loses. The circles stay high for everyone. This
# is the reason why every runtime quantizes convolution weights per channel.
#
# **Check.** The gain over the whole tensor, and no channel may get worse by more than noise (half a bit, three
# decibels):

# %%
shared, own = fake_quantize(first, per_tensor), fake_quantize(first, per_channel)
for k in range(len(first)):
    assert metrics.sqnr_db(first[k], own[k]) > metrics.sqnr_db(first[k], shared[k]) - 3
gain = metrics.sqnr_db(first, own) - metrics.sqnr_db(first, shared)
print(f"per channel gains {gain:.1f} dB at 8 bits, for {4 * len(first)} bytes of scales instead of 4")
assert gain > 0

# %% [markdown]
# ## 5. The one-page quantizer
#
# **The pain.** Quantizers like the following one stand in many tutorials, in many languages. It fits on a page, it
# runs, and it calls itself "symmetric int8 quantization". This one is a faithful portrait: float32 throughout,
# minimum and maximum that skip NaN, rounding that sends ties away from zero. Read it, and mark what you would
# question.

# %%
def half_away(x):
    return np.copysign(np.floor(np.abs(x) + np.float32(0.5)), x)


def on_grid(x):
    return np.fmin(np.fmax(x, -128), 127)


def one_page_dequantize(q, scale, zero_point):
    return (q - zero_point) * scale

# %%
def one_page_quantize(values):
    """Symmetric int8 quantization (it says)."""
    x = np.array(values, np.float32)
    low, high = np.nanmin(x), np.nanmax(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = (high - low) / np.float32(255)
        zero_point = on_grid(half_away(-128 - low / scale))
        q = on_grid(half_away(x / scale) + zero_point)
    return q.astype(np.int8), scale, zero_point.astype(np.int8)

# %%
six = [-1.0, -0.5, 0.0, 0.3, 0.8, 1.2]
codes, scale, zero_point = one_page_quantize(six)
print("codes", codes.tolist(), "zero_point", zero_point)
print(f"scale {scale:.9f}")

# %% [markdown]
# All six codes are right: these are the numbers of section 2, and the package gives the same. But now look at the
# name. A *symmetric* grid has `zero_point` 0. This is an affine min-max map under a false name. Whoever believes
# the name will leave out the `zero_point` somewhere else, and be wrong there. **First fault: the name.**
#
# Now the way back. The codes are int8, the `zero_point` is int8, so `q - zero_point` is computed in int8.
# **Predict**: *as what does 1.2, with code 127, come back?* (NumPy integers wrap round silently.)

# %%
### BEGIN SOLUTION
last_value = -1.0094
### END SOLUTION
check("01/predict_wrap", last_value)

# %%
back = one_page_dequantize(codes, scale, zero_point)
print("in  ", six)
print("back", [round(float(value), 4) for value in back])

# %%
fig, ax = plots.subplots(height=3.8, width=5.6)
ax.plot([-1.2, 1.4], [-1.2, 1.4], "--", color="#999999", lw=1.2, label="_right")
ax.plot(six[:-1], back[:-1], "o", label="came back")
ax.plot(six[-1:], back[-1:], "X", ms=10, label="wrapped round")
ax.set(xlabel="value in", ylabel="value back", title="Five values return, the sixth falls off the grid")
ax.legend(loc="upper left")
plots.show(fig, "Values back against values in: five on the diagonal, the largest one far below it.")

# %% [markdown]
# Five points lie on the diagonal. The largest value, the one that mattered most to the range, comes back negative.
# **Second fault: the type of the difference.** A difference of two 8-bit numbers needs nine bits. NumPy wraps
# silently; the same page in Rust stops a debug build with a panic, and wraps in a release build, where nobody
# looks.
#
# Three more inputs, chosen to hurt. What would you expect of each?

# %%
assert back[-1] < -1 < 1 < six[-1]
for values in ([10, 11, 12], [2, 2], [1, np.nan, -1]):
    q, s, z = one_page_quantize(values)
    wide = (q.astype(int) - int(z)) * float(s)
    print(f"{values!s:12} codes {q.tolist()}, zero_point {z}, scale {s:.4f}, back {wide.round(2)}")

# %% [markdown]
# We even repaired the second fault here (`astype(int)`), and still:
#
# - **Third fault: the range does not hold 0.** For three values around eleven the true `zero_point` lies far off
#   the grid. Clamping it moves it, and all three values share one code. Widen the range *first*; then it never
#   needs clamping.
# - **Fourth fault: a constant tensor** has no range. The scale is 0, and everything comes back as zero.
# - **Fifth fault: NaN passes.** Minimum and maximum skip it, and it gets the code of the smallest value. No error,
#   no warning, a wrong answer later.
#
# Two faults are missing; they sit not in this page but in its relatives, and in their tests. Some divide by 256
# instead of 255. Some test themselves with `error < 0.25`. Let us build such relatives:

# %%
def relative(x, steps=255, rounding=np.rint):
    scale = (x.max() - x.min()) / steps
    zero_point = np.rint(-128 - x.min() / scale)
    q = rounding(x / scale) + zero_point
    return q, np.abs(scale * (q - zero_point) - x).max()


family = {"right": {}, "divides by 256": {"steps": 256}, "has 3 bits": {"steps": 7}}
family["truncates"] = {"rounding": np.trunc}

# %%
draws = np.random.default_rng(1).normal(size=1000)
half_step = np.ptp(six) / 255 / 2
columns = ("error < 0.25", "<= 256 codes", "code <= 127", "<= scale / 2")
print(" " * 15, *(f"{column:>14}" for column in columns))
for name, options in family.items():
    q, _ = relative(draws, **options)
    _, worst = relative(np.array(six), **options)
    tests = [worst < 0.25, np.unique(q).size <= 256, q.max() <= 127, worst <= half_step * 1.0001]
    print(f"{name:15}", *(f"{'passes' if test else 'FAILS':>14}" for test in tests))

# %% [markdown]
# Read the table column by column. *Every* relative passes the loose test: 0.25 is dozens of half steps. Every
# relative passes the count of codes too, even the one that has 257 levels: a thousand normal draws just do not
# visit them all. **Sixth fault: 256 for 255**; it shows only in the largest code. **Seventh fault: a loose test.**
# Only the last two columns tell right from wrong, and both were *derived*: from the grid, and from the bound of
# section 1.
#
# **Check.** The package on the same inputs. Nothing wraps, nothing collapses, and NaN is refused:

# %%
for values in (six, [10.0, 11.0, 12.0], [2.0, 2.0]):
    x = np.array(values)
    qparams = choose_qparams(x.min(), x.max())
    worst = np.abs(fake_quantize(x, qparams) - x).max()
    print(f"{values!s:34} largest error {worst:.4f}, half a step {qparams.scale / 2:.4f}")
    assert worst <= qparams.scale / 2 * 1.0001
try:
    choose_qparams(np.nan, 1.0)
except ValueError as refusal:
    print("refused:", refusal)

# %% [markdown]
# ## Explore
#
# The same choices, on every layer of the network. Predict first, then move the controls:
#
# 1. Take 4 bits and one scale per tensor. *Which gains more decibels, a fifth bit or one scale per channel?* Is the
#    answer the same for the first layer (`features.0`) and for the last one (`classify`)?
# 2. Choose "percentile" and lower it slowly, first with 8 bits, then with 3. *In which case does the curve rise
#    first?*

# %%
from edgekit.ui.widgets import QuantizationExplorer

explorer = QuantizationExplorer(weights)
explorer.set(tensor="features.0.0.weight.folded", num_bits=4)
explorer

# %% [markdown]
# ## Exercises
#
# You have made three predictions. Now write the repaired quantizer yourself, in three functions, and then carry the
# idea over to a new case. Each check says which case fails and, if it knows it, which misconception is behind it.
# Stuck? Each exercise has three hints. You get one at a time, like this:

# %%
hint("01/affine_qparams")

# %% [markdown]
# **1. The grid.** Equation (4), for a signed grid of any number of bits. Widen the range to hold 0. Use scale 1.0
# when it has no width. Raise a `ValueError` when an end is not finite.

# %%
def my_affine_qparams(low, high, num_bits):
    """Return (scale, zero_point) of the signed affine grid over [low, high]."""
    ### BEGIN SOLUTION
    if not np.isfinite([low, high]).all():
        raise ValueError(f"affine_qparams: ends must be finite, got {low} and {high}")
    low, high = min(low, 0.0), max(high, 0.0)
    qmin, qmax = -(2 ** (num_bits - 1)), 2 ** (num_bits - 1) - 1
    scale = (high - low) / (qmax - qmin) or 1.0
    return scale, round(qmin - low / scale)
    ### END SOLUTION


check("01/affine_qparams", my_affine_qparams)

# %% [markdown]
# **2. To codes.** Equation (2): divide, round half to even, add, clip. Return integers. Raise a `ValueError` for
# NaN and for infinite values. (In here `quantize` is yours; the package's is still there as `affine.quantize`.)

# %%
def my_quantize(x, scale, zero_point, qmin, qmax):
    """Return the integer codes of the array x."""
    ### BEGIN SOLUTION
    if not np.isfinite(x).all():
        raise ValueError("quantize: x must be finite; clean or mask the data first")
    return np.clip(np.rint(x / scale) + zero_point, qmin, qmax).astype(np.int32)
    ### END SOLUTION


check("01/quantize", my_quantize)

# %% [markdown]
# **3. And back.** Equation (1). `q` is an array of int8 or uint8, and you know by now where the trap is.

# %%
def my_dequantize(q, scale, zero_point):
    """Return the real values of the codes q."""
    ### BEGIN SOLUTION
    return scale * (q.astype(np.int32) - zero_point)
    ### END SOLUTION


check("01/dequantize", my_dequantize)

# %% [markdown]
# **4. Transfer.** Equation (8): symmetric scales, one per output channel, for weights with any number of axes (axis
# 0 counts the channels). A channel of zeros gets scale 1.0. Return a one-dimensional array.

# %%
def my_per_channel_scales(w, num_bits):
    """Return the symmetric scale of every channel, shape (len(w),)."""
    ### BEGIN SOLUTION
    qmax = 2 ** (num_bits - 1) - 1
    largest = np.abs(w).reshape(len(w), -1).max(axis=1)
    return np.where(largest > 0, largest / qmax, 1.0)
    ### END SOLUTION


check("01/per_channel_scales", my_per_channel_scales)

# %% [markdown]
# ## Real life: ONNX Runtime
#
# ONNX is a file format for networks, and ONNX Runtime executes it on phones, servers and boards. Its operator
# `QuantizeLinear` is our equation (2). We make a model of this one operator:

# %%
import onnxruntime
from onnx import TensorProto, helper

real, int8 = TensorProto.FLOAT, TensorProto.INT8
values = {"x": (real, [None]), "scale": (real, []), "zero_point": (int8, []), "q": (int8, [None])}
x, s, z, q = (helper.make_tensor_value_info(name, *values[name]) for name in values)
node = helper.make_node("QuantizeLinear", ["x", "scale", "zero_point"], ["q"])
graph = helper.make_graph([node], "one_operator", [x, s, z], [q])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])

# %%
def onnx_quantize(x, qparams):
    feed = {"x": x.ravel().astype(np.float32), "scale": qparams.scale.astype(np.float32)}
    return session.run(None, feed | {"zero_point": qparams.zero_point.astype(np.int8)})[0]


ours = quantize(activation, affine_grid).ravel().astype(int)
difference = onnx_quantize(activation, affine_grid) - ours
print(f"{(difference != 0).sum()} of {difference.size:,} activations get another code")
assert np.abs(difference).max() <= 1
assert np.mean(difference != 0) < 1e-3

# %% [markdown]
# Side by side, the field's tool and our fifteen lines agree. (It divides in float32, we in float64. Where the
# quotient lies within a float32 rounding of a tie, the codes may differ by one.)
#
# Agreement on random data proves little, though: ties hardly ever occur there. So we test *nothing but ties*. There
# are two schools. ONNX rounds, then adds `zero_point`. Others (gemmlowp, for instance) add first and round the sum.
# With half to even these differ whenever adding changes even to odd:

# %%
for odd_or_even in (3, 4):
    ties = QParams(scale=2**-6, zero_point=odd_or_even)
    x = (np.arange(-100, 100) + 0.5) * 2**-6
    add_first = np.clip(np.rint(x / ties.scale + odd_or_even), -128, 127)
    ours, theirs = quantize(x, ties), onnx_quantize(x, ties)
    print(f"zero_point {odd_or_even}, {len(x)} ties, equal to ours: ", end="")
    print(f"ONNX Runtime {np.mean(theirs == ours):.0%}, add first {np.mean(add_first == ours):.0%}")
    assert (theirs == ours).all()

# %% [markdown]
# With an even `zero_point` the schools agree everywhere, with an odd one nowhere. Neither is wrong. But a file
# quantized by one school and executed by the other is off by one code on every tie. Lesson 03 meets five such
# dialects; the rule is the same: **know which one your runtime speaks, and test on ties.**
#
# ## Cost box
#
# What did the network pay? We quantize all its weights, calculate with the rounded values, and measure on the
# validation people. Activations and arithmetic are still float, so only the weights get cheaper.

# %%
def rounded(num_bits, axis=None):
    changed, size = {}, 0
    for name, w in weights.items():
        low, high = observe(w, "minmax", axis=axis)
        qparams = choose_qparams(low, high, num_bits, "symmetric", axis=axis)
        changed[name] = replace(network.tensors[name], data=fake_quantize(w, qparams))
        size += -(-w.size * num_bits // 8) + 4 * qparams.scale.size
    return network.with_tensors(**changed), size

# %%
rows = {"float32": (network, sum(w.nbytes for w in weights.values())), "8 bits, one scale": rounded(8)}
rows |= {f"{b} bits, per channel": rounded(b, axis=0) for b in (8, 4, 2)}
print(f"{'':20} macro F1   bytes of weights and scales   MACs")
for name, (graph, size) in rows.items():
    f1 = metrics.macro_f1(y_val, run.predict(graph, x_val).argmax(axis=1), 6)
    print(f"{name:20} {f1:8.3f} {size:30,} {cost.macs(graph):7,}")

# %% [markdown]
# - *Accuracy* is **measured** here, on the validation windows.
# - *Bytes* are **modelled**: packed codes and one float32 per scale, biases left out.
# - *MACs* are **modelled** by counting, and they do not change. *RAM* does not either: activations stay float32.
# - *Latency* and *energy* do not change yet: this network still multiplies floats. That comes with integer
#   arithmetic, in lesson 03, and on a processor, in lesson 12.
#
# Two bits are too few for rounding alone. What helps there is to *train* with the grid: lessons 04 and 05.
#
# ## Summary
#
# - A grid is `scale` and `zero_point`; the code is `clip(round(x / scale) + zero_point)`.
# - Symmetric for weights, affine for activations; the range always holds 0.
# - Inside the range the error is at most half a step. Its power is `scale**2 / 12`, so each bit brings about six
#   decibels.
# - An outlier costs everyone. Clip when bits are few; give each channel its own scale always.
# - 255 steps, a wide type for the difference, no NaN, no empty range, honest names, tight tests.
#
# **Next.** Lesson 02 quantizes a whole network: it calibrates activations, folds batch normalisation and finds the
# layer that suffers most.
#
# **Sources**
#
# - B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
#   CVPR 2018: equations (1), (2), (4).
# - W. R. Bennett, "Spectra of Quantized Signals", Bell System Technical Journal 27, 1948: equation (6).
# - R. Krishnamoorthi, "Quantizing Deep Convolutional Networks for Efficient Inference", 2018: equation (8).
# - M. Nagel et al., "A White Paper on Neural Network Quantization", 2021: range setting, equation (7).
# - ONNX operator specification, `QuantizeLinear`, opset 21.
