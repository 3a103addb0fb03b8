"""Shapes, dtypes, gradients and refusals of random functions. These tests also hold in PyTorch."""

import pytest

import xpgrad as torch

X, DOUBLE, INTEGERS = torch.zeros(3), torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.int64)
COMPLEX, BOOLEANS, BYTES = (torch.zeros(3, dtype=d) for d in (torch.complex64, torch.bool, torch.uint8))

MADE = {
    "torch.rand(2, 3)": (torch.float32, (2, 3)),
    "torch.rand(2, dtype=torch.complex64)": (torch.complex64, (2,)),
    "torch.randn((2, 3), dtype=torch.float64)": (torch.float64, (2, 3)),
    "torch.randn(2, dtype=torch.complex128)": (torch.complex128, (2,)),
    "torch.randn(2, dtype=torch.float16)": (torch.float16, (2,)),
    "torch.rand(2, out=torch.zeros(2, dtype=torch.float64))": (torch.float64, (2,)),
    "torch.randint(3, (2,))": (torch.int64, (2,)),
    "torch.randint(1, 3, (2,))": (torch.int64, (2,)),
    "torch.randint(high=4, size=(2,))": (torch.int64, (2,)),
    "torch.randint(low=1, high=4, size=(2,))": (torch.int64, (2,)),
    "torch.randint(3, (2,), dtype=torch.float32)": (torch.float32, (2,)),
    "torch.randint(2, (2,), dtype=torch.bool)": (torch.bool, (2,)),
    "torch.randint(0, 3, (2,), out=torch.zeros(2))": (torch.float32, (2,)),
    "torch.randint(3, (2,), out=torch.zeros(2, dtype=torch.int32))": (torch.int32, (2,)),
    "torch.randperm(5)": (torch.int64, (5,)),
    "torch.randperm(5, dtype=torch.float16)": (torch.float16, (5,)),
    "torch.rand_like(X)": (torch.float32, (3,)),
    "torch.randn_like(X, dtype=torch.float64)": (torch.float64, (3,)),
    "torch.rand_like(X, generator=torch.Generator())": (torch.float32, (3,)),
    "torch.randint_like(X, 3)": (torch.float32, (3,)),
    "torch.randint_like(X, torch.tensor(3))": (torch.float32, (3,)),
    "torch.randint_like(X, high=3)": (torch.float32, (3,)),
    "torch.randint_like(INTEGERS, 1, 3, dtype=torch.int32)": (torch.int32, (3,)),
    "torch.normal(0.0, 1.0, (2,))": (torch.float32, (2,)),
    "torch.normal(0, 1, size=(2,), dtype=torch.float64)": (torch.float64, (2,)),
    "torch.normal(mean=X)": (torch.float32, (3,)),
    "torch.normal(X, 2.0)": (torch.float32, (3,)),
    "torch.normal(0.0, DOUBLE)": (torch.float64, (3,)),
    "torch.normal(X, DOUBLE)": (torch.float32, (3,)),
    "torch.normal(X, torch.ones(2, 1))": (torch.float32, (2, 3)),
    "torch.normal(X, INTEGERS)": (torch.float32, (3,)),
    "torch.normal(COMPLEX, X)": (torch.complex64, (3,)),
    "torch.bernoulli(X)": (torch.float32, (3,)),
    "torch.bernoulli(X, 0.5)": (torch.float32, (3,)),
    "torch.bernoulli(INTEGERS, p=0.5)": (torch.int64, (3,)),
    "torch.bernoulli(X, out=torch.zeros(3, dtype=torch.int64))": (torch.int64, (3,)),
    "X.bernoulli()": (torch.float32, (3,)),
    "torch.zeros(3).bernoulli_(torch.tensor(0.5))": (torch.float32, (3,)),
    "torch.poisson(X + 3)": (torch.float32, (3,)),
    "torch.poisson(DOUBLE)": (torch.float64, (3,)),
    "torch.binomial(X + 3, X + 0.5)": (torch.float32, (3,)),
    "torch.binomial(X + 3, torch.tensor(0.5))": (torch.float32, (3,)),
    "torch.multinomial(X + 1, 2)": (torch.int64, (2,)),
    "torch.multinomial(torch.ones(2, 3), 5, True)": (torch.int64, (2, 5)),
    "torch.multinomial(torch.ones(0, 3), 2)": (torch.int64, (0, 2)),
    "(X + 1).multinomial(2)": (torch.int64, (2,)),
    "torch.zeros(3, dtype=torch.complex64).uniform_()": (torch.complex64, (3,)),
    "torch.zeros(3).uniform_(**{'from': 1, 'to': 2})": (torch.float32, (3,)),
    "torch.zeros(3, dtype=torch.complex64).normal_(1, 2)": (torch.complex64, (3,)),
    "torch.zeros(3, dtype=torch.int64).geometric_(0.5)": (torch.int64, (3,)),
    "torch.zeros(3, dtype=torch.bool).random_()": (torch.bool, (3,)),
    "torch.zeros(3).random_(**{'from': 1, 'to': 5})": (torch.float32, (3,)),
    "torch.zeros(3, dtype=torch.int64).random_(2**63 - 1, None)": (torch.int64, (3,)),
}

