"""Programs by subject: Python statements, the last one an expression, with two or more spaces between programs.

The variables are those of `program`. Each program runs on every backend, and in `tests/parity` with PyTorch too; a `!`
before one says that it is composed of other operations here, so that its node has another name than in PyTorch.
"""

from xpgrad.testing.conformance.programs.tables_images import IMAGES as IMAGES
from xpgrad.testing.conformance.programs.tables_names import ELLIPSES as ELLIPSES
from xpgrad.testing.conformance.programs.tables_names import NAMES as NAMES
from xpgrad.testing.conformance.programs.tables_names import SPELLINGS as SPELLINGS
from xpgrad.testing.conformance.programs.tables_views import VIEWS as VIEWS

ARITHMETIC = """
x + y   y + x   x + w   x + s   s + x   x + 2   2 + x   x + 2.5   2.5 + x   x + 1j   x + i   i + x   x + d   x + z
i + 2   i + 2.5   i + n   i + s   o + x   m + i   m + 1   m + 1.5   x + True   i + True   x + m   h + x   h + 1.0
h + i   x - y   y - x   x - 2   2 - x   2.5 - i   i - n   x - i   z - x   x - z   1j - x   x * y   x * 2   2 * x
x * 2.5   i * 2   i * 2.5   m * x   x * m   z * v   z * x   x * z   z * 2j   x * 2j   i * s   m * m   m * 3   x / y
x / 2   2 / x   i / 2   i / n   3 / n   x / p   z / v   z / x   x / z   1 / z   m / 2   i / p   h / 2   i // 2
i // n   7 // n   i // 2.5   x.detach() // p.detach()   x % 2   i % 3   i % n   7 % n   i % 2.5   x % -1.5   x % p
p ** 2   p ** 0.5   x ** 2   x ** 3   p ** y   2 ** x   2.5 ** x   i ** 2   n ** n   2 ** n   i ** 2.0   p ** -1
z ** 2   p ** s   x ** 0   x ** 1   p ** n   z ** 3   n ** 0.5   z ** v   z ** 2.5   -x   +x   abs(x)   -i   +i
abs(i)   abs(z)   -z   ~m   ~i   i & 3   i | n   i ^ n   m & m   m | (m ^ True)   i << 2   n << n   i >> 1   1 << n
64 >> n   3 & i   torch.add(x, y)   torch.add(x, y, alpha=2)   torch.add(x, 1, alpha=3)   x.add(y, alpha=0.5)
torch.sub(x, y, alpha=2)   torch.rsub(x, y)   torch.mul(x, 3)   torch.mul(x, y)   torch.div(x, y)
torch.div(x.detach(), p.detach(), rounding_mode="floor")   torch.div(x, p, rounding_mode="trunc")
torch.div(i, n, rounding_mode="trunc")   torch.div(i, n, rounding_mode="floor")   torch.true_divide(i, n)
torch.floor_divide(i, n)   torch.remainder(x, 2)   torch.remainder(i, 3)   torch.remainder(7, n)   torch.pow(p, 2)
torch.pow(2, x)   torch.pow(p, y)   torch.neg(x)   torch.square(x)   torch.reciprocal(p)   torch.negative(x)
torch.square(i)   torch.reciprocal(n)   torch.reciprocal(z)   torch.addcmul(i, i, i, value=0.5)
torch.addcmul(i, i, i, value=1.5)   torch.addcmul(x, p, u)   torch.addcmul(x, p, u, value=2)
torch.addcdiv(x, u, p)   torch.addcdiv(x, u, p, value=0.5)   torch.lerp(x, p, 0.3)   torch.lerp(x, p, u)
torch.fmod(x, p)   torch.fmod(x, 2)   torch.fmod(i, 3)   x.mul(y)   x.div(2)   x.sub(1)   x.pow(2)   x.neg()
x.true_divide(2)   x.reciprocal()   x.square()   torch.positive(x)   torch.logaddexp(x, y)   torch.hypot(x, y)
torch.atan2(x, y)   torch.copysign(x, y)   torch.maximum(x, y)   torch.minimum(x, y)
torch.fmax(x, y)   torch.fmin(x, y)   torch.maximum(x, x)   torch.maximum(i, n)   !torch.dist(x, p)   torch.xlogy(x, p)
torch.nextafter(x.detach(), y.detach())   torch.heaviside(x.detach(), y.detach())
torch.ldexp(x, n)   torch.float_power(p, 2)
"""

POINTWISE = """
x.abs()   torch.abs(i)   x.sign()   i.sign()   torch.sgn(z)   p.sqrt()   torch.sqrt(n)   p.rsqrt()   x.exp()
torch.exp(i)   torch.exp2(x)   torch.expm1(x)   p.log()   torch.log(n)   torch.log2(p)   torch.log10(p)
torch.log1p(p)   torch.exp(z)   torch.log(z)   torch.sqrt(z)   torch.sin(z)   torch.tanh(z)   torch.exp(m)   x.sin()
x.cos()   u.tan()   u.asin()   u.acos()   x.atan()   x.sinh()   x.cosh()   x.tanh()   x.asinh()   (p + 1).acosh()
u.atanh()   torch.arcsin(u)   torch.arctan(x)   torch.sinc(d)   torch.deg2rad(x)   torch.rad2deg(x)   x.floor()
x.ceil()   x.trunc()   x.round()   torch.round(x, decimals=1)   torch.fix(x)   x.frac()   i.floor()   x.erf()
x.erfc()   u.erfinv()   p.lgamma()   p.digamma()   x.sigmoid()   x.relu()   torch.sigmoid(i)   i.relu()
x.clamp(-0.5, 0.5)   x.clamp(min=0)   x.clamp(max=0.5)   x.clamp(y.detach(), y.detach() + 1)   i.clamp(-1, 2)
i.clamp(0.5)   x.clip(-1, 1)   torch.clamp(x, min=y)   torch.clamp_min(x, 0.1)   x.clamp_max(0.1)
x.clamp(min=float("nan"))   x.clamp(max=float("nan"))   x.clamp(-1, float("nan"))
torch.clamp(x, 0, 1)   torch.where(m, x, p)   torch.where(m, x, 0.0)   torch.where(x > 0, x, -x)
torch.where(m, 1, 0)   torch.where(m, i, 0.5)   torch.where(m)   x.where(m, p)   torch.where(m, x, d)
torch.where(m, 1.0, x)   x.masked_fill(m, 3.0)   x.masked_fill(q[:, None], 1)
torch.masked_fill(x, m, torch.tensor(2.0))   torch.nan_to_num(x / torch.tensor(0.0))   torch.nan_to_num(x, nan=1.0)
torch.nan_to_num(torch.tensor([float("nan"), float("inf"), 1.0]), 7.0, 8.0, 9.0)   torch.real(z)   z.real   z.imag
torch.imag(z)   x.real   z.conj()   x.conj()   z.angle()   x.angle()   torch.polar(p, x)   torch.complex(x, p)
!torch.view_as_real(z)   !torch.view_as_complex(torch.stack([x, p], -1))   z.abs()   !torch.conj(z).resolve_conj()
z.is_complex()   torch.isnan(x)   torch.isinf(x / 0)   torch.isfinite(x / 0)   x.isnan()   torch.signbit(x)
torch.isposinf(x / 0)   torch.isreal(z)   torch.softmax(x, 0)   x.softmax(-1)   x.log_softmax(1)
torch.softmax(x, dim=1, dtype=torch.float64)   torch.log_softmax(x, 0)   x.softmax(dim=0)   torch.logit(u.abs())
torch.special.expit(x)   torch.rsqrt(n)
torch.bucketize(x.detach(), torch.tensor([-1.0, 0.0, 1.0]))
torch.searchsorted(torch.tensor([-1.0, 0.0, 1.0]), x.detach())
"""

COMPARISON = """
x == y   x != y   x < y   x <= 0   x > 0.5   x >= y   i == 2   2 == i   i < n   z == z   z != v   x == i   m == True
x == None   x != "a"   torch.eq(x, y)   torch.ne(x, 0)   torch.lt(x, y)   torch.ge(x, 0)   x.gt(0)   x.le(y)
x.greater(0)   x.less_equal(y)   torch.equal(x, x)   torch.equal(x, y)   x.equal(p)   torch.allclose(x, x + 1e-9)
torch.allclose(x, p)   torch.isclose(x, x + 1e-9)   x.allclose(x)   torch.logical_and(m, i)
torch.logical_or(x, m)   torch.logical_not(i)   m.logical_xor(m)   torch.bitwise_and(i, n)   torch.bitwise_or(i, 1)
torch.bitwise_xor(m, m)   torch.bitwise_not(i)   i.bitwise_and(3)   torch.isin(i, k)   x.isclose(p)
torch.is_tensor(x)   torch.is_floating_point(x)   torch.is_complex(z)   torch.is_nonzero(s)
"""

