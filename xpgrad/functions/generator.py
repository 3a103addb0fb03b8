"""Generators: the sources of random numbers, and the default one that functions draw from."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, final

from xpgrad.backends import philox
from xpgrad.backends.base import device
from xpgrad.backends.dtypes import uint8
from xpgrad.backends.registry import host_place
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, ArgumentTypeError, OperationError

__all__ = ["Generator", "default_generator", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]

_WORD = 2**64
_FIRST_SEED = 67280421310721


@final
class Generator:
    """A source of random numbers: the place reached in a stream of Philox 4x64. Mirrors ``torch.Generator``.

    The stream is that of ``numpy.random.Philox(key=seed)``, reached by counter, so it is the same on any device.

    Attributes:
        device: The device it was made for; what is drawn does not depend on it.

    >>> import xpgrad as torch
    >>> g = torch.Generator().manual_seed(0)
    >>> state = g.get_state()
    >>> a = torch.rand(3, generator=g)
    >>> bool((torch.rand(3, generator=g.set_state(state)) == a).all())
    True
    """

    def __init__(self, device: device | str | int = "cpu") -> None:
        self.device = _device(device)
        self._philox = philox.Philox(_FIRST_SEED)

    def __repr__(self) -> str:
        return f"<torch._C.Generator object at {id(self):#x}>"

    def manual_seed(self, seed: int) -> Generator:
        """Start again from ``seed``; a negative one counts from 2**64 down.

        Raises:
            OperationError: It is no integer.
            ArgumentError: It lies outside [-2**63, 2**64).
        """
        try:
            number = seed.__index__()
        except AttributeError:
            raise OperationError(f"manual_seed expected a long, but got {type(seed).__name__}: {seed!r:.60}") from None
        if not -_WORD // 2 <= number < _WORD:
            raise ArgumentError(f"Overflow when unpacking long long: a seed lies in [-2**63, 2**64), got {number}")
        self._philox.set_state((number % _WORD, 0, 0, 0))
        return self

    def seed(self) -> int:
        """Start again from a seed that the operating system draws, and return it."""
        seed = int.from_bytes(os.urandom(8), "little")
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed the stream started from."""
        return self._philox.get_state()[0]

    def get_state(self) -> Any:
        """The whole state, a uint8 tensor (32,): seed, stream and the two halves of the counter, 8 bytes each."""
        words = b"".join(word.to_bytes(8, "little") for word in self._philox.get_state())
        place = host_place()
        return make_tensor(place.xp.asarray(list(words), dtype=place.raw_dtype(uint8), device=place.handle), place)

    def set_state(self, new_state: Any) -> Generator:
        """Continue from a state that `get_state` returned.

        Raises:
            ArgumentTypeError: It is no uint8 tensor.
            OperationError: It has not 32 elements.
        """
        if not isinstance(new_state, TensorBase):
            raise ArgumentTypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        place, array = new_state._place, array_of(new_state)
        if place.dtype(array.dtype) is not uint8:
            raise ArgumentTypeError(f"RNG state must be a torch.ByteTensor, got one of {place.dtype(array.dtype)}")
        words = bytes(place.backend.to_host(array).reshape(-1).tolist())
        if len(words) != 32:
            raise OperationError(
                f"Expected a generator state of size 32 but found the input RNG state size to be {len(words)}; pass "
                "what get_state() returned"
            )
        first, second, third, fourth = (int.from_bytes(words[i : i + 8], "little") for i in range(0, 32, 8))
        self._philox.set_state((first, second, third, fourth))
        return self

    def get_offset(self) -> int:
        """How many blocks of 256 bits have been drawn."""
        _, _, low, high = self._philox.get_state()
        return low + high * _WORD

    def set_offset(self, offset: int) -> Generator:
        """Go to where ``offset`` blocks have been drawn."""
        seed, stream, _, _ = self._philox.get_state()
        self._philox.set_state((seed, stream, offset % _WORD, offset // _WORD))
        return self

    def clone_state(self) -> Generator:
        """Another generator at the same place of the same stream."""
        return generator_at(self._philox.get_state(), str(self.device))

    def graphsafe_get_state(self) -> Generator:
        """`clone_state`, under the name that PyTorch has for graphs of a GPU's work."""
        return self.clone_state()

    def graphsafe_set_state(self, state: Generator) -> Generator:
        """Go to the place of another generator."""
        self._philox.set_state(state._philox.get_state())
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return generator_at, (self._philox.get_state(), str(self.device))


def _device(name: device | str | int) -> device:
    return device("cuda", name) if isinstance(name, int) else device(name)


def generator_at(state: tuple[int, int, int, int], device: str = "cpu") -> Generator:
    """A generator at a place in a stream: seed, stream, and the lower and upper word of the counter."""
    generator = Generator(device)
    generator._philox.set_state(state)
    return generator


default_generator = Generator()

# What is drawn from instead of the default generator: a data loader's samples have streams of their own.
substitute: ContextVar[Callable[[], Generator] | None] = ContextVar("substitute", default=None)


def generator_or_default(generator: Generator | None) -> Generator:
    """``generator``, or what functions draw from that are given none.

    Raises:
        ArgumentTypeError: It is something else.
    """
    if generator is None:
        instead = substitute.get()
        return default_generator if instead is None else instead()
    if not isinstance(generator, Generator):
        raise ArgumentTypeError(f"generator: expected a torch.Generator, got {type(generator).__name__}")
    return generator


def manual_seed(seed: int) -> Generator:
    """Start the default generator again from ``seed``. Mirrors ``torch.manual_seed``."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Start the default generator from a seed that the system draws; returns it. Mirrors ``torch.seed``."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator. Mirrors ``torch.initial_seed``."""
    return default_generator.initial_seed()


def get_rng_state() -> Any:
    """The state of the default generator, a uint8 tensor (32,). Mirrors ``torch.get_rng_state``."""
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Continue the default generator from ``new_state``. Mirrors ``torch.set_rng_state``."""
    default_generator.set_state(new_state)
