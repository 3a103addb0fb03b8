"""Patterns of check ids, in which a ``*`` stands for any text and everything else for itself."""

from __future__ import annotations

import functools
import re


def matches(glob: str, text: str) -> bool:
    """Whether ``text`` is like ``glob``."""
    return _pattern(glob).fullmatch(text) is not None


@functools.cache
def _pattern(glob: str) -> re.Pattern[str]:
    # Ids contain brackets, which would be classes of characters in fnmatch's patterns.
    return re.compile(".*".join(map(re.escape, glob.split("*"))))
