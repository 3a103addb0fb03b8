"""Programs that PyTorch refuses: refused here too, with the same built-in exception and the same first words."""

import pytest
import torch
from twin import failure

import xpgrad
from xpgrad.testing.conformance.programs.running import split

SAME_WORDS = """
x + torch.ones(5)   torch.ones(2, 3) * torch.ones(4, 3)   x < torch.ones(5)   torch.where(m, x, torch.ones(5))   x @ x
torch.mm(x, y)   x @ d.t()   torch.bmm(b, x)   torch.bmm(b, b)   y @ torch.ones(3)   torch.dot(y, x[:, 0])   s @ y
b @ torch.ones(3, 4, 5)   torch.dot(x, x)   x @ 2   torch.addmm(y, x, x) x @ torch.ones(3)   torch.inner(x, y[:2])
x.sum(2)   x.sum(-3)   x.mean(5)   x.sum((0, 0))   i.mean()   x.max(2)   x.argmax(3)   x.softmax(2)   x.cumsum(2)
e.max()   e.argmax()   x.sort(3)   x.topk(9)   x.norm(2, 5)   i.var()   x.reshape(5)   x.reshape(-1, -1)
x.reshape(-1, 5)   x.view(5, 2)   x.t().view(12)   x.view(-2, 6)   x.permute(0)   x.permute(0, 0)   x.permute(0, 2)
x.transpose(0, 2)   b.t()   x.flatten(1, 0)   x.expand(2, 4) y.expand(-1, 4)   x.repeat(2)   x.unsqueeze(3)
x.squeeze(2)   x.unflatten(1, (3, 2))   x.movedim(0, 2)   x.roll(1, 5)   x.flip(2)   y.mT   torch.cat([x, y])
torch.cat([x, 1])   torch.cat(x)   torch.cat(1)   c = torch.zeros(4, 3); torch.cat((c[:2], c), out=c[:1])
c = torch.tensor([2, 1, 0]); torch.gather(c.clone(), 0, c[1:], out=c[:1])
c = torch.zeros(0); torch.cat((c, y.detach()), out=c)
torch.cat([x, a])   torch.stack([x, y])   torch.stack([])   x.split(0)   x.split([1, 1])   x.chunk(0)   x.unbind(2)
s.unbind()   x.select(0, 5)   x.narrow(0, 2, 2)   x[5]   x[0, 7]   x[0, 0, 0]   s[0]   s[:]   x[1.0]   x[::0]
x[k, k[:2]]   x[torch.tensor([7])]   x[m[:2]]   x[x]   x[[5]]   x[None, 9]   x[m, 0]   x.gather(1, k)   x.gather(2, j)
x.gather(1, j + 9)   x.scatter(1, j + 9, 1.0)   x.masked_fill(i, 1)   x.masked_fill(m, y)   x.index_select(2, k)
c = x * 1; c[0] = torch.ones(5); c   c = x * 1; c[5] = 0; c   x[0] = 1; x   x[m] = 1; x
c = x * 1; c[m] = torch.ones(3); c   c = s * 1; c[0] = 1; c   x.add_(1)   torch.ones(4).add_(x) x.numpy()
(x * 1).fill_(y)   x.item()   bool(x)   bool(e)   float(x)   int(x)   len(s)   [1][x]   [1][s]   list(s)
x.tolist().foo   hash(x) and x.foo   iter(s)   range(s)   x.grad.data   format(x, ".2f")   f"{x:.2f}"   "%d" % x
torch.tensor([[1], [1, 2]])   torch.tensor("a")   torch.tensor([1, "a"])   torch.tensor(None)   torch.tensor([None])
torch.tensor({})   torch.tensor([1], requires_grad=True)   torch.arange(0, 1, 0)   torch.arange(0, 1, -1)
torch.arange(0, 3, 0.5, dtype=torch.int64)   torch.arange(3, dtype=torch.float64, out=torch.zeros(0))
x.narrow_copy(-3, 0, 0)   torch.narrow_copy(x, 0, 2, 2)
torch.linspace(0, 1, -1)   torch.from_numpy([1])   torch.from_numpy(np.array(["a"]))   torch.as_tensor("a")
torch.FloatTensor("a")   torch.randint(5, 2, (2,))   torch.randint(0, (2,))   torch.manual_seed("a")   torch.rand(-1)
torch.exp(1)   torch.relu("a")   torch.exp()   x.foo()   x + "a"   x + None   x + [1]   "a" + x   x < "a"   -m   m - m
x ** "a"   torch.logical_and(x, "a") i % 0   torch.clamp(x)   torch.div(x, 2, rounding_mode="up")
torch.where(x, x, x)   torch.softmax(x)   x.softmax()   torch.einsum("ijk", x)   x.to("foo")
torch.finfo(torch.int32)   torch.iinfo(torch.float32)   x.requires_grad = "a"; x   i.requires_grad = True; i
(x * 1).requires_grad_(False)   x.grad = 1; x   x.grad = y; x   x.data = 1; x   x.backward()   (x * 1).backward()
i.sum().backward()   y.backward(torch.ones(3))   s.detach().backward()   i.register_hook(print)   i.retain_grad()
(x * 1)[0].detach_()   torch.trace(y)   torch.diag(b)   torch.cross(y, y)   torch.outer(x, y)   torch.diagonal(y)
torch.view_as_complex(x)   torch.view_as_real(x)   torch.complex(x, i)   x.imag   torch.eye(-1)
torch.meshgrid(x, x, indexing="ab")   torch.meshgrid(x, i)   torch.addcdiv(i, n, n)
torch.tensor([300], dtype=torch.uint8)   torch.tensor(2**40, dtype=torch.int32)
torch.tensor([1e10], dtype=torch.int32)   torch.tensor([float("nan")], dtype=torch.int64)
torch.tensor([256.0], dtype=torch.uint8)   torch.full((2,), 300, dtype=torch.uint8)
torch.full((2,), 2**40, dtype=torch.int32)
torch.full((2,), -300, dtype=torch.uint8)   torch.full((2,), 1e39, dtype=torch.float32)   i.byte().fill_(300)
torch.full_like(i, 200, dtype=torch.int8)   i.byte().masked_fill(m, 300)   x.detach().half().masked_fill(m, -1e9)
i + 2**70   i * 2**64   2**70 - i   i == 2**70   i.clamp(0, 2**70)   torch.where(m[0], k, 2**70)
torch.full((2,), 2**70)
torch.where(i > 1, i.byte(), 300)   torch.linspace(0, 300, 3, dtype=torch.uint8)   i.byte().clamp(-300, 2)
torch.addcmul(i.byte(), i.byte(), i.byte(), value=300)   torch.add(i, i, alpha=0.5)   torch.rsub(i, i, alpha=0.5)
c = i.char(); c[0] = 200; c   c = i.char(); c[k] = -129; c   x.detach().half().fill_(1e9)
"""

