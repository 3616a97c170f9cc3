# %% [markdown]
# # 09 Efficient architectures: fewer products, and what they are worth
#
# **Question.** Instead of making a network smaller afterwards, can we build it from parts that are small? And is a
# network with less than half of the products twice as fast?
#
# **You will learn**
#
# - to count the products of a convolution, and to split it into two that cost far fewer;
# - groups, channel shuffle, inverted residuals, squeeze-and-excite: what each saves, and what each costs;
# - to make a network wider or narrower with one number, and to predict what that does to its cost;
# - to measure time, and to find out why it does not follow the products;
# - what the kit's two camera networks, one of either kind, really cost.
#
# **Time** 45 minutes. **You need** lesson 00. **The modules behind it** `edgekit.core.blocks`,
# `edgekit.core.block_costs` and `edgekit.nn.blocks`.

# %%
import inspect

import numpy as np
import torch

from edgekit.core import block_costs, blocks
from edgekit.course.checks import check, hint
from edgekit.course.claims import claim
from edgekit.deploy.ort_time import node_times, race, runners
from edgekit.graph import cost, fold, memory, run
from edgekit.nn import blocks as torch_blocks
from edgekit.nn import zoo

# %% [markdown]
# ## 1. One layer, split in two
#
# **The pain.** A small network of the kit looks at pictures of 96 x 96 pixels and says whether a person or a vehicle
# is there. It is made of *depthwise separable* convolutions. What if we had built it, layer for layer, from ordinary
# ones? We count the multiply-accumulates (MACs) of both, from the table of the network: channels and stride of each
# block. **Predict**: *how many times as many MACs do the ordinary ones cost?*
# %%
from edgekit.nn.camera import V1_COARSE, V1_FINE
from edgekit.nn.trace import trace
from edgekit.ui import plots


def chain_macs(block, table, stem, side):
    """MACs of a first convolution with stride 2, and of one block for every (channels, stride) of the table."""
    (first,) = block_costs.standard((side, side), 3, stem, 3, 2)
    total, size, channels = first.macs, first.out_size, stem
    for wanted, stride in table:
        layers = block(size, channels, wanted, 3, stride)
        total += block_costs.macs(layers)
        size, channels = layers[-1].out_size, wanted
    return total

# %%
ways = {"standard": block_costs.standard, "separable": block_costs.separable}
camera = {name: chain_macs(block, V1_FINE + V1_COARSE, 8, 96) for name, block in ways.items()}
for name, macs in camera.items():
    print(f"{name:10} {macs:11,} MACs")
claim("09/camera_macs_ratio", camera["standard"] / camera["separable"])

# %% [markdown]
# More than seven times as many. So the idea is worth understanding.
#
# **The equation.** A convolution does two jobs at once: it looks at *neighbours*, and it mixes *channels*. For each
# of the $H' W'$ places of its output, and for each of its $C'$ channels, it adds up $K^2 C$ products:
#
# $$\text{MACs} = K^2\, C\, C'\, H'\, W' \tag{1}$$
#
# Now do one job after the other. First, each channel gets a $K \times K$ kernel of its own (*depthwise*). Then a
# $1 \times 1$ convolution mixes the channels (*pointwise*):
#
# $$\text{MACs} = \underbrace{K^2\, C\, H'\, W'}_{\text{depthwise}} + \underbrace{C\, C'\, H'\, W'}_{\text{pointwise}},
#   \qquad \frac{\text{separable}}{\text{standard}} = \frac{1}{C'} + \frac{1}{K^2} \tag{2}$$
#
# **Predict**: *for a 3 x 3 kernel and 64 channels in and out, how many times fewer MACs is that?*

# %%
### BEGIN SOLUTION
times_fewer = 7.9
### END SOLUTION
check("09/predict_separable", times_fewer)

# %% [markdown]
# **The code.** Two convolutions, and the count of a layer:

# %%
print(inspect.getsource(blocks.separable))
print(inspect.getsource(block_costs.Layer.macs.fget))
print(inspect.getsource(block_costs.Layer.weights.fget))

# %% [markdown]
# **See.** Both blocks, drawn. Each slab is a map (of features: one picture for each channel), as wide as it has
# channels. A line says that one channel sees another:

# %%
from edgekit.ui.block_explorer import DrawingPanel
from edgekit.ui.blocks import Block

fig, axes = plots.subplots(2, 1, height=4.6)
for ax, kind in zip(axes, ("standard", "separable"), strict=True):
    DrawingPanel(ax).draw(Block(kind, 32, 3, 1, 24))
plots.show(fig, "A standard convolution between two maps; a depthwise and a pointwise one with a third map between.")

# %% [markdown]
# On top every channel sees all. Below, each sees itself alone at first, and all of them in the second step. The picture
# shows the price, too. There is a third map in the middle: it must be written to memory, and read again.
# Equation (2) knows nothing about that. Keep it in mind.
#
# How much do we save at best? The ratio depends on the channels:

# %%
widths = 2 ** np.arange(2, 11)
fig, ax = plots.subplots(height=3.4)
for kernel, marker in zip((3, 5), "os", strict=True):
    saved = [block_costs.macs(block_costs.standard(8, c, c, kernel)) / block_costs.macs(
        block_costs.separable(8, c, c, kernel)) for c in widths]
    ax.plot(widths, saved, marker=marker, label=f"{kernel} x {kernel}")
    ax.axhline(kernel**2, color=plots.PALETTE[3], ls="--", lw=1, label="_guide")
