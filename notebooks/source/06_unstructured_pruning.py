# %% [markdown]
# # 06 Unstructured pruning: fewer weights, and what that is worth
#
# **Question.** "I pruned 80 % of the weights, and nothing got smaller or faster." Why not? And when does it?
#
# **You will learn**
#
# - to choose weights under a budget, and to meet the budget exactly;
# - to compare scores and structures: global, layer by layer, Taylor, random, 2 of 4;
# - to find the layer that suffers, and to prune while the network trains, so that no weight comes back;
# - to count the bytes of zeros in five formats, and to derive where each begins to pay;
# - what zeros do to the time of a product, and what the lottery ticket is.
#
# **Time** 45 minutes. **You need** lesson 02, and one network that you have trained. **The modules behind it**
# `edgekit.core.masks`, `edgekit.core.sparse` and `edgekit.nn.prune`.

# %%
import inspect

import numpy as np

from edgekit import tasks
from edgekit.core import allocation, break_even, masks, saliency, sparse
from edgekit.course import sparsity
from edgekit.course.checks import check, hint
from edgekit.course.claims import claim
from edgekit.course.studies import Study
from edgekit.graph import cost, fold, ptq, run, sparse_size
from edgekit.nn import prune, prune_scan, zoo
from edgekit.nn.train import Recipe, outputs, train
from edgekit.ui import plots

# %% [markdown]
# ## 1. Nothing got smaller
#
# **The pain.** We take the pulse network in 8 bits and do what the question says: the smallest 80 % of all weights
# become zero. Then we look at what we have won, and at what we have lost. **Predict**: *which share of its bytes does
# the network still need?*

# %%
task = tasks.get("ppg")
x_val, y_val = task.inputs("val")
trained = zoo.load("ppg-cnn")
ranges = ptq.calibrate(fold.fold(trained), task.calibration_batches(256), "mse")


def score(graph):
    return task.score(y_val, x_val, run.predict(graph, x_val))


def to_int8(graph):
    return ptq.quantize_graph(fold.fold(graph), ranges)

# %%
thin = sparsity.pruned(trained, "all", 0.8)
for words, graph in {"as it was": trained, "80 % zeros": thin}.items():
    integer = to_int8(graph)
    zeros, size = sparse_size.sparsity(integer), cost.weight_bytes(integer)
    print(f"{words:11} {100 * zeros:5.1f} % zeros  {size:,} bytes  macro F1 {score(integer):.2f}")
assert cost.weight_bytes(to_int8(thin)) == cost.weight_bytes(to_int8(trained))
claim("06/one_shot_80", score(thin))

# %% [markdown]
# Not a byte was won, and the network is useless. Both have a remedy, but not the same one. A zero takes a byte, and a
# multiplication, as any number does. To win *bytes* we must store the zeros differently (section 6). To win *time* we
# must skip them (section 7). And to keep the *accuracy* we must choose well and let the network heal (from section 2
# on).
#
# ## 2. Which weights?
#
# **The equation.** A mask $m$ says which weights stay: 1 for keep, 0 for gone. We want the mask, and the weights,
# that lose least under a budget $B$:
#
# $$\min_{w,\,m} L(w \odot m) \quad \text{subject to} \quad \lVert m \rVert_0 \le B, \quad m \in \{0, 1\}^n \tag{1}$$
#
# $\odot$ multiplies element by element, $\lVert m \rVert_0$ counts the ones. Nobody can try all $2^n$ masks. So each
# weight gets a *score*, a guess of what its removal costs. The $B$ highest scores stay. The simplest guess is the
# size of the weight:

# %%
print(inspect.getsource(saliency.magnitude))
print(inspect.getsource(masks.top))

# %% [markdown]
# Two details matter. The sort is *stable*, so of equal scores the first stays, and exactly $B$ weights stay. A
# comparison with a threshold would keep all of the ties, or none. And 1 means *keep*: in some tools 1 means
# *remove*, and a mask that is used the wrong way round is hard to notice. One worked number:

# %%
w = np.array([0.5, -2.0, 0.1, 2.0])
print("sizes", saliency.magnitude(w), " B = 2 ->", masks.top(saliency.magnitude(w), 2).astype(int))
kept = sparsity.kept(trained, "all", 0.8)
count, total = sum(int(m.sum()) for m in kept.values()), sum(m.size for m in kept.values())
print(f"{count:,} of {total:,} weights stay: sparsity {masks.sparsity(kept):.4f}")
assert count == masks.kept_count(total, 0.8) == total - round(0.8 * total)

# %% [markdown]
# *Sparsity* is the share of zeros among all weights. It is not the *pruning ratio*, the share of whole channels
# that are removed. **Predict**: in lesson 07 half of all channels go, everywhere. *What share of the weights of a
# layer in the middle is gone then?*

# %%
### BEGIN SOLUTION
share_gone = 0.75
### END SOLUTION
check("06/predict_ratio", share_gone)

# %% [markdown]
# **See.** One layer before and after, its weights sorted into bins:

# %%
name = "features.4.0.weight"
before, after = (graph.tensors[name].data.ravel() for graph in (trained, thin))
bins = np.linspace(-0.4, 0.4, 81)
fig, axes = plots.subplots(1, 2, height=3, sharey=True)
for ax, values, words in zip(axes, (before, after), ("before", "after"), strict=True):
    ax.hist(values[values != 0], bins, color=plots.PALETTE[0], label=words)
    zeros = int((values == 0).sum())
    ax.set(xlabel="weight", title=f"{words}: {zeros:,} of {values.size:,} are zero")
axes[0].set_ylabel("weights per bin")
plots.show(fig, "Histogram of a layer's weights: a bell before; after pruning its middle is missing.")
print(f"standard deviation before {before.std():.2f}, of those that stay {after[after != 0].std():.2f}")