REFUSED = {
    "torch.rand(2, dtype=torch.int64)": (NotImplementedError, "not implemented for 'Long'"),
    "torch.randn(2, dtype=torch.bool)": (NotImplementedError, "not implemented for 'Bool'"),
    "torch.rand(-1)": (RuntimeError, "negative dimension -1"),
    "torch.rand_like(INTEGERS)": (NotImplementedError, "not implemented for 'Long'"),
    "torch.rand(2, generator=3)": (TypeError, None),
    "torch.rand(2, out=torch.zeros(2), dtype=torch.float64)": (
        RuntimeError,
        "dtype Double does not match dtype",
    ),
    "torch.randint(5, 3, (2,))": (RuntimeError, "random_ expects 'from' to be less than 'to', but got from=5 >= to=3"),
    "torch.randint(3, (2,), dtype=torch.bool)": (RuntimeError, "to - 1 is out of bounds for bool"),
    "torch.randint(0, 300, (2,), dtype=torch.uint8)": (RuntimeError, "to - 1 is out of bounds for unsigned char"),
    "torch.randint(3, (2,), dtype=torch.complex64)": (RuntimeError, "check_random_bounds handles only"),
    "torch.randperm(-1)": (RuntimeError, "negative"),
    "torch.randperm(300, dtype=torch.uint8)": (RuntimeError, "value cannot be converted to type"),
    "torch.normal(0, 1)": (TypeError, "invalid combination of arguments"),
    "torch.normal(X, -1.0)": (RuntimeError, "normal expects std >= 0.0, but found std -1"),
    "torch.normal(X, X - 1)": (RuntimeError, "normal expects all elements of std >= 0.0"),
    "torch.normal(INTEGERS)": (NotImplementedError, "not implemented for 'Long'"),
    "torch.normal(X, COMPLEX)": (RuntimeError, "normal expects standard deviation to be non-complex"),
    "torch.normal(X, torch.ones(4))": (RuntimeError, None),
    "torch.bernoulli(INTEGERS)": (NotImplementedError, "not implemented for 'Long'"),
    "torch.bernoulli(X + 2)": (RuntimeError, "Expected p_in >= 0 && p_in <= 1"),
    "torch.bernoulli(X, 2.0)": (RuntimeError, r"bernoulli_ expects p to be in \[0, 1\], but got p=2"),
    "torch.bernoulli(COMPLEX)": (NotImplementedError, "not implemented for 'ComplexFloat'"),
    "X.bernoulli_(torch.tensor([0.5, 0.2]))": (RuntimeError, None),
    "X.bernoulli_(INTEGERS)": (NotImplementedError, "not implemented for 'Long'"),
    "torch.multinomial(X, 2)": (RuntimeError, r"invalid multinomial distribution \(sum of probabilities <= 0\)"),
    "torch.multinomial(X + 1, 4)": (RuntimeError, "cannot sample n_sample > prob_dist.size"),
    "torch.multinomial(X + 1, 0)": (RuntimeError, "cannot sample n_sample <= 0 samples"),
    "torch.multinomial(X - 1, 2)": (RuntimeError, "probability tensor contains either `inf`, `nan` or element < 0"),
    "torch.multinomial(INTEGERS + 1, 2)": (RuntimeError, "only supports floating-point dtypes for input, got: Long"),
    "torch.multinomial(torch.ones(2, 3, 4), 2)": (RuntimeError, "prob_dist must be 1 or 2 dim"),
    "torch.multinomial(X + 1, 2, out=torch.zeros(2))": (
        RuntimeError,
        "expects Long tensor out, got: Float",
    ),
    "torch.poisson(INTEGERS)": (NotImplementedError, "not implemented for 'Long'"),
    "torch.poisson(X - 1)": (RuntimeError, "invalid Poisson rate, expected rate to be non-negative"),
    "torch.binomial(INTEGERS, X)": (ValueError, "binomial only supports floating-point dtypes for count, got: Long"),
    "torch.binomial(DOUBLE, X)": (RuntimeError, "Found dtype Float but expected Double"),
    "X.uniform_(2, 1)": (RuntimeError, r"uniform_ expects to return a \[from, to\) range, but found from=2 > to=1"),
    "X.uniform_(-3e38, 3e38)": (RuntimeError, "to-from to exceed the limit"),
    "X.half().uniform_(0, 70000)": (RuntimeError, "to is out of bounds for"),
    "INTEGERS.uniform_()": (NotImplementedError, "not implemented for 'Long'"),
    "X.normal_(0, -1)": (RuntimeError, "normal expects std >= 0.0, but found std -1"),
    "INTEGERS.normal_()": (NotImplementedError, "not implemented for 'Long'"),
    "X.exponential_(0)": (RuntimeError, "exponential_ expects lambda > 0.0, but found lambda=0"),
    "INTEGERS.exponential_()": (RuntimeError, "Exponential distribution is a continuous probability distribution"),
    "X.geometric_(1.5)": (RuntimeError, r"geometric_ expects p to be in \(0, 1\), but got p=1.5"),
    "BOOLEANS.geometric_(0.5)": (NotImplementedError, "not implemented for 'Bool'"),
    "X.geometric_()": (TypeError, "p"),
    "X.cauchy_(0, 0)": (RuntimeError, "cauchy_ expects sigma > 0.0, but found sigma=0"),
    "INTEGERS.cauchy_()": (RuntimeError, "Cauchy distribution is a continuous probability distribution"),
    "X.log_normal_(0, 0)": (RuntimeError, "log_normal_ expects std > 0.0, but found std=0"),
    "INTEGERS.log_normal_()": (NotImplementedError, "not implemented for 'Long'"),
    "X.random_(3, 3)": (RuntimeError, "random_ expects 'from' to be less than 'to', but got from=3 >= to=3"),
    "INTEGERS.random_(0)": (RuntimeError, "random_ expects 'from' to be less than 'to', but got from=0 >= to=0"),
    "BYTES.random_(-3, 5)": (RuntimeError, "from is out of bounds for unsigned char"),
    "COMPLEX.random_()": (NotImplementedError, "not implemented for 'ComplexFloat'"),
    "torch.set_rng_state(torch.zeros(5))": (TypeError, "RNG state must be a torch.ByteTensor"),
    "torch.set_rng_state((1, 2))": (TypeError, "expected a torch.ByteTensor, but got tuple"),
    "torch.Generator().manual_seed(2**64)": (ValueError, "Overflow when unpacking long long"),
    "torch.Generator().manual_seed(1.5)": (RuntimeError, "manual_seed expected a long, but got float"),
}