ax.set(xscale="log", xlabel="channels in and out", ylabel="times fewer MACs", title="The saving ends at K squared")
ax.set_xticks(widths, widths)
ax.minorticks_off()
ax.legend(loc="center left")
plots.show(fig, "Times fewer MACs against channels for two kernels; each curve approaches a dashed line at K squared.")

# %% [markdown]
# With few channels the saving is small: there is little to mix, and the depthwise part weighs more. With many it
# approaches $K^2$, the dashed lines, and never passes them. So where channels are many, a larger kernel is almost
# free in a separable block: one reason why the newer networks have kernels of 5 x 5.
#
# **Check.** A count must agree with the network that runs. We ask the shipped model, whose last layer names four
# classes:

# %%
v1, v3 = (fold.fold(zoo.load(f"camera-presence-{name}")) for name in ("v1", "v3"))
classes = V1_COARSE[-1][0] * 4
print(f"counted from the table: {camera['separable'] + classes:,}   counted in its graph: {cost.macs(v1):,}")
assert camera["separable"] + classes == cost.macs(v1)

# %% [markdown]
# **Measure.** Is the separable block as many times *faster*? We let ONNX Runtime compute both on one thread. They
# take turns, and the shortest of many times counts: a disturbance makes a run longer, never shorter. **Predict**: *with
# 16 channels, does time gain more than the MACs, as much, or less? And with 128?*

# %%
from edgekit.nn.trace import to_graph_layout


def ready(block, channels, side=24):
    """The graph of a block, with its batch norms folded, and an input for it."""
    x = torch.randn(1, channels, side, side, generator=torch.Generator().manual_seed(0))
    return fold.fold(trace(block.eval(), x)), to_graph_layout(x)


channels, saved, faster = [16, 32, 64, 128], [], []
for c in channels:
    rivals = {"plain": ready(torch_blocks.ConvBlock(c, c), c), "split": ready(torch_blocks.Separable(c, c), c)}
    seconds = race(runners(rivals))
    saved.append(cost.macs(rivals["plain"][0]) / cost.macs(rivals["split"][0]))
    faster.append(seconds["plain"] / seconds["split"])

# %%
fig, ax = plots.subplots(height=3.2)
ax.plot(channels, saved, "o-", label="times fewer MACs")
ax.plot(channels, faster, "s-", label="times faster (measured here)")
ax.set(xscale="log", xlabel="channels in and out", ylim=(0, 9), title="Fewer products, but not as much less time")
ax.set_xticks(channels, channels)
ax.minorticks_off()
ax.legend(loc="upper left")
plots.show(fig, "Times fewer MACs and times faster against channels: time gains less.", compare=False)
assert all(time < macs for time, macs in zip(faster, saved, strict=True))

# %% [markdown]
# The blue curve is arithmetic and the same everywhere. The orange one is *this computer*, so your figure will differ
# a little. But it lies below, and most so where channels are few. Something in the separable block takes time that is
# not products. Section 6 finds out what. First, the other parts of the box of bricks.
#
# ## 2. Groups, and why they need a shuffle
#
# **The equation.** A depthwise convolution is an extreme case. In general we may cut the channels into $g$ groups
# that do not see each other. Each output then adds up $C / g$ input channels:
#
# $$\text{MACs} = K^2\, \frac{C}{g}\, C'\, H'\, W' \tag{3}$$
#
# **Predict**: *a convolution with 64 channels in and out is cut into 4 groups. How many times fewer MACs does it
# have?*

# %%
### BEGIN SOLUTION
groups_save = 4
### END SOLUTION
check("09/predict_groups", groups_save)

# %% [markdown]
# **The pain.** Why not put groups everywhere, in the pointwise layers too? Because groups never meet. We stack three
# grouped 1 x 1 layers, touch *one* input channel of 16, and count the output channels that notice. **Predict**: *how
# many are they?*

# %%
from edgekit.core.ops import conv2d
from edgekit.core.shape_ops import channel_shuffle

rng = np.random.default_rng(0)
weights = [rng.normal(size=(16, 1, 1, 4)) for _ in range(3)]


def reached(shuffled):
    x = np.zeros((1, 1, 1, 16))
    x[..., 5] = 1.0
    for w in weights:
        x = conv2d(x, w, groups=4)
        x = channel_shuffle(x, 4) if shuffled else x
    return int((x != 0).sum())


print(f"without a shuffle {reached(False)} of 16 channels notice, with one {reached(True)} of 16")

# %% [markdown]
# A quarter of the network is a network of its own. The remedy is to deal the channels anew after each grouped layer,
# like cards: one of each group in turn. It is three lines, and not a single product:

# %%
print(inspect.getsource(channel_shuffle).split('"""')[2])

# %% [markdown]
# Not a single product, but not free: each element is read from one place and written to another. And a runtime must
# *have* such an operator. The kit's graph has no transpose. So `nn.blocks.ChannelShuffle` writes the shuffle as a
# 1 x 1 convolution of zeros and ones. The numbers are the same to the last bit, and so is the int8 code of each. But
# the products by zero are now really computed. **Predict**: *does the shuffle of 64 channels cost less than the grouped
# layer that it serves, as much, or more?*