REDUCTION = """
x.sum()   x.sum(0)   x.sum(1, keepdim=True)   b.sum((0, 2))   b.sum((-1, 0), True)   torch.sum(x)
torch.sum(x, dim=-1)   i.sum()   m.sum()   m.sum(0)   n.sum()   x.sum(dtype=torch.float64)
i.sum(dtype=torch.float32)   z.sum(0)   s.sum()   s.sum(0)   e.sum()   e.sum(0)   e.sum(1)   h.sum()   x.sum(axis=0)
x.sum(())   x.sum(dim=(0, 1), keepdim=True)   b.sum(dim=1).sum(dim=0)   x.mean()   x.mean(0)   x.mean(dim=(0, 1))
b.mean(-1, keepdim=True)   z.mean()   i.mean(dtype=torch.float32)   e.mean()   torch.mean(x, 1)   p.prod()   x.prod(0)
x.prod(1, keepdim=True)   i.prod()   n.prod(0)   torch.prod(torch.tensor([0.0, 2.0, 3.0]))   m.prod()   x.var()
x.var(0)   x.var(1, keepdim=True)   x.var(unbiased=False)   x.var(0, False)   x.var(dim=0, correction=0)
torch.var(x, dim=(0, 1))   z.var()   z.std(1)   x.std()   x.std(0)   x.std(False)   x.std(1, correction=0, keepdim=True)
torch.std(x, 1)   !torch.var_mean(x)   !torch.std_mean(z, 0)
!torch.std_mean(x, 0)   x.max()   x.min()   x.max(0)   x.min(1)
!x.max(1, keepdim=True)   x.max(dim=0).values   torch.max(x, y)   torch.min(x, y)   i.max()   i.max(0)   m.any()
x.amax()   x.amax(0)   x.amin((0, 1))   b.amax((0, 2), keepdim=True)   !torch.aminmax(x)
torch.tensor([1.0, 3.0, 3.0], requires_grad=True).max()   x.argmax()   x.argmin()   x.argmax(0)
x.argmax(1, keepdim=True)   torch.argmin(x, dim=0)   i.argmax(1)   torch.argmax(x, -1)   x.argmax(keepdim=True)
s.argmax()   m.all()   m.all(0)   m.any(1, keepdim=True)   x.all()   i.any(0)   torch.all(m)   torch.any(m, dim=0)
e.all()   e.any()   torch.count_nonzero(i)   i.count_nonzero(0)   torch.count_nonzero(m, dim=1)   x.cumsum(0)
x.cumsum(1)   p.cumprod(1)   i.cumsum(0)   m.cumsum(0)   torch.cumsum(x, dim=-1)
x.cumsum(0, dtype=torch.float64)   torch.diff(x)   torch.diff(x, dim=0, n=2)
!torch.trapezoid(x)   x.logsumexp(0)   torch.logsumexp(x, dim=(0, 1))   x.logsumexp(1, keepdim=True)   x.norm()
x.norm(2, 1)   x.norm(1, 0)   x.norm(p=1)   torch.norm(x, dim=1, keepdim=True)   x.norm(float("inf"))
torch.norm(x, "fro")   x.norm(3)   z.norm()   torch.sort(x)   x.sort(0)   x.sort(descending=True)
i.sort(1, descending=True)   x.argsort()   x.argsort(0, descending=True)   torch.msort(x)   x.topk(2)   x.topk(2, 0)
x.topk(1, largest=False)   torch.topk(x, 3, dim=1, sorted=True)   !torch.kthvalue(x, 2)   !x.median()   !x.median(0)
torch.unique(torch.tensor([torch.nan, 1.0, torch.nan, 0.5], dtype=torch.bfloat16)).float()
x.nanmean()   !x.nansum()   torch.unique(i)   torch.unique(n, return_counts=True)
torch.unique(i, return_inverse=True)   torch.bincount(k)   torch.histc(x.detach(), 4)   !torch.quantile(x, 0.5)
!x.quantile(torch.tensor([0.25, 0.75]), dim=1)   torch.trace(x)   torch.cov(x)   !torch.corrcoef(x)
torch.unique_consecutive(torch.tensor([1, 1, 2, 2, 1]))
"""

SHAPE = """
x.reshape(4, 3)   x.reshape(-1)   x.reshape((2, 6))   x.reshape(2, -1)   x.view(12)   x.view(2, 2, 3)   x.view(-1, 6)
x.view_as(a)   x.reshape_as(a)   x.t()   x.T   y.t()   x.transpose(0, 1)   x.mT   b.transpose(1, -1)
torch.transpose(x, 0, 1)   x.swapaxes(0, 1)   b.mT   b.permute(2, 0, 1)   torch.permute(b, (1, 0, 2))
b.permute(-1, 0, 1)   !x.t().reshape(-1)   x.t().contiguous()   x.contiguous()   x.t().is_contiguous()   x.stride()
x.t().stride()   b.permute(2, 0, 1).stride(0)   x[:, ::2].stride()   b.movedim(0, -1)
torch.movedim(b, (0, 1), (1, 2))   b.moveaxis(2, 0)   x.H   z.mH   torch.adjoint(z)   b.flatten()   b.flatten(1)
b.flatten(0, 1)   torch.flatten(x)   s.flatten()   x.unflatten(1, (2, 2))   x.unflatten(1, (-1, 2))   x.ravel()
x.unsqueeze(0)   x.unsqueeze(-1)   torch.unsqueeze(x, 1)   x[None]   w.squeeze()   w.squeeze(1)   w.squeeze(0)
w[None].squeeze((0, 2))   torch.squeeze(x)   w.expand(3, 4)   w.expand(2, 3, 4)   w.expand(-1, 5)   y.expand(3, 4)
y.expand_as(x)   torch.broadcast_to(y, (3, 4))   s.expand(2, 2)   w.expand(3, 4) * 2   s.expand(3)
torch.broadcast_tensors(x, y)   x.repeat(2, 1)   y.repeat(2, 2)   y.repeat(3)
y.tile(2)   torch.tile(x, (2,))   x.tile((2, 2))   torch.repeat_interleave(y, 2)   x.repeat_interleave(2, dim=0)
x.repeat_interleave(torch.tensor([1, 0, 2]), 0)   torch.repeat_interleave(x, 2)   x.flip(0)   x.flip(0, 1)
x.flip((1,))   torch.flip(x, [1])   x.fliplr()   torch.flipud(x)   x.roll(1)   x.roll(1, 0)   x.roll((1, -2), (0, 1))
!torch.rot90(x)   torch.cat([x, p])   torch.cat((x, p), 1)   torch.cat([x, d])   torch.cat([x, i])
torch.cat([x, p], dim=-1)   torch.concat([x, w], 1)   torch.cat([x])   torch.cat([e, x])
torch.cat([torch.tensor([]), x])   torch.stack([x, p])   torch.stack((x, p), 1)   torch.stack([x, p], dim=-1)
torch.stack([s, s])   torch.hstack([x, p])   torch.hstack([y, y])   torch.vstack([x, y])   torch.vstack([y, y])
torch.dstack([x, p])   torch.column_stack([y, y])   x.split(2)   x.split(2, 1)   !x.split([1, 3], dim=1)
torch.split(x, 1)   x.chunk(2)   x.chunk(3, 1)   torch.chunk(x, 2, dim=1)   torch.tensor_split(x, 2, 1)
x.tensor_split((1, 3), 1)   torch.hsplit(x, 2)   torch.vsplit(x, 3)   x.unbind()   x.unbind(1)
torch.unbind(x, dim=0)   x.select(0, 1)   x.select(1, -1)   torch.select(x, 0, 0)   x.narrow(1, 1, 2)
torch.narrow(x, 0, 0, 2)   x.tril()   x.triu(1)   torch.tril(x, -1)   torch.triu(b)   torch.tril_indices(3, 3)
torch.triu_indices(2, 3)   torch.meshgrid(x[0], y, indexing="ij")   !torch.meshgrid(x[0], p[:, 0], indexing="xy")
torch.atleast_1d(s)   !torch.atleast_2d(y)   x.numel()   torch.numel(x)   x.size()   x.size(0)   x.size(-1)   x.shape
x.dim()   x.ndim   len(x)   x.nelement()   x.element_size()   x.ndimension()   x.nbytes   torch.diag(y)
torch.diag(x)   torch.diag(x, 1)   torch.diag(y, -1)   x.diag()   torch.diagonal(x)   b.diagonal(0, 1, 2)
torch.diag_embed(x)   !torch.block_diag(x, w)   torch.diagflat(y)   torch.cartesian_prod(y, x[0])
!torch.combinations(y)   torch.nn.functional.pad(x, (1, 1))
x.swapdims(0, 1)   torch.squeeze(w, 1)   b.unflatten(2, (2, 2)).shape   list(x)   tuple(y)   [r.sum() for r in x]
e.reshape(-1)   e.reshape(0, 2, 2)   e.view(4, 0)   e.t()   e.flatten()   x.view(3, 4).view(-1)
x.reshape(shape=(2, 6))   torch.reshape(x, shape=(-1,))   x.view(size=(2, 6))   x.permute(dims=(1, 0))
torch.permute(x, dims=(1, 0))   x.expand(size=(2, 3, 4))   x.repeat(repeats=(1, 2))   x.tile(dims=(2,))
torch.tile(x, dims=(2, 1))   x.swapaxes(axis0=0, axis1=1)   torch.swapdims(x, dim0=0, dim1=1)
x.new_zeros(size=(2,))   x.new_ones(size=[2, 1])   x.sum_to_size(size=(1, 4))   torch.softmax(x, 0, torch.float64)
x.log_softmax(-1, torch.float64)
"""

