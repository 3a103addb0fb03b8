"""Document 004: autograd, a graph walked back twice, `nn` and its functions, MNIST, layers and pictures.

The document's digits are a download; here they are files of the same format with the pictures of `seed_mnist.py`.
"""

# %% autograd, example 1: a sum
import torch

x = torch.tensor([3.0,4.0], requires_grad = True)
y = torch.tensor([1.0,2.0], requires_grad = True)
z = x + y

print(z)
print(z.grad_fn)
#> tensor([4., 6.], grad_fn=<AddBackward0>)
#> <AddBackward0 object at 0x...>

# %% its mean
out = z.mean()
print(out)
print(out.grad_fn)
#> tensor(5., grad_fn=<MeanBackward0>)
#> <MeanBackward0 object at 0x...>

# %% gradients of the leaves only
out.backward()
print(x.grad)
print(y.grad)
print(z.grad)
#> tensor([0.5000, 0.5000])
#> tensor([0.5000, 0.5000])
#> None

# %% example 1 in one piece
import torch

x = torch.tensor([3.0, 4.0], requires_grad=True)
y = torch.tensor([1.0, 2.0], requires_grad=True)
z = x + y

print(z)
print(z.grad_fn)

out = z.mean()
print(out)
print(out.grad_fn)

out.backward()
print(x.grad)
print(y.grad)
print(z.grad)
#> tensor([4., 6.], grad_fn=<AddBackward0>)
#> <AddBackward0 object at 0x...>
#> tensor(5., grad_fn=<MeanBackward0>)
#> <MeanBackward0 object at 0x...>
#> tensor([0.5000, 0.5000])
#> tensor([0.5000, 0.5000])
#> None

# %% a power is recorded
temp = torch.tensor([3.0, 4.0], requires_grad = True)
print(temp.requires_grad)
print((temp**2).requires_grad)
#> True
#> True

# %% but not under no_grad
with torch.no_grad():
    temp = torch.tensor([3.0,4.0], requires_grad = True)
    print(temp.requires_grad)
    print((temp**2).requires_grad)
#> True
#> False

# %% both together
temp = torch.tensor([3.0, 4.0], requires_grad=True)
print(temp.requires_grad)
print((temp ** 2).requires_grad)

with torch.no_grad():
    temp = torch.tensor([3.0, 4.0], requires_grad=True)
    print(temp.requires_grad)
    print((temp ** 2).requires_grad)
#> True
#> True
#> True
#> False

# %% autograd, example 2: three by three
import torch

x = torch.ones(3,3, requires_grad = True)
print(x)

y = x + 5
print(y)
print(y.grad_fn)

z = y*y*2
out = z.mean()

print(z, out)
#> tensor([[1., 1., 1.],
#>         [1., 1., 1.],
#>         [1., 1., 1.]], requires_grad=True)
#> tensor([[6., 6., 6.],
#>         [6., 6., 6.],
#>         [6., 6., 6.]], grad_fn=<AddBackward0>)
#> <AddBackward0 object at 0x...>
#> tensor([[72., 72., 72.],
#>         [72., 72., 72.],
#>         [72., 72., 72.]], grad_fn=<MulBackward0>) tensor(72., grad_fn=<MeanBackward0>)

# %% requires_grad_ changes the flag in place
a = torch.randn(3,3)
a = ((a * 3)/(a - 1))
print(a.requires_grad)

a.requires_grad_(True)
print(a.requires_grad)

b = (a * a).sum()
print(b.grad_fn)
#> False
#> True
#> <SumBackward0 object at 0x...>

# %% the gradient of the mean
out.backward()
print(x.grad)
#> tensor([[2.6667, 2.6667, 2.6667],
#>         [2.6667, 2.6667, 2.6667],
#>         [2.6667, 2.6667, 2.6667]])

# %% doubling until the norm is large
x = torch.rand(3, requires_grad = True)

y = x * 2
while y.data.norm() < 1000:
    y = y * 2

print(y)
#> tensor([*.****, *.****, *.****], grad_fn=<MulBackward0>)
#? 1000 <= y.data.norm() < 2000

