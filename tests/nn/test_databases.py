"""PyTorch's own databases: the samples it tests its modules and functions with, put to ours."""

from __future__ import annotations

import dataclasses
import sys
import types
import warnings
from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad.nn.modules.lazy import LazyModuleMixin

torch = pytest.importorskip("torch")
# The databases import it for tests of their own.
sys.modules.setdefault("expecttest", types.SimpleNamespace(TestCase=object, assert_expected_inline=None))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    modules = pytest.importorskip("torch.testing._internal.common_modules")
    functions = pytest.importorskip("torch.testing._internal.common_methods_invocations")

# Those whose results are random (functions of attention are asked without dropout in tests/parity), and those whose
# samples are not in float32 or not for the function they name.
RANDOM = {
    "dropout", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout", "rrelu",
    "scaled_dot_product_attention", "multi_head_attention_forward", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d",
    "AlphaDropout", "FeatureAlphaDropout", "RReLU",
    "fractional_max_pool2d", "fractional_max_pool3d",
}  # fmt: skip
OTHERWISE = {"embedding", "one_hot"}
# PyTorch refuses its own samples of these in float32.
REFUSED = {"FractionalMaxPool2d", "FractionalMaxPool3d"}


def ours(value: Any) -> Any:
    """``value`` with the tensors and dtypes in it as ours."""
    if isinstance(value, torch.Tensor):
        return xpgrad.tensor(value.detach().contiguous().numpy().copy(), requires_grad=value.requires_grad)
    if isinstance(value, (list, tuple)):
        return type(value)(ours(v) for v in value)
    if isinstance(value, dict):
        return {key: ours(v) for key, v in value.items() if key != "device"}
    if isinstance(value, torch.nn.TransformerEncoderLayer):
        return xpgrad.nn.TransformerEncoderLayer(
            value.linear1.in_features, value.self_attn.num_heads, value.linear1.out_features, value.dropout.p,
            ours(value.activation), batch_first=value.self_attn.batch_first, norm_first=value.norm_first,
            bias=value.linear1.bias is not None,
        )  # fmt: skip
    if isinstance(value, torch.nn.Module):
        return getattr(xpgrad.nn, type(value).__name__)()
    if callable(value) and getattr(torch.nn.functional, getattr(value, "__name__", ""), None) is value:
        return getattr(xpgrad.nn.functional, value.__name__)
    if dataclasses.is_dataclass(value):
        return getattr(xpgrad.nn, type(value).__name__)(
            **{f.name: ours(getattr(value, f.name)) for f in dataclasses.fields(value)}
        )
    return getattr(xpgrad, str(value).removeprefix("torch.")) if isinstance(value, torch.dtype) else value


def distinct(values: Any) -> tuple[Any, ...]:
    """The arguments of a call as ours; what is one tensor twice stays so."""
    made: dict[int, Any] = {}
    return tuple(made.setdefault(id(value), ours(value)) for value in values)


def some(samples: Any) -> list[Any]:
    """At most forty, evenly taken: some functions have hundreds that differ in one setting."""
    samples = list(samples)
    return samples[:: -(-len(samples) // 40) or 1]


def leaves(library: Any, *values: Any) -> list[Any]:
    return [v for v in values if isinstance(v, library.Tensor) and v.requires_grad]


def flat(result: Any) -> list[Any]:
    """The tensors in a result, however nested."""
    return [t for part in result for t in flat(part)] if isinstance(result, (tuple, list)) else [result]


def check(got: Any, expected: Any, mine: list[Any], theirs: list[Any]) -> None:
    """That results, and the gradients of what they were computed from, are the same."""
    for a, b in zip(flat(got), flat(expected), strict=True):
        if a is None or b is None:
            assert a is b
            continue
        assert (str(a.dtype), tuple(a.shape)) == (str(b.dtype), tuple(b.shape))
        close(a.detach().numpy(), b.detach().numpy())
        if b.requires_grad:
            gradients = [
                library.autograd.grad((t * (t.detach() * 0.01)).sum(), inputs, allow_unused=True, retain_graph=True)
                for library, t, inputs in ((xpgrad, a, mine), (torch, b, theirs))
            ]
            for g, e in zip(*gradients, strict=True):
                assert (g is None) == (e is None) or not e.any()
                if g is not None and e is not None:
                    close(g.numpy(), e.numpy())


def close(got: Any, expected: Any) -> None:
    np.testing.assert_allclose(got, expected, rtol=2e-3, atol=2e-4)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "info",
    [
        info
        for info in modules.module_db
        if (name := info.module_cls.__name__) in dir(xpgrad.nn) and name not in REFUSED
    ],
    ids=lambda info: info.module_cls.__name__,
)
def test_modules(info: Any) -> None:
    kind = info.module_cls
    tried = 0
    for training in (True, False):
        samples = info.module_inputs_func(
            info, device="cpu", dtype=torch.float32, requires_grad=True, training=training
        )
        for sample in some(samples):
            args, kwargs = sample.constructor_input.args, sample.constructor_input.kwargs
            theirs = kind(*args, **kwargs).train(training)
            mine = getattr(xpgrad.nn, kind.__name__)(*ours(args), **ours(kwargs)).train(training)
            assert repr(mine) == repr(theirs)
            call = sample.forward_input
            if isinstance(mine, LazyModuleMixin) and call is not None:
                theirs(*call.args), mine(*ours(call.args))
                assert repr(mine) == repr(theirs)
            mine.load_state_dict({name: ours(value) for name, value in theirs.state_dict().items()})
            if call is None or (training and kind.__name__ in RANDOM):
                continue
            inputs = distinct(call.args)
            expected, got = theirs(*call.args, **call.kwargs), mine(*inputs, **ours(call.kwargs))
            check(
                got,
                expected,
                leaves(xpgrad, *inputs, *mine.parameters()),
                leaves(torch, *call.args, *theirs.parameters()),
            )
            tried += 1
    assert tried


def is_ours(info: Any) -> bool:
    name = info.name.removeprefix("nn.functional.")
    return name != info.name and name not in RANDOM | OTHERWISE and hasattr(xpgrad.nn.functional, name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "info", [info for info in functions.op_db if is_ours(info)], ids=lambda info: info.formatted_name
)
def test_functions(info: Any) -> None:
    name = info.name.removeprefix("nn.functional.")
    recorded = torch.float32 in info.supported_backward_dtypes("cpu")
    tried = 0
    for sample in some(info.sample_inputs("cpu", torch.float32, requires_grad=recorded)):
        if name == "batch_norm" and sample.input.ndim < 2:
            # PyTorch normalises what has no channels, but only if there is nothing of it.
            continue
        inputs = (sample.input, *sample.args)
        expected = info(*inputs, **sample.kwargs)
        mine, settings = distinct(inputs), ours(sample.kwargs)
        got = getattr(xpgrad.nn.functional, name)(*mine, **settings)
        check(got, expected, leaves(xpgrad, *mine, *settings.values()), leaves(torch, *inputs, *sample.kwargs.values()))
        tried += 1
    assert tried