INDEXING = """
x[0]   x[-1]   x[1, 2]   x[0, -1]   x[:]   x[1:]   x[:2, 1:3]   x[::2]   x[:, ::2]   x[..., 0]   x[0, ...]   x[...]
b[..., 1:, :2]   x[None]   x[:, None]   x[..., None]   b[:, -1]   b[1, :, 2]   x[1:1]   x[5:]   x[-2:]   x[:-1]
x[True]   x[None, 0]   x[()]   s[()]   s[...]   s[None]   x[(0, 1)]   x[torch.tensor(1)]   x[np.int64(1)]   x[o - 1]
x[slice(None, 2)]   x[0][1]   x[1:][0]   b[0][1][2]   x[k[:2]]   x[[0, 2]]   x[:, [0, 2]]   x[[0, 2], [1, 3]]
x[k, k]   x[k[:, None], k[None]]   x[m]   x[q]   x[:, y > 0]   x[x > 0]   b[:, k[:3]]   b[k[:2] % 2, :, k[:2]]
b[0, :, k]   b[:, 0, k]   b[0, [0, 1]]   b[k % 2, 1]   b[..., k]   x[j[0]]   x[j]   x[[True, False, True]]
x[np.array([0, 2])]   x[torch.tensor([], dtype=torch.long)]   x[m & (x > 0)]   x[k.to(torch.int32)]   x[-k]   b[q[:2]]
b[:, q]   b[q[:2], :, 0]   x[q, 1]   x[q, 1:]   x[None, q]   b[[0, 1], ..., [1, 2]]   b[None, k % 2, 1]
x[range(2)]   x[(k[:2], k[:2])]   b[m[:2, :3]]   i[i > 0]   x[:, k].sum(0)   x[k][:, k]   y[k]
y[k.reshape(2, 2)]   y[y > 0]   z[k[:2]]   z[m]   x.gather(1, j)   torch.gather(x, 0, j)   x.gather(1, j[:2])
x.scatter(1, j, p)   x.scatter(0, j, 2.0)   x.scatter_add(1, j, p)   torch.zeros(3, 4).scatter_add(0, j, x)
torch.zeros(3, 4).scatter(1, k[:3, None], 1.0)   x.index_select(0, k)   torch.index_select(x, 1, k)   torch.take(x, k)
x.take(j)   torch.masked_select(x, m)   x.masked_select(x > 0)   torch.nonzero(i)   i.nonzero()
torch.nonzero(m, as_tuple=True)   s.detach().nonzero()   m.nonzero(as_tuple=False)   torch.take_along_dim(x, j, 1)
torch.argwhere(m)   !x.index_add(0, k[:3], p)   !x.index_fill(0, k[:2], 0.5)   !x.index_copy(0, k[1:3], p[:2])
!x.masked_scatter(m, p)   x.index_put((k[:2],), y)   !x.select_scatter(y, 0, 1)   !x.slice_scatter(p[:2], 0, 0, 2)
!x.scatter_reduce(1, j, p, "sum")   !x.diagonal_scatter(y[:3])   torch.nn.functional.one_hot(k)
torch.nn.functional.embedding(k, x)
"""

# Each ends with the tensors to compare.
ASSIGNMENT = """
c = x.clone(); c[0] = 1.0; c   c = x.clone(); c[0] = y; c   c = x.clone(); c[:, 1] = y[:3]; c
c = x.clone(); c[1:, ::2] = 7; c   !c = x.clone(); c[...] = p; c   c = x.clone(); c[0, 1] = s; c
c = x.clone(); c[0] = c[1]; c   c = x.clone(); c[m] = 0; c   c = x.clone(); c[m] = p[m]; c
c = x.clone(); c[k[:2]] = y; c   c = x.clone(); c[[0, 1], [1, 2]] = y[:2]; c   c = x.clone(); c[:, k[:2]] = w; c
c = x.clone(); c[q] = p[q]; c   c = x.clone(); c[x > 0] *= 2; c   c = x.clone(); c[0] += 1; c
c = x.clone(); c[:, 0] *= y[:3]; c   c = x.clone(); c[1] = torch.tensor(3); c
c = x.clone(); c[None] = 2; c   c = x.clone(); c[0, :] = d[0]; c   c = i.clone(); c[0] = 2.7; c
c = torch.zeros(3, 4); c[0] = y; c   c = torch.zeros(3, 4); c[1:] = x[:2]; c[0] = x[2] * 2; c
c = torch.zeros(3, 4); c[:, 0] = x[:, 1]; c * x   c = b.clone(); c[0, :, k] = 1; c
c = b.clone(); c[:, 0, k[:2]] = y[:2]; c   c = b.clone(); c[..., k[1:3]] = w; c   c = x.clone(); c[m] += 1; c
c = x.clone(); c[[0, 2]] = p[[0, 2]]; c   c = x.clone(); c[q, 1:] = 3.0; c   !c = x.clone(); c[:] = y; c
c = torch.ones(()); c[()] = 3; c   !c = torch.ones(()); c[...] = s; c   c = x.clone(); v1 = c[0]; v1 *= 2; (c, v1)
c = x.clone(); v1 = c.t(); v1[0] = y[:3]; (c, v1)   c = x * 1; v1 = c.view(-1); v1[2:5] = 0; (c, v1)
c = x * 1; v1 = c[:, 1:]; v2 = v1[0]; v2.mul_(3); (c, v1, v2)   c = x * 1; v1 = c[0]; c.mul_(2); (c, v1)
c = x * 1; v1 = c[0]; v2 = c[0]; v1.add_(y); (c, v2)   c = x * 1; v1 = c.detach(); c[0] = 0; (c, v1)
c = x * 1; r = c * 2; c[0] = 0; (c, r)   c = x * 1; f = c.unsqueeze(0).squeeze(); f.zero_(); (c, f)
c = x * 1; v1 = c.expand(2, 3, 4)[0]; v1.mul_(2); c   c = b * 1; b.split(1); l = c.unbind(0); l[0]; c
c = x * 1; v1 = c.diagonal() if hasattr(c, "diagonal") else c[0]; c
"""

SPECIAL = """
torch.special.erfcx(x)   !torch.special.ndtr(x)   torch.special.ndtri(u.abs())   torch.special.log_ndtr(x)
torch.special.entr(p)   torch.special.i0(x)   torch.special.i0e(x)   torch.special.i1(x)   torch.special.i1e(x)
torch.i0(i)   torch.special.xlog1py(x, p)   torch.special.xlog1py(2.0, p)   torch.special.xlogy(x, 2)
torch.special.zeta(2.5, p)   torch.special.zeta(n, n)   torch.polygamma(2, p)   torch.special.polygamma(1, p)
p.polygamma(1)   !torch.mvlgamma(p + 2, 3)   !torch.special.multigammaln(p + 2, 2)   torch.special.psi(p)
torch.igamma(p.detach(), p)   torch.special.gammaincc(p.detach(), p)   torch.special.gammainc(n.float(), p)
torch.special.airy_ai(x)   torch.special.bessel_j0(u)   torch.special.bessel_j1(u)   torch.special.bessel_y0(p)
torch.special.bessel_y1(p)   torch.special.modified_bessel_i0(x)   torch.special.modified_bessel_i1(x)
torch.special.modified_bessel_k0(p)   torch.special.modified_bessel_k1(p)   torch.special.scaled_modified_bessel_k0(p)
torch.special.scaled_modified_bessel_k1(p)   torch.special.spherical_bessel_j0(x)
torch.special.chebyshev_polynomial_t(u, n)   torch.special.chebyshev_polynomial_u(u, 3)
torch.special.chebyshev_polynomial_v(u, n)   torch.special.chebyshev_polynomial_w(0.5, n)
torch.special.hermite_polynomial_h(x, n)   torch.special.hermite_polynomial_he(x, 4)
torch.special.laguerre_polynomial_l(x, n)   torch.special.legendre_polynomial_p(u, n)
torch.special.shifted_chebyshev_polynomial_t(u, n)   torch.special.shifted_chebyshev_polynomial_u(u, n)
torch.special.shifted_chebyshev_polynomial_v(u, n)   torch.special.shifted_chebyshev_polynomial_w(u, n)
torch.special.sinc(d)   torch.logit(u, 0.3)   torch.special.logit(u.abs())   torch.logaddexp2(x, p)
torch.frexp(x.detach())   torch.gcd(i, n)   torch.lcm(i, n)   i.gcd(n)   torch.fill(x, 2.0)   torch.fill(x, s)
torch.conj_physical(z)   !(z * 1).conj_physical_()   (x * 1).copysign_(p)   (x * 1).atan2_(p)   (u * 1).asin_()
(d * 1).sinc_()   (x * 1).i0_()   i.clone().gcd_(n)   (p * 1).lgamma_()   (p * 1).digamma_()   (p * 1).xlogy_(p)
"""

