"""The threads that load data ahead of its use."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any, final

from xpgrad.backends.selection import default_place, use_backend


@final
@dataclass(frozen=True)
class WorkerInfo:
    """Which worker the current thread is.

    Attributes:
        id: Its number, from 0.
        num_workers: How many there are.
        seed: The seed of this pass over the loader plus ``id``.
        dataset: What it loads from: the loader's own dataset, since threads share memory, or a shallow copy of an
            iterable dataset, in which it may set what is its part.
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


_info: ContextVar[WorkerInfo | None] = ContextVar("info", default=None)


def get_worker_info() -> WorkerInfo | None:
    """Which worker calls, or None outside of workers. Mirrors ``torch.utils.data.get_worker_info``."""
    return _info.get()


@final
class Worker:
    """One thread, doing one task after the other where the thread that made it would do it.

    That is with its context variables, and with new tensors on the same device.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        place = default_place()
        self._default = use_backend(f"{place.backend.name}:{str(place.device).removeprefix(f'{place.backend.name}:')}")
        self._context = copy_context()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"xpgrad-loader-{number}")

    def submit(self, task: Callable[..., Any], *args: Any) -> Future[Any]:
        """Queue ``task(*args)``."""
        return self._executor.submit(self._context.run, self._default(task), *args)

    def become(self, info: WorkerInfo) -> None:
        """From the next task on, answer `get_worker_info` with ``info``."""
        self.submit(_info.set, info)

    def stop(self) -> None:
        """Drop what is queued; a task in progress is finished but not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)
