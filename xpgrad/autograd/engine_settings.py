"""PyTorch's settings of its backward engine. They are kept for programs that use them, and change nothing here."""

from __future__ import annotations

from types import TracebackType


class _Setting:
    """Set at once, and set back at the end of a ``with`` block if used as one."""

    current = True

    def __init__(self, mode: bool = True) -> None:
        self._previous, type(self).current = type(self).current, mode

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        type(self).current = self._previous


class set_multithreading_enabled(_Setting):  # noqa: N801  (PyTorch's name)
    """Whether a backward pass may use several threads; it uses one. Mirrors ``torch.autograd`` of this name."""


class enforce_grad_layout_policy(_Setting):  # noqa: N801  (PyTorch's name)
    """Whether a gradient takes the strides of its tensor, which are the library's. Mirrors ``torch.autograd``'s."""

    def __init__(self, enable: bool = True) -> None:
        super().__init__(enable)
