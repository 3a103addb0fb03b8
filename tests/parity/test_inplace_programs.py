"""Random programs of views and in-place operations: values and gradients as in PyTorch, on every backend."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import xpgrad

# Each step makes a view of one tensor of the program (and keeps it), or writes into one.
VIEWS = {
    "first": lambda t: t[0] if t.ndim else t[...],
    "tail": lambda t: t[1:] if t.ndim and t.shape[0] > 1 else t[...],
    "every other": lambda t: t[..., ::2] if t.ndim else t[...],
    "turned": lambda t: t.transpose(0, -1) if t.ndim else t[...],
    "grown": lambda t: t.unsqueeze(0),
    "squeezed": lambda t: t.squeeze(),
    "wide": lambda t: t.expand(2, *t.shape)[1],
    "apart": lambda t: t.unbind(0)[-1] if t.ndim and t.shape[0] else t[...],
    "half": lambda t: t.split(max(t.shape[0] // 2, 1))[0].narrow(0, 0, 1) if t.ndim else t[...],
    "diagonal": lambda t: t.diagonal() if t.ndim == 2 else t[...],
    "alias": lambda t: t.detach(),
}
WRITES = {
    "double": lambda t, other: t.mul_(2),
    "add": lambda t, other: t.add_(other),
    "times": lambda t, other: t.mul_(other),
    "square": lambda t, other: t.pow_(2),
    "sine": lambda t, other: t.sin_(),
    "fill": lambda t, other: t.fill_(0.5),
    "zero": lambda t, other: t.zero_(),
    "copy": lambda t, other: t.copy_(other),
    "clamp": lambda t, other: t.clamp_(-1, 1),
    "mask": lambda t, other: t.masked_fill_(t.detach() > 0.3, 0.1),
    "set": lambda t, other: t.__setitem__(..., other * 2),
    "set part": lambda t, other: t.__setitem__(0, other) if t.ndim else t.__setitem__(..., other),
    "swap": lambda t, other: t.__setitem__([0, -1], t[[-1, 0]]) if t.ndim else None,
    "silently": "no_grad",
}

steps = st.lists(
    st.tuples(
        st.sampled_from(["view", "write"]),
        st.sampled_from(sorted(VIEWS)),
        st.sampled_from(sorted(WRITES)),
        st.integers(0, 7),
    ),
    min_size=1,
    max_size=7,
)


def run(library, program):
    """All values at the end, and the gradients of the leaves; or which step was refused."""
    x = library.from_numpy(np.linspace(-1, 1, 6).reshape(2, 3)).requires_grad_()
    s = library.tensor(0.7, dtype=library.float64, requires_grad=True)
    tensors = [x * 1]
    for number, (kind, view, write, index) in enumerate(program):
        target = tensors[index % len(tensors)]
        try:
            if kind == "view":
                tensors.append(VIEWS[view](target))
            elif WRITES[write] == "no_grad":
                with library.no_grad():
                    target.add_(1)
            else:
                WRITES[write](target, s if index % 2 else 1.5)
        except RuntimeError:
            return f"refused at step {number}", [], []
    with library.no_grad():
        values = [np.asarray(t.clone().numpy()) for t in tensors]
    try:
        sum((t * (i + 1)).sum() for i, t in enumerate(tensors)).backward()
    except RuntimeError:
        return "refused in the end", values, []
    return "done", values, [None if g is None else g.numpy() for g in (x.grad, s.grad)]


@pytest.mark.parametrize("backend", ["numpy", "numpy-readonly", "strict"])
@settings(max_examples=200, deadline=None, derandomize=True)
@given(program=steps)
def test_random_programs(backend, program):
    wanted, their_values, their_gradients = run(torch, program)
    if wanted.startswith("refused"):
        # More is allowed here: writes into the pieces of a split, say.
        return
    with xpgrad.use_backend(backend):
        outcome, values, gradients = run(xpgrad, program)
    assert outcome == wanted
    for ours, theirs in zip(values, their_values, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    for ours, theirs in zip(gradients, their_gradients, strict=True):
        nothing = np.zeros(())
        np.testing.assert_allclose(nothing if ours is None else ours, nothing if theirs is None else theirs, atol=1e-12)