# %% and back along a vector
v = torch.tensor([0.1, 1.0, 0.0001], dtype = torch.float)
y.backward(v)

print(x.grad)
#> tensor([*.****e±**, *.****e±**, *.****e±**])
#? torch.equal(x.grad, v * (y.data / x.data))

# %% no_grad again
print(x.requires_grad)
print((x**2).requires_grad)

with torch.no_grad():
    print((x**2).requires_grad)
#> True
#> True
#> False

# %% detach: the same values, no history
print(x.requires_grad)
y = x.detach()
print(y.requires_grad)
print(x.eq(y).all())
#> True
#> False
#> tensor(True)

# %% the way back, first time: a tensor of ones
import torch

a = torch.ones(2,2)
print(a)
#> tensor([[1., 1.],
#>         [1., 1.]])

# %% which requires gradients
a = torch.ones(2,2, requires_grad = True)
print(a)

print("a:data:", a.data)
print("a.grad:", a.grad)
print("a.grad_fn", a.grad_fn)
#> tensor([[1., 1.],
#>         [1., 1.]], requires_grad=True)
#> a:data: tensor([[1., 1.],
#>         [1., 1.]])
#> a.grad: None
#> a.grad_fn None

# %% b = a + 2
b = a + 2
print(b)
#> tensor([[3., 3.],
#>         [3., 3.]], grad_fn=<AddBackward0>)

# %% c = b squared
c = b**2
print(c)
#> tensor([[9., 9.],
#>         [9., 9.]], grad_fn=<PowBackward0>)

# %% out = sum of c
out = c.sum()
print(out)
#> tensor(36., grad_fn=<SumBackward0>)

# %% back
print(out)
out.backward()
#> tensor(36., grad_fn=<SumBackward0>)

# %% what a has
print("a:data:", a.data)
print("a.grad:", a.grad)
print("a.grad_fn", a.grad_fn)
#> a:data: tensor([[1., 1.],
#>         [1., 1.]])
#> a.grad: tensor([[6., 6.],
#>         [6., 6.]])
#> a.grad_fn None

# %% what b has
print("b:data:", b.data)
print("b.grad:", b.grad)
print("b.grad_fn", b.grad_fn)
#> b:data: tensor([[3., 3.],
#>         [3., 3.]])
#> b.grad: None
#> b.grad_fn <AddBackward0 object at 0x...>

# %% what c has, asked twice
print("c:data:", c.data)
print("c.grad:", c.grad)
print("c.grad_fn", c.grad_fn)
print("c:data:", c.data)
print("c.grad:", c.grad)
print("c.grad_fn", c.grad_fn)
#> c:data: tensor([[9., 9.],
#>         [9., 9.]])
#> c.grad: None
#> c.grad_fn <PowBackward0 object at 0x...>
#> c:data: tensor([[9., 9.],
#>         [9., 9.]])
#> c.grad: None
#> c.grad_fn <PowBackward0 object at 0x...>

# %% what out has
print("out:data:", out.data)
print("out.grad:", out.grad)
print("out.grad_fn", out.grad_fn)
#> out:data: tensor(36.)
#> out.grad: None
#> out.grad_fn <SumBackward0 object at 0x...>

# %% the way back, second time: two paths from x
x = torch.ones(3, requires_grad = True)
y = (x**2)
z = y**2 + x
out = z.sum()
print(out)
#> tensor(6., grad_fn=<SumBackward0>)

# %% back along a vector: what x has
grad = torch.Tensor([0.1,1,100])
z.backward(grad)

print("x:data:", x.data)
print("x.grad:", x.grad)
print("x.grad_fn", x.grad_fn)
#> x:data: tensor([1., 1., 1.])
#> x.grad: tensor([  0.5000,   5.0000, 500.0000])
#> x.grad_fn None

# %% what y has
print("y:data:", y.data)
print("y.grad:", y.grad)
print("y.grad_fn", y.grad_fn)
#> y:data: tensor([1., 1., 1.])
#> y.grad: None
#> y.grad_fn <PowBackward0 object at 0x...>

# %% what z has
print("z:data:", z.data)
print("z.grad:", z.grad)
print("z.grad_fn", z.grad_fn)
#> z:data: tensor([2., 2., 2.])
#> z.grad: None
#> z.grad_fn <AddBackward0 object at 0x...>