# %% [markdown]
# A trained layer is a bell: many small weights, few large ones. Pruning cuts the middle out and leaves two wings,
# which spread more widely than the bell did: that is what the two standard deviations say. The hope behind it is that
# the small ones do little. They do little *each*. Together, as we saw, they do a lot.
#
# **Which score?** We try four. *All together* ranks the weights of all layers in one list. *Layer by layer* takes the
# same share of each. *Taylor* scores $|w\,g|$, how far the loss moves to first order when $w$ becomes zero, with the
# gradient $g$. *Random* knows nothing: it is the control, without which no score means anything. **Predict**: *which
# of the four keeps the network alive longest, and up to which sparsity, without any training?*

# %%
x_train, y_train = task.inputs("train")
rng, weights = np.random.default_rng(0), sparsity.weights(trained)
slopes = prune.gradients(trained, x_train, y_train)
sizes = {key: saliency.magnitude(w) for key, w in weights.items()}
taylor = {key: saliency.taylor(w, slopes[key]) for key, w in weights.items()}
chance = {key: saliency.random(w, rng) for key, w in weights.items()}
ways = {"all together": (masks.over_layers, sizes), "layer by layer": (masks.per_layer, sizes),
        "Taylor": (masks.over_layers, taylor), "random": (masks.over_layers, chance)}

# %%
def masked_score(some):
    return task.score(y_val, x_val, outputs(prune.MaskedNet(trained, some), x_val))


shares = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
curves = {way: [masked_score(rule(scores, s)) for s in shares] for way, (rule, scores) in ways.items()}
fig, ax = plots.subplots(height=3.4)
for (way, curve), marker in zip(curves.items(), plots.MARKERS, strict=False):
    ax.plot(shares, curve, marker=marker, label=way)
ax.set(xlabel="sparsity", ylabel="macro F1, validation", ylim=(0, 1), title="Size is a good guess, chance is none")
ax.legend(loc="upper right")
plots.show(fig, "Macro F1 against sparsity without training: random falls first, sizes last.")

# %% [markdown]
# Read the two upper lines: with zeros chosen by size the network stays near its full score up to a sparsity of 0.4,
# and then falls. Chosen by chance, it breaks with the first tenth. So size is a real signal. Taylor's score, which
# looks at the loss itself, should be better and is not here. At the end of training gradients are nearly zero and
# mostly noise, and a first-order guess is meant for small changes; taking away a third of the network is not small.
# Between *all together* and *layer by layer* the difference is small, on one network: that is no result yet. And how
# low is low?

# %%
at = shares.index(0.5)
one_answer = task.score(y_val, x_val, np.eye(len(task.class_names))[np.zeros(len(y_val), int)])
print(f"a network that always says the same: macro F1 {one_answer:.2f}")
claim("06/magnitude_half", curves["all together"][at])
assert min(curves[way][shares.index(0.4)] for way in ("all together", "layer by layer")) > 0.9
assert curves["all together"][at] > curves["random"][shares.index(0.2)]

# %% [markdown]
# The lines that end near that score belong to networks that know nothing any more. Their ups and downs mean nothing,
# either.
#
# ## 3. Patterns
#
# **The pain.** Zeros anywhere are hard to skip: where is the next weight? Some hardware makes it easy and asks for a
# *pattern*: of every four neighbours in a row at most two stay (2:4), or one (1:4). Two bits for each weight then say
# where it stands, and each row has the same work to do.

# %%
print(inspect.getsource(masks.n_of_m))

# %% [markdown]
# The rule is local: the two largest of four stay, even when all four are small. **Predict**: chosen freely, half of
# the weights could go and the macro F1 was still 0.88. *What is left of it with 2:4?*

# %%
for pattern, same in (("2:4", 0.5), ("1:4", 0.75)):
    found = sparsity.kept(trained, pattern, same)
    rows = [m.reshape(len(m), -1) for m in found.values()]
    most = max(m[:, i : i + 4].sum(axis=1).max() for m in rows for i in range(0, m.shape[1], 4))
    assert most == int(pattern[0])
    free = masked_score(sparsity.kept(trained, "all", same))
    print(f"{pattern}: {100 * masks.sparsity(found):.1f} % zeros, macro F1 {masked_score(found):.2f}, free {free:.2f}")

# %% [markdown]
# Without training 2:4 costs much more than free choice. A pattern says *where* zeros must be, and so it takes large
# weights, too, where several stand together. (At 1:4 both ways end near the score of a network that knows nothing.)
# Section 5 shows what training does about it.
#
# ## 4. Which layer suffers?
#
# **The pain.** Layers are not alike. If one of them breaks first, it should give less. We prune each layer *alone*,
# at several sparsities, and measure on validation data. Never on the test split: choosing by it would spoil it.
# **Predict**: six convolutions and a classifier. *Which breaks first, the first, which has the fewest weights, or a
# later one?*

# %%
def metric(answers):
    return task.score(y_val, x_val, answers)


scan = prune_scan.scan(trained, x_val, metric, (0.3, 0.5, 0.7, 0.8, 0.9, 0.95))
LAYERS = dict(zip(scan.curves, [*(f"convolution {i}" for i in range(1, 7)), "classifier"], strict=True))
print(f"{'sparsity':15}" + "".join(f"{step:6.2f}" for step in (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)))
for layer, (_, values) in scan.curves.items():
    print(f"{LAYERS[layer]:15}" + "".join(f"{value:6.2f}" for value in values))
print(f"macro F1, unpruned {scan.baseline:.2f}")

# %%
fig, ax = plots.subplots(height=3.6)
for (layer, (steps, values)), marker in zip(scan.curves.items(), plots.MARKERS, strict=False):
    ax.plot(steps, values, marker=marker, label=f"{LAYERS[layer]} ({scan.sizes[layer]:,})")
ax.axhline(scan.baseline, color="#666666", ls="--", label="_guide")
ax.set(xlabel="sparsity of this layer alone (dashed: unpruned)", ylabel="macro F1, validation", ylim=(0, 1),
       title="The last convolution breaks first")
