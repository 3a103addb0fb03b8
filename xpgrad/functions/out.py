"""The keyword ``out`` for functions that compute their result as if it did not exist."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from xpgrad.errors import ArgumentTypeError
from xpgrad.functions.results import deliver


def takes_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with a keyword ``out``: a tensor for the result, or a tuple of them for several.

    The methods of the same names do without it: they are ``function.__wrapped__`` where each call counts.
    """

    @functools.wraps(function)
    def with_out(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return result if out is None else deliver_all(out, result)

    return with_out


def deliver_all(out: Any, result: Any) -> Any:
    """``out`` holding the result; a tuple of results goes into a tuple of tensors.

    Raises:
        ArgumentTypeError: ``out`` has not as many tensors as there are results.
    """
    if not isinstance(result, tuple):
        return deliver(out, result)
    if not isinstance(out, (tuple, list)) or len(out) != len(result):
        raise ArgumentTypeError(f"out: expected a tuple of {len(result)} tensors, got {out!r:.60}")
    filled = [deliver(place, part) for place, part in zip(out, result, strict=True)]
    return type(result)(*filled) if hasattr(result, "_fields") else tuple(filled)
