"""Programs that name their arguments as PyTorch's parser does."""

NAMES = """
torch.linalg.cholesky_ex(input=torch.eye(3) * 2)   !torch.linalg.cond(input=x)   torch.linalg.eigvalsh(input=x @ x.mT)
torch.linalg.matrix_norm(input=x)   torch.linalg.vector_norm(input=x)   torch.linalg.norm(input=x)
!torch.linalg.matrix_power(input=x[:, :3], n=2)   torch.linalg.matrix_exp(input=x[:, :3])   torch.linalg.pinv(input=x)
torch.linalg.ldl_factor_ex(input=torch.eye(3) * 2)   torch.linalg.matrix_rank(input=x.detach())
torch.linalg.solve_triangular(input=torch.eye(3) * 2, B=x, upper=True)
!torch.linalg.tensorinv(input=x[:, :3], ind=1)   torch.linalg.tensorsolve(input=x[:, :3], other=x[:, 3])
torch.linalg.lstsq(input=x[:, :3], b=x)[0]   torch.linalg.householder_product(input=a, tau=y[:3])
torch.cholesky_solve(input=x, input2=torch.eye(3) * 2)   torch.cholesky_inverse(input=torch.eye(3) * 2)
torch.triangular_solve(input=x, A=torch.eye(3) * 2)[0]   torch.matrix_exp(input=x[:, :3])
torch.lu_solve(input=x, LU_data=torch.eye(3), LU_pivots=torch.tensor([1, 2, 3], dtype=torch.int32))
torch.special.airy_ai(x=x.detach())   torch.special.scaled_modified_bessel_k0(x=p.detach())
torch.special.chebyshev_polynomial_t(x=x.detach(), n=2)   torch.special.bessel_j0(input=x.detach())
torch.ormqr(input=a[:3], input2=y[:3], input3=x[:, :3])   (x * 1).swapaxes_(axis0=0, axis1=1)
x.split(split_size=2)   x.split(split_size=[1, 2], dim=0)   torch.split_with_sizes(input=x, split_sizes=[1, 2])
x.split_with_sizes(split_sizes=[3, 1], dim=1)   !torch.unsafe_split(input=x, split_size=2)
x.tensor_split(sections=2)   torch.tensor_split(x, indices=[1], dim=1)   x.tensor_split(indices=(1, 2))
torch.tensor_split(x, tensor_indices_or_sections=torch.tensor([1]))   x.hsplit(sections=2)   x.vsplit(indices=[1])
!torch.split_copy(input=x, split_size=2)   !torch.split_with_sizes_copy(input=x, split_sizes=[1, 2])
"""

SPELLINGS = """
torch.softmax(x, axis=1)   x.softmax(axis=0)   torch.log_softmax(x, axis=1)   x.cumsum(axis=1)   x.cumprod(axis=0)
x.prod(axis=1)   x.prod(axis=1, keepdims=True)   x.sort(axis=0)   x.argsort(axis=0)   torch.topk(x, 2, axis=0)
x.median(axis=1)   x.median(axis=1, keepdims=True)   x.nanmedian(axis=1)   x.mode(axis=1)   x.kthvalue(2, axis=0)
torch.logsumexp(x, axis=1)   x.logsumexp(axis=(0, 1), keepdims=True)   x.logcumsumexp(axis=0)   x.unbind(axis=1)
x.squeeze(axis=0)   w.squeeze(axis=1)   w.squeeze(axis=(0, 1))   x.unsqueeze(axis=1)   torch.unsqueeze(x, axis=-1)
x.gather(axis=1, index=j)   torch.index_select(x, axis=0, index=torch.tensor([0, 2]))   x.chunk(2, axis=1)
x.diff(axis=0)   x.select(axis=0, index=1)   x.narrow(axis=1, start=1, length=2)   x.cummax(axis=1)   x.cummin(axis=1)
x.count_nonzero(axis=1)   x.repeat_interleave(2, axis=1)   !x.quantile(0.4, axis=1)
!x.nanquantile(0.4, axis=1, keepdims=True)
x.aminmax(axis=1, keepdims=True)   x.nanmean(axis=0)   !torch.std_mean(x, axis=1)
!torch.var_mean(x, axis=1, keepdims=True)
torch.linalg.vector_norm(x, axis=1, keepdims=True)   torch.linalg.matrix_norm(b, axis=(0, 1))
torch.linalg.norm(x, axis=1)
torch.linalg.vecdot(x, p, axis=0)   torch.cross(x, p, axis=0)   torch.linalg.cross(x, p, axis=0)
x.renorm(2, axis=0, maxnorm=1.0)
!torch.cosine_similarity(x, p, axis=0)   !torch.pairwise_distance(x, p, keepdims=True)   !torch.trapezoid(x, axis=0)
!torch.cumulative_trapezoid(x, axis=0)   !torch.gradient(x, axis=0)   torch.fft.fft(x, axis=0)
torch.fft.rfftn(x, axis=(0, 1))
!torch.fft.fftshift(x, axis=0)   x.scatter(axis=1, index=j, src=p)   x.scatter_add(axis=1, index=j, src=p)
x.scatter_reduce(axis=1, index=j, src=p, reduce="sum")   x.take_along_dim(j, axis=1)   x.tensor_split(2, axis=1)
x.index_add(axis=0, index=torch.tensor([0, 2]), source=p[:2])   x.index_fill(axis=0, index=torch.tensor([1]), value=2.0)
x.index_copy(axis=0, index=torch.tensor([0, 2]), source=p[:2])   x.split_with_sizes([1, 3], axis=1)
x.index_reduce(axis=0, index=torch.tensor([0, 2]), source=p[:2], reduce="amax")   !x.select_scatter(y, axis=0, index=1)
!x.slice_scatter(p[:2], axis=0, start=1)   torch.unflatten(x, axis=1, sizes=(2, 2))   !torch.unsqueeze_copy(x, axis=0)
(x * 1).index_fill_(axis=0, index=torch.tensor([1]), value=2.0)   (x * 1).scatter_(axis=1, index=j, value=2.0)
(x * 1).unsqueeze_(axis=0)   (w * 1).squeeze_(axis=1)   (x * 1).cumsum_(axis=0)   x.stride(axis=0) + x.sum()
"""

ELLIPSES = """
x[..., ...]   x[..., 0, ...]   b[0, ..., ...]   b[..., None, ...]   b[0, 1, ..., ..., 2]   b[[0, 1], ..., ...]
!b[..., ..., :]   b[..., [True, False, True, False], ...]   b[[0], ..., [1], ...]   c = x * 1; c[..., ...] = p; c
c = b * 1; c[..., 0, ...] = w[0]; c   c = b * 1; c[0, ..., ...] = p; c
"""
