"""Document 000: tensors that remember their history, `retain_graph`, `no_grad`."""

# %% the library
import torch

# %% a tensor that requires gradients
x = torch.ones(2, 2, requires_grad=True)
print(x)
#> tensor([[1., 1.],
#>         [1., 1.]], requires_grad=True)

# %% its values alone
print(x.data)
#> tensor([[1., 1.],
#>         [1., 1.]])
#? x.data.requires_grad is False

# %% no gradient yet
print(x.grad)
#> None

# %% made by the user, so by no function
print(x.grad_fn)
#> None

# %% a result names the function that made it
y = x + 2
print(y)
#> tensor([[3., 3.],
#>         [3., 3.]], grad_fn=<AddBackward0>)

# %% the function itself
print(y.grad_fn)
#> <AddBackward0 object at 0x...>

# %% two more steps
z = y * y * 3
out = z.mean()

print(z, out)
#> tensor([[27., 27.],
#>         [27., 27.]], grad_fn=<MulBackward0>) tensor(27., grad_fn=<MeanBackward0>)

# %% requires_grad_ changes the flag in place
a = torch.randn(2, 2)
a = ((a * 3) / (a - 1))
print(a.requires_grad)
a.requires_grad_(True)
print(a.requires_grad)
b = (a * a).sum()
print(b.grad_fn)
#> False
#> True
#> <SumBackward0 object at 0x...>

# %% requires_grad_ means True unless told otherwise
print(torch.ones(2).requires_grad_().requires_grad, torch.ones(2).requires_grad_(False).requires_grad)
#> True False

# %% backward from a scalar needs no argument
out.backward()
print(x.grad)
#> tensor([[4.5000, 4.5000],
#>         [4.5000, 4.5000]])

# %% once more: the buffers of `y * y` are gone
out.backward()
#! RuntimeError: Trying to backward through the graph a second time

# %% backward from a matrix needs the gradient's shape
x = torch.ones(2, 2, requires_grad=True)
y = x + 2
y.backward()
#! RuntimeError: grad can be implicitly created only for scalar outputs

# %% the flag's name before `retain_graph`
y.backward(torch.ones(2, 2), retain_variables=True)
#! TypeError: ...unexpected keyword argument 'retain_variables'
#? x.grad is None

# %% retain_graph keeps the buffers
x = torch.ones(2, 2, requires_grad=True)
y = x + 2
y.backward(torch.ones(2, 2), retain_graph=True)
print(x.grad)
#> tensor([[1., 1.],
#>         [1., 1.]])

# %% further on the same graph
z = y * y
print(z)
#> tensor([[9., 9.],
#>         [9., 9.]], grad_fn=<MulBackward0>)

# %% a random gradient adds to the ones before
gradient = torch.randn(2, 2)

y.backward(gradient)

print(x.grad)
#> tensor([[*.****, *.****],
#>         [*.****, *.****]])
#? torch.equal(x.grad, gradient + 1)

# %% what saved nothing has nothing to lose: a sum may be gone through again
y.backward(gradient)
#? torch.equal(x.grad, gradient + 1 + gradient)

# %% a product saved its operands: once
z.backward(torch.ones(2, 2))
#? torch.equal(x.grad, gradient + 1 + gradient + 6)

# %% and not twice
z.backward(torch.ones(2, 2))
#! RuntimeError: Trying to backward through the graph a second time

# %% unless the graph is retained
z = y * y
z.backward(torch.ones(2, 2), retain_graph=True)
z.backward(torch.ones(2, 2))

# %% no_grad records nothing
print(x.requires_grad)
print((x ** 2).requires_grad)

with torch.no_grad():
    print((x ** 2).requires_grad)
#> True
#> True
#> False
