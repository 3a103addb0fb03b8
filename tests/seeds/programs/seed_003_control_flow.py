"""Document 003: gradients of a dot product, detaching, control flow, and the exercises."""

# %% a vector
import torch

x = torch.arange(4.0)
x
#> tensor([0., 1., 2., 3.])

# %% no gradient yet
x.requires_grad_(True)
x.grad
#? x.grad is None

# %% the same in one step
torch.arange(4.0, requires_grad=True)
#> tensor([0., 1., 2., 3.], requires_grad=True)

# %% twice the dot product
y = 2 * torch.dot(x, x)
y
#> tensor(28., grad_fn=<MulBackward0>)

# %% its gradient
y.backward()
x.grad
#> tensor([ 0.,  4.,  8., 12.])

# %% is 4 x
x.grad == 4 * x
#> tensor([True, True, True, True])

# %% another function of x, after clearing the gradient
x.grad.zero_()
y = x.sum()
y.backward()
x.grad
#> tensor([1., 1., 1., 1.])

# %% a vector's backward is its sum's
x.grad.zero_()
y = x * x
y.sum().backward()
x.grad
#> tensor([0., 2., 4., 6.])

# %% or takes a vector of ones
x.grad.zero_()
y = x * x
y.backward(torch.ones(len(x)))
x.grad
#> tensor([0., 2., 4., 6.])

# %% but not nothing
y = x * x
y.backward()
#! RuntimeError: grad can be implicitly created only for scalar outputs

# %% detached, y is a constant
x.grad.zero_()
y = x * x
u = y.detach()
z = u * x

z.sum().backward()
x.grad == u
#> tensor([True, True, True, True])

# %% while y itself still has its history
x.grad.zero_()
y.sum().backward()
x.grad == 2 * x
#> tensor([True, True, True, True])

# %% a function with a loop and a branch
def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c

# %% of a random scalar
a = torch.randn(size=(), requires_grad=True)
d = f(a)
d.backward()

# %% is linear between the jumps
a.grad == d / a
#> tensor(True)

# %% one branch
a = torch.tensor(1.5, requires_grad=True)
f(a).backward()
a.grad
#> tensor(1024.)
#? a.grad == f(a) / a

# %% the other
a = torch.tensor(-1.5, requires_grad=True)
f(a).backward()
a.grad
#> tensor(102400.)
#? a.grad == f(a) / a

# %% exercise 1: a second derivative goes through a graph that the first one drew
x = torch.arange(4.0, requires_grad=True)
(first,) = torch.autograd.grad(2 * torch.dot(x, x), x, create_graph=True)
(second,) = torch.autograd.grad(first.sum(), x)
print(first.requires_grad, second.requires_grad)
second
#> True False
#> tensor([4., 4., 4., 4.])

# %% exercise 2: backward, and at once again
y = 2 * torch.dot(x, x)
y.backward()
y.backward()
#! RuntimeError: Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.

# %% as the error says
y = 2 * torch.dot(x, x)
x.grad.zero_()
y.backward(retain_graph=True)
y.backward()
x.grad
#> tensor([ 0.,  8., 16., 24.])

# %% exercise 3: of a random vector
a = torch.randn(size=(3,), requires_grad=True)
d = f(a)
d.backward()
#! RuntimeError: grad can be implicitly created only for scalar outputs

# %% of a random matrix
a = torch.randn(size=(2, 3), requires_grad=True)
d = f(a)
d.backward()
#! RuntimeError: grad can be implicitly created only for scalar outputs

# %% whose sum can be differentiated: every element has the same slope
d.sum().backward()
#? torch.allclose(a.grad, d / a)
#? (a.grad == a.grad[0, 0]).all()
#? a.grad[0, 0] >= 2

# %% exercise 4: another control flow
def g(a):
    return a * a if a > 0 else -3 * a

for value in (2.0, -2.0):
    a = torch.tensor(value, requires_grad=True)
    g(a).backward()
    print(a.grad)
#> tensor(4.)
#> tensor(-3.)
