"""Random numbers: the distributions are what they claim, and the numbers the same on every backend."""

import copy
import pickle

import numpy as np
import pytest
from scipy import stats

import xpgrad
from xpgrad.backends.philox import Philox, uniform

BACKENDS = ["numpy", "numpy-readonly", "strict"]
N = 20_000

# What to draw, and the distribution it should have: the name of one of SciPy's and its parameters.
CONTINUOUS = {
    "rand": (lambda t: t.rand(N), stats.uniform()),
    "randn": (lambda t: t.randn(N, dtype=t.float64), stats.norm()),
    "normal of a mean": (lambda t: t.normal(t.full((N,), 2.0), 3.0), stats.norm(2, 3)),
    "normal of a deviation": (lambda t: t.normal(2.0, t.full((N,), 3.0)), stats.norm(2, 3)),
    "normal of both": (lambda t: t.normal(t.full((N,), 2.0), t.full((1,), 3.0)), stats.norm(2, 3)),
    "uniform_": (lambda t: t.empty(N).uniform_(-1, 3), stats.uniform(-1, 4)),
    "normal_": (lambda t: t.empty(N).normal_(1, 2), stats.norm(1, 2)),
    "log_normal_": (lambda t: t.empty(N).log_normal_(0.5, 0.7), stats.lognorm(0.7, scale=np.exp(0.5))),
    "exponential_": (lambda t: t.empty(N).exponential_(2.5), stats.expon(scale=1 / 2.5)),
    "cauchy_": (lambda t: t.empty(N).cauchy_(1, 2), stats.cauchy(1, 2)),
    "real part": (lambda t: t.randn(N, dtype=t.complex128).real, stats.norm(0, np.sqrt(0.5))),
    "imaginary part": (lambda t: t.rand(N, dtype=t.complex64).imag, stats.uniform()),
}
DISCRETE = {
    "randint": (lambda t: t.randint(3, 8, (N,)), stats.randint(3, 8)),
    "random_": (lambda t: t.empty(N).random_(6), stats.randint(0, 6)),
    "random_ of two ends": (lambda t: t.empty(N, dtype=t.int32).random_(-3, 3), stats.randint(-3, 3)),
    "geometric_": (lambda t: t.empty(N).geometric_(0.3), stats.geom(0.3)),
    "bernoulli": (lambda t: t.bernoulli(t.full((N,), 0.3)), stats.bernoulli(0.3)),
    "bernoulli_": (lambda t: t.empty(N, dtype=t.int64).bernoulli_(0.7), stats.bernoulli(0.7)),
    "bernoulli_ of a tensor": (lambda t: t.empty(N).bernoulli_(t.tensor(0.7)), stats.bernoulli(0.7)),
    "poisson": (lambda t: t.poisson(t.full((N,), 4.5)), stats.poisson(4.5)),
    "binomial": (lambda t: t.binomial(t.full((N,), 9.0), t.tensor(0.4)), stats.binom(9, 0.4)),
    "multinomial": (
        lambda t: t.multinomial(t.tensor([1.0, 0.0, 2.0, 5.0]), N, replacement=True),
        stats.rv_discrete(values=([0, 2, 3], [1 / 8, 2 / 8, 5 / 8])),
    ),
    "first of multinomial": (
        lambda t: t.multinomial(t.tensor([1.0, 0.0, 2.0, 5.0]).expand(N, 4), 2)[:, 0],
        stats.rv_discrete(values=([0, 2, 3], [1 / 8, 2 / 8, 5 / 8])),
    ),
}
DRAWS = {name: make for name, (make, _) in (CONTINUOUS | DISCRETE).items()} | {
    "randperm": lambda t: t.randperm(1000),
    "half": lambda t: t.rand(1000, dtype=t.float32).uniform_(0, 5),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution_function(name):
    make, distribution = CONTINUOUS[name]
    xpgrad.manual_seed(1)
    assert stats.kstest(make(xpgrad).double().numpy(), distribution.cdf).pvalue > 0.01


@pytest.mark.parametrize("name", DISCRETE)
def test_frequencies(name):
    make, distribution = DISCRETE[name]
    xpgrad.manual_seed(1)
    values, counts = np.unique(make(xpgrad).double().numpy(), return_counts=True)
    expected = N * distribution.pmf(values)
    assert np.all(expected > 0)
    often = expected > 5
    rest = [[x[~often].sum()] if (~often).any() else [] for x in (counts, expected)]
    counts, expected = (np.concatenate([x[often], r]) for x, r in zip((counts, expected), rest, strict=True))
    assert stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > 0.01


@pytest.mark.parametrize("name", DRAWS)
def test_every_backend_draws_the_same(name):
    results = []
    for backend in BACKENDS:
        with xpgrad.use_backend(backend):
            xpgrad.manual_seed(3)
            # The second draw shows that the first took as many blocks everywhere.
            results.append([np.array(DRAWS[name](xpgrad).numpy()), np.array(xpgrad.rand(3).numpy())])
    for drawn, after in results[1:]:
        np.testing.assert_allclose(drawn, results[0][0], rtol=2e-4, atol=1e-5)
        np.testing.assert_array_equal(after, results[0][1])


@pytest.mark.parametrize("dtype", [xpgrad.float16, xpgrad.float32, xpgrad.float64])
def test_uniform_numbers_stay_below_one(dtype):
    values = xpgrad.rand(200_000, dtype=dtype)
    assert values.min() >= 0 and values.max() < 1


def test_bits_are_those_of_numpy():
    expected = np.random.Generator(np.random.Philox(key=5)).random(10)
    np.testing.assert_array_equal(xpgrad.rand(10, dtype=xpgrad.float64, generator=generator(5)).numpy(), expected)


def test_small_draws_in_turn_are_one_stream():
    whole = np.asarray(uniform(np_namespace(), Philox(9), (24,), dtype=np.float64))
    source, other = generator(9), generator(10)
    parts = []
    for _ in range(3):
        parts.append(xpgrad.rand(8, dtype=xpgrad.float64, generator=source).numpy())
        xpgrad.rand(5, generator=other)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def np_namespace():
    from xpgrad.backends.registry import get_backend

    return get_backend("numpy").places()[0].xp


def generator(seed):
    return xpgrad.Generator().manual_seed(seed)


def test_the_state_of_a_generator():
    source = generator(2**63 + 7)
    xpgrad.randn(5, generator=source)
    state = source.get_state()
    assert state.dtype is xpgrad.uint8 and state.shape == (32,)
    twins = [source.clone_state(), copy.deepcopy(source), pickle.loads(pickle.dumps(source))]
    twins += [generator(0).set_state(state), generator(0).graphsafe_set_state(source.graphsafe_get_state())]
    expected = xpgrad.rand(4, generator=source).tolist()
    for twin in twins:
        assert twin.initial_seed() == 2**63 + 7
        assert xpgrad.rand(4, generator=twin).tolist() == expected


def test_the_offset_is_the_number_of_blocks():
    source = generator(1)
    xpgrad.rand(9, generator=source)
    assert source.get_offset() == 2
    xpgrad.poisson(xpgrad.ones(100), generator=source)
    assert source.get_offset() == 3
    first = xpgrad.rand(4, generator=generator(1).set_offset(3)).tolist()
    assert xpgrad.rand(4, generator=source).tolist() == first


def test_seeds_of_the_system_differ():
    assert generator(0).seed() != generator(0).seed()


def test_a_state_of_the_wrong_length():
    with pytest.raises(RuntimeError, match="of size 32 but found the input RNG state size to be 5"):
        xpgrad.set_rng_state(xpgrad.zeros(5, dtype=xpgrad.uint8))


def test_cuda_has_the_same_generator():
    state = xpgrad.cuda.get_rng_state()
    expected = xpgrad.rand(3).tolist()
    xpgrad.cuda.set_rng_state(state)
    assert xpgrad.rand(3).tolist() == expected
    xpgrad.cuda.manual_seed(4)
    assert xpgrad.cuda.initial_seed() == xpgrad.initial_seed() == 4
    xpgrad.cuda.set_rng_state_all(xpgrad.cuda.get_rng_state_all())
