"""Programs of views, their copies, and changes of shape in place."""

VIEWS = """
!torch.as_strided(x * 1, (2, 2), (1, 2))   !(x * 1).as_strided((2, 3), (3, 1), 1)   !(x * 1).as_strided((), (), 5)
!(x * 1).as_strided((3, 2), (0, 1))   (x * 1).unfold(1, 2, 1)   (x * 1).unfold(0, 2, 2)   y.unfold(0, 3, 1)
c = x * 1; c.unfold(1, 2, 2).mul_(2); c   c = x * 1; c.as_strided((2,), (5,)).fill_(0); c
x.detach().view(torch.int32)   i.view(torch.int32)   x.detach().clone().view(torch.uint8)   x.view_as(p)
x.detach().t().stride()   x[1:, ::2].stride()   x[1:, 1:].storage_offset()   x.detach()[1].storage_offset()
x.t().is_contiguous()   x.expand(2, 3, 4).stride()   torch.view_as_real(z).stride()   x.unfold(1, 2, 1).stride()
!torch.narrow_copy(x, 1, 1, 2)   !x.narrow_copy(0, 0, 2)   !torch.unsafe_chunk(x, 2, 1)   !torch.unsafe_split(x, 2)
!x.unsafe_chunk(2)   !x.unsafe_split(2, 1)   !torch.alias_copy(x)   !torch.expand_copy(y, (3, 4))   !torch.t_copy(x)
!torch.as_strided_copy(x, (2, 2), (1, 2))   !torch.detach_copy(x.detach())   !torch.diagonal_copy(x)
!torch.select_copy(x, 0, 1)
!torch.permute_copy(x, (1, 0))   !torch.slice_copy(x, 1, 1, 3)   !torch.squeeze_copy(x[:1])
!torch.transpose_copy(x, 0, 1)
!torch.split_copy(x, 2)   !torch.split_with_sizes_copy(x, [1, 2])   !torch.unbind_copy(x)
!torch.unfold_copy(x, 1, 2, 1)
!torch.unsqueeze_copy(x, 0)   !torch.view_copy(x, (4, 3))   !torch.view_as_real_copy(z)
c = x * 1; r = c.t_(); (c, r is c)   c = x * 1; c.transpose_(0, 1); c   c = x * 1; c.swapaxes_(0, 1); c
c = x * 1; c.swapdims_(0, 1); c   c = x * 1; c.unsqueeze_(1); c   c = x[:1] * 1; c.squeeze_(); c
c = x[:1] * 1; c.squeeze_(0); c   c = x * 1; c.squeeze_(1); c
c = x.detach().clone(); c.as_strided_((2, 2), (1, 2)); c
c = x.detach().clone(); c.resize_(2, 3); c   c = x.detach().clone(); c.resize_as_(y.detach()); c
c = torch.zeros(2); c.set_(x.detach()); c   !c = x * 1; v = c[0]; c.t_(); v.mul_(2); (c, v)
!c = x * 1; c.t_(); c.mul_(2); c   c = x * 1; v = c.t(); c.mul_(2); v   c = x * 1; v = c[1]; v *= 2; c += 1; (c, v)
torch.empty_strided((2, 3), (1, 2)).stride()   torch.empty_permuted((2, 3), (1, 0)).stride()
x.detach().new_empty_strided((2, 3), (1, 2)).shape   torch.empty_strided((2, 3), (3, 1)).dtype
c = x * 1; c[0] = 1; c   c = x * 1; c[0] += 1; c   c = x.detach().clone(); c[0] += 1; (c, c._version)
c = x.detach().clone(); c[1:3] = 0.5; c   c = x.detach().clone(); c[c > 0] = 0; c   c = i.clone(); c[0] = 7; c
c = x.detach().clone(); c[0] = y.detach(); c   c = x.detach().clone(); c[:, 1] = 2; c   c = m.clone(); c[0] = True; c
c = x.detach().clone(); c[...] = 1.5; c   c = x.detach().clone(); v = c[0]; v.zero_(); v += 1; c
c = x.detach().clone(); c.addcdiv_(p.detach(), p.detach(), value=0.5); c   c = i.clone(); c.mul_(n); c
c = i.clone(); c += 2; c   c = i.to(torch.uint8); c -= 5; c   c = m.clone(); c.add_(m); c
c = z.detach().clone(); c *= 2; c
"""