ax.legend(loc="lower left", fontsize=8.5)
plots.show(fig, "Macro F1 when one layer alone is pruned, for seven layers at six sparsities.")

# %% [markdown]
# Each line is one layer; the number of its weights stands in brackets. Up to a half of each of them alone may go
# almost unnoticed. Beyond that they part. The second convolution still works with a fifth of its weights. The last
# one, which decides what is averaged over the whole window, makes the network useless there, all by itself.
# *Allocation* makes use of it: find one level of loss, and prune every layer to the sparsity at which it has lost
# that much. The budget decides the level. **Predict**: three plans for 60 % zeros, all layers in one list, the same
# share of each, by sensitivity. *Which is best?*

# %%
shares = scan.allocate(0.6)
plans = {"all together": sparsity.kept(trained, "all", 0.6), "the same in each layer": masks.per_layer(sizes, 0.6),
         "by sensitivity": masks.per_layer(sizes, shares)}
for words, plan in plans.items():
    left, kept_now = " ".join(f"{100 * m.mean():3.0f}" for m in plan.values()), sum(int(m.sum()) for m in plan.values())
    print(f"{words:23} {kept_now:,} stay  macro F1 {masked_score(plan):.2f}  % left by layer: {left}")
    assert abs(kept_now - masks.kept_count(total, 0.6)) <= (words == "the same in each layer") * len(plan) / 2

# %% [markdown]
# The first and the last meet the budget to the weight; the one in the middle rounds in each layer. And look who wins:
# the careful plan comes last, and one list of all weights is ahead. The scan prunes one layer while all others are
# whole, and losses of layers do not simply add up: it takes most from the second convolution, which bore that well
# only while the others compensated. So use a scan to *find* a layer that must be spared, and do not expect more of
# it. What heals the network is training.
#
# ## 5. Prune while it trains
#
# **The pain.** Let us train the thinned network for one pass, as usual, and look at the zeros. (`TunableNet` makes a
# graph of the kit a network that torch can train.) **Predict**: *how many of the 80 % are still zero afterwards?*

# %%
recipe = Recipe(epochs=1, batch_size=64, learning_rate=5e-3)
naive = prune.TunableNet(thin)
train(naive, x_train, y_train, recipe)
revived = naive.to_graph()
for words, graph in {"before": thin, "after one pass": revived}.items():
    print(f"zeros {words}: {100 * sparse_size.sparsity(graph):.1f} %")
assert sparse_size.sparsity(revived) < 0.01

# %% [markdown]
# The zeros are gone. A gradient does not know which weights should stay away; and even without a gradient *momentum*,
# the optimizer's memory of earlier steps, would push them. The cure is to multiply by the mask in *every* forward
# pass. What the network sees of a pruned weight is then zero, whatever an optimizer does behind the scenes:

# %%
print(inspect.getsource(prune.MaskedNet.constant))
print(inspect.getsource(prune.MaskedNet.forward))

# %% [markdown]
# **The equation.** When should the weights go? All at once is a shock. The *cubic schedule* takes many while there
# are many, and few at the end. Here $t$ runs from 0 to 1 while weights go; ours does so in the first 60 % of the
# training, and the rest is for healing:
#
# $$s(t) = s_{final}\left(1 - (1 - t)^3\right), \qquad t \text{ from 0 to 1} \tag{2}$$
#
# One worked number, and two trainings of four passes each. **Predict**: *which ends better, the one that prunes at
# once and then heals, or the one that prunes gradually?*

