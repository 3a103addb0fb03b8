import numpy as np
import pytest
import scipy.linalg

import xpgrad

RANDOM = np.random.default_rng(3)
Q = np.linalg.qr(RANDOM.standard_normal((20, 20)))[0]
A = (Q * np.arange(1.0, 21.0)) @ Q.T
B = np.eye(20) + 0.1 * (lambda m: m @ m.T)(RANDOM.standard_normal((20, 20)))


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("metric", [None, B], ids=["plain", "generalised"])
def test_finds_the_extreme_pairs(metric: np.ndarray | None, largest: bool) -> None:
    given = None if metric is None else xpgrad.tensor(metric)
    values, X = xpgrad.lobpcg(xpgrad.tensor(A), k=2, B=given, largest=largest)
    expected = scipy.linalg.eigh(A, metric)[0]
    np.testing.assert_allclose(values.numpy(), expected[:-3:-1] if largest else expected[:2], rtol=1e-7)
    right = X.numpy() if metric is None else metric @ X.numpy()
    np.testing.assert_allclose(A @ X.numpy(), right * values.numpy(), atol=1e-5)


def test_takes_batches() -> None:
    values, _ = xpgrad.lobpcg(xpgrad.tensor(np.stack([A, 2 * A])), k=1)
    np.testing.assert_allclose(values.numpy(), [[20.0], [40.0]], rtol=1e-7)


@pytest.mark.parametrize("metric", [None, B], ids=["plain", "generalised"])
def test_gradients_agree_with_differences(metric: np.ndarray | None) -> None:
    start = RANDOM.standard_normal((20, 2))
    given = None if metric is None else xpgrad.tensor(metric)

    def loss(a: xpgrad.Tensor) -> xpgrad.Tensor:
        values, X = xpgrad.lobpcg((a + a.mT) / 2, X=xpgrad.tensor(start), B=given, niter=500, tol=1e-11)
        return (values * values).sum() + (X**4).sum()

    a = xpgrad.tensor(A, requires_grad=True)
    loss(a).backward()
    along = RANDOM.standard_normal((20, 20))
    difference = (loss(xpgrad.tensor(A + 1e-5 * along)) - loss(xpgrad.tensor(A - 1e-5 * along))).item() / 2e-5
    assert float((a.grad.numpy() * along).sum()) == pytest.approx(difference, rel=1e-5)


def test_says_what_it_cannot_do() -> None:
    with pytest.raises(RuntimeError, match="smaller than 3 x"):
        xpgrad.lobpcg(xpgrad.eye(5), k=2)
    with pytest.raises(ValueError, match="method"):
        xpgrad.lobpcg(xpgrad.eye(9), method="other")