NODES = {
    "torch.bernoulli(x)": "BernoulliBackward0",
    "torch.poisson(x)": "PoissonBackward0",
    "torch.normal(x, 1.0)": "NormalBackward1",
    "torch.normal(1.0, x)": "NormalBackward2",
    "torch.normal(x, x)": "NormalBackward3",
    "(x * 1).uniform_()": "UniformBackward0",
    "(x * 1).normal_()": "NormalBackward0",
    "(x * 1).exponential_()": "ExponentialBackward0",
    "(x * 1).geometric_(0.5)": "GeometricBackward0",
    "(x * 1).cauchy_()": "CauchyBackward0",
    "(x * 1).log_normal_()": "LogNormalBackward0",
    "(x * 1).random_()": "RandomBackward2",
    "(x * 1).random_(3)": "RandomBackward1",
    "(x * 1).random_(1, 3)": "RandomBackward0",
    "(x * 1).bernoulli_(x)": "BernoulliBackward1",
    "(x * 1).bernoulli_()": "BernoulliBackward2",
}


@pytest.mark.parametrize("program", MADE)
def test_shape_and_dtype(program):
    made = eval(program)
    assert (made.dtype, tuple(made.shape)) == MADE[program]


@pytest.mark.parametrize("program", REFUSED)
def test_refusals(program):
    kind, message = REFUSED[program]
    with pytest.raises(kind, match=message):
        eval(program)


@pytest.mark.parametrize("program", NODES)
def test_samples_have_a_gradient_of_zero(program):
    x = torch.full((3,), 0.5, requires_grad=True)
    sample = eval(program, {"torch": torch, "x": x})
    assert sample.grad_fn.name() == NODES[program]
    sample.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("method", ["uniform_", "normal_", "random_"])
def test_leaves_that_require_grad_are_not_filled(method):
    x = torch.zeros(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        getattr(x, method)()
    with torch.no_grad():
        getattr(x, method)()
    assert x.requires_grad


def test_a_part_of_a_tensor_is_filled_by_its_view():
    x = torch.zeros(4, requires_grad=True)
    y = x * 3
    y[1:3].uniform_()
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 0.0, 0.0, 3.0]


def test_a_fork_puts_the_generator_back():
    torch.manual_seed(5)
    with torch.random.fork_rng():
        first = torch.rand(3)
        torch.manual_seed(99)
    assert torch.equal(torch.rand(3), first)
    with torch.random.fork_rng(enabled=False):
        torch.manual_seed(5)
    assert torch.equal(torch.rand(3), first)


def test_states_and_seeds():
    assert torch.manual_seed(3) is torch.default_generator
    assert torch.initial_seed() == torch.random.initial_seed() == 3
    state = torch.get_rng_state()
    assert state.dtype == torch.uint8
    first = torch.randn(4)
    torch.set_rng_state(state)
    assert torch.equal(torch.randn(4), first)
    assert torch.initial_seed() == 3
    assert torch.Generator().manual_seed(-1).initial_seed() == 2**64 - 1
    assert torch.Generator().device == torch.device("cpu")
    assert torch.random.thread_safe_generator() is None


def test_multinomial_without_replacement_takes_each_index_once():
    drawn = torch.multinomial(torch.ones(50, 6), 6)
    assert torch.equal(drawn.sort(1).values, torch.arange(6).expand(50, 6))


def test_binomial_clips_its_parameters():
    assert torch.binomial(torch.tensor([-3.0, 4.0, 5.0]), torch.tensor([0.5, 1.5, -1.0])).tolist() == [0.0, 4.0, 0.0]