SPECTRA = """
torch.fft.fft(x)   torch.fft.fft(z, 5, 0, "ortho")   torch.fft.ifft(z)   torch.fft.rfft(x, 3)   torch.fft.irfft(z)
torch.fft.hfft(z)   !torch.fft.ihfft(x)   torch.fft.fft2(x)   torch.fft.fftn(b, 3, 1)   torch.fft.fftn(b, s=(2, -1))
torch.fft.ifftn(z)   torch.fft.rfftn(b, dim=(0, 1))   torch.fft.irfft2(z)   torch.fft.hfft2(z)   torch.fft.hfftn(b)
!torch.fft.ihfft2(x)   !torch.fft.ihfftn(b, (3, 2))   torch.fft.fftfreq(5, 0.5)   torch.fft.rfftfreq(4)
!torch.fft.fftshift(x)   !torch.fft.ifftshift(x, dim=1)   torch.fft.fft(x.detach(), out=torch.empty(3, 4).cfloat())
!torch.stft(y.repeat(4), 8, return_complex=True)   !torch.stft(x, 4, 1, center=False, return_complex=False)
!torch.stft(x, 4, window=torch.ones(3), win_length=3, return_complex=True, normalized=True, pad_mode="constant")
!torch.istft(torch.stft(y.repeat(4), 8, return_complex=True), 8, length=10)
torch.hann_window(5)   torch.hamming_window(5, False)   torch.blackman_window(4)   torch.bartlett_window(6)
torch.kaiser_window(5, True, 2.0)   torch.signal.windows.hann(5)   torch.signal.windows.hamming(5, sym=False)
torch.signal.windows.blackman(4)   torch.signal.windows.bartlett(5)   torch.signal.windows.cosine(5, sym=False)
torch.signal.windows.exponential(5, tau=2.0)   torch.signal.windows.gaussian(5, std=1.5)
torch.signal.windows.kaiser(5, beta=3.0, dtype=torch.float64)   torch.signal.windows.nuttall(6)
torch.signal.windows.general_cosine(5, a=[0.5, 0.3, 0.2])   torch.signal.windows.general_hamming(5, alpha=0.6)
"""

INPLACE = """
c = x * 1; r = c.add_(y); (c, r is c)   c = x * 1; c += y; c   c = x * 1; c -= 2; c   c = x * 1; c *= p; c
c = x * 1; c /= p; c   c = p * 1; c **= 2; c   c = i.clone(); c //= 2; c   c = i.clone(); c %= 3; c
c = m.clone(); c &= m; c   c = i.clone(); c |= 1; c   c = i.clone(); c ^= n; c   (x * 1).sub_(y)   (x * 1).mul_(2)
(x * 1).div_(p)   (p * 1).pow_(2)   (x * 1).neg_()   (x * 1).abs_()   (p * 1).sqrt_()   (p * 1).rsqrt_()
(x * 1).exp_()   (p * 1).log_()   (x * 1).sin_()   (x * 1).cos_()   (x * 1).tanh_()   (x * 1).sigmoid_()
(x * 1).relu_()   (p * 1).reciprocal_()   (x * 1).square_()   (x * 1).add_(y, alpha=2)
(x * 1).addcmul_(p, u, value=2)   (x * 1).addcdiv_(p, p)   (x * 1).lerp_(p, 0.5)   (x * 1).clamp_(-1, 1)
(x * 1).clamp_(min=0)   (x * 1).clamp_min_(0)   (x * 1).clamp_max_(0)   (x * 1).masked_fill_(m, 0)   (x * 1).fill_(3)
(x * 1).zero_()   (x * 1).copy_(y)   (x * 1).copy_(i)   (x * 1).fill_(s)   (x * 1).scatter_(1, j, p)
(x * 1).scatter_(1, j, 2.0)   (x * 1).scatter_add_(1, j, p)   !(x * 1).index_add_(0, k[:3], p)
!(x * 1).index_fill_(0, k[:2], 1.0)   !(x * 1).index_copy_(0, k[1:3], p[:2])   !(x * 1).masked_scatter_(m, p)
(x * 1).index_put_((k[:2],), y)   (x * 1).tril_()   (x * 1).triu_(1)   !(x * 1).fill_diagonal_(1.0)   (x * 1).floor_()
(x * 1).round_()   (x * 1).ceil_()   (x * 1).trunc_()   (x * 1).sign_()
(x * 1).erf_()   (p * 1).log1p_()   (x * 1).expm1_()
i.clone().bitwise_and_(3)   i.clone().eq_(2)   m.clone().logical_not_()
torch.exp(x.detach(), out=torch.empty(3, 4))   torch.add(i, n, out=torch.empty(3, 4))
torch.mm(x.detach(), a.detach(), out=torch.empty(3, 3))   torch.sum(x.detach(), 0, out=torch.empty(4))
c = x * 1; r = c.exp(); c.mul_(2); r   c = x * 1; r = c * 3; c.add_(1); (r, c)   c = x * 1; c.requires_grad
c = torch.zeros(3, 4); c.add_(x); (c, c.requires_grad)   c = torch.zeros(3, 4); c += x; c *= x; c
c = torch.zeros(4); c[:2].add_(y[:2]); c   c = torch.ones(2, 3); c.t().mul_(w); c
c = x * 1; c[0].zero_(); c[1].fill_(2); c   c = x * 1; c.view(-1).mul_(2); c   c = x * 1; c.data.mul_(2); c.detach()
c = x * 1; c.detach().add_(1); c.detach()   c = x.detach().clone(); c._version
c = x.detach().clone(); c.add_(1); c._version   c = x.detach().clone(); c[0].add_(1); c._version
c = x.detach().clone(); c.t().add_(1); c[0]._version   c = x.detach().clone(); c.detach().add_(1); c._version
c = x.detach().clone(); c.data.add_(1); c._version
"""

LINALG = """
x @ a   x @ y   y @ a   y @ y   b @ a   b @ y   !x @ b.mT   !b @ b.mT   !y @ b.mT   x.detach() @ a   a @ x   e.t() @ e
z @ v   z @ z.mT   i @ i.t()   x.matmul(a)   torch.matmul(x, y)   torch.mm(x, a)   x.mm(a)   torch.mv(x, y)   x.mv(y)
torch.dot(y, y)   y.dot(y)   !torch.inner(y, y)   torch.inner(x, p)   torch.outer(y, x[0])   torch.ger(y, y)
torch.bmm(b, b.mT)   b.bmm(b.mT)   !torch.vdot(v, v)   torch.dot(k, k)   !torch.vdot(y, y)
torch.addmm(x.new_ones(3, 3), x, a)   torch.addmm(y[:3], x, a)   torch.addmm(x @ a, x, a, beta=0.5, alpha=2)
!torch.addmv(y[:3], x, y)   torch.baddbmm(torch.zeros(2, 3, 3), b, b.mT)   !torch.addr(x, x[:, 0], y)
!torch.addbmm(x @ a, b, b.mT)   !torch.einsum("ij,jk->ik", x, a)   !torch.einsum("ij,j", x, y)
!torch.einsum("bij,ij->b", b, x)   torch.tensordot(x, a, 1)   torch.tensordot(x, p, dims=([0, 1], [0, 1]))
!torch.kron(y, x[0])   !torch.chain_matmul(x, a, x)   torch.cross(x[:, :3], a.t()[:, :3], dim=1)   torch.trace(x)
torch.linalg.norm(x)   torch.linalg.vector_norm(x, dim=1)   torch.linalg.inv(x @ a + 3 * torch.eye(3))
torch.linalg.det(x @ a + 3 * torch.eye(3))   torch.linalg.solve(x @ a + 3 * torch.eye(3), x)
torch.linalg.cholesky(x @ x.t() + torch.eye(3))   torch.linalg.slogdet(x @ a + 3 * torch.eye(3))
torch.linalg.matrix_power(x @ a, 2)   torch.linalg.svdvals(x)   torch.linalg.eigvalsh(x @ x.t())
torch.linalg.pinv(x)   torch.linalg.matrix_rank(x)   !torch.cdist(x, p)
"""

