"""Gradients held against finite differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, final

from xpgrad.autograd.calls import grad
from xpgrad.autograd.differences import (
    GradcheckError,
    as_gradients,
    compare,
    difference,
    differentiable,
    gradients,
    like,
    numbers,
    slopes,
    tangents,
)
from xpgrad.backends.dtypes import complex128, float64
from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import node_of
from xpgrad.errors import ArgumentError, ChoiceError
from xpgrad.functions.creation import zeros_like
from xpgrad.functions.generator import Generator
from xpgrad.functions.joining import stack
from xpgrad.functions.random import randn

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the gradients of ``func`` agree with central differences, element by element of the Jacobian.

    Mirrors ``torch.autograd.gradcheck``.

    Args:
        func: A function of tensors that returns a tensor or a tuple of them.
        inputs: Its arguments; those that require grad should be float64 or complex128.
        eps: The step.
        atol: They agree if ``|analytic - numerical| <= atol + rtol * |numerical|``.
        rtol: See ``atol``.
        raise_exception: Raise instead of returning False.
        nondet_tol: How far two analytic passes may differ.
        check_undefined_grad: Also ask for gradients when some results have none.
        check_grad_dtypes: Also require that a gradient has its input's dtype.
        check_batched_grad: Also ask for several gradients at once.
        check_batched_forward_grad: Accepted: tangents come one by one.
        check_forward_ad: Also compare tangents.
        check_backward_ad: Compare gradients.
        fast_mode: Compare one random product with the Jacobian instead of all its elements.
        masked: Accepted: it is about sparse tensors.

    Raises:
        GradcheckError: They do not agree.
        ArgumentError: No input requires grad.
        ChoiceError: Nothing is left to check.
    """
    _require("at least one of check_forward_ad or check_backward_ad to be True", check_forward_ad or check_backward_ad)
    if check_batched_grad and not check_backward_ad:
        raise ChoiceError("Setting check_batched_grad=True requires check_backward_ad to be True")
    if check_batched_forward_grad and not check_forward_ad:
        raise ChoiceError("Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    arguments = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    check = _Check(func, arguments, _checked(arguments), eps, atol, rtol, nondet_tol)
    try:
        if fast_mode:
            check.one_product()
        elif check_backward_ad:
            check.every_gradient(check_grad_dtypes)
        if check_forward_ad:
            check.every_tangent()
        if check_backward_ad:
            check.nothing_from_zeros()
            if check_batched_grad:
                check.several_at_once()
            if check_undefined_grad:
                check.undefined()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _require(what: str, holds: bool) -> None:
    if not holds:
        raise ChoiceError(f"Expected {what}")


def _checked(arguments: list[Any]) -> list[int]:
    """Which of the arguments are to be differentiated.

    Raises:
        ArgumentError: None is.
    """
    wanted = [i for i, x in enumerate(arguments) if isinstance(x, TensorBase) and node_of(x) is not None]
    if not wanted:
        raise ArgumentError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for i in wanted:
        if arguments[i].dtype not in (float64, complex128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex. ",
                stacklevel=3,
            )
    return wanted


@final
class _Check:
    """One call of `gradcheck`: the function, its arguments, which of them to differentiate, and how close is close."""

    def __init__(
        self,
        func: Callable[..., Any],
        arguments: list[Any],
        wanted: list[int],
        eps: float,
        atol: float,
        rtol: float,
        nondet_tol: float,
    ) -> None:
        self.func, self.arguments, self.wanted = func, arguments, wanted
        self.inputs = [arguments[i] for i in wanted]
        self.eps, self.atol, self.rtol, self.nondet_tol = eps, atol, rtol, nondet_tol

    def outputs(self) -> list[tuple[int, Any]]:
        """The results that can be differentiated, numbered."""
        return [(o, y) for o, y in enumerate(differentiable(self.func(*self.arguments))) if node_of(y) is not None]

    def every_gradient(self, dtypes_too: bool) -> None:
        """Hold backward passes, twice, against differences."""
        outputs = self.outputs()
        if not outputs:
            self._no_slope()
        for o, output in outputs:
            first = gradients(output, self.inputs)
            again = gradients(dict(self.outputs())[o], self.inputs)
            for n, i in enumerate(self.wanted):
                if dtypes_too and any(d is not self.arguments[i].dtype for _, d in first[n]):
                    raise GradcheckError(
                        f"Gradient has dtype mismatch: that of input {i} is {self.arguments[i].dtype}, its gradient's "
                        f"{first[n][0][1]}"
                    )
                rows = [row for row, _ in first[n]]
                compare(
                    [row for row, _ in again[n]],
                    rows,
                    self.nondet_tol,
                    0.0,
                    "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times "
                    "gives different values",
                )
                expected = as_gradients(slopes(self.func, self.arguments, i, o, self.eps), output.is_complex())
                what = f"Jacobian mismatch for output {o} with respect to input {i},\n"
                compare(rows, expected, self.atol, self.rtol, what)

    def _no_slope(self) -> None:
        for o in range(len(differentiable(self.func(*self.arguments)))):
            for i in self.wanted:
                found = slopes(self.func, self.arguments, i, o, self.eps)
                if any(value != 0 for element in found for direction in element for value in direction):
                    raise GradcheckError(
                        f"Numerical gradient for function expected to be zero: output {o} requires no grad but changes "
                        f"with input {i}"
                    )

    def every_tangent(self) -> None:
        """Hold forward mode against differences."""
        for o, _ in self.outputs():
            for i in self.wanted:
                got = tangents(self.func, self.arguments, i, o)
                expected = slopes(self.func, self.arguments, i, o, self.eps)
                for a, b in zip(got, expected, strict=True):
                    what = f"Jacobian computed with forward mode mismatch for output {o} with respect to input {i},\n"
                    compare(a, b, self.atol, self.rtol, what)

    def one_product(self) -> None:
        """Hold the product of the Jacobian with two random vectors, from the left and from the right, against one."""
        source = Generator().manual_seed(0)
        outputs = self.outputs()
        if not outputs:
            self._no_slope()
        for o, output in outputs:
            weights = _random(output, source)
            found = grad([output], self.inputs, [weights], retain_graph=True, allow_unused=True)
            left = numbers(weights)
            for i, g in zip(self.wanted, found, strict=True):
                x = self.arguments[i]
                right = numbers(_random(x, source))
                for turn in (1.0, 1.0j) if x.is_complex() else (1.0,):
                    steps = [self.eps * turn * v for v in right]
                    moved = difference(self.func, self.arguments, o, {i: steps}, self.eps)
                    # Of real functions of complex numbers: the gradient is the conjugate of the derivative.
                    numerical = sum((complex(w).conjugate() * d).real for w, d in zip(left, moved, strict=True))
                    pairs = zip([0.0] * len(right) if g is None else numbers(g), right, strict=True)
                    analytical = sum((complex(a).conjugate() * turn * v).real for a, v in pairs)
                    what = f"Jacobian mismatch for output {o} with respect to input {i},\nin a random direction"
                    compare([[analytical]], [[numerical]], self.atol, self.rtol, what)

    def nothing_from_zeros(self) -> None:
        """A gradient of zeros must give zeros."""
        outputs = [y for _, y in self.outputs()]
        if not outputs:
            return
        found = grad(outputs, self.inputs, [zeros_like(y) for y in outputs], allow_unused=True)
        if any(g is not None and any(v != 0 for v in numbers(g)) for g in found):
            raise GradcheckError("backward not multiplied by grad_output")

    def several_at_once(self) -> None:
        """Gradients for a batch of starts are those for each."""
        source = Generator().manual_seed(0)
        for o, output in self.outputs():
            starts = [_random(output, source) for _ in range(2)]
            singles = [grad([output], self.inputs, [s], retain_graph=True, materialize_grads=True) for s in starts]
            batched = grad(
                [output], self.inputs, [stack(starts)], retain_graph=True, is_grads_batched=True, materialize_grads=True
            )
            for n, g in enumerate(batched):
                rows = [numbers(g[k]) for k in range(2)]
                expected = [numbers(single[n]) for single in singles]
                compare(rows, expected, self.atol, self.rtol, f"batched gradients of output {o} for input {n}")

    def undefined(self) -> None:
        """The other results may have no gradient at all, and those with zeros must still give zeros."""
        for left_out in range(len(self.outputs())):
            outputs = [y for n, (_, y) in enumerate(self.outputs()) if n != left_out]
            if not outputs:
                return
            try:
                found = grad(outputs, self.inputs, [zeros_like(y) for y in outputs], allow_unused=True)
            except RuntimeError as error:
                raise GradcheckError(
                    "Expected backward function to handle undefined output grads: result "
                    f"{left_out} had none, and backward raised {error}"
                ) from error
            if any(g is not None and any(v != 0 for v in numbers(g)) for g in found):
                raise GradcheckError(
                    "Expected all input grads to be undefined or zero when all output grads are undefined or zero"
                )


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Whether the second derivatives of ``func`` agree with central differences of the first.

    Mirrors ``torch.autograd.gradgradcheck``. The arguments are those of `gradcheck`, and:

    Args:
        func: A function of tensors that returns a tensor or a tuple of them.
        inputs: Its arguments.
        grad_outputs: What to start the first backward pass from; drawn from a fixed seed if not given.
        eps: The step.
        atol: How close is close, see `gradcheck`.
        rtol: The same.
        gen_non_contig_grad_outputs: Accepted.
        raise_exception: Raise instead of returning False.
        nondet_tol: How far two analytic passes may differ.
        check_undefined_grad: See `gradcheck`.
        check_grad_dtypes: See `gradcheck`.
        check_batched_grad: See `gradcheck`.
        check_fwd_over_rev: Compare the tangents of gradients.
        check_rev_over_rev: Compare the gradients of gradients.
        fast_mode: See `gradcheck`.
        masked: Accepted.

    Raises:
        GradcheckError: They do not agree.
        ChoiceError: Nothing is left to check.
    """
    _require(
        "at least one of check_fwd_over_rev or check_rev_over_rev to be True", check_fwd_over_rev or check_rev_over_rev
    )
    for name, asked in (("check_undefined_grad", check_undefined_grad), ("check_batched_grad", check_batched_grad)):
        if asked and not check_rev_over_rev:
            raise ChoiceError(f"Setting {name}=True requires check_rev_over_rev to be True")
    arguments = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    if grad_outputs is None:
        with no_grad():
            outputs = differentiable(func(*arguments))
        source = Generator().manual_seed(0)
        starts = [_random(o, source).requires_grad_() for o in outputs]
    else:
        starts = list(grad_outputs) if isinstance(grad_outputs, (tuple, list)) else [grad_outputs]

    def first_gradients(*all_inputs: Any) -> Any:
        own, given = all_inputs[: len(arguments)], all_inputs[len(arguments) :]
        outputs = differentiable(func(*own))
        wanted = [x for x in own if isinstance(x, TensorBase) and node_of(x) is not None]
        return grad(outputs, wanted, given, create_graph=True, materialize_grads=True)

    return gradcheck(
        first_gradients,
        [*arguments, *starts],
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        fast_mode=fast_mode,
    )


def _random(x: Any, source: Generator) -> Any:
    """Normal numbers in the form of ``x``."""
    parts: Sequence[Any] = [randn(x.numel(), dtype=float64, generator=source, device="cpu").tolist() for _ in range(2)]
    if x.is_complex():
        return like(x, [complex(a, b) for a, b in zip(*parts, strict=True)])
    return like(x, parts[0])