# %% convolutions as modules
import torch
import torch.nn as nn

m1 = nn.Conv2d(16, 33, 3, stride = 2)
m2 = nn.Conv2d(in_channels = 16, out_channels = 33, kernel_size = 3, stride = 2)
m3 = nn.Conv2d(in_channels = 16, out_channels = 33, kernel_size = (3,5), stride = (2,1), padding = (4,2))
m4 = nn.Conv2d(in_channels = 16, out_channels = 33, kernel_size = (3,5), stride = (2,1), padding = (4,2), dilation = (3,1))

inp = torch.randn(20,16,50,100)

out1 = m1(inp)
out2 = m2(inp)
out3 = m3(inp)
out4 = m4(inp)

print(out1.size())
print(out2.size())
print(out3.size())
print(out4.size())
#> torch.Size([20, 33, 24, 49])
#> torch.Size([20, 33, 24, 49])
#> torch.Size([20, 33, 28, 100])
#> torch.Size([20, 33, 26, 100])
#? torch.allclose(out1[0, :, 3, 5], (m1.weight * inp[0, :, 6:9, 10:13]).sum(dim=(1, 2, 3)) + m1.bias, atol=1e-5)
#? torch.allclose(out4[0, :, 3, 5], (m4.weight * inp[0, :, 2:9:3, 3:8]).sum(dim=(1, 2, 3)) + m4.bias, atol=1e-5)

# %% the same written shorter
m = nn.Conv2d(16, 33, 3, stride=2)
m = nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2))
m = nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2), dilation=(3, 1))
input = torch.randn(20, 16, 50, 100)
output = m(input)
#? output.size() == out4.size()

# %% a convolution as a function of its filters
import torch
import torch.nn.functional as F

filters = torch.randn(8,4,3,3)

inputs = torch.randn(1,4,5,5)
conv = F.conv2d(inputs, filters, padding = 1)
print(conv.shape)
#> torch.Size([1, 8, 5, 5])
#? torch.allclose(conv[0, :, 2, 2], (filters * inputs[0, :, 1:4, 1:4]).sum(dim=(1, 2, 3)), atol=1e-5)

# %% preparing pictures
import torch
import torchvision.transforms as transforms

# %% a chain of transforms
transforms = transforms.Compose([transforms.ToTensor(),
                                 transforms.Normalize(mean = (0.5,), std = (0.5,))])

# %% the digits, already where a download would put them
import torch
from torchvision import datasets, transforms
from torch.utils.data import DataLoader

transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.1307,), (0.3081,))
])

trainset = datasets.MNIST('data',
                          train=True,
                          download=True,
                          transform=transform)

testset = datasets.MNIST('data',
                         train=False,
                         download=True,
                         transform=transform)

train_loader = DataLoader(trainset, batch_size=32, shuffle=True, num_workers=2)

test_loader = DataLoader(testset, batch_size=32, shuffle=False, num_workers=2)
#? (len(trainset), len(testset)) == (1500, 297)
#? (len(train_loader), len(test_loader)) == (47, 10)

# %% one batch
images, labels = next(iter(train_loader))

print(images.size())
print(labels.size())
#> torch.Size([32, 1, 28, 28])
#> torch.Size([32])
#? images.dtype == torch.float32 and labels.dtype == torch.int64
#? torch.allclose(images.min(), torch.tensor((0 - 0.1307) / 0.3081))
#? 1.5 < images.max() <= 2.8215
#? 0 <= labels.min() and labels.max() <= 9

# %% one picture of it
import matplotlib.pyplot as plt
plt.style.use('seaborn-v0_8-white')

torch_image = torch.squeeze(images[0])
print(torch_image.shape)

image = torch_image.numpy()
print(image.shape)

label = labels[0].numpy()
print(label.shape)

print(label)

plt.title(label)
plt.imshow(image, 'gray')
plt.show()
#> torch.Size([28, 28])
#> (28, 28)
#> ()
#> *
#? plt.gca().get_title() == str(labels[0].item())
#? (plt.gca().images[0].get_array() == image).all()

# %% layers
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

