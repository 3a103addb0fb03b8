import threading

_state = threading.local()


def current() -> int:
    return getattr(_state, "stack", [0])[-1]


def use(number: int) -> None:
    _state.stack = [*getattr(_state, "stack", [0])[:-1], number]


class Device:
    __hash__ = None
    cublas_handle = 4711
    mem_info = (10_000, 20_000)

    def __init__(self, device=None):
        self.id = current() if device is None else int(device)

    def __int__(self):
        return self.id

    def __eq__(self, other):
        return isinstance(other, Device) and self.id == other.id

    def __repr__(self):
        return f"<CUDA Device {self.id}>"

    def __enter__(self):
        _state.stack = [*getattr(_state, "stack", [0]), self.id]
        return self

    def __exit__(self, *_):
        _state.stack.pop()

    def use(self):
        use(self.id)

    def synchronize(self):
        from cupy.cuda import stream

        stream.synchronize(self.id)
