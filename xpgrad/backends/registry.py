"""Everything the layers above ask of backends in general: which there are, which is meant, which has an array."""

from __future__ import annotations

from xpgrad.backends.listing import BackendReport, describe_backends, registered_backends
from xpgrad.backends.loading import get_backend, loaded_backends, place_for, register_backend
from xpgrad.backends.selection import (
    default_place,
    get_default_device,
    host_place,
    resolve,
    set_default_backend,
    set_default_device,
    use_backend,
)
from xpgrad.backends.transfer import transfer

__all__ = [
    "BackendReport",
    "default_place",
    "describe_backends",
    "get_backend",
    "get_default_device",
    "host_place",
    "loaded_backends",
    "place_for",
    "register_backend",
    "registered_backends",
    "resolve",
    "set_default_backend",
    "set_default_device",
    "transfer",
    "use_backend",
]
