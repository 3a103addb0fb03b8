"""Document 002: `Variable`, as the first PyTorch had it and later ones still accept it."""

# %% the library
import torch
from torch.autograd import Variable

# %% a variable is a tensor now
x = Variable(torch.ones(2, 2), requires_grad=True)
print(x)
#> tensor([[1., 1.],
#>         [1., 1.]], requires_grad=True)
#? isinstance(x, Variable) and isinstance(torch.ones(1), Variable)

# %% a result
y = x + 2
print(y)
#> tensor([[3., 3.],
#>         [3., 3.]], grad_fn=<AddBackward0>)

# %% the function that made it
print(y.grad_fn)
#> <AddBackward0 object at 0x...>

# %% its name in the first PyTorch
print(y.creator)
#! AttributeError: 'Tensor' object has no attribute 'creator'

# %% two more steps
z = y * y * 3
out = z.mean()

print(z, out)
#> tensor([[27., 27.],
#>         [27., 27.]], grad_fn=<MulBackward0>) tensor(27., grad_fn=<MeanBackward0>)

# %% several elements need a gradient
z.backward()
#! RuntimeError: grad can be implicitly created only for scalar outputs

# %% backward from a scalar
out.backward()
print(x.grad)
#> tensor([[4.5000, 4.5000],
#>         [4.5000, 4.5000]])

# %% is backward with the gradient 1
ones = Variable(torch.ones(2, 2), requires_grad=True)
((ones + 2) * (ones + 2) * 3).mean().backward(torch.tensor(1.0))
print(ones.grad)
#> tensor([[4.5000, 4.5000],
#>         [4.5000, 4.5000]])

# %% which has no dimension, as the mean has none
((ones + 2) * (ones + 2) * 3).mean().backward(torch.Tensor([1.0]))
#! RuntimeError: Mismatch in shape: grad_output[0] has a shape of torch.Size([1]) and output[0] has a shape of torch.Size([]).

# %% doubling until the norm is large
x = torch.randn(3)
x = Variable(x, requires_grad=True)

y = x * 2
while y.data.norm() < 1000:
    y = y * 2

print(y)
#> tensor([*.****, *.****, *.****], grad_fn=<MulBackward0>)
#? 1000 <= y.data.norm() < 2000

# %% and back
gradients = torch.FloatTensor([0.1, 1.0, 0.0001])
y.backward(gradients)

print(x.grad)
#> tensor([*.****e±**, *.****e±**, *.****e±**])
#? torch.equal(x.grad, gradients * (y.data / x.data))