MATRICES = """
f = x[:, :3] + 3 * torch.eye(3); torch.inverse(f)   f = x[:, :3] + 3 * torch.eye(3); f.det()
f = x[:, :3] + 3 * torch.eye(3); torch.linalg.inv_ex(f).inverse   f = x[:, :3] + 3 * torch.eye(3); f.logdet()
torch.linalg.inv_ex(torch.ones(3, 3)).info   torch.linalg.cholesky_ex(-torch.eye(3)).info
g = x @ x.t() + torch.eye(3); torch.cholesky(g)   g = x @ x.t() + torch.eye(3); torch.cholesky(g, upper=True)
g = x @ x.t() + torch.eye(3); torch.linalg.cholesky_ex(g)[0]   torch.cholesky_solve(x, a[:3] + 3 * torch.eye(3))
torch.cholesky_inverse(x[:, :3] + 3 * torch.eye(3))   torch.linalg.qr(x)[1]   torch.linalg.qr(a.detach(), mode="r")[1]
torch.qr(a)[1]   torch.linalg.eigh(x @ x.t())[0]   torch.linalg.eigvals(x @ a).detach().abs().sort()[0]
torch.linalg.eigh(x @ x.t(), UPLO="U")[0]   torch.linalg.svd(x)[1]   torch.svd(x)[1]
torch.svd(x, compute_uv=False)[1]
torch.linalg.cond(x).detach()   torch.linalg.cond(x[:, :3] + 3 * torch.eye(3), "fro").detach()
torch.linalg.lu(x)[1]   torch.linalg.lu(a)[2]   torch.linalg.lu(x)[0]   torch.linalg.lu_factor(x)[0]
torch.linalg.lu_factor(a)[1]   torch.lu(x)[0]   torch.lu_unpack(*torch.linalg.lu_factor(x))[1]
f = x[:, :3] + 3 * torch.eye(3); torch.linalg.lu_solve(*torch.linalg.lu_factor(f), x)
f = x[:, :3] + 3 * torch.eye(3); torch.lu_solve(x, *torch.linalg.lu_factor(f))
!f = x[:, :3] + 3 * torch.eye(3); torch.linalg.lu_solve(*torch.linalg.lu_factor(f), a, left=False)
!f = x[:, :3] + 3 * torch.eye(3); torch.linalg.lu_solve(*torch.linalg.lu_factor(f), x, adjoint=True)
g = (x @ x.t()).detach(); torch.linalg.ldl_factor(g)[0]   g = (x @ x.t()).detach(); torch.linalg.ldl_factor_ex(g)[1]
g = (x @ x.t() + torch.eye(3)).detach(); torch.linalg.ldl_solve(*torch.linalg.ldl_factor(g), x.detach())
torch.geqrf(x.detach())[0]   torch.linalg.householder_product(a, y[:2])   torch.orgqr(a, y[:2])
torch.ormqr(a, y[:3], x.t())   !torch.ormqr(a, y[:3], x, left=False)   torch.ormqr(a, y[:3], x.t(), transpose=True)
torch.linalg.solve(x[:, :3] + 3 * torch.eye(3), y[:3])
!torch.linalg.solve(x[:, :3] + 3 * torch.eye(3), a, left=False)
torch.linalg.solve_ex(x[:, :3] + 3 * torch.eye(3), x).result
torch.triangular_solve(x, x[:, :3] + 3 * torch.eye(3))[0]
torch.linalg.solve_triangular(x[:, :3] + 3 * torch.eye(3), x, upper=True)   torch.linalg.lstsq(a, a).solution
torch.linalg.solve_triangular(x[:, :3], a, upper=False, left=False, unitriangular=True)
!torch.linalg.lstsq(x, p[:, 0]).solution   torch.linalg.lstsq(a, x.t(), driver="gelsd")[3]
torch.linalg.lstsq(a, x.t(), driver="gels").residuals.detach()   torch.linalg.pinv(x, rtol=0.1)
torch.linalg.pinv(x @ x.t() + torch.eye(3), hermitian=True)   torch.pinverse(x)   torch.linalg.matrix_rank(x, atol=0.5)
torch.linalg.matrix_rank(x @ x.t(), hermitian=True)   !torch.linalg.tensorinv(x[:, :3] + 3 * torch.eye(3), ind=1)
torch.linalg.tensorsolve(x[:, :3] + 3 * torch.eye(3), y[:3])   torch.linalg.matrix_exp(x[:, :3])
x[:, :3].matrix_exp()
x[:, :3].matrix_power(3)   torch.matrix_power(x[:, :3] + 3 * torch.eye(3), -1)   torch.linalg.matrix_norm(x)
torch.linalg.matrix_norm(x, "nuc")   torch.linalg.matrix_norm(x, 2)   torch.linalg.matrix_norm(b, 1)
torch.linalg.matrix_norm(b, -float("inf"), dim=(0, 2), keepdim=True)   torch.linalg.norm(x, 1)
torch.linalg.norm(b, dim=(0, 1))
torch.norm(x, "nuc")   torch.norm(x, 3, 1)   torch.nuclear_norm(x)   torch.frobenius_norm(x, (0, 1))
x.renorm(2, 0, 1.0)
torch.dist(x, p, 3)   !torch.linalg.multi_dot([x, a, x, y])   !torch.chain_matmul(x, a)   torch.linalg.vecdot(x, p)
torch.linalg.cross(a, p.t())   torch.linalg.vander(y)   torch.linalg.vander(y, N=3)   torch.vander(y.detach())
torch.vander(k, 2)
torch.linalg.diagonal(b)   torch.slogdet(x[:, :3] + 3 * torch.eye(3))[1]   torch.diagonal_copy(x)
!torch.einsum("...ij,kj->...ik", b, x)   !torch.einsum(x, [0, 1], a, [1, 2], [0, 2])   !torch.einsum("ii->i", x[:, :3])
!torch.einsum("ij,jk,kl->il", x, a, x)   torch.tensordot(x, x, dims=([0], [0]))
torch.addr(x[:, :3], y[:3], y[:3], beta=0)
torch.addbmm(x @ a, b, b.mT)   torch.addmv(y[:3], x, y, alpha=2)   torch.addmm(i @ i.t(), i, i.t(), beta=2)
!torch.cov(x)   !torch.cov(x, aweights=torch.tensor([0.1, 0.2, 0.3, 0.4]))   torch.cov(i, fweights=k)
torch.corrcoef(x)
!torch.kron(x, y, out=None)   torch.trace(n)   torch.tril(x, 1)   x.detach().clone().tril_()
x.detach().clone().triu_(1)
"""

