"""The keyword ``out`` for functions that compute their result as if it did not exist."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from xpgrad.functions.results import deliver, deliver_all


def takes_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with a keyword ``out``: a tensor for the result, or a tuple of them for several.

    The methods of the same names do without it: they are ``function.__wrapped__`` where each call counts.
    """

    @functools.wraps(function)
    def with_out(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if out is None:
            return result
        return deliver_all(out, result) if isinstance(result, tuple) else deliver(out, result)

    return with_out
