"""Tensors in nested tuples, lists and dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """What is in ``tree``, in order."""
    if isinstance(tree, (tuple, list)):
        return [leaf for branch in tree for leaf in leaves(branch)]
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in leaves(branch)]
    return [tree]


def rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """A tree of the form of ``tree`` with other leaves."""
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(rebuilt(branch, values) for branch in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(rebuilt(branch, values) for branch in tree)
    if isinstance(tree, dict):
        return {key: rebuilt(branch, values) for key, branch in tree.items()}
    return next(values)


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """A tree of the form of ``tree`` with ``function`` of each leaf."""
    return rebuilt(tree, iter([function(leaf) for leaf in leaves(tree)]))


def form(tree: Any) -> Any:
    """What two trees have in common that differ in their leaves only."""
    return mapped(lambda leaf: None, tree)