# %%
shuffle = trace(torch_blocks.ChannelShuffle(64, 4), torch.zeros(1, 64, 24, 24))
served = trace(torch_blocks.ConvBlock(64, 64, 1, groups=4), torch.zeros(1, 64, 24, 24))
print(f"shuffle as a 1 x 1 convolution: {cost.macs(shuffle):,} MACs, the grouped layer it serves: "
      f"{cost.macs(served):,}")
assert cost.macs(shuffle) == 4 * cost.macs(served)

# %% [markdown]
# So here the shuffle costs four times what it serves, and ShuffleNet makes no sense in this graph. That is the
# first lesson about architectures: *an idea is only as cheap as the operator that your runtime has for it.*
#
# ## 3. Width and resolution
#
# **The equation.** Two numbers scale a whole network. A *width* $\alpha$ multiplies all channels, a *resolution*
# $\rho$ both sides of the picture:
#
# $$\text{MACs}(\alpha, \rho) \approx \alpha^2 \rho^2\, \text{MACs}(1, 1) \tag{4}$$
#
# **Predict**: *at half the width, how many times fewer MACs does a MobileNet have, about?*

# %%
### BEGIN SOLUTION
narrow_saves = 4
### END SOLUTION
check("09/predict_width", narrow_saves)

# %% [markdown]
# Channels are whole numbers, and processors like them in eights. So each is rounded, in a way that a certain file of
# TensorFlow's once began, and that everybody has followed since:

# %%
from edgekit.core.scaling import round_channels

print(inspect.getsource(round_channels).split('"""')[2])
print({c: round_channels(c, 0.35) for c in (16, 24, 32, 64, 96)}, "at width 0.35")

# %% [markdown]
# **See.** We scale the published MobileNetV1 with our own count, and lay the published counts over it. Those are
# **cited** (Sources, 3):

# %%
from edgekit.nn.efficient import V1

PUBLISHED = {224: {1.0: 569, 0.75: 317, 0.5: 150, 0.25: 41}, 128: {1.0: 186, 0.75: 104, 0.5: 49, 0.25: 14}}


def millions(width, side):
    table = [(round_channels(c, width), stride) for c, stride in V1]
    classes = 1000 * table[-1][0]
    return (chain_macs(block_costs.separable, table, round_channels(32, width), side) + classes) / 1e6

# %%
alphas = np.linspace(0.2, 1, 33)
fig, ax = plots.subplots(height=3.6)
for (side, cited), marker in zip(PUBLISHED.items(), "os", strict=True):
    (line,) = ax.plot(alphas, [millions(a, side) for a in alphas], lw=1.4, label=f"counted, {side} x {side}")
    ax.plot(list(cited), list(cited.values()), marker, color=line.get_color(), label=f"published, {side} x {side}")
ax.set(xscale="log", yscale="log", xlabel="width", ylabel="million MACs",
       title="Halve the width: a quarter of the MACs")
ax.set_xticks([0.25, 0.5, 0.75, 1], [0.25, 0.5, 0.75, 1])
ax.set_yticks([10, 30, 100, 300], [10, 30, 100, 300])
ax.minorticks_off()
ax.legend()
plots.show(fig, "Million MACs against width, logarithmic: straight lines of slope two, with published points on them.")

# %% [markdown]
# On logarithmic axes a square is a straight line of slope two, and the two lines are nearly that. The small steps come
# from the eights. The published points lie on our lines, as far as the eye can tell.
#
# **Check.** And as far as digits can tell? They print whole millions:

# %%
off = {(side, width): macs - millions(width, side) for side, cited in PUBLISHED.items()
       for width, macs in cited.items()}
for (side, width), error in off.items():
    if abs(error) > 1:
        print(f"width {width}, side {side}: published {PUBLISHED[side][width]}, counted {millions(width, side):.1f}")
assert {width for (_, width), error in off.items() if abs(error) > 1} == {0.75}
print(f"half the width: {millions(1, 224) / millions(0.5, 224):.2f} times fewer MACs")

# %% [markdown]
# Six of eight agree to the digit. The two at width 0.75 do not. The paper of the same authors prints 325 there
# (Sources, 1, table 6), as we count. So one of their own two tables is off. Counting is worth doing even when somebody
# has counted before.
#
# ## 4. The inverted residual
#
# **The pain.** Separable blocks save products and weights. They do not save *RAM*: maps are as large as before. And a
# residual connection makes it worse, since its input must wait until the block is done.
#
# **The idea.** MobileNetV2 turns the residual block inside out. Between blocks the maps are *narrow*; only inside,
# for the depthwise layer, are they wide. The last layer has no activation: a narrow map has no channels to spare for
# ReLU to delete. With $C$ channels outside and $tC$ inside, the block costs
#
# $$\text{MACs} = H W\, (\underbrace{C \cdot tC}_{\text{widen}} + \underbrace{K^2\, tC}_{\text{depthwise}} +
#   \underbrace{tC \cdot C}_{\text{narrow}}), \qquad \text{RAM} = H W\, (\underbrace{C}_{\text{waits}} +
#   \underbrace{tC + tC}_{\text{depthwise}}) \tag{5}$$

