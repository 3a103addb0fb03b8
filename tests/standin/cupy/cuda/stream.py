"""Streams and events whose work is done when somebody waits for it or uses its result, and no earlier."""

import itertools
import threading
import time
import weakref

from cupy.cuda import device

_state = threading.local()
_numbers = itertools.count(1)
_streams = weakref.WeakSet()


class Stream:
    null = None

    def __init__(self, null=False, non_blocking=False, ptds=False, priority=None):
        self.ptr = 0 if null else 16 * next(_numbers)
        self.device_id = -1 if null else device.current()
        self.non_blocking, self.priority = non_blocking, priority or 0
        self._work = []
        _streams.add(self)

    def __eq__(self, other):
        return isinstance(other, Stream) and self.ptr == other.ptr

    def __hash__(self):
        return self.ptr

    def __enter__(self):
        self._check_device()
        _state.stack = [*_stack(), self]
        return self

    def __exit__(self, *_):
        _state.stack.pop()

    def use(self):
        self._check_device()
        _state.stack = [*_stack()[:-1], self]
        return self

    def _check_device(self):
        if self.device_id not in (-1, device.current()):
            raise RuntimeError(f"The device that the stream is created on ({self.device_id}) does not match")

    @property
    def done(self):
        return not self._work

    def synchronize(self):
        self._finish(len(self._work))

    def record(self, event=None):
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event):
        self._work.append(event.synchronize)

    def _finish(self, count):
        work, self._work[:] = self._work[:count], self._work[count:]
        for job in work:
            job()


class Event:
    def __init__(self, block=False, disable_timing=False, interprocess=False):
        if interprocess and not disable_timing:
            raise ValueError("Timing must be disabled for interprocess events")
        self.ptr = 16 * next(_numbers)
        self._timed = not disable_timing
        self._stream = self._job = self._time = None

    def record(self, stream=None):
        self._stream = stream or get_current_stream()
        self._job = lambda: setattr(self, "_time", time.perf_counter())
        self._stream._work.append(self._job)

    @property
    def done(self):
        return self._stream is None or self._job not in self._stream._work

    def synchronize(self):
        if not self.done:
            self._stream._finish(self._stream._work.index(self._job) + 1)


def _stack():
    return getattr(_state, "stack", None) or [Stream.null]


def get_current_stream(device_id=-1):
    return _stack()[-1]


def get_elapsed_time(start_event, end_event):
    if not start_event._timed or not end_event._timed or None in (start_event._time, end_event._time):
        raise RuntimeError("cudaErrorInvalidResourceHandle: not recorded, not done, or without timing")
    return (end_event._time - start_event._time) * 1e3


Stream.null = Stream(null=True)


def synchronize(number):
    """Do all the work of one device."""
    for stream in list(_streams):
        if stream.device_id in (-1, number):
            stream.synchronize()
