"""Transforms made of functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

from xpgrad.errors import ArgumentTypeError


@final
class Compose:
    """One transform after the other. Mirrors ``torchvision.transforms.Compose``.

    >>> Compose([Lambda(abs), Lambda(float)])(-2)
    2.0
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, image: Any) -> Any:
        """The image, transformed."""
        for transform in self.transforms:
            image = transform(image)
        return image

    def __repr__(self) -> str:
        return "\n".join(["Compose(", *(f"    {transform}" for transform in self.transforms), ")"])


@final
class Lambda:
    """A function as a transform. Mirrors ``torchvision.transforms.Lambda``.

    Raises:
        ArgumentTypeError: It cannot be called.
    """

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise ArgumentTypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        self.lambd = lambd

    def __call__(self, image: Any) -> Any:
        """The image, transformed."""
        return self.lambd(image)

    def __repr__(self) -> str:
        return "Lambda()"