# Refused with the same exception, in other words.
OTHER_WORDS = """
torch.fft.fft(y.detach().half())   torch.fft.rfft2(x.detach().bfloat16())
x.gather(1, m)   x.index_select(0, k + 5)   torch.take(x, k + 99)   c = x * 1; c[0] = "a"; c   i.clone().add_(1.5)
i.clone().div_(2)   (x * 1).copy_(torch.ones(5))   torch.zeros("a")   torch.zeros(1.5)   torch.full((2,), "a")
torch.pow(i, -1)   torch.max(x, "a")   torch.where(m, x)   x.type("foo")   torch.device("")   x.shape = 1; x
x.dtype = 1; x   x.T = 1; x   s.backward(2)   torch.linalg.eigh(x @ a * float("nan"))
torch.linalg.ldl_factor(torch.zeros(2, 2))   torch.linalg.pinv(y)   torch.linalg.matrix_rank(i)
torch.linalg.eig(i[:, :3])
torch.addmm(x, x, a, beta="a")   torch.ones(2, dtype="float32")
"""


# What is not there for a matrix; the exception is `linalg.LinAlgError`.
NO_ANSWER = """
torch.linalg.inv(torch.ones(3, 3))   torch.linalg.inv(torch.ones(2, 3, 3))   torch.inverse(torch.zeros(2, 2))
torch.linalg.inv_ex(torch.ones(3, 3), check_errors=True)   torch.linalg.solve(torch.ones(3, 3), torch.ones(3))
torch.linalg.solve(torch.ones(2, 3, 3), torch.ones(2, 3, 1))   torch.linalg.cholesky(-torch.eye(3))
torch.linalg.cholesky(torch.ones(2, 3, 3))   torch.linalg.cholesky(-torch.eye(3), upper=True)
torch.cholesky(-torch.eye(3))
torch.linalg.cholesky_ex(torch.ones(3, 3), check_errors=True)   torch.linalg.matrix_power(torch.zeros(2, 2), -1)
torch.linalg.tensorinv(torch.ones(3, 3), ind=1)   torch.linalg.svd(torch.ones(2, 2) * float("nan"))
torch.linalg.pinv(torch.ones(2, 2) * float("nan"))   torch.linalg.cholesky(torch.ones(2, 2) * float("nan"))
torch.linalg.matrix_rank(torch.ones(2, 2) * float("nan"))   torch.linalg.cond(torch.ones(2, 2) * float("nan"))
"""

