"""L-BFGS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from xpgrad.core import outliving
from xpgrad.core.grad_mode import enable_grad, no_grad
from xpgrad.errors import ArgumentError, SettingError
from xpgrad.functions.joining import cat
from xpgrad.functions.strides import view_as_real
from xpgrad.optim.line_search import Point, search
from xpgrad.optim.optimizer import Optimizer, Params, check, settings_of


@final
class LBFGS(Optimizer):
    """Steps of Newton's method with a second derivative guessed from the latest changes of the gradient.

    Mirrors ``torch.optim.LBFGS``. One step evaluates the loss several times, so `step` needs the function for that; it
    has one group of parameters.

    Args:
        params: Tensors, or one group of them.
        lr: The length of a step, 1 for Newton's; where a line search begins.
        max_iter: How many iterations make a step.
        max_eval: How many evaluations of the loss do at most; 5 for 4 iterations by default.
        tolerance_grad: A step ends where no component of the gradient is larger.
        tolerance_change: It ends when neither the loss nor any component of the parameters changes more.
        history_size: How many changes are kept.
        line_search_fn: ``"strong_wolfe"`` for steps that reduce the loss in any case, or None.

    Raises:
        ArgumentError: There are several groups, or the rate is negative.
        SettingError: There is no such line search.

    >>> from xpgrad import tensor
    >>> x = tensor([3.0, -1.0], requires_grad=True)
    >>> optimizer = LBFGS([x], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((x - 1) ** 4).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure)
    tensor(32., grad_fn=<SumBackward0>)
    >>> bool(closure() < 1e-6)
    True

    Source: Nocedal and Wright 2006, *Numerical optimization*, algorithms 7.4 and 7.5.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check(lr >= 0.0, "learning rate", lr, "at least 0")
        max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        super().__init__(params, settings_of(locals()))
        if len(self.param_groups) != 1:
            raise ArgumentError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    @no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:
        """Do up to ``max_iter`` iterations.

        Args:
            closure: Computes the loss and its gradients anew.

        Returns:
            What ``closure`` returned first.
        """
        group, evaluate = self.param_groups[0], enable_grad()(closure)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise SettingError(f"only 'strong_wolfe' is supported, got {group['line_search_fn']!r}")
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = evaluate()
        loss, gradient, evaluations = float(first), self._gradient(), 1
        state["func_evals"] += 1
        tolerance = group["tolerance_change"]
        for iteration in range(1, group["max_iter"] + 1):
            if _largest(gradient) <= group["tolerance_grad"]:
                break
            state["n_iter"] += 1
            direction = self._direction(state, gradient)
            # The history outlives the step too.
            outliving.compute([gradient, direction])
            rate = float(group["lr"])
            if state["n_iter"] == 1:
                rate *= min(1.0, 1.0 / float(gradient.abs().sum()))
            before = Point(0.0, loss, gradient, float(gradient.dot(direction)))
            state.update(d=direction, t=rate, prev_flat_grad=gradient, prev_loss=loss)
            if before.slope > -tolerance:
                break
            if group["line_search_fn"]:
                left, length = group["max_eval"] - evaluations, _largest(direction)
                line = self._line(evaluate, direction)
                after, tries = search(line, before, rate, length, tolerance, left)
                self._move(after.t, direction)
                loss, gradient, state["t"] = after.value, after.gradient, after.t
            else:
                self._move(rate, direction)
                tries = int(iteration != group["max_iter"])
                # The last step is not looked at: the next call of `step` evaluates there anyway.
                if tries:
                    loss, gradient = float(evaluate()), self._gradient()
            evaluations += tries
            state["func_evals"] += tries
            if evaluations >= group["max_eval"]:
                break
            if _largest(direction) * abs(state["t"]) <= tolerance or abs(loss - before.value) < tolerance:
                break
        return first

    def _direction(self, state: dict[str, Any], gradient: Any) -> Any:
        """The step of Newton's method, with the inverse of the second derivative that the history suggests."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1, al=[None] * self.param_groups[0]["history_size"])
            return -gradient
        changes, steps, inverses, shares = (state[name] for name in ("old_dirs", "old_stps", "ro", "al"))
        change, step = gradient - state["prev_flat_grad"], state["d"] * state["t"]
        curvature = change.dot(step)
        if curvature > 1e-10:
            if len(changes) == self.param_groups[0]["history_size"]:
                for kept in (changes, steps, inverses):
                    del kept[0]
            changes.append(change)
            steps.append(step)
            inverses.append(1.0 / curvature)
            state["H_diag"] = curvature / change.dot(change)
        direction = -gradient
        for i in reversed(range(len(changes))):
            shares[i] = steps[i].dot(direction) * inverses[i]
            direction = direction - changes[i] * shares[i]
        direction = direction * state["H_diag"]
        for i in range(len(changes)):
            direction = direction + steps[i] * (shares[i] - changes[i].dot(direction) * inverses[i])
        return direction

    def _line(self, evaluate: Callable[[], Any], direction: Any) -> Callable[[float], Point]:
        """The loss along ``direction``, from where the parameters are; they are there again after each look."""
        start = [p.clone() for p in self._params]

        def at(t: float) -> Point:
            self._move(t, direction)
            value, gradient = float(evaluate()), self._gradient()
            for p, first in zip(self._params, start, strict=True):
                p.copy_(first)
            return Point(t, value, gradient, float(gradient.dot(direction)))

        return at

    def _gradient(self) -> Any:
        """All gradients as one vector, zeros where there is none."""
        return cat([_flat(p.new_zeros(p.shape) if p.grad is None else p.grad) for p in self._params])

    def _move(self, t: float, direction: Any) -> None:
        parts = direction.split([_flat(p).numel() for p in self._params])
        for p, part in zip(self._params, parts, strict=True):
            (view_as_real(p) if p.is_complex() else p).add_(part.reshape(p.shape + (2,) * p.is_complex()), alpha=t)


def _flat(x: Any) -> Any:
    return (view_as_real(x) if x.is_complex() else x).reshape(-1)


def _largest(x: Any) -> float:
    return float(x.abs().max())