CREATION = """
torch.tensor([1, 2])   torch.tensor([1.0, 2])   torch.tensor(3)   torch.tensor(2.5)   torch.tensor(True)
torch.tensor([])   torch.tensor([[1, 2], [3, 4.5]])   torch.tensor([1 + 2j])   torch.tensor([True, False])
torch.tensor(np.arange(3))   torch.tensor(np.float64(1))   torch.tensor(np.ones(2, "float32"))
torch.tensor([np.float64(1), 2.0])   torch.tensor([[], []])   torch.tensor([1, 2], dtype=torch.float32)
torch.tensor([1.7, 2], dtype=torch.int64)   torch.tensor([1, 2], dtype=torch.float64, requires_grad=True)
torch.tensor([torch.tensor(1.0), torch.tensor(2.0)])   torch.tensor([1, 2.0, True])   torch.tensor([True, 1])
torch.tensor((1, 2))   torch.tensor(range(3))   torch.tensor([np.arange(2), np.arange(2)])
torch.tensor([1, 0], dtype=torch.bool)   torch.tensor([np.int32(1)])   torch.tensor([1, 2], device="cpu")
torch.zeros(2, 3)   torch.zeros((2, 3))   torch.zeros([2])   torch.zeros(())   torch.zeros(2, dtype=torch.int64)
torch.ones(2, 3, requires_grad=True)   torch.ones(3, dtype=torch.bool)   torch.full((2, 2), 3)   torch.full((2,), 1.5)
torch.full((2,), True)   torch.full((2,), 3, dtype=torch.float64)   torch.empty(2, 3).shape   torch.empty(0)
torch.zeros(torch.Size([2, 2]))   torch.zeros(x.shape)   torch.zeros(0, 3)   torch.full([], 1.0)
torch.zeros(size=(2, 3))   torch.ones(size=(2,))   torch.full(size=(2,), fill_value=1)   torch.arange(5)
torch.arange(1, 5)   torch.arange(0, 1, 0.25)   torch.arange(5.0)   torch.arange(1, 10, 3)   torch.arange(5, 0, -2)
torch.arange(3, dtype=torch.float32)   torch.arange(0)   torch.arange(0.0, 1.0, 0.1)   torch.arange(end=4)
torch.arange(0, 3.5, out=torch.zeros(0, dtype=torch.int64))   torch.zeros(0, 5).stride()   torch.zeros(5, 0, 3).stride()
torch.arange(start=1, end=4)   torch.arange(1, 2.5)   torch.linspace(0, 1, 5)
torch.linspace(-1, 1, steps=3, dtype=torch.float64)   torch.linspace(-3, 3, 3, dtype=torch.uint8)
torch.where(i > 1, i.byte(), -1)   torch.clamp(i.byte(), min=-1)   torch.linspace(0, 10, 1)   torch.logspace(0, 2, 3)
torch.logspace(0, 3, 4, base=2.0)   torch.linspace(0, 5, 6, dtype=torch.int64)   torch.eye(3)   torch.eye(2, 3)
torch.eye(3, dtype=torch.int64)   torch.zeros_like(x)   torch.ones_like(i)   torch.full_like(x, 2)
torch.zeros_like(x, dtype=torch.int64)   torch.ones_like(x, requires_grad=True)   torch.empty_like(x).shape
torch.full_like(i, 2.7)   torch.rand_like(x).shape   torch.randn_like(x).dtype   torch.randint_like(i, 5).dtype
x.new_tensor([1, 2])   x.new_zeros(2, 3)   i.new_ones(2)   x.new_full((2,), 3)   x.new_empty(2).shape
x.new_zeros((2,), dtype=torch.int64)   i.new_tensor([1.5])   torch.rand(2, 3).shape   torch.rand(2).dtype
torch.randn(2, 3).requires_grad   torch.randn(2, requires_grad=True).requires_grad   torch.randint(5, (2, 3)).shape
torch.randint(0, 5, (2,)).dtype   torch.randperm(5).sort().values   torch.randn(2, dtype=torch.float64).dtype
torch.normal(0.0, 1.0, (2,)).shape   torch.rand((2, 3)).shape   torch.randn([2, 3]).shape   torch.rand(()).shape
torch.rand(size=(2, 3)).shape   torch.bernoulli(torch.ones(3))   torch.multinomial(torch.tensor([0.0, 1.0]), 1)
torch.from_numpy(np.ones(3))   torch.as_tensor([1, 2])   torch.as_tensor(np.ones(2))   torch.as_tensor(x) is x
torch.as_tensor(x, dtype=torch.float64)   torch.asarray([1.0])   torch.asarray(x) is x   torch.scalar_tensor(2)
torch.complex(torch.ones(2), torch.zeros(2))   torch.vander(torch.tensor([1, 2, 3]))   torch.tril(torch.ones(3, 3))
torch.clone(x)   x.clone()   x.detach()   torch.detach(x)   torch.FloatTensor([1, 2])   torch.LongTensor([1, 2])
torch.Tensor([1, 2])   torch.Tensor(2, 3).shape   torch.FloatTensor(2, 3).shape   torch.DoubleTensor([1])
torch.IntTensor([1])   torch.ByteTensor([1])   torch.BoolTensor([True])   torch.ShortTensor([1])
torch.Tensor([[1, 2], [3, 4]])   torch.Tensor(())   torch.Tensor().shape   torch.LongTensor(2).shape
torch.Tensor(np.ones(2))   torch.FloatTensor(torch.Size([2, 3])).shape   torch.Tensor(torch.ones(2))
torch.CharTensor([1])   torch.HalfTensor([1])
torch.tensor([np.float32(1), 2])   torch.tensor([torch.tensor(1.0), torch.tensor(2)])   torch.tensor([np.int8(1), 2.5])
torch.tensor([torch.tensor(1.0, dtype=torch.float16)])   torch.tensor([-1], dtype=torch.uint8)
torch.full((2,), -1, dtype=torch.uint8)   torch.full((2,), 5, dtype=torch.bool)
torch.full((2,), 1.7, dtype=torch.int64)
torch.full((2,), float("inf"), dtype=torch.float16)   torch.tensor(np.array([300]), dtype=torch.uint8)
"""

CONVERSION = """
x.float() is x   x.double()   x.half()   x.long()   x.int()   x.bool()   i.float()   i.double()   x.short()   n.char()
n.byte()   x.cfloat()   z.real.double()   m.int()   m.float()   i.bool()   x.cdouble()   i.half()
x.to(torch.float64)   x.to(torch.float32) is x   x.to("cpu") is x   x.to(torch.int64)   x.to(d)
x.to(device="cpu", dtype=torch.float64)   x.to(torch.device("cpu")) is x   x.to("cpu", torch.float64)
!x.to(x, copy=True)   x.type()   i.type()   x.type(torch.float64)   x.type("torch.DoubleTensor")   x.type_as(d)
x.type(torch.LongTensor)   x.cpu() is x   x.to(dtype=torch.float16)   x.to(torch.complex64)   s.item()   o.item()
m[0, 0].item()   w[0].item()   x.tolist()   i.tolist()   s.tolist()   o.tolist()   m.tolist()   e.tolist()
z[0].tolist()   float(s)   int(o)   bool(s)   int(s)   complex(s)   float(o)   round(s.item(), 3)   [1, 2, 3][o - 2]
list(range(o))   bool(torch.tensor(0))   bool(torch.tensor([1.5]))   x.detach().numpy().shape   x.dtype   x.device
x.is_cuda   x.is_floating_point()   z.is_complex()   i.is_signed()   x.requires_grad   x.is_leaf   (x * 2).is_leaf
i.is_leaf   x.ndim   x.grad is None   x.output_nr   x.itemsize   x.data.requires_grad   x.device.type
x.device.index   x.get_device()   x.is_sparse   x.is_quantized   x.retains_grad   (x * 2).retains_grad
x.is_contiguous()   x.is_inference()   torch.float32   torch.int64   torch.bool   torch.double   torch.half
torch.long   torch.complex64   torch.float32.is_floating_point   torch.int8.is_signed   torch.complex64.is_complex
torch.float32.itemsize   torch.float64.to_complex()   torch.complex64.to_real()   torch.finfo(torch.float32).eps
torch.finfo(torch.float64).max   torch.iinfo(torch.int32).max   torch.iinfo(torch.uint8).min
torch.finfo(torch.float32).tiny   torch.iinfo(torch.int64).bits   torch.result_type(x, 1j)   torch.result_type(i, 2.5)
torch.promote_types(torch.int32, torch.float16)   torch.can_cast(torch.float64, torch.int32)
torch.can_cast(torch.int32, torch.float16)   torch.get_default_dtype()   torch.can_cast(torch.int8, torch.uint8)
torch.can_cast(torch.int64, torch.int8)   torch.can_cast(torch.complex64, torch.float32)
torch.can_cast(torch.uint8, torch.bool)   torch.Size([2, 3])   torch.Size([2, 3])[0]   torch.Size([2, 3])[1:]
torch.Size([2, 3]).numel()   torch.Size([2]) + (3,)   torch.Size([2]) + torch.Size([3])   torch.Size([2]) * 2
torch.Size()   torch.Size([2, 3]) == (2, 3)   tuple(torch.Size([2]))   hash(torch.Size([2])) == hash((2,))
(1,) + torch.Size([2])   len(torch.Size([2, 3]))   torch.Size([4, 5]).count(4)   torch.Size((1, 2)).index(2)
max(torch.Size([4, 5]))   torch.device("cpu")   torch.device("cuda:1")   torch.device("cuda", 1)
str(torch.device("cuda:0"))   torch.device("cpu") == torch.device("cpu")   torch.device("cuda:0").index
torch.device("cpu").type   torch.device("cuda") == torch.device("cuda:0")   repr(torch.device("cpu", 0))
torch.device(torch.device("cpu"))   torch.device(type="cuda", index=1)
hash(torch.device("cpu")) == hash(torch.device("cpu"))   torch.device("cpu") != "cpu"   torch.device("cpu") == "cpu"
repr(x.detach())   str(i)   f"{s.detach()}"   f"{s.item():.2f}"   f"{s.detach():.3f}"   format(x.detach())   f"{o:d}"
f"{o:5d}"   "%.2f" % s.detach()   "%d" % o   "{}".format(o)   f"{x.detach()!r}"   repr(x)   repr(x * 2)   repr(m)
repr(e)   repr(z)   repr(x.double())   3 in i   9 in i   s.item() in x   o in i   x is x   not (s == 0)   any(m[0])
all(m[0])   sum(y)   max(y)   min(y)   sorted(y.tolist())   [int(v) for v in k]   dict(zip("ab", y)) and 0   abs(s)
pow(x, 2)   reversed(y)   len(x.shape)   x.__len__()   bool(x.equal(x))
"""

