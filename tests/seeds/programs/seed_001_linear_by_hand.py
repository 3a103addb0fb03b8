"""Document 001: a linear layer and gradient descent by hand, `detach_` and `requires_grad_`."""

# %% a difference of one random element each
import torch

x = torch.rand(1, requires_grad=True)
y = torch.rand(1)
y.requires_grad=True
loss = y - x

# %% its two gradients
loss.backward()
print(x.grad, y.grad)
#> tensor([-1.]) tensor([1.])

# %% four inputs, three outputs
x = torch.ones(4)
y = torch.zeros(3)
W = torch.rand(4, 3, requires_grad=True)
b = torch.rand(3, requires_grad=True)
z = torch.matmul(x, W) + b
print(W, b, z)
#> tensor([[*.****, *.****, *.****],
#>         [*.****, *.****, *.****],
#>         [*.****, *.****, *.****],
#>         [*.****, *.****, *.****]], requires_grad=True) tensor([*.****, *.****, *.****], requires_grad=True) tensor([*.****, *.****, *.****], grad_fn=<AddBackward0>)
#? torch.allclose(z, W.sum(dim=0) + b)
#? bool((W >= 0).all()) and bool((W < 1).all())

# %% the mean squared error and its gradients
import torch.nn.functional as F

loss = F.mse_loss(z, y)
loss.backward()
print(loss, W.grad, b.grad)
#> tensor(*.****, grad_fn=<MseLossBackward0>) tensor([[*.****, *.****, *.****],
#>         [*.****, *.****, *.****],
#>         [*.****, *.****, *.****],
#>         [*.****, *.****, *.****]]) tensor([*.****, *.****, *.****])
#? torch.allclose(loss, (z * z).mean())
#? torch.allclose(b.grad, z * 2 / 3)
#? (W.grad == b.grad).all()

# %% descend until the loss is small
threshold = 0.1
learning_rate = 0.01
iteration_num = 0

while loss > threshold:
  iteration_num += 1
  W = W - learning_rate * W.grad
  b = b - learning_rate * b.grad
  print(iteration_num, loss, z , y)

  W.detach_().requires_grad_(True)
  b.detach_().requires_grad_(True)

  z = torch.matmul(x, W) + b
  loss = F.mse_loss(z, y)
  loss.backward()

print("최종결과:", iteration_num + 1, loss, z , y)
#>+ * tensor(*.****, grad_fn=<MseLossBackward0>) tensor([*.****, *.****, *.****], grad_fn=<AddBackward0>) tensor([0., 0., 0.])
#> 최종결과: * tensor(*.****, grad_fn=<MseLossBackward0>) tensor([*.****, *.****, *.****], grad_fn=<AddBackward0>) tensor([0., 0., 0.])
#? 0.09 < loss <= threshold
#? W.is_leaf and W.requires_grad and W.grad_fn is None
#? torch.allclose(b.grad, z * 2 / 3)

# %% run again, the same cell stops at once
iteration_num = 0

while loss > threshold:
  iteration_num += 1

print("최종결과:", iteration_num + 1, loss, z , y)
#> 최종결과: 1 tensor(*.****, grad_fn=<MseLossBackward0>) tensor([*.****, *.****, *.****], grad_fn=<AddBackward0>) tensor([0., 0., 0.])