# %%
print(f"t = 1/2: 0.8 * (1 - (1/2)^3) = {masks.cubic(0.5, 0.8):.1f}, so 70 % of the weights are gone half-way")
EPOCHS, RATE = 4, 5e-3
batches = EPOCHS * -(-len(x_train) // 64)


def learn(net, seen):
    train(net, x_train, y_train, Recipe(epochs=EPOCHS, batch_size=64, learning_rate=RATE),
          progress=lambda *_: seen.append(metric(outputs(net, x_val))))
    return net


once, gradual = [score(thin)], [score(trained)]
learn(prune.MaskedNet(trained, kept), once)
pruned = learn(prune.MaskedNet(trained).gradually(0.8, batches, every=4, until=0.6), gradual)

# %%
fig, axes = plots.subplots(1, 2, height=3.2)
t = np.linspace(0, 1, 101)
axes[0].plot(t, masks.cubic(np.minimum(t / 0.6, 1), 0.8), label="gradually, as in (2)")
axes[0].plot(t, masks.one_shot(t, 0.8), "--", label="at once")
for (words, path), marker in zip({"gradually": gradual, "at once": once}.items(), "os", strict=True):
    axes[1].plot(path, marker=marker, label=words)
axes[0].set(xlabel="share of the training", ylabel="sparsity", ylim=(0, 1), title="When the weights go")
axes[1].set(xlabel="passes over the training split", ylabel="macro F1, validation", ylim=(0, 1), title="It heals")
for ax in axes:
    ax.legend(loc="lower right")
plots.show(fig, "Left: sparsity over the training, gradually and at once. Right: macro F1 after each pass for both.")

# %% [markdown]
# On the left the schedules: the curve rises steeply while there is much to take, and is level from 0.6 on. On the
# right what that does. Pruned at once, the network begins at the bottom and climbs in the first pass. Pruned
# gradually, it dips while weights go, and never falls to the bottom. At the end the two are close, and one run
# decides nothing. A study repeated such short trainings in five orders of the batches, and settles the question of
# section 2 as well:

# %%
short = Study.load("sparsity_curves")
PAIRS = {"gradually or at once": ("gradual_all", "once_all"), "together or by layer": ("once_all", "once_layer")}
for words, pair in PAIRS.items():
    for percent in (80, 90):
        ends = [short.interval(f"{key}_{percent}") for key in pair]
        said = "  ".join(f"{short.mean(f'{key}_{percent}'):.2f} ({low:.2f} to {high:.2f})"
                         for key, (low, high) in zip(pair, ends, strict=True))
        print(f"{words}, {percent} %: {said}  {'differ' if ends[0][0] > ends[1][1] else 'no difference'}")
assert short.interval("gradual_all_90")[0] > short.interval("once_all_90")[1]
assert short.interval("once_all_80")[0] > short.interval("once_layer_80")[1]

# %% [markdown]
# Gradual pruning is better at 90 %; at 80 % the intervals touch, which is no difference. One list for all layers is
# better than the same share for each at both, and at 90 % by far: small layers that everything must pass through
# cannot give as much as the others. And the patterns of section 3, after the same training?

# %%
for words, key in {"half, chosen freely": "all_50", "2 of 4": "2:4_50", "1 of 4": "1:4_75"}.items():
    low, high = short.interval(f"once_{key}")
    print(f"{words:20} untrained {short.mean(f'untrained_{key}'):.2f}, trained {short.mean(f'once_{key}'):.2f} "
          f"({low:.2f} to {high:.2f})")
low, high = (short.interval(f"once_{key}") for key in ("2:4_50", "all_50"))
assert max(low[0], high[0]) < min(low[1], high[1])

# %% [markdown]
# Training brings back what 2:4 had lost: its interval and that of free choice overlap, so at one half we see *no
# difference*. And most of what 1:4 had lost, with three quarters gone.
#
# **Check.** The zeros hold, and the graph that leaves the training has exactly the budget.

# %%
net_graph = pruned.eval().to_graph()
left = sum(int((net_graph.tensors[key].data != 0).sum()) for key in weights)
print(f"{left:,} weights are not 0, the budget is {count:,}; macro F1 {score(net_graph):.2f}")
assert left <= count
claim("06/gradual_80", score(net_graph))

# %% [markdown]
# **What does it really cost?** A study trained longer: three networks, five sets of people and machines that no
# shipped network knows, 80 % sparsity, gradual, learning from the answers of the unpruned network (lesson 08). And a
# *control* that trained in the same way without pruning: what training alone changes is not the zeros' fault. Judged
# once on the sealed test split. A *point* is 0.01 of macro F1, and one point was all that we wanted to lose. The
# pulse network had lost more there, with 400 people. So a second study gave it twice the people and kept the running
# mean of its weights, tuned on validation, with fresh seeds.

# %%
from edgekit.course.paired import interval

cost_of, longer = Study.load("pruning_unstructured"), Study.load("pruning_unstructured_pulse")
NETWORKS = {"ppg-cnn": "pulse", "acoustic-teacher": "sound, large", "acoustic-student": "sound, small"}
ROWS = {"pulse, 400 people": (cost_of, "ppg-cnn_"), "pulse, 800 people": (longer, ""),
        "sound, large": (cost_of, "acoustic-teacher_"), "sound, small": (cost_of, "acoustic-student_")}
sizes_of = {words: sum(w.size for w in sparsity.weights(zoo.load(key)).values()) for key, words in NETWORKS.items()}
print("weights:", ", ".join(f"{words} {number:,}" for words, number in sizes_of.items()))

# %%
print(f"{'points of macro F1':18} float  control  pruned   lost to float      lost to the control")
for words, (study, key) in ROWS.items():
    values = [study.mean(f"{key}{name}") for name in ("float", "control", "pruned")]
    lost = [f"{study.mean(f'{key}{n}'):5.1f} ({low:.1f} to {high:.1f})" for n in ("drop", "cost")
            for low, high in [interval(study, f"{key}{n}")]]
    print(f"{words:18} {values[0]:5.1f} {values[1]:8.1f} {values[2]:7.1f}   {lost[0]:18} {lost[1]}")

# %% [markdown]
# Begin with the last line. The small sound network is another world. It was made small on purpose: 3,704 weights for
# fifteen classes. Its control lost nothing, and the pruned one lost about half of all it knew. So there is no
# sparsity that "costs nothing". What can go is what a network has to spare, and a network that was well designed has
# little.
#
# And the other three? **Predict**, with the table: *for which of them can we be sure that it loses at most one
# point?*

# %%
for words, (study, key) in ROWS.items():
    lost = study.mean(f"{key}drop")
    print(f"{words:18} loses {'at most one point' if lost <= 1 else 'more than one point'} on average")
assert longer.mean("drop") < 1 < longer.interval("drop")[1] < cost_of.interval("ppg-cnn_drop")[1]
shown = {words: (study, f"{key}drop") for words, (study, key) in list(ROWS.items())[:3]}
assert all(interval(*which)[1] > 1 for which in shown.values())
fig, ax = plots.subplots(height=3.2)
plots.study(ax, {words: study.values[key] for words, (study, key) in shown.items()},
            {words: interval(study, key) for words, (study, key) in shown.items()}, "points lost",
            "80 % of the weights gone", ".2f")
ax.axvline(1, color="#666666", ls="--", label="_guide", zorder=0)
plots.show(fig, "Points lost at 80 % sparsity by the pulse network, in two studies, and the large sound network.")

# %% [markdown]
# The dashed line is one point. With 400 people the pulse network lies to its right; part of that is not the zeros'
# fault, because the control lost points, too. With twice the people it comes to lie on the left, barely: on average,
# not for every seed. The large sound network, with ten times the weights, does so, too. For none can we be *sure*:
# every band reaches beyond the line. (Bands are wider than markers, since they are for other test examples, too.)
#
# ## 6. Bytes
#
# **The pain.** How do we store zeros so that they cost less than other numbers? We must say *where* the weights
# stand, and places cost bytes, too. Counting only the non-zeros is the most common mistake in this field.
# **Predict**: a layer of 1,000 int8 weights, 80 % of them zero, is stored as a *bitmap*: one bit for each place, then
# the weights that are left. *How many bytes?*

# %%
### BEGIN SOLUTION
bitmap_size = 325
### END SOLUTION
check("06/predict_bitmap", bitmap_size)

# %% [markdown]
# **The equation.** Let $q$ be the sparsity and $b$ the bits of a weight. Bits for each place, if zeros stand at
# random and rows are long:
#
# $$\text{bitmap: } 1 + (1 - q)\,b \qquad \text{CSR: } (1 - q)(b + i) \qquad
#   \text{runs: } \frac{(1 - q)(b + 4)}{1 - q^{16}} \tag{3}$$
#
# *CSR* (compressed sparse rows) stores with each weight its column, in $i$ bits, and where each row ends. *Runs*
# store the number of zeros before each weight in 4 bits. A run of 16 or more, whose chance is $q^{16}$, needs a
# filler: that is the denominator. *Huffman* gives frequent codes short words, and zero is very frequent. Worked
# numbers for $b = i = 8$, and the code for runs, the trickiest:

# %%
for form in ("bitmap", "csr", "run"):
    print(f"{form:6} with 90 % zeros: {break_even.bits_per_weight(form, 0.9, 8, 8):.2f} bits for each place")
print(inspect.getsource(sparse.runs))

# %% [markdown]
# A format *pays* where it takes fewer than $b$ bits. For a bitmap that is $q > 1/b$. **Predict**: *from which
# sparsity on does CSR pay*, with int8 weights and columns of one byte?

# %%
### BEGIN SOLUTION
csr_pays_from = 0.5
### END SOLUTION
check("06/predict_break_even", csr_pays_from)

# %% [markdown]
# **See.** Lines are derived from (3). Markers are measured: the real bytes of all weights of our network in int8,
# pruned by size, `len()` of what would be written to flash. **Predict**: *which format is smallest with few zeros,
# which with very many?*

# %%
codes = {key: t.data for key, t in ((t.name, t) for t in to_int8(trained).constants) if t.data.ndim > 1}


def bits(share, form):
    some = masks.over_layers({key: saliency.magnitude(c) for key, c in codes.items()}, share)
    return 8 * sum(len(sparse.encode(np.where(some[key], c, 0).astype(np.int8), form))
                   for key, c in codes.items()) / total


grid, points = np.linspace(0, 0.98, 99), (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
measured = {form: [bits(share, form) for share in points] for form in ("bitmap", "run", "csr", "huffman")}

# %%
fig, ax = plots.subplots(height=4)
for i, (form, values) in enumerate(measured.items()):
    ax.plot(points, values, plots.MARKERS[i], color=plots.PALETTE[i], label=form)
    if form != "huffman":
        ax.plot(grid, [break_even.bits_per_weight(form, q, 8, 8) for q in grid], color=plots.PALETTE[i], lw=1.2,
                label=f"{form}, derived")
ax.axhline(8, color="#666666", ls="--", label="_guide")
ax.set(xlabel="sparsity (dashed: dense int8)", ylabel="bits for each place", ylim=(0, 17),
       title="A format pays below the dashed line")
ax.legend(fontsize=9, ncols=2)
plots.show(fig, "Bits per place against sparsity for bitmap, runs, CSR and Huffman, derived and measured.")

# %% [markdown]
# The markers lie on their lines: the derivation holds, headers and all. Each format has its realm. At the far left
# all markers lie above the dashed line: with few zeros none pays. Not even Huffman does, although small codes are
# more frequent than large ones: in layers as small as these its table of words costs more than the short words save.
# Then bitmaps and Huffman words, side by side, are the smallest. At the far right CSR and runs win, because a bitmap
# cannot fall below one bit for each place. Where exactly do the three that we derived begin to pay?

# %%
dense = 8 * sum(len(sparse.encode(c, "dense")) for c in codes.values()) / total
for form in ("bitmap", "run", "csr"):
    derived = break_even.break_even(form, 8, 8)
    found = next(q for q in np.arange(0, 1, 0.01) if bits(q, form) < dense)
    print(f"{form:7} pays from sparsity {derived:.3f} (derived), {found:.2f} (measured)")
    assert abs(found - derived) <= 0.03
in_runs, in_maps = ([break_even.bits_per_weight(form, q, 8, 8) for q in grid] for form in ("run", "bitmap"))
print(f"runs are shorter than a bitmap from sparsity {grid[np.less(in_runs, in_maps).argmax()]:.2f} (derived)")

# %% [markdown]
# Now the network of section 1 with its 80 % zeros, everything that inference needs, in every format. And the same
# with *only the non-zeros* counted, as it is often reported:

# %%
int8, thin8 = to_int8(trained), to_int8(thin)
full, found = cost.weight_bytes(int8), sparse_size.sizes(thin8)
only = sum(int(np.count_nonzero(t.data)) for t in thin8.constants if t.data.ndim > 1)
print(f"{'dense, unpruned':16} {full:7,} bytes")
for form, size in found.items():
    print(f"{form:16} {size:7,} bytes  {100 * size / full:5.1f} %")
print(f"non-zeros alone  {only:7,} bytes  {100 * only / full:5.1f} %   what a careless table says")
assert only < found["best"] < found["csr"] < full

# %% [markdown]
# With 80 % zeros the network is less than three times smaller, not five times. What the careless table forgets are
# the places, and the biases, scales and multipliers, which no pruning touches. (*dense* is a little larger than the
# unpruned network because each array has a header, which tells a reader its format and shape. *best* takes for each
# layer the shortest of the five.)
#
# And the three networks of the study, trained and pruned, in KiB, as means over five seeds:

# %%
for key, words in NETWORKS.items():
    kib = {form: cost_of.mean(f"{key}_bytes_{form}") / 1024 for form in list(found)[:-1]}
    print(f"{words:14}" + "".join(f"  {form} {size:5.1f}" for form, size in kib.items()))

# %% [markdown]
# The large sound network has rows of more than 256 weights. A column then takes two bytes, and CSR falls far behind.
# Huffman wins there: with so many weights its table of words hardly counts.
#
# **Check.** The bytes are real: what was written can be read back, bit for bit.

# %%
for t in thin8.constants:
    if t.data.ndim > 1:
        assert all(np.array_equal(sparse.decode(sparse.encode(t.data, form)), t.data) for form in sparse.FORMATS)
print(f"{len(codes)} layers in {len(sparse.FORMATS)} formats come back unchanged")

# %% [markdown]
# ## 7. Time
#
# **The pain.** Does a product get faster when most of its weights are zero? A dense kernel does not look. It
# multiplies by zero as it multiplies by anything. A *sparse* product does look: it visits the stored weights only.
# But then each of them must fetch its own input.

# %%
from edgekit.core import sparse_product

print(inspect.getsource(sparse_product.csr_matvec))

# %% [markdown]
# Seconds belong to one computer and one moment. So a study measured *ratios*, five times, each within one run, turn
# by turn: how many times as fast as the dense product of the full matrix? Three shapes: a dense layer, a convolution
# as a product of patches, and a layer so large that it does not fit into a cache. *SciPy* is the field's tool, in C.
# **Predict**: *with 80 % zeros, how many times as fast is a sparse product: five, two, one, or less?*

# %%
timed = Study.load("sparse_time")
SHAPES = {"vector": "dense layer, 64 x 1,280", "patches": "convolution, 32 x 160, 125 places",
          "large": "large layer, 1,024 x 4,096"}
STEPS = (500, 800, 900, 950, 980, 995)


def times(shape, way):
    return [2 ** timed.mean(f"{shape}_{way}_{step}") for step in STEPS]

# %%
fig, axes = plots.subplots(1, 3, height=3.6, width=10, sharey=True)
for ax, (shape, words) in zip(axes, SHAPES.items(), strict=True):
    for way, marker, label in (("zeros", "o", "dense kernel"), ("ours", "s", "our CSR"), ("scipy", "^", "SciPy's CSR")):
        ax.plot(range(len(STEPS)), times(shape, way), marker=marker, label=label)
    ax.axhline(1, color="#666666", ls="--", label="_guide")
    ax.set(xlabel="sparsity (%)", yscale="log", title=words.split(",")[0])
    ax.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
    ax.set_xticks(range(len(STEPS)), [f"{step / 10:g}" for step in STEPS])
axes[0].set_ylabel("times as fast as dense (measured)")
axes[0].legend(fontsize=9)
plots.show(fig, "Speed-up against sparsity in three shapes: dense stays at one, sparse products pass it late.")

# %% [markdown]
# The round markers lie at one, whatever the sparsity. That is the answer to half of our question: a dense kernel
# takes as long for a zero as for any other number. The sparse products start far *below* one. With half of the
# weights left, finding them costs more than multiplying all. From which sparsity on do they pay, by interpolation
# between the markers? And what does a whole network in ONNX Runtime do?

# %%
for shape, words in SHAPES.items():
    ends = [f"{way} {timed.mean(f'{shape}_{way}_break_even'):.2f}" for way in ("scipy", "ours")]
    same = 2 ** timed.mean(f"{shape}_zeros_800")
    print(f"{words:34} dense with 80 % zeros: x{same:.2f}   pays from: {', '.join(ends)}")
low, high = (2 ** end for end in timed.interval("network_zeros"))
print(f"whole network in ONNX Runtime, 80 % zeros: x{2 ** timed.mean('network_zeros'):.2f} ({low:.2f} to {high:.2f})")
for shape in SHAPES:
    assert abs(timed.mean(f"{shape}_zeros_800")) < 0.2
    assert timed.mean(f"{shape}_scipy_500") < 0 < timed.mean(f"{shape}_scipy_995")
    assert (timed.mean(f"{shape}_scipy_800") < -0.2) == (shape != "large")

# %% [markdown]
# SciPy's product passes one only where these lines say. At 80 %, which is what our networks may bear, it has not won
# on the two smaller shapes; on the large layer it is just ahead. Ours, in NumPy, needs temporary arrays and wins on the
# large layer alone; a break-even of 1.00 means that it never did. And the whole network takes as long as before. (All
# matrices begin at a multiple of 64 bytes. Before they did, the first line moved with where they happened to lie.)
#
# Why is the large layer different? **Predict**: *how many bytes are the three matrices, in floats of four?*

# %%
for words, places in {"dense layer": 64 * 1280, "convolution": 32 * 160, "large layer": 1024 * 4096}.items():
    print(f"{words:12} {4 * places / 1024:8,.0f} KiB")

# %% [markdown]
# The large one fits into no small cache. Its weights must be fetched from memory for a single use each, and that
# takes longer than the arithmetic. Fewer weights are fewer bytes to fetch; and once what is left fits into the cache,
# the curve shoots up. The two smaller matrices fit from the start. There only arithmetic could be saved, and dense
# arithmetic is what processors do best.
#
# ## 8. The lottery ticket
#
# **The pain.** A pruned network works. So why train the large one at all? Train the small one from the start! That
# usually fails. In 2018 two authors found an exception: set the weights that stay back to the values that they had
# *before* training. With these lucky first weights, they claimed, the small network learns as well as the large one.
# They called it the winning ticket. Is it the mask that is lucky, or the weights? A study has four rivals:

# %%
tickets = Study.load("lottery_ticket")
WAYS = {"onward": "go on with trained weights", "ticket": "back to the first weights (ticket)",
        "other": "same mask, other first weights", "shuffled": "shuffled mask, first weights"}
print("\n".join(WAYS.values()))

# %% [markdown]
# The last two are controls, and so is the first: *shuffled* has as many ones in each layer, in other places; going
# *on* never goes back. The network is a small one that reads digits, in four rounds of training and pruning, for five
# seeds. **Predict**: *in which order do they end at 95 %?*

# %%
fig, ax = plots.subplots(height=3.8)
for i, (way, words) in enumerate(WAYS.items()):
    keys = [f"{way}{q}" for q in (80, 90, 95)]
    low, high = np.transpose([tickets.interval(key) for key in keys])
    ax.plot(range(3), [tickets.mean(key) for key in keys], marker=plots.MARKERS[i], color=plots.PALETTE[i], label=words)
    ax.fill_between(range(3), low, high, color=plots.PALETTE[i], alpha=0.2, lw=0)
ax.axhline(tickets.mean("dense"), color="#666666", ls="--", label="_guide")
ax.set(xlabel="sparsity in % (dashed: unpruned)", ylabel="% of test digits", ylim=(30, 100),
       title="Mask and weights belong together")
ax.set_xticks(range(3), [80, 90, 95])
ax.legend(loc="lower left", fontsize=9)
plots.show(fig, "Accuracy on digits against sparsity for tickets and their controls, with 95 % intervals.")

# %% [markdown]
# The two lines at the bottom part from 90 % on: there a shuffled mask of the same density learns worst, so *where*
# the ones stand matters. The same mask with other first weights is better, but far below the ticket. So mask and
# first weights belong together: this half of the claim holds here, for a network of this size. Is the ticket *as good
# as the large one*? The lines near the dashed one are too close for the eye:

# %%
rows = {f"{way}{q}": f"{q} %: {words}" for q in (80, 90, 95) for way, words in WAYS.items()} | {"dense": "unpruned"}
for key, words in rows.items():
    low, high = tickets.interval(key)
    print(f"{words:42} {tickets.mean(key):5.1f} % ({low:.1f} to {high:.1f})")
assert tickets.interval("ticket80")[1] > tickets.interval("dense")[0] > tickets.interval("ticket90")[1]
for q in (80, 90, 95):
    assert tickets.interval(f"ticket{q}")[0] > max(tickets.interval(f"{way}{q}")[1] for way in ("other", "shuffled"))
    assert tickets.mean(f"onward{q}") >= tickets.mean(f"ticket{q}")
    assert q == 80 or tickets.interval(f"other{q}")[0] > tickets.interval(f"shuffled{q}")[1]

# %% [markdown]
# At 80 % it is not refuted: the ticket's interval overlaps with that of the unpruned network, which is no difference.
# From 90 % on the ticket learns less. And whoever has trained the large network need not go back: going on is no
# worse at any of these sparsities, and everybody does it in practice. (It has also trained longer in all, through
# every round; how much of its lead that is, the experiment cannot tell.)
#
# These trainings are short, which may widen the gaps. And later work found that large networks must go
# back to weights *early in training*, not to the very first.
#
# ## Explore
#
# Structures, schedules and bytes of the pulse network, from the study of short trainings of section 5. Predict, then
# move the controls:
#
# 1. *At 80 % sparsity, which costs more accuracy: any weight, or whole channels? And which takes fewer bytes?*
# 2. *Which format is the smallest at 50 %, and which at 90 %?*

# %%
from edgekit.ui.sparsity_explorer import SparsityExplorer

explorer = SparsityExplorer(trained, ranges, Study.load("sparsity_curves"))
explorer.set(structure="all", sparsity=0.8, schedule="gradual")
explorer

# %% [markdown]
# Did you foretell it? Both questions, answered by the widget's own headline:

# %%
for structure, gone in (("all", 0.8), ("channels", 0.8), ("all", 0.5), ("all", 0.9)):
    print(explorer.sentence(explorer.compute(gone, structure, "once", "features.4.0.weight")))

# %% [markdown]
# Whole channels cost more accuracy at the same sparsity, and they take fewer bytes: what is left is dense, and nothing
# must say where it stands. With half of the weights a bitmap is the smallest format, with a tenth it is the runs.
#
# ## Exercises
#
# Now write the four steps yourself. Hints come one at a time:

# %%
hint("06/mask")

# %% [markdown]
# **1. The mask.** Return the mask of the `budget` largest sizes of `w`, in its shape: True means keep. Of equal
# sizes the first stays.

# %%
def my_mask(w, budget):
    """Return a bool array in the shape of w with exactly `budget` ones."""
    ### BEGIN SOLUTION
    order = np.argsort(-np.abs(w).ravel(), kind="stable")
    mask = np.zeros(w.size, bool)
    mask[order[:budget]] = True
    return mask.reshape(w.shape)
    ### END SOLUTION


check("06/mask", my_mask)

# %% [markdown]
# **2. A step that revives nothing.** The optimizer's velocity becomes `0.9 * velocity + gradient`, and the weights
# move by `-rate` times it. Return the new weights, with zeros where `mask` is 0.

# %%
def my_step(w, velocity, gradient, mask, rate):
    """Return the weights after one masked step."""
    ### BEGIN SOLUTION
    return (w - rate * (0.9 * velocity + gradient)) * mask
    ### END SOLUTION


check("06/pruned_step", my_step)

# %% [markdown]
# **3. What it weighs.** Return the bytes of an int8 array as a bitmap: the bits of all places, filled up to a whole
# byte, and the weights that are not zero.

# %%
def my_bitmap_bytes(w):
    """Return a whole number of bytes."""
    ### BEGIN SOLUTION
    return -(-w.size // 8) + np.count_nonzero(w)
    ### END SOLUTION


check("06/bitmap_bytes", my_bitmap_bytes)

# %% [markdown]
# **4. Transfer: runs.** For a flat array, return the gaps that the run format stores: the zeros before each weight. A
# gap of 16 or more begins with a filler: the number 15, whose stored 0 is the sixteenth zero.

# %%
def my_gaps(w):
    """Return the gaps, each 0..15, as an array."""
    ### BEGIN SOLUTION
    found = []
    for gap in np.diff(np.flatnonzero(w), prepend=-1) - 1:
        found += [15] * (gap // 16) + [gap % 16]
    return np.array(found, int)
    ### END SOLUTION


check("06/gaps", my_gaps)

# %% [markdown]
# ## Real life: PyTorch's own pruning
#
# `torch.nn.utils.prune` is what most people call. Are its masks ours? And what does it do to the file?

# %%
from torch.nn.utils import prune as torch_prune

from edgekit.nn.models import PulseNet

model = zoo.load_state(PulseNet(), "ppg-cnn.safetensors")
numbers = sum(v.numel() for v in model.state_dict().values())
layers = {f"{key}.weight": m for key, m in model.named_modules() if f"{key}.weight" in weights}
torch_prune.global_unstructured([(m, "weight") for m in layers.values()], torch_prune.L1Unstructured, amount=0.8)
for key, layer in layers.items():
    theirs = layer.weight_mask.numpy()
    theirs = theirs.transpose(0, 2, 1)[:, None] if theirs.ndim == 3 else theirs
    assert np.array_equal(theirs.astype(bool), kept[key])
print(f"{len(layers)} masks, every one equal to ours")

# %%
state = model.state_dict()
print([key for key in state if key.startswith("features.0.0")])
print(f"numbers in the state: {numbers:,} before, {sum(v.numel() for v in state.values()):,} after")
for layer in layers.values():
    torch_prune.remove(layer, "weight")
print(f"after prune.remove: {sum(v.numel() for v in model.state_dict().values()):,}")
assert sum(v.numel() for v in model.state_dict().values()) == numbers < sum(v.numel() for v in state.values())

# %% [markdown]
# The masks are the same, to the last weight. And the complaint of the question finds its explanation: PyTorch keeps
# the weights *and* a mask of the same shape, so a pruned network is nearly twice as large. After `remove` it is as
# large as before, with zeros in it. Nothing is smaller until somebody encodes it.
#
# **Who does?** Arm's compiler Vela encodes weights for the Ethos-U accelerators, zeros included, and decodes them in
# hardware. Three benchmark networks with 80 % of their weights zeroed, on an Ethos-U55 that does 128 MACs in each
# cycle. These are the compiler's own estimates, *modelled* and cited: nothing was measured on a chip, nor computed
# here. **Predict**: *which gains most cycles, a network of dense layers or one of convolutions?*

# %%
CITED = {"anomaly detection, dense layers": (196, 77, "201,000 -> 79,000"),
         "ResNet8, images": (77, 28, "8 % fewer"), "keyword spotting": (30, 16, "1.5 % fewer")}
for words, (before, after, cycles) in CITED.items():
    print(f"{words:32} flash {before:4} -> {after:3} KiB   cycles {cycles:18} (modelled, cited)")

# %% [markdown]
# Flash shrinks everywhere. Cycles fall as the bytes do in one network only: the one of dense layers, where each
# weight is used once and *fetching* it takes the time. In a convolution a weight is fetched once and used at many
# places, so arithmetic is the bottleneck, and that still meets the zeros. Pruning pays where weights are the
# bottleneck.
#
# ## Cost box
#
# Where the numbers of the next table come from:
#
# - *Accuracy* is **measured** on validation people, after a few passes; the study of section 5 trained longer.
# - *Weight bytes* are **measured**: `len()` of all constants as they would be stored. A reader must decode them, into
#   RAM or on the way; that RAM is not in the table.
# - *RAM* is **modelled** by placing all activations in one arena. *MACs* are
#   **modelled** by counting. A dense kernel does all of them, zeros or not.
# - *Latency*: **measured** as ratios in section 7. The dense one is unchanged. *Energy* is not shown.

# %%
from edgekit.graph import memory

pruned8 = to_int8(net_graph)
best = sparse_size.sizes(pruned8)["best"]
rows = {"float": (fold.fold(trained), None), "int8": (int8, None), "int8, 80 % zeros": (pruned8, None),
        "the same, encoded": (pruned8, best)}
print(f"{'':18} macro F1   weights, KiB   peak RAM, B      MACs")
for words, (graph, size) in rows.items():
    ram, size = memory.plan(graph).peak_ram_bytes, (size or cost.weight_bytes(graph)) / 1024
    print(f"{words:18} {score(graph):8.2f} {size:14.0f} {ram:13,} {cost.macs(graph):9,}")
claim("06/encoded_share", 100 * best / cost.weight_bytes(int8))

# %% [markdown]
# Read it from top to bottom. Eight bits divide weights and RAM by about four. Zeros alone change neither. Encoded,
# the weights shrink once more, and nothing else does.
#
# ## Summary
#
# - A mask under a budget: score, sort, keep exactly $B$. Size is a good score, chance is the control.
# - Multiply by the mask in every step, or the optimizer revives what was pruned. Let the masks grow, then heal.
# - Compare with a control that trained equally long. A large network nearly bears 80 %, a small one does not.
# - Zeros save bytes only when places are cheap: count both. Each format has a break-even that can be derived.
# - Zeros save no time in a dense kernel. A sparse product wins late, and first where weights are the bottleneck.
#
# **Next.** If zeros are so hard to skip, take away whole channels: what is left is dense, and small. Lesson 07.

# %% [markdown]
# **Sources**
#
# - S. Han et al., "Learning both Weights and Connections for Efficient Neural Networks", NeurIPS 2015: magnitude.
# - S. Han et al., "Deep Compression", ICLR 2016: runs of 4 bits, Huffman codes.
# - P. Molchanov et al., "Importance Estimation for Neural Network Pruning", CVPR 2019: Taylor's score.
# - M. Zhu, S. Gupta, "To prune, or not to prune", arXiv:1710.01878, 2017: equation (2).
# - A. Mishra et al., "Accelerating Sparse Deep Neural Networks", arXiv:2104.08378, 2021: 2:4.
# - J. Frankle, M. Carbin, "The Lottery Ticket Hypothesis", ICLR 2019; J. Frankle et al., "Linear Mode Connectivity and
#   the Lottery Ticket Hypothesis", ICML 2020: going back to early weights; J. Frankle et al., "Pruning Neural Networks
#   at Initialization: Why Are We Missing the Mark?", ICLR 2021: shuffled masks as a control.
# - Arm, "Vela compiler for Ethos-U": how weights are encoded. The figures above are estimates of Vela 5.2.
