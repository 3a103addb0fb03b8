"""Samplers: what they promise about which indices come, and that a seed is their whole state."""

from collections import Counter

import pytest

import xpgrad
from xpgrad.data import BatchSampler, RandomSampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler
from xpgrad.functions.generator import Generator


def seeded(seed=0):
    return Generator().manual_seed(seed)


def test_sequential():
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    assert len(SequentialSampler("abc")) == 3


def test_random_order():
    sampler = RandomSampler(range(50), generator=seeded())
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
    assert len(sampler) == 50


def test_more_samples_than_there_are():
    indices = list(RandomSampler(range(5), num_samples=12, generator=seeded()))
    assert [sorted(indices[i : i + 5]) for i in (0, 5)] == [list(range(5))] * 2
    assert len(set(indices[10:])) == 2


def test_with_replacement():
    counts = Counter(RandomSampler(range(4), replacement=True, num_samples=4000, generator=seeded()))
    assert sorted(counts) == [0, 1, 2, 3]
    # Five standard deviations.
    assert all(abs(count - 1000) < 5 * 750**0.5 for count in counts.values())


def test_a_subset():
    sampler = SubsetRandomSampler([3, 5, 7], generator=seeded())
    assert sorted(sampler) == [3, 5, 7]
    assert len(sampler) == 3


def test_weights():
    sampler = WeightedRandomSampler([1, 0, 3], 4000, generator=seeded())
    counts = Counter(sampler)
    assert sorted(counts) == [0, 2]
    assert abs(counts[2] - 3000) < 5 * 750**0.5
    assert len(sampler) == 4000


def test_weights_without_replacement():
    firsts = Counter()
    generator = seeded()
    for _ in range(1000):
        drawn = list(WeightedRandomSampler([1, 3, 0], 2, replacement=False, generator=generator))
        assert sorted(drawn) == [0, 1]
        firsts[drawn[0]] += 1
    assert abs(firsts[1] - 750) < 5 * 187.5**0.5


@pytest.mark.parametrize(
    "make",
    [
        lambda: RandomSampler(range(20)),
        lambda: RandomSampler(range(20), replacement=True),
        lambda: SubsetRandomSampler(range(20)),
        lambda: WeightedRandomSampler([1.0] * 20, 5),
        lambda: WeightedRandomSampler([1.0] * 20, 5, replacement=False),
    ],
)
def test_a_seed_is_all_of_the_state(make):
    sampler = make()
    order, state = list(sampler), sampler.state_dict()
    xpgrad.manual_seed(1)
    other = make()
    other.load_state_dict(state)
    assert list(other) == order
    assert list(other) != order


def test_batches_of_anything():
    assert list(BatchSampler("abcde", 2, False)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(BatchSampler("abcde", 2, True)) == [["a", "b"], ["c", "d"]]
    assert (len(BatchSampler("abcde", 2, False)), len(BatchSampler("abcde", 2, True))) == (3, 2)


ERRORS = {
    "num_samples should be a positive integer value, but got num_samples=0": lambda: RandomSampler([]),
    "num_samples should be a positive integer value, but got num_samples=1.5": lambda: WeightedRandomSampler([1], 1.5),
    "replacement should be a boolean value, but got replacement=2": lambda: WeightedRandomSampler([1], 1, 2),
    "weights should be a 1d sequence but given weights have shape (1, 1)": lambda: WeightedRandomSampler([[1]], 1),
    "weights should be finite, not negative and not all zero": lambda: WeightedRandomSampler([1, -1], 1),
    "batch_size should be a positive integer value, but got batch_size=True": lambda: BatchSampler([0], True, False),
}


@pytest.mark.parametrize("text", ERRORS)
def test_errors(text):
    with pytest.raises(ValueError) as error:
        ERRORS[text]()
    assert str(error.value).startswith(text)


def test_other_errors():
    with pytest.raises(TypeError, match="replacement should be a boolean value, but got replacement=1"):
        RandomSampler([0], replacement=1)
    with pytest.raises(RuntimeError, match=r"samples without replacement: 2 of 1 with a positive weight"):
        WeightedRandomSampler([1, 0], 2, replacement=False)
