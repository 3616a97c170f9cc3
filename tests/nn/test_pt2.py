"""Reading `.pt2`: the same graph as tracing, and nothing in a doctored archive ever runs."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.graph.run import run
from edgekit.nn.acoustic import student
from edgekit.nn.models import PulseNet
from edgekit.nn.pt2 import from_pt2
from edgekit.nn.trace import to_graph_layout, trace
from tests.fuzzing import mutate, mutate_json, mutate_zip, survey


def exported(model, shape, dynamic=False):
    """The bytes that torch.export.save writes."""
    shapes = ({0: torch.export.Dim.DYNAMIC},) if dynamic else None
    program = torch.export.export(model.eval(), (torch.zeros(2, *shape),), dynamic_shapes=shapes, strict=False)
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def net():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        layers = nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Hardswish(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        return nn.Sequential(*layers, nn.Linear(4, 3)).eval()


@pytest.fixture(scope="module")
def archive(net):
    return exported(net, (2, 6, 6))


def rewritten(data, **changes):
    """The archive with members replaced, by the end of their path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for entry in source.infolist():
            key = next((key for key in changes if entry.filename.endswith(key)), None)
            target.writestr(entry.filename, changes[key] if key else source.read(entry))
    return buffer.getvalue()


def member(data, ending):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(ending)))


@pytest.mark.parametrize("dynamic", [False, True], ids=["fixed batch", "dynamic batch"])
@pytest.mark.parametrize(("build", "shape"), [(PulseNet, (1, 1000)), (student, (1, 32, 40))], ids=["pulse", "acoustic"])
def test_the_file_gives_the_graph_that_tracing_gives(build, shape, dynamic):
    model = build().eval()
    read, traced = from_pt2(exported(model, shape, dynamic)), trace(model, torch.zeros(2, *shape))
    assert [(n.op, dict(n.attrs)) for n in read.nodes] == [(n.op, dict(n.attrs)) for n in traced.nodes]
    x = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    np.testing.assert_array_equal(run(read, to_graph_layout(x)), run(traced, to_graph_layout(x)))


def test_it_computes_what_torch_computes(net, archive):
    x = torch.randn(5, 2, 6, 6, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        np.testing.assert_allclose(run(from_pt2(archive), to_graph_layout(x)), net(x).numpy(), atol=1e-6)


class Bomb:
    """Unpickling it would leave a trace."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('code of the file ran')",))


def test_a_pickle_in_the_archive_is_never_opened(archive):
    bomb = pickle.dumps(Bomb())
    read = from_pt2(rewritten(archive, **{"sample_inputs/model.pt": bomb}))
    assert read.nodes[0].op == "conv2d"
    config = json.loads(member(archive, "model_weights_config.json"))
    next(iter(config["config"].values()))["use_pickle"] = True
    doctored = rewritten(archive, **{"model_weights_config.json": json.dumps(config), "weight_0": bomb})
    with pytest.raises(ValueError, match="stored as a pickle"):
        from_pt2(doctored, "doctored.pt2")


def test_text_of_shape_expressions_is_never_evaluated(net):
    data = exported(net, (2, 6, 6), dynamic=True)
    text = member(data, "models/model.json").decode()
    assert "Symbol(" in text, "torch writes expressions as text"
    start = text.index("Symbol(")
    end = text.index('"', start)
    doctored = text.replace(text[start:end], "exec(raise SystemExit)")
    assert from_pt2(rewritten(data, **{"models/model.json": doctored})).nodes[0].op == "conv2d"


@pytest.mark.parametrize(("change", "words"), [
    (lambda text: text.replace('"major": 8', '"major": 9'), "schema"),
    (lambda text: text.replace("aten.conv2d.default", "aten.sort.default"), "operator aten.sort.default"),
    (lambda text: text.replace("torch.ops.aten.conv2d.default", "os.system"), "operator os.system"),
    (lambda text: text[:-20], "Expecting|Unterminated"),
])
def test_a_program_that_is_not_known_is_refused(archive, change, words):
    text = change(member(archive, "models/model.json").decode())
    with pytest.raises(ValueError, match=words) as caught:
        from_pt2(rewritten(archive, **{"models/model.json": text}), "odd.pt2")
    assert "odd.pt2" in str(caught.value)


def test_a_weight_cannot_reach_beyond_its_bytes(archive):
    config = json.loads(member(archive, "model_weights_config.json"))
    meta = config["config"]["0.weight"]["tensor_meta"]
    for key, value in (("sizes", [{"as_int": 400}, *meta["sizes"][1:]]), ("storage_offset", {"as_int": 7}),
                       ("strides", [{"as_int": -1}] * 4)):
        changed = {**config, "config": {**config["config"], "0.weight": {**config["config"]["0.weight"],
                                                                        "tensor_meta": {**meta, key: value}}}}
        with pytest.raises(ValueError, match="reaches beyond"):
            from_pt2(rewritten(archive, **{"model_weights_config.json": json.dumps(changed)}))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"x" * 100], ids=["empty", "a header", "noise"])
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(ValueError, match=r"not a readable \.pt2 archive.*export it again"):
        from_pt2(data, "noise.pt2")


def test_mutants_are_refused_or_run(archive):
    def mutate_weights(rng, data):
        return mutate_zip(rng, data, mutate, "weight_0")

    def read(data, name):
        return from_pt2(data, name)

    mutations = [mutate, mutate_zip, mutate_weights, lambda rng, data: mutate_zip(rng, data, mutate_json, "model.json")]
    counts = survey(read, [archive], mutations, "mutant.pt2")
    assert counts["refused"] > 0.3 * sum(counts.values())
    assert counts["ran"] > 0


class Sequence(torch.nn.Module):
    """An LSTM that reads its input as it is, or after a transpose inside."""

    def __init__(self, turned):
        super().__init__()
        self.layer, self.turned = torch.nn.LSTM(5, 6, batch_first=True), turned

    def forward(self, x):
        return self.layer(x.transpose(1, 2) if self.turned else x)[0][:, -1]


@pytest.mark.filterwarnings("ignore:The tensor attributes")
def test_an_input_with_its_channels_last_is_told_where_they_belong():
    with pytest.raises(ValueError, match=r"inputs are read as \(N, C, T\); export a network that takes \(N, C, T\) and "
                                         r"transposes inside"):
        from_pt2(exported(Sequence(False), (20, 5)), "steps.pt2")
    graph = from_pt2(exported(Sequence(True), (5, 20)))
    assert graph.tensors[graph.inputs[0]].shape == (1, 20, 5)
