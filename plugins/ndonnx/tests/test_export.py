"""Models give what NumPy gives: networks, and training steps with their gradients."""

from __future__ import annotations

import copy
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

import xpgrad
from xpgrad import nn
from xpgrad.errors import ArgumentError, ArgumentTypeError
from xpgrad.func import functional_call
from xpgrad.nn import functional as F

# ndonnx warns on import where ONNX Runtime is not there; ONNX's own evaluator does its work then.
pytestmark = pytest.mark.filterwarnings("ignore:onnxruntime is not installed")
needed = ("ndonnx", "onnx", "spox")
if missing := [name for name in needed if not importlib.util.find_spec(name)]:
    pytest.skip(f"{missing[0]} is not installed: pip install ./plugins/ndonnx", allow_module_level=True)

RUNTIMES = ("onnx", *(["onnxruntime"] if importlib.util.find_spec("onnxruntime") else []))
# ONNX's own evaluator has not all that a gradient needs.
by_onnxruntime = pytest.mark.skipif("onnxruntime" not in RUNTIMES, reason="onnxruntime is not installed")


def run(runtime, model, feeds):
    """The outputs of a model by their names."""
    if runtime == "onnx":
        from onnx.reference import ReferenceEvaluator as Evaluator

        session = Evaluator(model)
    else:
        import onnxruntime

        session = onnxruntime.InferenceSession(model.SerializeToString())
    return dict(zip([output.name for output in model.graph.output], session.run(None, feeds), strict=True))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 3)

    def forward(self, indices):
        x = self.embedding(indices)
        x = self.norm(x + self.attention(x, x, x, need_weights=False)[0])
        return self.head(x.mean(1))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 5, batch_first=True)
        self.head = nn.Linear(5, 3)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


# Networks of three classes, with the shape of their input.
NETWORKS = {
    "perceptron": (lambda: nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)), (4, 8)),
    "convolutional": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 4, (3, 2), groups=2, stride=(1, 2), dilation=(1, 2)), nn.GELU(), nn.AvgPool2d(2, padding=1),
            nn.Flatten(), nn.Linear(8, 3),
        ),
        (4, 2, 8, 8),
    ),
    "transposed": (
        lambda: nn.Sequential(
            nn.Conv1d(2, 4, 3, stride=2), nn.Tanh(), nn.ConvTranspose1d(4, 6, 3, stride=2, output_padding=1),
            nn.GroupNorm(2, 6), nn.SiLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(6, 3),
        ),
        (4, 2, 9),
    ),
    "attention": (Attention, (4, 5)),
    "encoder": (
        lambda: nn.Sequential(
            nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, activation="gelu", batch_first=True),
            nn.Flatten(), nn.Linear(40, 3),
        ),
        (4, 5, 8),
    ),
    "recurrent": (Recurrent, (4, 6, 4)),
}  # fmt: skip


def made(name):
    """A network with fixed parameters, and an input for it."""
    make, shape = NETWORKS[name]
    xpgrad.manual_seed(0)
    rng = np.random.default_rng(0)
    return make(), rng.integers(0, 11, shape) if name == "attention" else rng.normal(size=shape).astype("float32")


def argument_like(x):
    from xpgrad_ndonnx import argument

    return argument(x.shape, x.dtype)


def to_onnx(inputs, outputs):
    from xpgrad_ndonnx import to_onnx

    return to_onnx(inputs, outputs)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name, runtime):
    net, x = made(name)
    net.eval()
    expected = net(xpgrad.tensor(x)).log_softmax(-1).detach().numpy()
    argument = argument_like(xpgrad.tensor(x))
    model = to_onnx({"x": argument}, {"y": net.to("ndonnx:onnx")(argument).log_softmax(-1)})
    assert {node.domain for node in model.graph.node} == {""}
    np.testing.assert_allclose(run(runtime, model, {"x": x})["y"], expected, rtol=1e-4, atol=1e-5)


def step(net, parameters, x, labels, weight=None):
    """The loss of a batch and the next parameters."""
    loss = F.cross_entropy(functional_call(net, parameters, (x,)), labels, weight=weight)
    gradients = xpgrad.autograd.grad(loss, list(parameters.values()))
    return loss, {name: p - 0.5 * g for (name, p), g in zip(parameters.items(), gradients, strict=True)}


def exported_step(net, x, labels):
    """The model of `step`, whose inputs are the parameters of ``net``, an ``x`` and ``labels``."""
    arguments = {name: argument_like(p).requires_grad_() for name, p in net.named_parameters()}
    data = {"x": argument_like(x), "labels": argument_like(labels)}
    loss, after = step(copy.deepcopy(net).to("ndonnx:onnx"), arguments, **data)
    return to_onnx({**data, **arguments}, {"loss": loss, **{f"next {name}": p for name, p in after.items()}})


