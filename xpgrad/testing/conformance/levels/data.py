"""Loading data: batches are on the backend, and are those that NumPy gives, whoever loads them."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from xpgrad import random
from xpgrad.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
    sample_generator,
    transforms,
)
from xpgrad.functions.creation import full
from xpgrad.functions.generator import Generator
from xpgrad.functions.random import rand
from xpgrad.tensor.conversion import tensor
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.experiments import Experiments, ask, given, needs
from xpgrad.testing.conformance.layers.layer import normal, uniform
from xpgrad.testing.conformance.subject import Subject

LEVEL = Level("data", "Data loading")

DATA = Experiments()

X: Final = normal(10, 3)
Pair = namedtuple("Pair", "first second")


class _Samples(Dataset[Any]):
    """A tensor made on the default device, with noise of its own, and its number."""

    def __init__(self, size: int = 10) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Any:
        return full((2,), float(index)) + rand(2, generator=sample_generator()), index


class _Stream(IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        return (tensor([float(i), -float(i)]) for i in range(7))


def _loader(dataset: Any, **settings: Any) -> Any:
    return DataLoader(dataset, **settings)


def _pairs(here: Subject) -> TensorDataset:
    return TensorDataset(given(here, X), given(here, np.arange(10)))


@DATA.add("collate")
def _(here: Subject) -> Any:
    samples = [
        {"x": given(here, X[i]), "n": i, "both": (str(i), given(here, i)), "pair": Pair(i, given(here, X[i, :1]))}
        for i in range(3)
    ]
    batch = default_collate(samples)
    return {"batch": batch, "pair": type(batch["pair"]) is Pair}


@DATA.add("collate,floats", needs=["float64"])
def _(here: Subject) -> Any:
    return default_collate([(0.5, True), (1.5, False)])


@DATA.add("TensorDataset")
def _(here: Subject) -> Any:
    return {"sample": _pairs(here)[3], "batches": list(_loader(_pairs(here), batch_size=4))}


@DATA.add("shuffle")
def _(here: Subject) -> Any:
    loader = _loader(_pairs(here), batch_size=4, shuffle=True)
    own = _loader(_pairs(here), batch_size=4, shuffle=True, generator=Generator().manual_seed(3))
    return {"passes": [list(loader), list(loader)], "own": list(own), "state": random.get_rng_state().tolist()}


@DATA.add("drop_last")
def _(here: Subject) -> Any:
    loader = _loader(_pairs(here), batch_size=4, drop_last=True, pin_memory=True)
    return {"batches": list(loader), "length": len(loader)}


@DATA.add("sampler")
def _(here: Subject) -> Any:
    sampler = WeightedRandomSampler(given(here, uniform(10)), 8)
    return list(_loader(_pairs(here), batch_size=3, sampler=sampler))


@DATA.add("subsets")
def _(here: Subject) -> Any:
    first, second = random_split(_pairs(here), [0.3, 0.7])
    joined = ConcatDataset([Subset(_pairs(here), [5, 2]), first])
    return [list(_loader(part, batch_size=3)) for part in (first, second, joined)]


for _workers in (0, 2):

    @DATA.add(f"workers={_workers}")
    def _(here: Subject, workers: int = _workers) -> Any:
        """What samples draw does not depend on who loads them."""
        loader = _loader(_Samples(), batch_size=3, shuffle=True, num_workers=workers)
        return list(loader)

    @DATA.add(f"stream,workers={_workers}")
    def _(here: Subject, workers: int = _workers) -> Any:
        return list(_loader(_Stream(), batch_size=3, num_workers=workers))

    @DATA.add(f"resumed,workers={_workers}")
    def _(here: Subject, workers: int = _workers) -> Any:
        def loader() -> Any:
            return _loader(_Samples(), batch_size=3, shuffle=True, num_workers=workers)

        first = loader()
        batches = iter(first)
        begun = [next(batches), next(batches)]
        second = loader()
        second.load_state_dict(first.state_dict())
        return {"begun": begun, "rest": list(second), "expected": list(batches)}


@DATA.add("resumed,TensorDataset")
def _(here: Subject) -> Any:
    first, second = (_loader(_pairs(here), batch_size=3, shuffle=True) for _ in range(2))
    batches = iter(first)
    next(batches)
    second.load_state_dict(first.state_dict())
    return {"rest": list(second), "expected": list(batches)}


@DATA.add("host-arrays")
def _(here: Subject) -> Any:
    """Arrays on the host stay there until they are moved."""
    loader = _loader([(x, i) for i, x in enumerate(X)], batch_size=4, collate_fn=default_collate)
    return [[part.to(here.place.device) for part in batch] for batch in loader]


_IMAGE: Final = uniform(3, 6, 8)

_TRANSFORMS: Final[Mapping[str, Any]] = {
    "CenterCrop": transforms.CenterCrop(4),
    "Normalize": transforms.Normalize([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
    "Pad": transforms.Pad(2, fill=0.5),
    "RandomCrop": transforms.RandomCrop(4, padding=1),
    "RandomHorizontalFlip": transforms.RandomHorizontalFlip(),
    "RandomVerticalFlip": transforms.RandomVerticalFlip(),
    "Compose": transforms.Compose(
        [transforms.Pad(1), transforms.RandomCrop((5, 6)), transforms.Lambda(lambda x: x * 2)]
    ),
}

for _name, _transform in _TRANSFORMS.items():

    @DATA.add(f"transforms/{_name}", tolerance=1e-4)
    def _(here: Subject, transform: Any = _transform) -> Any:
        return [transform(given(here, _IMAGE)) for _ in range(3)]


@DATA.add("transforms/ToTensor")
def _(here: Subject) -> Any:
    image = (255 * _IMAGE).astype(np.uint8).transpose(1, 2, 0)
    return transforms.ToTensor()(image)


LEVEL.each(DATA, needs=needs)(ask)