# Functions composed of others, with the settings they have.
COMPOSED = """
!torch.einsum("bij,bkj->bik", b, b)   !torch.einsum("ii", x @ a)   !torch.einsum("ii->i", x @ a)
!torch.einsum("ij->ji", x)   !torch.einsum("ij->", x)   !torch.einsum("ij,ij->", x, p)   !torch.einsum("...j,j", b, y)
!torch.einsum("...ij,jk->...ik", b, a)   !torch.einsum("i,j->ij", y, y)   !torch.einsum("bij,jk,bil->bkl", b, a, b)
!torch.einsum("ij , jk", x, a)   !torch.einsum("ij,jk->ki", (x, a))   !torch.einsum("b...,b...->b...", b, b)
!torch.einsum("ik,jk,kl->ijl", x, p, a)   !torch.einsum("iij->j", b[:2, :2])   !torch.einsum("i->", y)
!torch.einsum("ij,kj->ikj", x, p)   !torch.einsum("a,b,c->abc", y, y[:2], y[:3])   !torch.einsum("ij,j->i", z, v)
!torch.einsum("...,...", x, p)   !torch.tensordot(x, a, dims=([1], [0]))   !torch.tensordot(b, x, dims=2)
!torch.tensordot(b, b, ([0, 2], [0, 2]))   !torch.tensordot(y, y, 0)   !torch.kron(x, w)   !torch.kron(w, b)
!torch.kron(y, y)   !torch.kron(x, i)   !torch.cdist(b, b + 1)   !torch.cdist(x, p, p=1.0)   !torch.dist(x, p, 1)
!torch.quantile(x, 0.3, dim=0)   !torch.quantile(x, torch.tensor([0.1, 0.9]), dim=1, keepdim=True)
!torch.quantile(x, 0.4, interpolation="lower")   !torch.quantile(x, 0.4, interpolation="higher")
!torch.quantile(x, 0.4, interpolation="nearest")   !torch.quantile(x, torch.tensor([0.0, 0.5, 1.0]))
!x.median(1, True)   !torch.median(x[:, :3])   !torch.median(y)   !torch.kthvalue(x, 1, 0)
!torch.kthvalue(x, 3, dim=1, keepdim=True)   i.median(0)
!torch.nansum(torch.where(m, x, torch.tensor(float("nan"))))
!torch.nanmean(torch.where(m, x, torch.tensor(float("nan"))), 1)   !x.nansum(0, True)   !torch.var_mean(x, 0, False)
!torch.var_mean(x, 1, keepdim=True)   !torch.std_mean(x, dim=0, correction=0)   !torch.aminmax(x, dim=1, keepdim=True)
torch.bincount(k, minlength=6)   torch.bincount(k, weights=torch.ones(4))
torch.histc(x.detach(), bins=3, min=-1, max=1)   torch.bincount(k * 0)
torch.unique(torch.tensor([3.0, 1.0, 3.0]), return_inverse=True, return_counts=True)
torch.unique(i, sorted=True, return_counts=True)
torch.unique_consecutive(torch.tensor([1, 1, 2, 1]), return_inverse=True, return_counts=True)
torch.isin(i, torch.tensor([0, 1]), invert=True)   torch.diff(i, prepend=i[:, :1])   torch.diff(x, append=w)
torch.diff(m)   torch.diff(x, n=3)   !torch.trapezoid(x, dx=0.5)   !torch.trapezoid(y, y)
!torch.cov(x, correction=0)   !torch.cov(y)   !torch.corrcoef(x)   !torch.cov(torch.stack([x[0], p[0]]))
torch.searchsorted(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([1.0, 1.5]), right=True)
torch.searchsorted(torch.tensor([1, 3, 5]), i)
torch.bucketize(torch.tensor([1, 2]), torch.tensor([1, 2, 3]), right=True)
torch.searchsorted(torch.tensor([1, 3]), 2)   torch.bucketize(x.detach(), torch.tensor([0.0]), out_int32=True)
torch.argwhere(x.detach() > 0)   torch.tril_indices(3, 4, -1)   torch.triu_indices(4, 3, 1)
!x.index_add(1, k, x, alpha=2)   !x.index_add(0, torch.tensor([0, 0]), p[:2])
!x.index_copy(1, torch.tensor([3, 0]), a.t()[:, :2])   !b.index_add(1, k[:2], b[:, :2])
!x.index_put((k[:3], k[:3]), y[:3], accumulate=True)   !x.index_put((m,), torch.tensor(2.0))
!x.index_put((torch.tensor([0, 0]), torch.tensor([1, 1])), y[:2], True)   !x.index_fill(1, torch.tensor([0, 3]), 2.0)
!x.masked_scatter(q[:, None], p)   !x.select_scatter(y[:3], 1, 2)   !x.slice_scatter(x[:, :2], 1, 1, 4, 2)
!x.scatter_reduce(1, j, p, "mean")   !x.scatter_reduce(1, j, p, "sum", include_self=False)
!x.diagonal_scatter(y[:2], 2)   torch.take_along_dim(x, k)   torch.diagonal(b, 1, 1, 2)   torch.diagonal(b, 0, 0, 2)
torch.diag_embed(b[0], 1)   !torch.diag_embed(x, 0, 0, 2)   torch.diagflat(x, 1)   !torch.block_diag(x, y, s)
!torch.rot90(x, 2)   !torch.rot90(x, 3)   !torch.rot90(b, 1, (1, 2))   !torch.rot90(x, -1)   !torch.rot90(x, 0)
torch.cross(x[:, :3], p[:, :3])   torch.cross(a, a + 1, dim=1)   torch.cartesian_prod(y)   !torch.combinations(y, 3)
!torch.combinations(y, with_replacement=True)   torch.vander(torch.tensor([1.0, 2.0, 3.0]), 2)
torch.vander(k, increasing=True)   !torch.atleast_3d(y)   !torch.atleast_3d(s)   torch.column_stack([y, x.t()])
!torch.dstack([y, y])   torch.hsplit(y, 2)   torch.hsplit(x, [1, 3])   torch.tensor_split(x, (1, 2))
torch.tensor_split(y, 3)   !torch.addmv(y[:3], x, y, beta=2, alpha=3)   !torch.addr(x, x[:, 0], y, beta=0.5)
!torch.addbmm(torch.ones(3, 3), b, b.mT, alpha=2)   torch.baddbmm(torch.ones(2, 3, 3), b, b.mT, beta=2, alpha=3)
torch.addmm(torch.ones(3), x, a, alpha=2)   !torch.chain_matmul(x, a)   z.H   !b.adjoint()   torch.trace(x @ a)
torch.trace(i)   torch.fmod(x, -p)   torch.fmod(i, n)   torch.fmod(x, -2)   torch.fmax(x, torch.tensor(float("nan")))
torch.fmin(torch.tensor(float("nan")), x)   !torch.xlogy(x, 2)   !torch.xlogy(2, p)
torch.xlogy(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 2.0]))
torch.heaviside(torch.tensor([-1.0, 0.0, 2.0]), torch.tensor(0.5))   !torch.ldexp(i, n)   torch.float_power(n, 2)
torch.float_power(2, x)   torch.float_power(z, 2)   !torch.logit(x, eps=0.1)   !torch.sinc(i)   !torch.deg2rad(i)
torch.angle(torch.tensor([-1.0, 0.0, float("nan")]))
!torch.polar(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 1.5]))   torch.isneginf(-x / 0)   torch.isreal(x)
!torch.view_as_complex(torch.stack([d, d], -1))   !torch.view_as_real(v)   torch.sgn(i)   torch.positive(i)
torch.scalar_tensor(2, dtype=torch.int64)   torch.result_type(i, s)   torch.result_type(o, x)
torch.result_type(1, 2.0)   torch.is_nonzero(torch.tensor([0.0]))   torch.finfo().eps
torch.finfo(torch.complex64).max
"""

