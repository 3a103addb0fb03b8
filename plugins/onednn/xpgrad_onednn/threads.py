"""The session of the calling thread, made when it is first asked for, and again in a forked child."""

from __future__ import annotations

import os
import threading

from xpgrad_onednn.library import Library, load
from xpgrad_onednn.primitives import Session


class _Sessions:
    """One `Session` per thread. Threads share the library, and nothing that they write to."""

    def __init__(self) -> None:
        self._library: Library | None = None
        self._local = threading.local()

    def library(self) -> Library:
        if self._library is None:
            self._library = load()
        return self._library

    def here(self) -> Session:
        found: Session | None = getattr(self._local, "session", None)
        if found is None:
            self._local.session = found = Session(self.library())
        return found

    def after_fork(self) -> None:
        """Begin anew in a child, whose only thread has lost those that OpenMP would wait for: it works alone."""
        if self._library is not None:
            self._local = threading.local()
            self._library.use_one_thread_here()


_sessions = _Sessions()
session = _sessions.here
library = _sessions.library
os.register_at_fork(after_in_child=_sessions.after_fork)
