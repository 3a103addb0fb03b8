"""Programs of one line, as people write them: values, dtypes, shapes, nodes and gradients are those on NumPy."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.programs.running import (
    VARIABLES,
    evaluate,
    names_in,
    programs,
    run_backward,
    second_derivatives,
    tensors,
)
from xpgrad.testing.conformance.subject import Host, Subject, agree, without_device

FIRST = Level("functions")
SECOND = Level("higher-order")

# Expressions that find in a program what it needs of the library, beside the dtypes of its variables.
NEEDS: Final = {
    # PyTorch counts and indexes in it.
    "": "int64",
    r"half|Half|float16": "float16",
    r"bfloat16": "bfloat16",
    r"double|Double|float64|float_power|np\.ones\(3\)": "float64",
    # PyTorch's own means of integers and sums of weights, and what stands for its fixed-point numbers.
    r"avg_pool2d\(i|weights=k|uint8\), .*bilinear": "float64",
    r"cdouble|complex128|to_complex": "complex128",
    r"cfloat|complex64|1j|2j|\b[hr]?fft\b|stft": "complex64",
    r"\.view\(torch": "bitcast",
    r"\"cpu\"|\.cpu\(|\.numpy\(|is_cuda|device\.(type|index)|get_device": "cpu",
    # Elsewhere all memory counts as in row-major order, and `data` shares the version counter.
    r"stride\(|contiguous|c\.data\.add_\(1\); c\._version": "mutable",
}
# What these show is another on every device; an array of NumPy stays on the host.
UNASKED: Final = {"x.device", "torch.as_tensor(np.ones(2))"}

# Of single precision, after two passes of rules; relative to 1 and to the value.
_SECOND_TOLERANCE: Final = 1e-4


@dataclass(frozen=True, eq=False)
class Program:
    """A line of a table.

    Attributes:
        text: Statements, the last one an expression.
    """

    text: str

    @property
    def id(self) -> str:
        """The text without its spaces, or with lines for those between words."""
        return re.sub(r"(?<=\w) (?=\w)", "_", self.text).replace(" ", "")

    @property
    def names(self) -> set[str]:
        """The variables that it mentions."""
        return names_in(self.text) & VARIABLES.keys()

    def needs(self) -> Iterable[str]:
        """The capabilities without which it cannot run."""
        return {VARIABLES[name].dtype.name for name in self.names} | {
            capability for pattern, capability in NEEDS.items() if re.search(pattern, self.text)
        }


def _programs() -> dict[str, Program]:
    found = {}
    for table, lines in programs().items():
        for line in lines:
            program = Program(line.removeprefix("!"))
            if program.text not in UNASKED:
                found[f"programs/{table}/{program.id}"] = program
    return found


PROGRAMS: Final = _programs()
WITH_LEAVES: Final = {
    name: program for name, program in PROGRAMS.items() if any(VARIABLES[v].dtype.kind in "fc" for v in program.names)
}


@FIRST.each(PROGRAMS, needs=Program.needs)
def agrees_with_numpy(subject: Subject, program: Program) -> None:
    """The results, and the gradients that they send back, are those on NumPy."""
    found = _outcome(program.text, subject)
    expected = _expected(program.text, subject.reference.backend.name)
    assert found.keys() == expected.keys(), f"{program.text}: expected {[*expected]}, got {[*found]}"
    for name, (facts, values) in expected.items():
        what = f"{program.text}: {name}"
        got, host = found[name]
        assert got == facts, f"{what}: expected {facts}, got {got}"
        if values is not None:
            agree(host, values, 2e-3 if values.dtype == np.float16 else 2e-5, what)


@SECOND.each(WITH_LEAVES, needs=Program.needs)
def second_derivatives_agree_with_numpy(subject: Subject, program: Program) -> None:
    """What the variables get from the gradients of the results is as on NumPy."""
    expected = _expected_second(program.text, subject.reference.backend.name)
    found = _second(program.text, subject)
    assert found.keys() == expected.keys(), f"{program.text}: expected {[*expected]}, got {[*found]}"
    for name, values in expected.items():
        agree(found[name], values, _SECOND_TOLERANCE, f"{program.text}: what {name} gets from the gradients")


def _second(program: str, subject: Subject) -> dict[str, Host]:
    """What each variable gets from the gradients of the results; a zero where nothing arrives."""
    with subject.using():
        found = second_derivatives(xpgrad, program)
        return {name: np.zeros(()) if g is None else subject.host(g.detach()) for name, g in found.items()}


def _outcome(program: str, subject: Subject) -> dict[str, tuple[str, Host | None]]:
    """Everything there is to see of a program's results and of the gradients they send back."""
    with subject.using():
        value, leaves = evaluate(xpgrad, program)
        results = list(tensors(value))
        run_backward(xpgrad, results)
        if not results:
            text = value if isinstance(value, str) else repr(value)
            return {"value": (without_device(text), None)}
        seen = {f"result {i}": result for i, result in enumerate(results)}
        seen |= {f"{name}.grad": leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}
        return {name: (_facts(tensor), subject.host(tensor.detach())) for name, tensor in seen.items()}


def _facts(tensor: Any) -> str:
    node = tensor.grad_fn.name() if tensor.grad_fn else "no node"
    return f"{tensor.dtype} {list(tensor.shape)}{' requiring grad' * tensor.requires_grad} of {node}"


@functools.cache
def _expected(program: str, reference: str) -> dict[str, tuple[str, Host | None]]:
    return _outcome(program, Subject.named(reference))


@functools.cache
def _expected_second(program: str, reference: str) -> dict[str, Host]:
    return _second(program, Subject.named(reference))
