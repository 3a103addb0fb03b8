# ruff: noqa: E501  (what is drawn is easier to read as one line each)
"""Random programs of views and writes, run on PyTorch and here: values, history, gradients and refusals must agree.

``python -m tests.parity.inplace_programs --count 20000`` runs that many, a part of them on immutable arrays too.
A program is a list of lines of Python. It is drawn while PyTorch runs it, since what makes sense next depends on the
shapes; then the same lines run here.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import torch

import xpgrad

BUILT_IN = (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError)

# What PyTorch says when its own backward pass goes wrong.
INTERNAL = (
    "to be true, but got false",
    "returned an invalid gradient at index",
    "more than one element of the written-to tensor",
)

OPENING = {
    "float64": [
        "x = torch.tensor([[-1.0, -0.6, -0.2], [0.2, 0.6, 1.1]], dtype=torch.float64, requires_grad=True)",
        "s = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)",
        "p = torch.tensor([[[0.5, -1.5], [1.0, 0.25]], [[2.0, 0.75], [-0.5, 1.25]]], dtype=torch.float64)",
        "t0 = x * 1",
        "t1 = p.clone()",
    ],
    "complex128": [
        "x = torch.tensor([[-1.0 + 2j, -0.6, -0.2j], [0.2 - 1j, 0.6j, 1.0]], dtype=torch.complex128, requires_grad=True)",
        "s = torch.tensor(0.7 - 0.1j, dtype=torch.complex128, requires_grad=True)",
        "p = torch.tensor([[[0.5, -1.5j], [1.0, 0.25]], [[2.0 + 1j, 0.75], [-0.5, 1.25j]]], dtype=torch.complex128)",
        "t0 = x * 1",
        "t1 = p.clone()",
    ],
}  # fmt: skip


class Drawing:
    """A program in the making, on PyTorch's tensors."""

    def __init__(self, choose: random.Random, length: int) -> None:
        self.choose = choose
        self.scope: dict[str, Any] = {"torch": torch}
        self.lines: list[str] = []
        self.outcomes: list[str] = []
        self.may_be_silent = True
        self.needs_strides = False
        self.texts: list[str] = []
        kind = choose.choice(["float64", "float64", "complex128"])
        for line in OPENING[kind]:
            self.run(line)
        for _ in range(length):
            line = self.line()
            if line:
                self.run(line)

    def run(self, line: str) -> None:
        """Do ``line`` and note how it ended."""
        # Where memory has no strides, every result is in row-major order; conjugates are results here.
        self.needs_strides |= ".mH" in line and "complex" in self.lines[0]
        before = dict(self.scope)
        ended = outcome(line, self.scope)
        for name in self.names():
            if any(n < 0 for n in self.scope[name].shape):
                # PyTorch makes such tensors of some empty ones; there is nothing to compare them with.
                self.scope = before
                return
        self.lines.append(line)
        self.outcomes.append(ended)
        self.texts.append("" if ended == "done" else self.scope["error"])
        if ended != "done" and ".grad_fn" not in line:
            # How far PyTorch got with it, and which views took up a new history on the way, is its own affair.
            for name in dict.fromkeys(re.findall(r"\b[xsp]\b|\bt\d+", line)):
                if name in self.scope:
                    self.run(f"{name}.grad_fn")

    def names(self) -> list[str]:
        return [name for name, value in self.scope.items() if name[0] in "txsp" and name != "torch"]

    def pick(self) -> str:
        """A tensor, mostly a late one."""
        names = [n for n in self.names() if n[0] == "t"]
        if self.choose.random() < 0.05:
            return self.choose.choice(["x", "p"])
        return self.choose.choice(names[-3:] if self.choose.random() < 0.5 else names)

    def dim(self, tensor: torch.Tensor, extra: int = 0) -> int:
        n = tensor.ndim + extra
        if not n or self.choose.random() < 0.03:
            return self.choose.choice([0, -1, 3])
        return self.choose.randrange(-n, n)

    def line(self) -> str:
        kind = self.choose.random()
        name = self.pick()
        if kind < 0.45:
            expression = self.view(name, self.scope[name])
            return self.within(f"t{len(self.names())} = {expression}") if expression else ""
        if kind < 0.9:
            return self.within(self.write(name, self.scope[name]))
        if kind < 0.96:
            return self.within(f"t{len(self.names())} = {self.fresh(name)}")
        # Views learn of it only when their memory is written to: of a tensor that has some, PyTorch tells two stories.
        if self.shares_memory(name):
            return ""
        return f"{name}.requires_grad_({self.choose.choice(['', '', 'False'])})"

    def within(self, line: str) -> str:
        may_be_silent, self.may_be_silent = self.may_be_silent, True
        if not line or not may_be_silent or self.choose.random() > 0.08:
            return line
        return f"with torch.no_grad(): {line}"

    def view(self, name: str, t: torch.Tensor) -> str:
        choose, shape = self.choose, tuple(t.shape)
        dim = self.dim(t)
        length = max(shape[dim], 0) if -t.ndim <= dim < t.ndim else 1
        options = [
            lambda: f"{name}[{self.index(shape)}]",
            lambda: f"{name}.select({dim}, {choose.randrange(-length, length) if length else 0})",
            lambda: f"{name}.narrow({dim}, {(start := choose.randint(0, length))}, {choose.randint(0, length - start)})",
            lambda: f"{name}.transpose({dim}, {self.dim(t)})",
            lambda: f"{name}.permute({tuple(choose.sample(range(t.ndim), t.ndim))})",
            lambda: f"{name}.movedim({dim}, {self.dim(t)})",
            lambda: f"{name}.unsqueeze({self.dim(t, 1)})",
            lambda: f"{name}.squeeze({choose.choice(['', str(dim)])})",
            lambda: f"{name}.expand({tuple(n if n != 1 else choose.choice([1, 2]) for n in shape)})",
            lambda: f"{name}.expand(2, {', '.join('-1' for _ in shape)})",
            lambda: f"{name}.unbind({dim})[{choose.randint(-1, 0)}]",
            lambda: f"{name}.split({choose.choice([1, 2])}, {dim})[{choose.randint(-1, 0)}]",
            lambda: f"{name}.split([{(start := choose.randint(0, length))}, {length - start}], {dim})[{choose.randint(0, 1)}]",
            lambda: f"{name}.chunk({choose.choice([1, 2])}, {dim})[-1]",
            lambda: f"{name}.tensor_split({choose.choice(['2', '3', '(1,)', '(1, 2)'])}, {dim})[-1]",
            lambda: f"{name}.diagonal({choose.choice([0, 0, 1, -1])}, {dim}, {self.dim(t)})",
            lambda: f"{name}.unfold({dim}, {choose.randint(0, length)}, {choose.choice([1, 2])})",
            lambda: f"{name}.view({self.shape(t)})",
            lambda: f"{name}.reshape({self.shape(t)})",
            lambda: f"{name}.flatten({choose.choice(['', str(dim), f'{dim}, {self.dim(t)}'])})",
            lambda: f"{name}.unflatten({dim}, ({choose.choice(['1, -1', '-1, 1', '2, -1', '-1,'])}))",
            lambda: f"{name}.t()",
            lambda: f"{name}.mT" if t.ndim > 1 else "",
            lambda: f"{name}.T" if t.ndim == 2 else "",
            lambda: f"{name}.detach()",
            lambda: f"{name}.view_as({name})",
            lambda: f"{name}.as_strided({self.strided(t)})" if t.numel() else "",
            lambda: f"{name}.real",
            lambda: f"{name}.imag",
            lambda: f"torch.view_as_real({name})",
            lambda: f"torch.view_as_complex({name})" if choose.random() < 0.3 or shape[-1:] == (2,) else "",
            lambda: f"{name}.mH.resolve_conj()" if t.ndim > 1 else "",
            lambda: f"{name}.ravel()",
            lambda: f"{name}.contiguous()",
            lambda: f"{name}.swapaxes({dim}, {self.dim(t)})",
            lambda: f"torch.atleast_2d({name})",
            lambda: f"{name}.data" if choose.random() < 0.2 else "",
        ]  # fmt: skip
        return choose.choice(options)()

    def index(self, shape: tuple[int, ...]) -> str:
        choose = self.choose
        items = []
        for n in shape[: choose.randint(0, len(shape))]:
            i = choose.randrange(-n, n) if n else 0
            items.append(
                choose.choice([str(i), f"{choose.randint(0, n)}:", f":{i}", "::2", "1::2", ":", "None", "..."])
            )
        if items.count("...") > 1 or not items:
            items = ["..."]
        return ", ".join(items)

    def shape(self, t: torch.Tensor) -> str:
        n = t.numel()
        options = [(-1,), (n,), (1, n), (n, 1), tuple(t.shape)]
        options += [(d, n // d) for d in (2, 3) if n % d == 0] + [(n // 4, 2, 2)] * (n % 4 == 0)
        return str(self.choose.choice(options))

    def strided(self, t: torch.Tensor) -> str:
        storage = t.untyped_storage().nbytes() // t.element_size() if t.numel() else 0
        choose = self.choose
        ndim = choose.randint(0, 2)
        size, stride = [choose.randint(1, 3) for _ in range(ndim)], [choose.randint(0, 3) for _ in range(ndim)]
        last = sum((n - 1) * k for n, k in zip(size, stride, strict=True))
        offset = choose.randint(0, max(storage - last - 1, 0))
        return f"{tuple(size)}, {tuple(stride)}" + (f", {offset}" if choose.random() < 0.8 else "")

    def other(self, name: str, t: torch.Tensor) -> str:
        """An operand for a write to ``name``: one that PyTorch gives a meaning beside it."""
        choose = self.choose
        found = choose.choice(["2", "0.5", "s", "s", "tensor", "tensor", "same", "self"])
        if found == "self":
            return name
        if found == "same":
            return f"({name} * 2).clone(memory_format=torch.contiguous_format)"
        if found != "tensor":
            return found
        fitting = [
            n
            for n in self.names()
            if self.scope[n].shape in (t.shape, t.shape[1:], ()) and well_defined(t, self.scope[n])
        ]
        return choose.choice(fitting or ["s"])

    def write(self, name: str, t: torch.Tensor) -> str:
        choose, shape = self.choose, tuple(t.shape)
        dim = self.dim(t)
        length = max(shape[dim], 0) if -t.ndim <= dim < t.ndim else 1
        other = self.other(name, t)
        number = choose.choice(["0.5", "2", "s", "s.detach()"])
        index = f"torch.tensor([{choose.randrange(length) if length else 0}])"
        part = (*shape[: dim % t.ndim], 1, *shape[dim % t.ndim + 1 :]) if t.ndim and -t.ndim <= dim < t.ndim else ()
        source = choose.choice([f"torch.ones({part}, dtype={t.dtype})", f"s.expand({part})"])
        mask = f"({name}.detach().real > 0.3)"
        options = [
            lambda: f"{name}.add_({other})",
            lambda: f"{name}.add_({other}, alpha=2)",
            lambda: f"{name}.sub_({other})",
            lambda: f"{name}.mul_({other})",
            lambda: f"{name}.div_({choose.choice(['2', 's', other])})",
            lambda: f"{name} += {other}",
            lambda: f"{name}.pow_(2)",
            lambda: f"{name}.sin_()",
            lambda: f"{name}.tanh_()",
            lambda: f"{name}.neg_()",
            lambda: f"{name}.square_()",
            lambda: f"{name}.abs_()",
            lambda: f"{name}.addcmul_({other}, {other}, value=0.5)" if other not in ("2", "0.5") else "",
            lambda: f"{name}.lerp_({other}, 0.25)" if other not in ("2", "0.5") else "",
            lambda: f"{name}.fill_({number})",
            lambda: f"{name}.zero_()",
            lambda: f"{name}.copy_({other})" if other not in ("2", "0.5") else "",
            lambda: f"{name}.clamp_(-1, 0.8)",
            lambda: f"{name}.clamp_(min={choose.choice(['s', '-0.5'])})",
            lambda: f"{name}.masked_fill_({mask}, {number})",
            lambda: f"{name}.masked_scatter_({mask}, s.expand({max(t.numel(), 1)}))",
            lambda: f"{name}.index_add_({dim}, {index}, {source})",
            lambda: f"{name}.index_copy_({dim}, {index}, {source})",
            lambda: f"{name}.index_fill_({dim}, {index}, {number})",
            lambda: f"{name}.scatter_({dim}, {self.positions(shape, length)}, {choose.choice(['0.5', f's.expand({tuple(1 for _ in shape)})'])})",
            lambda: f"{name}.scatter_add_({dim}, {self.positions(shape, length)}, s.expand({tuple(1 for _ in shape)}))",
            lambda: f"{name}.index_put_((torch.tensor([{choose.randrange(shape[0])}]),), s{choose.choice(['', ', accumulate=True'])})"
            if shape and shape[0]
            else "",
            lambda: f"{name}[{self.index(shape)}] = {choose.choice(['0.5', 's'])}",
            lambda: f"{name}[{mask}] = {choose.choice(['0.5', 's'])}",
            lambda: f"{name}[torch.tensor([{choose.randrange(shape[0])}])] = {choose.choice(['0.5', 's'])}"
            if shape and shape[0]
            else "",
            lambda: f"{name}[[0, -1]] = {name}[[-1, 0]]" if shape and shape[0] > 1 else "",
            lambda: f"{name}[{choose.randrange(-shape[0], shape[0])}] *= {choose.choice(['0.5', 's'])}"
            if shape and shape[0]
            else "",
            lambda: f"{name}.unsqueeze_({self.dim(t, 1)})",
            lambda: f"{name}.squeeze_({choose.choice(['', str(dim)])})",
            lambda: f"{name}.t_()",
            lambda: f"{name}.transpose_({dim}, {self.dim(t)})",
            lambda: f"{name}.swapaxes_({dim}, {self.dim(t)})",
            lambda: f"{name}.swapdims_({dim}, {self.dim(t)})",
            lambda: f"torch.mul({name}.detach(), 2, out={self.pick()})",
            lambda: f"torch.sin({name}, out={self.pick()})",
            lambda: f"{name}.cumsum_({dim})",
            lambda: f"{name}.tril_()",
            # Of a result, PyTorch refuses in the backward pass what was computed from it before.
            lambda: f"{name}.detach_()" if is_leaf(t) else "",
            lambda: f"{name}.as_strided_({self.strided(t)})" if choose.random() < 0.3 else "",
            lambda: f"{name}.resize_({shape})" if choose.random() < 0.3 else "",
            lambda: f"{name}.resize_({self.shape(t)})".replace("-1", str(t.numel())) if choose.random() < 0.3 else "",
        ]  # fmt: skip
        line = choose.choice(options)()
        repeats = any(n > 1 and not step for n, step in zip(shape, t.stride(), strict=True))
        if not repeats and overlaps(t):
            # Which of the values written to one place stays is not said.
            return ""
        if "index_" in line and not length:
            # PyTorch does not look at an index into nothing; its backward pass then does.
            return ""
        if repeats and any(word in line for word in ("masked_fill_", "index_put_", "index_fill_", "tril_", "] = ")):
            # Deprecated there, and which of several values stays is not said; refused here.
            return ""
        if ("fill_(" in line or "zero_" in line) and repeats and t.requires_grad:
            # Allowed there, but its backward pass fails.
            return ""
        if any(word in line for word in ("detach_", "as_strided_", "resize_")) and self.shares_memory(name):
            # Views of it then tell two stories there.
            return ""
        turns = ("squeeze_", "t_()", "transpose_", "swapaxes_", "swapdims_")
        if any(word in line for word in turns) and t.requires_grad and is_leaf(t):
            # Unrecorded: gradients of what was computed before then have another shape (docs/differences.md).
            self.may_be_silent = False
        if any(word in line for word in turns) and self.shares_memory(name):
            # Unrecorded, or of parts of complex numbers: PyTorch then applies old strides to a new shape.
            line = line if self.is_of_one_kind(name) and "complex" not in self.lines[0] else ""
            self.may_be_silent = False
        if "out=" in line:
            out = line.split("out=")[1][:-1]
            self.needs_strides |= self.scope[out].shape != t.shape and not t.is_contiguous()
            grows = self.scope[out].numel() < t.numel() and self.shares_memory(out)
            repeats = any(n > 1 and not k for n, k in zip(self.scope[out].shape, self.scope[out].stride(), strict=True))
            moves = self.scope[out].requires_grad and self.scope[out].shape != t.shape
            if grows or repeats or moves or not well_defined(self.scope[out], t):
                return ""
        return line

    def shares_memory(self, name: str) -> bool:
        """Whether another tensor is on the memory of this one."""
        memory = [self.scope[n].untyped_storage().data_ptr() for n in self.names()]
        return memory.count(self.scope[name].untyped_storage().data_ptr()) > 1

    def is_of_one_kind(self, name: str) -> bool:
        """Whether nothing else on the memory of this tensor has another dtype."""
        t = self.scope[name]
        memory = t.untyped_storage().data_ptr()
        sharing = [self.scope[n] for n in self.names() if self.scope[n].untyped_storage().data_ptr() == memory]
        return all(x.dtype == t.dtype for x in sharing)

    def positions(self, shape: tuple[int, ...], length: int) -> str:
        ones = tuple(1 for _ in shape)
        return f"torch.full({ones}, {self.choose.randrange(length) if length else 0})"

    def fresh(self, name: str) -> str:
        expression = self.choose.choice(["{0} * {0}", "{0} + 1", "{0}.clone()", "{0}.sin()", "{0} * s", "{0}.exp()",
                                         "torch.cat([{0}, {0}])", "torch.stack([{0}, {0}])", "{0}.sum()", "{0}.flip(0)",
                                         "{0}.cos()", "{0}.repeat_interleave(2) * 1", "{0}.matmul({0}.mT)"])  # fmt: skip
        return f"({expression.format(name)}).clone(memory_format=torch.contiguous_format)"


def well_defined(target: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether a write to ``target`` leaves ``other`` alone or writes the same elements in the same places."""
    if target.untyped_storage().data_ptr() != other.untyped_storage().data_ptr():
        return True
    same = target.storage_offset() == other.storage_offset() and target.stride() == other.stride()
    return same and target.shape == other.shape


def is_leaf(t: torch.Tensor) -> bool:
    """Whether ``t`` is a leaf; of views that require grad nobody asks, since PyTorch then gives them a new history."""
    return not t.requires_grad or (not t._is_view() and t.grad_fn is None)


def overlaps(t: torch.Tensor) -> bool:
    """Whether elements of ``t`` share memory."""
    places = torch.zeros(t.shape, dtype=torch.int64)
    for axis, (n, step) in enumerate(zip(t.shape, t.stride(), strict=True)):
        places += (torch.arange(n) * step).reshape([-1 if i == axis else 1 for i in range(t.ndim)])
    return places.unique().numel() < places.numel()


def outcome(line: str, scope: dict[str, Any]) -> str:
    """How ``line`` ends: ``done``, or the built-in class of what it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(line, scope)
    except BUILT_IN as error:
        scope["error"] = str(error)
        return next(kind.__name__ for kind in BUILT_IN if isinstance(error, kind))
    return "done"


def state(library: Any, scope: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """What can be asked of the tensors of a program at its end, with the gradients that a backward pass gives."""
    found: dict[str, Any] = {}
    for name in names:
        t = scope[name]
        found[name] = np.asarray(t.detach().resolve_conj().numpy())
        found[f"{name}.requires_grad"] = t.requires_grad
        try:
            found[f"{name}.is_leaf"] = t.is_leaf
        except RuntimeError:
            found[f"{name}.is_leaf"] = "RuntimeError"
    total = None
    for i, name in enumerate(names):
        try:
            term = (scope[name] * (0.3 * i + 1)).sum()
        except RuntimeError:
            found[f"use of {name}"] = "RuntimeError"
            continue
        total = term if total is None else total + term
    try:
        (total.real if total.is_complex() else total).backward()
    except RuntimeError as error:
        found["backward"] = "RuntimeError"
        found["text"] = str(error)
        return found
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                grad = scope[name].grad
            except RuntimeError:
                continue
        found[f"{name}.grad"] = None if grad is None else np.asarray(grad.resolve_conj().numpy())
    return found


def difference(
    lines: list[str], outcomes: list[str], texts: list[str], wanted: dict[str, Any], names: list[str]
) -> str:
    """Where the program goes another way here; empty if nowhere."""
    scope: dict[str, Any] = {"torch": xpgrad}
    for line, expected, text in zip(lines, outcomes, texts, strict=True):
        try:
            ended = outcome(line, scope)
        except Exception as error:
            return f"{line}: {type(error).__name__}: {error}"
        # Of two things that are wrong with a line, which is found first is not said.
        either = ended == "IndexError" and "modified inplace" in text
        if ended != expected and not either:
            return f"{line}: {ended} instead of {expected} ({scope.get('error')})"
    try:
        found = state(xpgrad, scope, names)
    except Exception as error:
        return f"at the end: {type(error).__name__}: {error}"
    for key, value in wanted.items():
        if key == "text" or (key == "backward" and any(text in wanted["text"] for text in INTERNAL)):
            continue
        if key == "backward" and key not in found and len({scope[name].dtype for name in names}) > 1:
            # Of operands of several dtypes we save the cast, which nobody writes to (docs/differences.md).
            continue
        ours = found.get(key, "missing")
        if isinstance(value, np.ndarray) and isinstance(ours, np.ndarray):
            if value.shape != ours.shape or value.dtype != ours.dtype or not close(value, ours):
                return f"{key}: {ours} instead of {value}"
        elif isinstance(value, np.ndarray) or isinstance(ours, np.ndarray) or value != ours:
            return f"{key}: {ours} instead of {value} {wanted.get('text', '')}"
    return ""


def close(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    return bool(np.allclose(a, b, rtol=1e-8, atol=1e-10, equal_nan=True))


def check(choose: random.Random, backends: tuple[str, ...], length: int = 8) -> str:
    """What differs in one drawn program, with its lines; empty if nothing does."""
    drawing = Drawing(choose, choose.randint(1, length))
    names = drawing.names()
    wanted = state(torch, drawing.scope, names)
    for backend in backends[:1] if drawing.needs_strides else backends:
        with xpgrad.use_backend(backend):
            found = difference(drawing.lines, drawing.outcomes, drawing.texts, wanted, names)
        if found:
            ends = zip(drawing.lines, drawing.outcomes, drawing.texts, strict=True)
            marked = [f"    {line}  # {end} {text[:100]}" for line, end, text in ends]
            return f"on {backend}: {found}\n" + "\n".join(marked)
    return ""


def span(start: int, stop: int, immutable_every: int) -> list[str]:
    """The differences in the programs of the seeds from ``start`` to ``stop``."""
    torch.set_num_threads(1)
    np.seterr(all="ignore")
    found = []
    for seed in range(start, stop):
        others = ("numpy-readonly", "strict") if immutable_every and seed % immutable_every == 0 else ()
        differs = check(random.Random(seed), ("numpy", *others))
        if differs:
            found.append(f"seed {seed}, {differs}")
    return found


def main() -> int:
    """Run programs and print those that differ."""
    from tests.conftest import pytest_configure

    parser = argparse.ArgumentParser(prog="python -m tests.parity.inplace_programs", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--immutable-every", type=int, default=10, help="one in so many on immutable arrays too")
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("-j", type=int, default=2)
    options = parser.parse_args()
    edges = range(options.first, options.first + options.count, 250)
    last = options.first + options.count
    differing: list[str] = []
    with ProcessPoolExecutor(options.j, initializer=pytest_configure) as pool:
        jobs = [pool.submit(span, a, min(a + 250, last), options.immutable_every) for a in edges]
        for job in jobs:
            differing += job.result()
    for text in differing[: options.show]:
        print(text)
    print(f"{options.count} programs, {len(differing)} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
