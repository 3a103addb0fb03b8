"""Dropout as PyTorch has it at its top level: with ``train`` to be given, and in place under a name of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.nn.functional.dropout import alpha_dropout as alpha
from xpgrad.nn.functional.dropout import dropout as plain
from xpgrad.nn.functional.dropout import feature_alpha_dropout as feature_alpha
from xpgrad.nn.functional.dropout import feature_dropout as feature

_Dropout = Callable[[Any, float, bool], Any]


def _both(layer: Callable[[Any, float, bool, bool], Any], name: str) -> tuple[_Dropout, _Dropout]:
    """The function of PyTorch's top level for that of ``nn.functional``, and the one in place."""

    def function(input: Any, p: float, train: bool) -> Any:
        return layer(input, p, train, False)

    def in_place(input: Any, p: float, train: bool) -> Any:
        return layer(input, p, train, True)

    for made, its_name in ((function, name), (in_place, f"{name}_")):
        made.__name__ = made.__qualname__ = its_name
        where = "" if made is function else " in place"
        made.__doc__ = f"`nn.functional.{layer.__name__}`{where}. Mirrors ``torch.{its_name}``."
    return function, in_place


dropout, dropout_ = _both(plain, "dropout")
feature_dropout, feature_dropout_ = _both(feature, "feature_dropout")
alpha_dropout, alpha_dropout_ = _both(alpha, "alpha_dropout")
feature_alpha_dropout, feature_alpha_dropout_ = _both(feature_alpha, "feature_alpha_dropout")
