"""Gradients held against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.autograd.calls import grad
from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of, node_of
from xpgrad.errors import ArgumentError, GradientError
from xpgrad.functions.generator import Generator
from xpgrad.functions.random import randn
from xpgrad.tensor.conversion import tensor


class GradcheckError(GradientError):
    """An analytic gradient is not what finite differences say."""


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
    **_: Any,
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
        check_undefined_grad: Accepted for PyTorch's sake.
        check_grad_dtypes: Also require that a gradient has its input's dtype.

    Raises:
        GradcheckError: They do not agree.
        ArgumentError: No input requires grad.
    """
    arguments = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    try:
        _check(func, arguments, eps, atol, rtol, nondet_tol, check_grad_dtypes)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


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
    **_: Any,
) -> bool:
    """Whether the second derivatives of ``func`` agree with central differences of the first.

    Mirrors ``torch.autograd.gradgradcheck``; ``grad_outputs`` are drawn from a fixed seed if not given.

    Raises:
        GradcheckError: They do not agree.
    """
    arguments = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    if grad_outputs is None:
        with no_grad():
            outputs = _differentiable(func(*arguments))
        source = Generator().manual_seed(0)
        starts = [_random_like(o, source).requires_grad_() for o in outputs]
    else:
        starts = list(grad_outputs) if isinstance(grad_outputs, (tuple, list)) else [grad_outputs]

    def first_gradients(*all_inputs: Any) -> Any:
        own, given = all_inputs[: len(arguments)], all_inputs[len(arguments) :]
        outputs = _differentiable(func(*own))
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
    )


def _random_like(output: Any, source: Generator) -> Any:
    if output.dtype.is_complex:
        real, imag = (randn(*output.shape, dtype=output.dtype.to_real(), generator=source, device=output.device)
                      for _ in range(2))  # fmt: skip
        return real + 1j * imag
    return randn(tuple(output.shape), dtype=output.dtype, generator=source, device=output.device)


def _differentiable(outputs: Any) -> list[Any]:
    listed = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
    return [o for o in listed if isinstance(o, TensorBase) and o._place.dtype(o._array.dtype).is_differentiable]


def _check(
    func: Callable[..., Any],
    inputs: list[Any],
    eps: float,
    atol: float,
    rtol: float,
    nondet_tol: float,
    check_grad_dtypes: bool,
) -> None:
    wanted = [i for i, x in enumerate(inputs) if isinstance(x, TensorBase) and node_of(x) is not None]
    if not wanted:
        raise ArgumentError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    outputs = _differentiable(func(*inputs))
    for o, output in enumerate(outputs):
        if node_of(output) is None:
            continue
        analytic = _analytic(output, [inputs[i] for i in wanted])
        again = _analytic(_differentiable(func(*inputs))[o], [inputs[i] for i in wanted])
        for n, i in enumerate(wanted):
            if check_grad_dtypes and analytic[n] and analytic[n][0][1] != inputs[i].dtype:
                raise GradcheckError(
                    f"Expected grad of input {i} to have dtype {inputs[i].dtype}, got {analytic[n][0][1]}"
                )
            numerical = _numerical(func, inputs, i, o, eps)
            rows = [row for row, _ in analytic[n]]
            _compare(rows, [row for row, _ in again[n]], nondet_tol, 0.0, f"two backward passes for input {i}")
            _compare(rows, numerical, atol, rtol, f"Jacobian mismatch for output {o} with respect to input {i}")


def _analytic(output: Any, inputs: Sequence[Any]) -> list[list[tuple[list[complex], Any]]]:
    """For each input, for each (real) direction of ``output``, the gradient as numbers, and its dtype."""
    columns: list[list[tuple[list[complex], Any]]] = [[] for _ in inputs]
    directions: tuple[complex, ...] = (1.0, 1.0j) if output.dtype.is_complex else (1.0,)
    for k in range(output.numel()):
        for direction in directions:
            start: list[complex] = [0.0] * output.numel()
            start[k] = direction
            seed = tensor(start, dtype=output.dtype, device=output.device).reshape(tuple(output.shape))
            found = grad([output], inputs, [seed], retain_graph=True, allow_unused=True)
            for column, x, g in zip(columns, inputs, found, strict=True):
                if g is None:
                    column.append(([0.0] * x.numel(), x.dtype))
                    continue
                if tuple(g.shape) != tuple(x.shape):
                    raise GradcheckError(f"gradient of shape {tuple(g.shape)} for an input of shape {tuple(x.shape)}")
                column.append((g.reshape(-1).tolist() if x.numel() else [], g.dtype))
    return columns


def _numerical(func: Callable[..., Any], inputs: list[Any], i: int, o: int, eps: float) -> list[list[complex]]:
    """What `_analytic` gives for input ``i`` and output ``o``, by central differences along each element."""
    x = inputs[i]
    steps = (eps, 1j * eps) if x.dtype.is_complex else (eps,)
    base = x._place.backend.to_host(array_of(x)).reshape(-1).tolist()
    by_element = []
    for j in range(len(base)):
        derivatives = []
        for step in steps:
            high, low = (_output(func, inputs, i, o, base, j, sign * step) for sign in (1, -1))
            derivatives.append([(h - low_k) / (2 * eps) for h, low_k in zip(high, low, strict=True)])
        by_element.append(derivatives)
    count = len(by_element[0][0]) if by_element else 0
    is_complex_output = any(isinstance(v, complex) for element in by_element for d in element for v in d)
    rows: list[list[complex]] = []
    for k in range(count):
        for part in ("real", "imag") if is_complex_output else ("real",):
            row: list[complex] = []
            for derivatives in by_element:
                values = [getattr(complex(d[k]), part) for d in derivatives]
                row.append(complex(*values) if len(values) == 2 else values[0])
            rows.append(row)
    return rows


def _output(
    func: Callable[..., Any], inputs: list[Any], i: int, o: int, base: list[Any], j: int, step: complex
) -> list[complex]:
    x = inputs[i]
    moved = [*base]
    moved[j] = moved[j] + step
    changed = tensor(moved, dtype=x.dtype, device=x.device).reshape(tuple(x.shape)).requires_grad_()
    copies = [
        changed if n == i else y.detach().clone().requires_grad_(y.requires_grad) if isinstance(y, TensorBase) else y  # type: ignore[attr-defined]
        for n, y in enumerate(inputs)
    ]
    values: list[complex] = _differentiable(func(*copies))[o].detach().reshape(-1).tolist()
    return values


def _compare(
    got: Sequence[Sequence[complex]], wanted: Sequence[Sequence[complex]], atol: float, rtol: float, what: str
) -> None:
    for row, (a_row, b_row) in enumerate(zip(got, wanted, strict=True)):
        for column, (a, b) in enumerate(zip(a_row, b_row, strict=True)):
            if not abs(a - b) <= atol + rtol * abs(b):
                raise GradcheckError(
                    f"{what}: element ({row}, {column}) is {a:.8g} analytically and {b:.8g} numerically; they differ "
                    f"by more than atol={atol:g} + rtol={rtol:g}"
                )