@by_onnxruntime
@pytest.mark.parametrize("name", NETWORKS)
def test_training_steps(name):
    net, x = made(name)
    x, labels = xpgrad.tensor(x), xpgrad.tensor([0, 2, 1, 2])
    model = exported_step(net, x, labels)
    parameters = {name: p.detach() for name, p in net.named_parameters()}
    for _ in range(3):
        feeds = {name: p.numpy() for name, p in {"x": x, "labels": labels, **parameters}.items()}
        found = run(RUNTIMES[-1], model, feeds)
        loss, parameters = step(net, {name: p.detach().requires_grad_() for name, p in parameters.items()}, x, labels)
        parameters = {name: p.detach() for name, p in parameters.items()}
        np.testing.assert_allclose(found["loss"], loss.item(), rtol=1e-4)
        for name, p in parameters.items():
            np.testing.assert_allclose(found[f"next {name}"], p.numpy(), rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_training_by_nothing_but_a_model(runtime):
    net, x = made("perceptron")
    x, labels = xpgrad.tensor(x), xpgrad.tensor([0, 2, 1, 2])
    model = exported_step(net, x, labels)
    feeds = {
        "x": x.numpy(),
        "labels": labels.numpy(),
        **{name: p.detach().numpy() for name, p in net.named_parameters()},
    }
    losses = []
    for _ in range(30):
        found = run(runtime, model, feeds)
        losses.append(float(found.pop("loss")))
        feeds.update((name.removeprefix("next "), p) for name, p in found.items())
    assert losses[-1] < 0.2 * losses[0]


def test_weighted_and_second_derivatives():
    from xpgrad_ndonnx import argument

    def computed(x, labels, weight):
        loss = F.cross_entropy(x.sin() @ x.exp().T, labels, weight=weight, ignore_index=1)
        (g,) = xpgrad.autograd.grad(loss, [x], create_graph=True)
        (h,) = xpgrad.autograd.grad(g.square().sum(), [x])
        return {"loss": loss, "g": g, "h": h}

    values = {
        "x": np.random.default_rng(0).normal(size=(3, 5)).astype("float32"),
        "labels": np.asarray([0, 1, 2]),
        "weight": np.asarray([1.0, 2.0, 3.0], "float32"),
    }
    given = {name: xpgrad.tensor(value) for name, value in values.items()}
    arguments = {"x": argument((3, 5)), "labels": argument((3,), xpgrad.int64), "weight": argument((3,))}
    given["x"].requires_grad_()
    arguments["x"].requires_grad_()
    model = to_onnx(arguments, computed(**arguments))
    expected = computed(**given)
    for name, value in run(RUNTIMES[-1], model, values).items():
        np.testing.assert_allclose(value, expected[name].detach().numpy(), rtol=1e-4, atol=1e-5, err_msg=name)


def test_an_optimizer_steps_on_clones():
    net, x = made("perceptron")
    argument = {name: argument_like(p) for name, p in net.named_parameters()}
    clones = {name: p.clone().requires_grad_() for name, p in argument.items()}
    optimizer = xpgrad.optim.SGD(clones.values(), lr=0.5, weight_decay=0.1)
    inputs = argument_like(xpgrad.tensor(x))
    functional_call(copy.deepcopy(net).to("ndonnx:onnx"), clones, (inputs,)).square().mean().backward()
    optimizer.step()
    model = to_onnx({"x": inputs, **argument}, {f"next {name}": p for name, p in clones.items()})
    found = run(RUNTIMES[-1], model, {"x": x, **{name: p.detach().numpy() for name, p in net.named_parameters()}})
    optimizer = xpgrad.optim.SGD(net.parameters(), lr=0.5, weight_decay=0.1)
    net(xpgrad.tensor(x)).square().mean().backward()
    optimizer.step()
    for name, p in net.named_parameters():
        np.testing.assert_allclose(found[f"next {name}"], p.detach().numpy(), rtol=1e-4, atol=1e-6, err_msg=name)


def test_what_is_no_model_is_refused():
    from xpgrad_ndonnx import argument

    x, y = argument((4, 3)), argument((4, 3))
    with pytest.raises(ArgumentError, match=r"to_onnx: outputs are computed of the inputs, but need .* besides x"):
        to_onnx({"x": x}, {"z": x + y})
    with pytest.raises(ArgumentError, match=r"inputs are tensors that argument\(\) gave .* one of x was computed"):
        to_onnx({"x": x * 2.0}, {"z": x})
    with pytest.raises(ArgumentError, match="'x' names an input and an output; name them apart"):
        to_onnx({"x": x}, {"x": x + 1.0})
    with pytest.raises(ArgumentError, match="inputs x, y have a tensor twice"):
        to_onnx({"x": x, "y": x}, {"z": x})
    with pytest.raises(ArgumentError, match="there are no outputs"):
        to_onnx({"x": x}, {})
    with pytest.raises(ArgumentTypeError, match="outputs are tensors on ndonnx:onnx, but 'z' is on cpu"):
        to_onnx({"x": x}, {"z": xpgrad.ones(2)})


@by_onnxruntime
def test_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    found: dict[str, object] = {}
    losses = []
    for program in re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        exec(compile(program, "README.md", "exec"), found)
        losses.append(found.get("loss"))
    np.testing.assert_allclose(found["probabilities"].sum(1), 1.0, rtol=1e-6)
    assert losses[-1] < 1.1
    assert (tmp_path / "step.onnx").stat().st_size < 100_000