# %%
print(inspect.getsource(blocks.inverted_residual).split('"""')[2])

# %% [markdown]
# **See.** We let the planner of the kit say which maps are alive at each step, and compare with a separable residual
# that is wide all the way. **Predict**: *where in each block is the peak?*

# %%
def alive(graph):
    """Bytes of all maps that live at each step."""
    maps = memory.lifetimes(graph)
    return [sum(m.size for m in maps if m.first <= step <= m.last) for step in range(len(graph.nodes))]


class WideResidual(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = torch_blocks.Separable(channels, channels)

    def forward(self, x):
        return x + self.body(x)

# %%
rivals = {"wide residual, 144 channels": ready(WideResidual(144), 144)[0],
          "inverted, 24 to 144 to 24": ready(torch_blocks.InvertedResidual(24, 144, 24), 24)[0]}
fig, axes = plots.subplots(1, 2, height=3, sharey=True)
for ax, (name, graph), color in zip(axes, rivals.items(), plots.PALETTE, strict=False):
    kib = np.array(alive(graph)) / 4 / 1024
    steps = [("depthwise" if n.attrs.get("groups", 1) > 1 else "1 x 1") if n.op == "conv2d" else n.op
             for n in graph.nodes]
    ax.bar(range(len(kib)), kib, color=color, label="alive")
    ax.set_xticks(range(len(kib)), steps)
    ax.set_title(name)
axes[0].set_ylabel("KiB of int8 maps alive")
plots.show(fig, "Bytes of maps alive at each step: three wide maps in the one, two wide and a narrow one in the other.")

# %% [markdown]
# Read the last bar of the right picture first: where the block ends, only narrow maps are left, and that is what
# lives on between blocks. But in the middle the depthwise layer reads one wide map and writes another, while the
# narrow input waits: that bar is even taller than the depthwise bar on the left. *Peak RAM* is a maximum, so the
# middle is what counts. It is still less than the three wide maps of the left block. That is why runtimes for
# microcontrollers compute the depthwise layer in place, channel by channel (MCUNet; cited): then only one wide map is
# left.
#
# **Check.** The planner and equation (5) agree, in bytes of int8:

# %%
places, c, t = 24 * 24, 24, 6
planned = memory.plan(rivals["inverted, 24 to 144 to 24"]).peak_ram_bytes // 4
print(f"planned {planned:,} bytes, equation (5) {places * (c + 2 * t * c):,}")
assert planned == places * (c + 2 * t * c)

# %% [markdown]
# ## 5. The price of squeeze-and-excite
#
# **The idea.** Look at the mean of every channel, let two tiny layers decide how important each channel is just now,
# and scale the channels by that:

# %%
print(inspect.getsource(blocks.squeeze_excite).split('"""')[2])

# %% [markdown]
# The tiny layers see one place only, so they cost hardly any MACs. Is it a bargain? **Predict**: *by how much do the
# weights grow, and how many operators are added?* We count everything:

# %%
pair = {"without": block_costs.inverted_residual((24, 24), 24, 160, 24),
        "with": block_costs.inverted_residual((24, 24), 24, 160, 24, narrow=40)}
graphs = {"without": ready(torch_blocks.InvertedResidual(24, 160, 24), 24)[0],
          "with": ready(torch_blocks.InvertedResidual(24, 160, 24, excite=40), 24)[0]}
for name, layers in pair.items():
    print(f"{name:8} {block_costs.macs(layers):9,} MACs {block_costs.weights(layers):7,} weights "
          f"{len(graphs[name].nodes):3} operators")
    assert block_costs.macs(layers) == cost.macs(graphs[name])

# %% [markdown]
# A bargain in MACs, and nothing like it in weights: they more than double. There are more operators, too, and one of
# them, which applies the gates, reads and writes the whole wide map for one product each. What that means in time
# comes next.
#
# ## 6. MACs against time
#
# **The pain.** Is a MAC a MAC? We race blocks that all cost the *same* number of products: 9,216 for each place of a
# map of 24 x 24, within 2 %. The grouped ones are a special family. When the groups grow by four and the channels
# double, equation (3) stays the same, and so do the weights. Only the maps grow.

# %%
from edgekit.course import equal_macs
from edgekit.course.studies import Study

for groups in equal_macs.GROUPS:
    found = equal_macs.layers(str(groups), 24)
    print(f"{groups:5} groups {equal_macs.grouped(groups):5} channels  {block_costs.macs(found):,} MACs  "
          f"{block_costs.weights(found):,} weights  {equal_macs.intensity(found):5.1f} MACs a byte")

# %% [markdown]
# The last column is the **arithmetic intensity**: products for each byte that must be moved at the least.
#
# A study measured them in ONNX Runtime on one thread, five times with other weights, inputs and order. It keeps only
# *ratios* to the standard convolution: milliseconds would say more about the host than about the blocks. **Predict**:
# *how many times as long does the slowest block take?*

# %%
study = Study.load("macs_against_time")
WORDS = {"pointwise": "pointwise", "4": "4 groups", "separable": "separable", "inverted": "inverted residual",
         "excited": "with squeeze-excite", "16": "16 groups", "1024": "depthwise (1,024)", "64": "64 groups",
         "256": "256 groups"}
values = {words: study.values[f"at24_{key}"] for key, words in WORDS.items()}
intervals = {words: study.interval(f"at24_{key}") for key, words in WORDS.items()}
fig, ax = plots.subplots(height=5.2)
plots.study(ax, values, intervals, "time, standard convolution = 1", "Equal MACs, up to nine times the time", ".2f")
ax.axvline(1, color=plots.PALETTE[3], ls="--", lw=1, label="_guide")
ax.set(xlim=(0, 10))
plots.show(fig, "Time relative to a standard convolution of equal MACs: from about one to nearly nine.")

# %% [markdown]
# Read it from the top. A pointwise layer is about as good as a standard one. A whole separable block takes a quarter
# more time for each product, an inverted residual half more, and squeeze-and-excite adds to that, for products that we
# called hardly any. Then it gets steep. A depthwise layer takes more than three times as long, and the last line more
# than eight times. (Five seeds agree so well that most bands are hidden by the markers.) Beside them, the intensity:

# %%
print(f"{'':20} {'time':>5}   95 % interval   MACs a byte")
for key, words in WORDS.items():
    low, high = study.interval(f"at24_{key}")
    byte = equal_macs.intensity(equal_macs.layers(key, 24))
    print(f"{words:20} {study.mean(f'at24_{key}'):5.2f}   {low:.2f} to {high:.2f} {byte:12.1f}")
    assert low > 1
claim("09/depthwise_time", study.mean("at24_1024"))
claim("09/groups256_time", study.mean("at24_256"))

# %% [markdown]
# **A suspicion.** The obvious culprit is memory: the depthwise layer has the fewest products for each byte. But look
# at 256 groups. They move *half* the bytes, and take more than twice the time. So bytes are not the whole story. How
# would we tell?
#
# **The experiment.** If memory is to blame, the size of the map must matter: a small one stays in the fast caches, a
# large one does not fit. So the study measured the standard and the depthwise layer on four sizes. The unit is the
# standard convolution on the largest map. **Predict**: *which of the two curves rises towards the large maps?*

# %%
sides = [6, 12, 24, 48]
fig, ax = plots.subplots(height=3.4)
for name, marker in zip(("depthwise", "standard"), "os", strict=True):
    known = [side for side in sides if f"{name}_{side}" in study.values]
    means = [study.mean(f"{name}_{side}") for side in known] + [1.0] * (4 - len(known))
    low, high = zip(*(study.interval(f"{name}_{side}") for side in known), strict=True)
    ax.plot(sides, means, marker=marker, label=name)
    ax.fill_between(known, low, high, alpha=0.3, lw=0)

# %%
ax.set(xscale="log", ylim=(0, 8.5), xlabel="side of the map", ylabel="time per MAC (standard, 48 = 1)",
       title="Small maps pay overhead, large ones memory")
ax.set_xticks(sides, sides)
ax.minorticks_off()
ax.legend(loc="center right")
plots.show(fig, "Time per MAC against the side of the map: depthwise falls to below four, then rises to seven; "
           "standard falls from two to one.")
assert study.interval("depthwise_48")[0] > study.interval("depthwise_24")[1]
assert study.interval("depthwise_6")[0] > study.interval("depthwise_12")[1]

# %% [markdown]
# Three things happen here, and the figure separates them. At the *left* both curves rise: a small map has few
# products, and every call costs something. At the *right* only depthwise rises. Its maps are 32 times as large as
# those of the standard layer, and on 48 x 48 they no longer fit in the caches: that part is memory. And in the *middle*
# a floor of about three and a half remains, which neither explains. There, each number that the processor loads serves
# nine products only; in the standard layer it serves nine for each of 32 channels.
#
# The groups in between have another illness. With 2 or 4 channels in a group the vector units, which take 8 floats at
# once, run half empty; and the library has code for depthwise, but none for "almost depthwise". That is our reading,
# not a measurement of the library's inside.
#
# **Overhead.** One suspect is left: the cost of a call that computes nearly nothing. We race a standard convolution on
# ever smaller maps:

# %%
small = [1, 2, 4, 8, 16, 32]
made = {side: ready(torch_blocks.ConvBlock(32, 32), 32, side) for side in small}
seconds = race(runners(made), rounds=60)
macs = [cost.macs(made[side][0]) for side in small]
micro = [1e6 * seconds[side] for side in small]

# %%
fig, ax = plots.subplots(height=3.2)
ax.plot(macs, micro, "o-", label="measured here")
ax.plot(macs, micro[-1] * np.array(macs) / macs[-1], "--", color=plots.PALETTE[3], label="if time followed the MACs")
ax.set(xscale="log", yscale="log", xlabel="MACs", ylabel="microseconds",
       title="Below a million MACs, time stops following")
ax.legend()
plots.show(fig, "Time against MACs: straight at the right, flat at the left where only the overhead is left.",
           compare=False)
assert micro[0] / micro[-1] > 3 * macs[0] / macs[-1]

# %% [markdown]
# To the right time follows the MACs. To the left the curve becomes flat. A call, its checks and its copies take some
# microseconds, whatever it computes. A network for a small device may have seventy operators, most of them tiny. On
# a PC, then, it is the *number of operators* that you pay for.
#
# Three causes, then: few products for each byte, kernels that fit the hardware badly, and the overhead of operators.
# None of them is in a count of MACs. On a microcontroller their weights are different again: its core multiplies one
# to four numbers at once and has its RAM beside it, so MACs tell more there. But measure.
#
# ## 7. The baseline of the camera
#
# **The pain.** Now the two real networks, trained by us on the same data. V1 is a chain of separable blocks. V3 is
# made of inverted residuals with squeeze-and-excite and hard swish, after MobileNetV3-Small. Which one would you
# ship? Their accuracy first, on the validation scenes, with the int8 versions computed in LiteRT:

# %%
from edgekit import tasks
from edgekit.core.affine import quantize
from edgekit.deploy import litert, litert_run

task = tasks.get("camera-presence")
x_val, y_val = task.inputs("val")
int8 = {name: zoo.load(f"camera-presence-{name}-int8") for name in ("v1", "v3")}
accuracy = {}
for name, graph in int8.items():
    codes = quantize(x_val, graph.tensors["x"].qparams)
    accuracy[name] = task.score(y_val, x_val, litert_run.run(litert.write(graph), codes, "builtin"))

claim("09/v1_accuracy", accuracy["v1"])
claim("09/v3_accuracy", accuracy["v3"])

# %%
one = x_val[:1]
seconds = race(runners({"v1": (v1, one), "v3": (v3, one)}))
plainly = race({"v1": lambda: run.run(v1, one), "v3": lambda: run.run(v3, one)}, rounds=20)
for name, graph in {"v1": v1, "v3": v3}.items():
    print(f"{name}: {cost.macs(graph):9,} MACs  {cost.weight_bytes(int8[name]):7,} weight bytes  "
          f"{memory.plan(int8[name]).peak_ram_bytes:6,} B RAM  {len(graph.nodes):2} operators")
print("fewer MACs than V1:", f"{cost.macs(v1) / cost.macs(v3):.2f} times")

# %% [markdown]
# The accuracies differ by less than one scene in a hundred. With one training of each that is *no difference*: it takes
# several seeds to say more. V3 does it with less than half the products, fewer bytes and less RAM. So on paper it wins
# everywhere. **Predict**: *which share of V1's time does it take, in ONNX Runtime, and in our plain interpreter, where
# each operator is a call in Python?*

# %%
fig, ax = plots.subplots(height=2.7)
shares = {"MACs": cost.macs(v3) / cost.macs(v1), "operators": len(v3.nodes) / len(v1.nodes),
          "RAM": memory.plan(int8["v3"]).peak_ram_bytes / memory.plan(int8["v1"]).peak_ram_bytes,
          "time, ONNX Runtime": seconds["v3"] / seconds["v1"], "time, our interpreter": plainly["v3"] / plainly["v1"]}
ax.barh(list(shares), list(shares.values()), color=plots.PALETTE[:5])
ax.axvline(1, color="black", lw=1, label="_guide")
ax.invert_yaxis()
ax.set(xlabel="V3 over V1 (times measured here, float)", title="Half the MACs, not half the time")
plots.show(fig, "V3 over V1: less than half the MACs, three times the operators, time in between.", compare=False)
assert min(shares["time, ONNX Runtime"], shares["time, our interpreter"]) > shares["MACs"]

# %% [markdown]
# The black line is V1. The bars of MACs and RAM end left of it, and that of the operators far to the right: three times
# as many. The two bars of time were measured on this computer. Both are longer than the MACs promise, and in our plain
# interpreter V3 may even be the slower one. Neither bar is wrong. They are answers to different questions.
#
# Where does V3 spend its time? ONNX Runtime can keep a diary, node by node. But writing it takes time, too: the entries
# add up to far more than the network takes without it. So we take that difference away, evenly from each node, and sort
# the rest:

# %%
def sort_of(node):
    if node.op.startswith("Reorder"):
        return "re-ordering of maps"
    if node.weight:
        return "depthwise" if node.depthwise else "other convolutions"
    return "means, gates, all else"

# %%
SORTS = ("other convolutions", "depthwise", "means, gates, all else", "re-ordering of maps")
spent = {name: dict.fromkeys(SORTS, 0.0) for name in ("v1", "v3")}
for name, graph in {"v1": v1, "v3": v3}.items():
    nodes = node_times(graph, one)
    diary = (sum(node.microseconds for node in nodes) - 1e6 * seconds[name]) / len(nodes)
    for node in nodes:
        spent[name][sort_of(node)] += node.microseconds - diary
assert spent["v3"][SORTS[2]] > spent["v1"][SORTS[2]]

# %%
fig, ax = plots.subplots(height=2.4)
left = np.zeros(2)
for i, sort in enumerate(SORTS):
    microseconds = np.array([spent[name][sort] for name in spent])
    ax.barh(["V1", "V3"], microseconds, left=left, color=plots.PALETTE[i], label=sort)
    left += microseconds
ax.invert_yaxis()
ax.set(xlabel="microseconds (measured here)", title="V3 saves less in its convolutions than in its products")
fig.legend(loc="outside lower center", ncols=4, fontsize=9)
plots.show(fig, "Time of both networks by sort of node: V3 saves in convolutions, spends on the rest.", compare=False)

# %% [markdown]
# V3 has less than half the products, but its convolutions take clearly more than half the time: its maps are small, its
# layers many. The rest is what it has on top: means, products with gates, sums. And *re-ordering*: on a PC this runtime
# lays its maps out in blocks of channels, which suits convolutions and nothing else, so around a squeeze-and-excite it
# lays them out anew, and back again. (On another processor it may not do that.)
#
# ## Explore
#
# A block, the MACs of its layers, and its time among all the others, measured ahead. (Its widths are not those of
# section 6, and neither are its ratios.) Predict, then move the controls:
#
# 1. *At 16 channels, is the separable block still worth it?* Set side 6 and read the headline: what share of the MACs
#    of a standard block, and what share of its time?
# 2. *Which costs more time: expansion 6 instead of 2, or squeeze-and-excite?* Compare at side 48, then at side 6.

# %%
from edgekit.ui.block_explorer import BlockExplorer, host_text

print("times:", host_text())
explorer = BlockExplorer()
explorer.set(kind="inverted", channels=32, side=24)
explorer

# %% [markdown]
# Did you foretell it? Both questions, answered from the same stored times:

# %%
for side in (48, 6):
    print(f"side {side}:", explorer.sentence(explorer.compute("separable", 16, 3, 1, 1, side)))
    plain, wider, excited = (explorer.compute(kind, 32, 3, 1, expansion, side).milliseconds
                             for kind, expansion in (("inverted", 2), ("inverted", 6), ("excited", 2)))
    print(f"  expansion 6 takes {wider / plain:.1f} times as long as 2, squeeze-and-excite {excited / plain:.1f} times")

# %% [markdown]
# On the small map the separable block has a sixth of the MACs and most of the time: calls cost there, not products. For
# the same reason squeeze-and-excite, which adds operators, comes close to the wider block there, and far from it on the
# large map.
#
# ## Exercises
#
# One more prediction: *a data sheet promises a network of 600 million FLOPs. How many million
# MACs is that?*

# %%
### BEGIN SOLUTION
million_macs = 300
### END SOLUTION
check("09/predict_flops", million_macs)

# %% [markdown]
# Always ask which of the two is meant. Tools print either, and some say FLOPs and mean MACs. Hints come one at a
# time:

# %%
hint("09/separable_macs")

# %% [markdown]
# **1. Places.** An axis of `n` elements gets `padding` zeros on both sides, and a kernel of `kernel` elements moves by
# `stride`. At how many places does it fit?

# %%
def my_out_size(n, kernel, stride, padding):
    """Return the length of the output along this axis."""
    ### BEGIN SOLUTION
    return (n + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


check("09/out_size", my_out_size)

# %% [markdown]
# **2. Groups.** The MACs of a grouped convolution whose output is `height` x `width`.

# %%
def my_grouped_macs(height, width, in_channels, channels, kernel, groups):
    """Return the multiply-accumulates."""
    ### BEGIN SOLUTION
    return height * width * channels * (in_channels // groups) * kernel**2
    ### END SOLUTION


check("09/grouped_macs", my_grouped_macs)

# %% [markdown]
# **3. Separable.** The MACs of a depthwise separable block. Here `height` x `width` is the *input*; the depthwise
# layer has the stride, and pads so that ceil(size / stride) places come out.

# %%
def my_separable_macs(height, width, in_channels, channels, kernel, stride):
    """Return the multiply-accumulates of both layers."""
    ### BEGIN SOLUTION
    places = -(-height // stride) * -(-width // stride)
    return places * in_channels * (kernel**2 + channels)
    ### END SOLUTION


check("09/separable_macs", my_separable_macs)

# %% [markdown]
# **4. Transfer: a budget.** A network has `macs` at width 1 and resolution 1. You must use the given `resolution`.
# Which width meets the `budget`, by equation (4)? At most 1.

# %%
def my_width_for(macs, budget, resolution):
    """Return the width."""
    ### BEGIN SOLUTION
    return min(1.0, (budget / macs) ** 0.5 / resolution)
    ### END SOLUTION


check("09/width_for", my_width_for)

# %% [markdown]
# ## Real life: what the authors published
#
# The makers of the MobileNets published counts, accuracy on ImageNet, and milliseconds on one core of a phone of 2016
# (Pixel 1, float). All figures in this table are **cited** (Sources, 3 and 4):

# %%
PHONE = {"V2 1.0, 224": (300, 3.47, 71.8, 73.8), "V2 0.5, 224": (97, 1.95, 65.4, 28.7),
         "V2 0.35, 224": (59, 1.66, 60.3, 19.7), "V3 large": (217, 5.4, 75.2, 51.2),
         "V3 small": (66, 2.9, 67.5, 15.8), "V3 small, minimalistic": (65, 2.0, 61.9, 12.2)}
print(f"{'(all cited)':23} million MACs  million weights  top 1 %     ms  million MACs a ms")
for name, (macs, weights_, top1, ms) in PHONE.items():
    print(f"{name:23} {macs:12} {weights_:16} {top1:8} {ms:6} {macs / ms:18.1f}")

# %% [markdown]
# Compare the last two lines. *Minimalistic* means the same dimensions without squeeze-and-excite, hard swish and
# kernels of 5 x 5. The MACs are the same within 2 %; the time is a quarter less, and so are some points of accuracy.
# That fits our section 5, measured by others on another processor; but three things changed at once. And V2 at 0.35
# has fewer MACs than V3 small, yet takes longer.
#
# Do we build the same networks? Our builder makes them by name, and its counts are the papers':

# %%
from edgekit.nn import efficient

small = efficient.build("mobilenet-v3-small")
parameters = sum(p.numel() for p in small.parameters())
graph = trace(small, torch.zeros(1, *efficient.input_shape("mobilenet-v3-small")))
print(f"{cost.macs(graph) / 1e6:.1f} million MACs, {parameters / 1e6:.2f} million weights, {len(graph.nodes)} nodes")
claim("09/v3_small_macs", cost.macs(graph) / 1e6)

# %% [markdown]
# The paper prints 56 million and 2.5 million (Sources, 5). The table of the released code prints 66 and 2.9 for the
# network of the same name. A published count is a count of *someone's* version. Count your own.
#
# Finally the way to a device. A DS-CNN, the usual network for spoken words, goes through calibration to int8 and into
# LiteRT, which gives the same codes as our interpreter:

# %%
from edgekit.graph.ptq import post_training_quantize

example = torch.randn(16, 1, 49, 10, generator=torch.Generator().manual_seed(2))
words = trace(efficient.build("ds-cnn", width=0.5).eval(), example)
integer = post_training_quantize(words, [to_graph_layout(example)])
codes = rng.integers(-128, 128, (8, 49, 10, 1), np.int8)
theirs = litert_run.run(litert.write(integer), codes, "reference")
assert np.array_equal(theirs, run.run(integer, codes, "reference"))
print(f"DS-CNN at width 0.5: {cost.macs(words):,} MACs, {cost.weight_bytes(integer):,} bytes, equal codes")

# %% [markdown]
# ## Cost box
#
# - *Accuracy* is **measured**, on 400 validation scenes, one training of each network. *Weight bytes* are
#   **measured**: everything constant, as serialized.
# - *RAM* is **modelled** by placing all maps in one arena; *MACs* by counting.
# - *Milliseconds* and *energy* are **modelled**: MACs times what one MAC costs on that core, from published benchmarks
#   (lesson 00). That is a first guess. It cannot know of operators and
#   bytes, so it flatters V3.
# - *Time* on this computer is **measured**; the study's ratios are measured on the host that its file names.

# %%
from edgekit.deploy.devices import device

card = device("cortex-m4")
print("          accuracy  weight bytes  peak RAM       MACs  Cortex-M4 ms    uJ")
for name, graph in int8.items():
    macs = cost.macs(graph)
    print(f"{name} int8 {accuracy[name]:10.2f} {cost.weight_bytes(graph):13,} "
          f"{memory.plan(graph).peak_ram_bytes:9,} {macs:10,} {card.latency(macs).value:13.1f} "
          f"{card.energy(macs).value:5,.0f}")

# %% [markdown]
# Time and energy stand in the ratio of the MACs, because the model knows nothing else. After this lesson you know what
# to think of that.
#
# ## Summary
#
# - A separable convolution costs $1/C' + 1/K^2$ of a standard one. The pointwise part is most of what is left.
# - Groups divide by $g$, once. They need a shuffle, which costs what your runtime lets it cost.
# - MACs go with the square of the width, and with the square of the resolution.
# - Inverted residuals are small between blocks. Their peak is inside.
# - Squeeze-and-excite costs few MACs, many weights, and time.
# - Equal MACs may take nine times the time. Bytes, kernels and the number of operators decide. Measure.
#
# **Next.** We chose blocks, widths and kernels by hand. Lesson 10 lets the computer search, and counts what that
# costs.

# %% [markdown]
# **Sources**
#
# 1. A. Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
#    arXiv:1704.04861, 2017: equation (2), width and resolution.
# 2. M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018: section 4.
# 3. tensorflow/models, `research/slim/nets/mobilenet_v1.md`: counts of MobileNetV1 at all widths; `_make_divisible`
#    in `mobilenet/mobilenet.py`.
# 4. tensorflow/models, `research/slim/nets/mobilenet/README.md`: counts, accuracy and times of V2 and V3.
# 5. A. Howard et al., "Searching for MobileNetV3", ICCV 2019, table 3: V3 small; squeeze-and-excite, hard swish.
# 6. X. Zhang et al., "ShuffleNet", CVPR 2018; J. Hu et al., "Squeeze-and-Excitation Networks", CVPR 2018.
# 7. N. Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", ECCV 2018: why MACs
#    are not time.
# 8. S. Williams et al., "Roofline: An Insightful Visual Performance Model", CACM 52(4), 2009: arithmetic intensity.
# 9. J. Lin et al., "MCUNet: Tiny Deep Learning on IoT Devices", NeurIPS 2020: depthwise in place.
# 10. C. Banbury et al., "MLPerf Tiny Benchmark", NeurIPS 2021: DS-CNN, and what a MAC costs on a Cortex-M4.
