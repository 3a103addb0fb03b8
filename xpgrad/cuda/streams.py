"""Streams, in whose order a CUDA device works, and events, which mark places in them: CuPy's, under PyTorch's names."""

from __future__ import annotations

from typing import Any, final

from xpgrad.backends.base import Place
from xpgrad.backends.base import device as _device
from xpgrad.cuda.devices import DeviceLike, cupys, place_of
from xpgrad.errors import ArgumentError


@final
class Stream:
    """Work of one device that is done in order. Mirrors ``torch.cuda.Stream``.

    As in PyTorch it does not wait for the default stream by itself: `wait_stream` does. It is a context too, in which
    it is the current stream.

    Args:
        device: Where; the current device by default.
        priority: The lower, the sooner it is served; 0 by default.

    Raises:
        BackendError: There is no such device.

    Attributes:
        device: Where it works.
    """

    def __init__(self, device: DeviceLike = None, priority: int = 0) -> None:
        place = place_of(device)
        with cupys(place):
            self._begin(place, place.backend.runtime.Stream(non_blocking=True, priority=priority))

    def _begin(self, place: Place, stream: Any) -> None:
        self._place = place
        self.device: _device = place.device
        self._stream = stream
        self._contexts: list[_Current] = []

    @property
    def cuda_stream(self) -> int:
        """The address that CUDA knows it by, 0 for the default stream."""
        return int(self._stream.ptr)

    @property
    def priority(self) -> int:
        """The lower, the sooner it is served."""
        return int(self._stream.priority)

    def synchronize(self) -> None:
        """Wait until all its work is done."""
        with cupys(self._place):
            self._stream.synchronize()

    def query(self) -> bool:
        """Whether all its work is done."""
        with cupys(self._place):
            return bool(self._stream.done)

    def record_event(self, event: Event | None = None) -> Event:
        """Mark this place in it, by ``event`` or a new one."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        """Do what is asked from now on after ``event``."""
        event.wait(self)

    def wait_stream(self, stream: Stream) -> None:
        """Do what is asked from now on after what ``stream`` has been asked."""
        self.wait_event(stream.record_event())

    def __enter__(self) -> Stream:
        context = _Current(self)
        context.__enter__()
        self._contexts.append(context)
        return self

    def __exit__(self, *raised: Any) -> None:
        self._contexts.pop().__exit__(*raised)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stream):
            return NotImplemented
        return (self.device, self.cuda_stream) == (other.device, other.cuda_stream)

    def __hash__(self) -> int:
        return hash((self.device, self.cuda_stream))

    def __repr__(self) -> str:
        return f"<torch.cuda.Stream device={self.device} cuda_stream={self.cuda_stream:#x}>"


@final
class Event:
    """A place in the work of a device, to wait for or to tell the time by. Mirrors ``torch.cuda.Event``.

    Args:
        enable_timing: Whether `elapsed_time` will be asked.
        blocking: Sleep while waiting, instead of looking again and again.
        interprocess: Refused: CuPy's events stay in their process.

    Raises:
        ArgumentError: It is asked to be shared between processes.
    """

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        if interprocess:
            raise ArgumentError(
                "Event(interprocess=True): events cannot be shared between processes here; leave it out"
            )
        self._settings = {"block": blocking, "disable_timing": not enable_timing}
        self._place: Place | None = None
        self._event: Any = None

    def record(self, stream: Stream | None = None) -> None:
        """Mark this place in ``stream``, the current one by default.

        Raises:
            BackendError: There is no CUDA device.
        """
        stream = current_stream() if stream is None else stream
        place = stream._place
        with cupys(place):
            if self._event is None:
                self._place, self._event = place, place.backend.runtime.Event(**self._settings)
            self._event.record(stream._stream)

    def wait(self, stream: Stream | None = None) -> None:
        """Make ``stream``, the current one by default, do what it is asked from now on after this."""
        if self._event is not None:
            stream = current_stream() if stream is None else stream
            with cupys(stream._place):
                stream._stream.wait_event(self._event)

    def query(self) -> bool:
        """Whether what was asked before this is done."""
        return self._event is None or bool(self._event.done)

    def synchronize(self) -> None:
        """Wait until what was asked before this is done."""
        if self._event is not None:
            self._event.synchronize()

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds from this to ``end_event``, both of which are done.

        Raises:
            ArgumentError: One of them was never recorded, or without timing.
        """
        for event in (self, end_event):
            if event._event is None or event._settings["disable_timing"]:
                raise ArgumentError(
                    "Both events must be recorded before calculating elapsed time, and be made with "
                    "Event(enable_timing=True)"
                )
        assert self._place is not None
        return float(self._place.backend.runtime.get_elapsed_time(self._event, end_event._event))


@final
class _Current:
    """A context in which ``stream`` and its device are the current ones; nothing changes if it is None."""

    def __init__(self, stream: Stream | None) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        if self.stream is not None:
            cupys(self.stream._place).__enter__()
            self.stream._stream.__enter__()

    def __exit__(self, *raised: Any) -> None:
        if self.stream is not None:
            self.stream._stream.__exit__(*raised)
            cupys(self.stream._place).__exit__(*raised)


StreamContext = _Current


def stream(stream: Stream | None) -> _Current:
    """A context in which ``stream`` and its device are the current ones; nothing changes if it is None."""
    return _Current(stream)


def current_stream(device: DeviceLike = None) -> Stream:
    """The stream in which the device works for this thread.

    Raises:
        BackendError: There is no such device.
    """
    place = place_of(device)
    found = place.backend.runtime.get_current_stream(place.device.index or 0)
    return _known(place, found)


def default_stream(device: DeviceLike = None) -> Stream:
    """The stream in which a device works when nobody says.

    Raises:
        BackendError: There is no such device.
    """
    place = place_of(device)
    return _known(place, place.backend.runtime.Stream.null)


def set_stream(stream: Stream | None) -> None:
    """Make ``stream`` the current one in this thread, and its device the current one; nothing if it is None."""
    if stream is not None:
        cupys(stream._place).use()
        stream._stream.use()


def _known(place: Place, stream: Any) -> Stream:
    """A stream of CuPy's under PyTorch's names."""
    made = Stream.__new__(Stream)
    made._begin(place, stream)
    return made