RANKS = """
torch.cummax(x, 0)   x.cummin(1)   torch.cummax(i, 1)   !s.cummax(0)   torch.logcumsumexp(x, 0)   z.logcumsumexp(1)
x.nanmedian()   x.nanmedian(0)   torch.nanmedian(x.sqrt().detach(), 1)   torch.median(x.sqrt().detach(), 1)
torch.mode(i)   torch.mode(x, 0)   torch.mode(i, 1, True)   i.mode(0)   x.kthvalue(2, 0)
torch.kthvalue(x, 1, keepdim=True)   !torch.nanquantile(x, 0.3, 1)
!torch.quantile(x, 0.4, dim=0, keepdim=True, interpolation="midpoint")
!x.quantile(torch.tensor([0.2, 1.0]), interpolation="nearest")   !torch.quantile(x, 0.3, 1, interpolation="lower")
torch.aminmax(i)   torch.aminmax(m, dim=0)   m.max()   m.min()   m.amax(1)   m.amin()   m.max(0)   m.min(1, True)
torch.max(x, 0, True).indices   torch.min(i, 1)   x.sort(dim=0, descending=True, stable=True)
torch.argsort(i, dim=0, stable=True)   x.topk(2, 0, False)   torch.msort(i)   torch.max(x, dim=-1)
torch.histogram(x.detach(), 4)   torch.histogram(x.detach(), torch.tensor([-1.0, 0.0, 2.0]))
torch.histogram(x.detach(), 3, range=(-1.0, 1.0), weight=p.detach(), density=True)
torch.histogramdd(x.detach()[:, :2], [2, 3])   torch.bincount(k, weights=k)   torch.histc(d.detach(), 5)
torch.unique(n, dim=0)   torch.unique(n, dim=1, return_inverse=True, return_counts=True)
torch.unique_consecutive(k, dim=0, return_counts=True)   torch.unique_consecutive(n, return_inverse=True)
!torch.gradient(x)   torch.gradient(torch.tensor([0, torch.inf, 4, 9]))
!torch.gradient(x, spacing=0.5, dim=1, edge_order=2)   !torch.gradient(y, spacing=(y * y + 3,))
!torch.cumulative_trapezoid(x)   !torch.cumulative_trapezoid(x, p, dim=0)   !torch.trapz(x, p)   !torch.diff(x, n=0)
!torch.segment_reduce(x, "sum", lengths=torch.tensor([1, 2]))
!torch.segment_reduce(x, "max", lengths=torch.tensor([2, 1]))
!torch.segment_reduce(x, "mean", offsets=torch.tensor([0, 1, 3]))
!torch.segment_reduce(p, "prod", lengths=torch.tensor([3]))   !x.nansum(0, dtype=torch.float64)   i.nansum()
!x.nanmean(1, True)   !torch.logsumexp(z, 0)   x.sum_to_size(1, 4)   torch.all(n.to(torch.uint8))
"""

PLACES = """
torch.put(x, torch.tensor([0, 5, -1]), y[:3])   x.put(k, y, accumulate=True)   torch.take(x, torch.tensor([-1, 0]))
torch.index_reduce(x, 0, k[:2], p[:2], "prod")   !x.index_reduce(1, k, p, "mean", include_self=False)
x.index_reduce(0, k[:3], p, "amax")   x.index_reduce(0, k[:3], p, "amin", include_self=False)
x.scatter_reduce(1, j, p, "prod")   x.scatter_reduce(0, j, p, "amax")
x.scatter_reduce(1, j, p, "amin", include_self=False)   x.scatter_reduce(1, j, p, "sum")
!x.scatter(1, j, p, reduce="multiply").detach()   torch.take_along_dim(x, j - 3, 1)   torch.nonzero_static(i, size=3)
torch.nonzero_static(i, size=20, fill_value=7)   torch.unravel_index(k + 3, (2, 3))
torch.searchsorted(torch.tensor([[1, 3, 5], [2, 4, 6]]), torch.tensor([[3], [4]]), right=True)
torch.searchsorted(torch.tensor([3, 1, 2]), 2, sorter=torch.tensor([1, 2, 0]))
torch.bucketize(2, torch.tensor([1, 2, 3]))   torch.isin(i, 2)   torch.isin(2, i)
x.index_fill(0, k[:2], torch.tensor(2.0))   x.masked_fill(m, True)   torch.masked.sum(x, 0, mask=m)
!torch.masked.mean(x, 1, mask=m)   !torch.masked.var(x, mask=m)   torch.masked.amax(x, 0, mask=m)
!torch.masked.softmax(x, 1, mask=m)   torch.masked.argmin(x, 1, mask=m)   torch.masked.prod(x, mask=m)
!torch.masked.norm(x, 2.0, mask=m)   !torch.masked.median(x, 1, mask=m)   !torch.masked.normalize(p, 2.0, 1, mask=m)
c = x * 1; c.put_(k[:2], y[:2]); c   c = x * 1; c.index_reduce_(0, k[:3], p, "prod"); c
!c = x * 1; c.scatter_reduce_(1, j, p, "sum"); c
"""

# Activations, losses, distances and attention.
NETWORKS = """
torch.selu(x)   torch.celu(x, 0.5)   torch.threshold(x, 0.1, 2.0)   torch.threshold(i, 1.5, 2.7)   torch.rrelu(x)
torch.prelu(x, y)   torch.prelu(b, torch.tensor([0.1, 0.2, 0.3]))   torch.prelu(s, torch.tensor([0.3]))   x.prelu(y[:1])
x.hardshrink(0.3)   torch.hardshrink(x)   torch.relu_(x * 1)   !torch.selu_(x * 1)   !torch.celu_(x * 1, 2.0)
!torch.threshold_(x * 1, 0.0, 1.0)   !torch.rrelu_(x * 1)   !torch.nn.functional.elu_(x * 1)
!torch.nn.functional.leaky_relu_(x * 1, 0.2)   torch.nn.functional.hardtanh_(x * 2, -0.5, 0.5)
torch.nn.functional.hardtanh(i, -0.5, 1.5)   torch.nn.functional.relu6(n)   torch.nn.functional.softmin(x, 1)
torch.nn.functional.softplus(x, 2, 1.0)   torch.nn.functional.gelu(x, approximate="tanh")
torch._softmax_backward_data(x, p.softmax(1), 1, torch.float32)
torch.cdist(x, p)   torch.cdist(x, p, 1.0)   torch.cdist(x, p, 3.0)   torch.cdist(b, p, float("inf"))
torch.cdist(x, p, compute_mode="use_mm_for_euclid_dist")   torch.cdist(b, b + 1, 2.0, "donot_use_mm_for_euclid_dist")
torch.cdist(x, p, 0.0)   torch.pdist(x)   torch.pdist(p, 1.0)   torch.pdist(x, float("inf"))   torch.pdist(y[None])
torch.cosine_similarity(x, p)   !torch.pairwise_distance(x, p, 3.0, keepdim=True)
torch.nn.functional.multi_margin_loss(x, torch.tensor([0, 3, 1]), 2, 0.5)
torch.nn.functional.multi_margin_loss(y, torch.tensor(2), weight=torch.tensor([1.0, 2.0, 3.0, 4.0]), reduction="none")
torch.nn.functional.multilabel_margin_loss(x, torch.tensor([[0, 2, -1, 0], [3, -1, 0, 0], [0, 1, 2, 3]]))
torch.nn.functional.multilabel_margin_loss(y, torch.tensor([3, -1, 0, 0]), reduction="sum")
torch.nn.functional.triplet_margin_with_distance_loss(x, p, u, margin=0.7, swap=True)
torch.nn.functional.triplet_margin_loss(x, p, u, p=1)
torch.nn.functional.linear(i, k)   torch.nn.functional.linear(i, i, k[:3])
torch.nn.functional.linear_cross_entropy(x, p, k[:3] - 1 + (k[:3] == 0))
torch.nn.functional.linear_cross_entropy(x, p, torch.tensor([0, 2, 1]), linear_bias=w[:, 0], ignore_index=2)
!torch.nn.functional.ctc_loss(b.log_softmax(2), torch.tensor([[1], [3], [2]]), [2, 2, 2], [1, 1, 0])
!torch.nn.functional.ctc_loss(b.log_softmax(2), torch.tensor([1, 3, 3, 2]), [2, 2, 2], (1, 2, 1), zero_infinity=True)
!torch.nn.functional.ctc_loss(b.log_softmax(2)[:, 0], torch.tensor([1, 2]), torch.tensor(2), torch.tensor(2), 3, "sum")
torch.nn.functional.scaled_dot_product_attention(x, p, u)
torch.nn.functional.scaled_dot_product_attention(b, p, p, scale=0.1)
!torch.nn.functional.scaled_dot_product_attention(b, b, b, is_causal=True)
!torch.nn.functional.scaled_dot_product_attention(b, b, b, torch.tensor([[True, False, True]] * 3))
torch.dropout(x * 1, 0.0, True)   torch.dropout(x, 1.0, train=True)   torch.dropout_(x * 1, 1.0, True)
torch.feature_dropout(b, 1.0, True)   torch.alpha_dropout(x * 1, 0.5, False)
torch.feature_alpha_dropout(b * 1, 0.0, True)
torch.set_num_threads(torch.get_num_threads()); x + torch.get_num_interop_threads() * 0
!torch.native_dropout(x, 0.0, True)   !torch.native_dropout(x, 0.5, False)   !torch.native_dropout(x, 1.0, True)
torch.nn.functional.feature_alpha_dropout(i)   torch.nn.functional.dropout(i, training=False)
"""