MATRICES = """
torch.linalg.inv(x)   torch.linalg.inv(y)   torch.linalg.inv(i[:, :3])   torch.linalg.det(x)   torch.linalg.det(y)
torch.linalg.cholesky(x)   torch.linalg.cholesky(y)   torch.linalg.eigh(x)   torch.linalg.eig(x)   torch.linalg.svd(y)
torch.linalg.eigh(x[:, :3], "X")   torch.linalg.qr(x, "x")   torch.linalg.qr(y)   torch.linalg.slogdet(x)
torch.linalg.matrix_exp(x)   torch.linalg.matrix_power(x, 2)   torch.linalg.cond(y)   torch.linalg.cond(x, 1)
torch.linalg.cond(x, 3)   torch.linalg.lu(y)   torch.linalg.lu_factor(torch.ones(3, 3))
torch.linalg.lu_factor(x, pivot=False)
torch.linalg.lu_factor_ex(torch.ones(3, 3), check_errors=True)   torch.linalg.lu_solve(x[:, :3], k, a)
torch.lu_unpack(x, k)   torch.linalg.ldl_factor(x)   torch.linalg.householder_product(x, y)
torch.linalg.householder_product(a, torch.ones(5))   torch.linalg.householder_product(y, y)   torch.ormqr(a, y[:3], x)
torch.linalg.solve(x, y)   torch.linalg.solve(x[:, :3], y)   torch.linalg.solve(x[:, :3], i)
torch.linalg.solve(x[:, :3], a)   torch.linalg.solve(x[:, :3], x, left=False)
torch.linalg.solve_triangular(x, x, upper=True)
torch.linalg.solve_triangular(x[:, :3], a, upper=True)   torch.linalg.solve_triangular(x[:, :3], y, upper=True)
torch.linalg.lstsq(x, a)   torch.linalg.lstsq(x, i)   torch.linalg.lstsq(x, x, driver="x")   torch.linalg.lstsq(y, y)
torch.linalg.multi_dot([x])   torch.linalg.multi_dot([x, x])   torch.linalg.multi_dot([x, y, x])
torch.linalg.multi_dot([b, a])
torch.linalg.tensorinv(b)   torch.linalg.tensorinv(x, ind=0)   torch.linalg.matrix_norm(x, "x")
torch.linalg.matrix_norm(x, 3)
torch.linalg.matrix_norm(x, 2, (0, 0))   torch.linalg.matrix_norm(x, 2, (0,))   torch.linalg.matrix_norm(y)
torch.linalg.matrix_norm(x, dtype=torch.complex64)   torch.linalg.norm(b, 2)   torch.linalg.norm(b, dim=(0, 1, 2))
torch.linalg.vector_norm(i)   torch.linalg.vector_norm(x, "fro")   torch.linalg.vector_norm(e, -1)   torch.norm(x, "x")
torch.linalg.vander(y, N=1)   torch.linalg.vander(m)   torch.vander(x)   torch.vander(y, -1)
torch.linalg.vecdot(x, y[:3])
torch.linalg.cross(x, x)   torch.linalg.cross(a, y)   torch.cholesky_solve(y, x[:, :3])   torch.cholesky_inverse(x)
torch.renorm(x, 2, 0, -1)   torch.renorm(x, 0, 0, 1)   torch.renorm(y, 2, 0, 1)   torch.dist(i, i)
torch.chain_matmul(x, y)
torch.addmm(x, x, x)   torch.addmm(x, x, a)   torch.addmm(i, x, a)   torch.addmv(y, x, x)   torch.addmv(y, x, y)
torch.addr(x, x, y)   torch.addr(x, y, y)   torch.addr(i, k, k, beta=0.5)   torch.addbmm(x, b, b)
torch.baddbmm(x, b, b)
torch.einsum("ij,jk", x)   torch.einsum("ij", y)   torch.einsum("ij,jk", x, x)   torch.einsum("ij->ijk", x)
torch.einsum("i1", x)   torch.einsum("ij->ii", x)   torch.einsum("i.j", x)   torch.tensordot(x, x, 1)
torch.tensordot(x, i, 1)   torch.tensordot(x, x, -1)   torch.block_diag(b)   torch.cartesian_prod(x)
torch.combinations(x)
torch.combinations(y, -1)   torch.cov(b)   torch.corrcoef(b)   torch.cov(x, fweights=y)   torch.cov(x, aweights=k)
torch.tril(y)   torch.triu(y)   torch.tril_indices(-1, 3)   torch.diag_embed(x, 0, 1, 1)
"""


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::RuntimeWarning")


@pytest.mark.parametrize("program", split(SAME_WORDS) + split(MATRICES))
def test_same_words(program):
    theirs, ours = failure(torch, program), failure(xpgrad, program)
    assert ours is not None, f"no error here; in PyTorch {theirs!r}"
    assert isinstance(ours, type(theirs)), f"{ours!r}, in PyTorch {theirs!r}"
    assert str(ours).split()[:4] == str(theirs).split()[:4]


@pytest.mark.parametrize("program", split(NO_ANSWER))
def test_no_answer(program):
    theirs, ours = failure(torch, program), failure(xpgrad, program)
    assert isinstance(theirs, torch.linalg.LinAlgError)
    assert isinstance(ours, xpgrad.linalg.LinAlgError)
    if "nan" not in program:
        assert str(ours).startswith(str(theirs).split("\n")[0])


@pytest.mark.parametrize("program", split(OTHER_WORDS))
def test_other_words(program):
    theirs, ours = failure(torch, program), failure(xpgrad, program)
    builtin = next(c for c in type(theirs).__mro__ if c.__module__ == "builtins")
    assert isinstance(ours, builtin), f"{ours!r}, in PyTorch {theirs!r}"
    assert str(ours)