# %% a convolution names its settings
nn.Conv2d(in_channels = 1, out_channels = 20, kernel_size = 5, stride = 1)
#> Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1))

# %% given by position, on a device
layer = nn.Conv2d(1,20,5,1).to(torch.device('cpu'))
print(layer)
#> Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1))

# %% its weight
weight = layer.weight
print(weight.shape)
#> torch.Size([20, 1, 5, 5])

# %% which is no array while it requires gradients
weight.numpy()
#! RuntimeError: Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.

# %% but is when detached
weight = weight.detach()

weight = weight.numpy()
print(weight.shape)
#> (20, 1, 5, 5)

# %% a picture of one filter
plt.imshow(weight[0,0,:,:], 'jet')
plt.colorbar()
plt.show()
#? (plt.gcf().axes[0].images[0].get_array() == weight[0, 0]).all()

# %% the layer applied to one picture
print(images.shape)

input_image = torch.unsqueeze(images[0], dim = 0)
output_data = layer(input_image)
output = output_data.data
output_arr = output.numpy()
print(output_arr.shape)
#> torch.Size([32, 1, 28, 28])
#> (1, 20, 24, 24)
#? output_data.requires_grad and not output.requires_grad

# %% input, weight and output side by side
plt.figure(figsize = (15,30))
plt.subplot(131)
plt.title("Input")
plt.imshow(image, 'gray')

plt.subplot(132)
plt.title('Weight')
plt.imshow(weight[0,0,:,:], 'jet')

plt.subplot(133)
plt.title("Output")
plt.imshow(output_arr[0,0,:,:], 'gray')
#> <matplotlib.image.AxesImage object at 0x...>
#? [axes.get_title() for axes in plt.gcf().axes] == ["Input", "Weight", "Output"]

# %% pooling
print(image.shape)

pool = F.max_pool2d(output, 2, 2)
print(pool.shape)

pool_arr = pool.numpy()
print(pool_arr.shape)

plt.figure(figsize =(10,15))

plt.subplot(121)
plt.title('Input')
plt.imshow(image, 'gray')
plt.show

plt.subplot(122)
plt.title('Output')
plt.imshow(pool_arr[0,0,:,:], 'gray')
plt.show
#> (28, 28)
#> torch.Size([1, 20, 12, 12])
#> (1, 20, 12, 12)
#> <function show at 0x...>
#? torch.equal(pool[0, :, 3, 4], output[0, :, 6:8, 8:10].amax(dim=(1, 2)))

# %% a linear layer wants one row per picture
image = torch.from_numpy(image)
print(image.shape)

flatten = image.view(1,28*28)
print(flatten.shape)

lin = nn.Linear(784,10)(flatten)
print(lin.shape)

print(lin)

plt.imshow(lin.detach().numpy(), 'jet')
plt.colorbar()
plt.show()
#> torch.Size([28, 28])
#> torch.Size([1, 784])
#> torch.Size([1, 10])
#> tensor([[*.****, *.****, *.****, *.****, *.****, *.****, *.****, *.****,
#>          *.****, *.****]], grad_fn=<AddmmBackward0>)

# %% softmax (the document imported NumPy somewhere before)
import numpy as np

with torch.no_grad():
    flatten = image.view(1,28*28)
    lin = nn.Linear(784,10)(flatten)
    softmax = F.softmax(lin, dim = 1)

print(softmax)
print(np.sum(softmax.numpy()))
#> tensor([[*.****, *.****, *.****, *.****, *.****, *.****, *.****, *.****, *.****,
#>          *.****]])
#> ...
#? abs(np.sum(softmax.numpy()) - 1) < 1e-6
#? torch.allclose(softmax, lin.exp() / lin.exp().sum())

# %% relu (and chosen a device)
device = torch.device('cpu')

inputs = torch.randn(4,3,28,28).to(device)
print(inputs.shape)

layer = nn.Conv2d(3,20,5,1).to(device)
output = F.relu(layer(inputs))
print(output.shape)
#> torch.Size([4, 3, 28, 28])
#> torch.Size([4, 20, 24, 24])
#? output.min() == 0 and torch.equal(output, layer(inputs).clamp(min=0))
