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
x.split(split_size=2)   x.split(split_size=[1, 2], dim=0)   torch.split_with_sizes(input=x, split_sizes=[1, 2])
x.split_with_sizes(split_sizes=[3, 1], dim=1)   !torch.unsafe_split(input=x, split_size=2)
x.tensor_split(sections=2)   torch.tensor_split(x, indices=[1], dim=1)   x.tensor_split(indices=(1, 2))
torch.tensor_split(x, tensor_indices_or_sections=torch.tensor([1]))   x.hsplit(sections=2)   x.vsplit(indices=[1])
!torch.split_copy(input=x, split_size=2)   !torch.split_with_sizes_copy(input=x, split_sizes=[1, 2])
"""
