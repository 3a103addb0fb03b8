"""Weights made orthogonal or of norm one, layers fused, and names of old. These tests also hold in PyTorch."""

import pytest

import xpgrad as torch

nn = torch.nn
ORTHOGONAL = nn.utils.parametrizations.orthogonal


def identity_error(weight):
    weight = weight.detach()
    product = weight.mH @ weight if weight.shape[-2] >= weight.shape[-1] else weight @ weight.mH
    return float((product - torch.eye(product.shape[-1], dtype=weight.dtype)).abs().max())


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)], ids=str)
@pytest.mark.parametrize("orthogonal_map", ["matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("use_trivialization", [True, False])
def test_orthogonal_weights(shape, orthogonal_map, use_trivialization):
    layer = nn.Linear(shape[1], shape[0], dtype=torch.float64)
    assert ORTHOGONAL(layer, orthogonal_map=orthogonal_map, use_trivialization=use_trivialization) is layer
    assert identity_error(layer.weight) < 1e-12
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(torch.ones(2, shape[1], dtype=torch.float64)).pow(2).sum().backward()
    optimizer.step()
    assert identity_error(layer.weight) < 1e-12
    wanted = torch.linalg.qr(torch.randn(max(shape), min(shape), dtype=torch.float64))[0]
    wanted = wanted if shape[0] >= shape[1] else wanted.mT
    if use_trivialization or orthogonal_map == "householder":
        layer.weight = wanted
        assert torch.allclose(layer.weight, wanted)
    else:
        with pytest.raises(NotImplementedError, match="It is not possible to assign"):
            layer.weight = wanted


def test_unitary_weights():
    layer = ORTHOGONAL(nn.Linear(3, 3, dtype=torch.complex128))
    assert identity_error(layer.weight) < 1e-12
    assert list(layer.state_dict()) == ["bias", "parametrizations.weight.original", "parametrizations.weight.0.base"]


@pytest.mark.parametrize(
    ("layer", "settings", "text"),
    [
        (nn.Linear(2, 2), {"name": "no"}, "has no parameter or buffer with name 'no'"),
        (nn.Linear(2, 2), {"name": "bias"}, "Expected a matrix or batch of matrices. Got a tensor of 1 dimensions."),
        (
            nn.Linear(2, 2),
            {"orthogonal_map": "qr"},
            'orthogonal_map has to be one of "matrix_exp", "cayley", "househol',
        ),
        (nn.Linear(2, 2, dtype=torch.complex64), {"orthogonal_map": "householder"}, "does not support complex tensors"),
    ],
    ids=["name", "vector", "map", "complex"],
)
def test_weights_that_cannot_be_orthogonal(layer, settings, text):
    with pytest.raises(ValueError, match=text):
        ORTHOGONAL(layer, **settings)


def test_spectral_norm_by_hooks():
    layer = nn.utils.spectral_norm(nn.Linear(4, 3, dtype=torch.float64), n_power_iterations=100)
    assert list(layer.state_dict()) == ["bias", "weight_orig", "weight_u", "weight_v"]
    layer(torch.ones(2, 4, dtype=torch.float64)).sum().backward()
    assert layer.weight_orig.grad.shape == (3, 4)
    assert abs(float(torch.linalg.matrix_norm(layer.weight.detach(), 2)) - 1) < 1e-6
    with pytest.raises(RuntimeError, match="Cannot register two spectral_norm hooks on the same parameter weight"):
        nn.utils.spectral_norm(layer)
    weight = layer.weight.detach().clone()
    assert torch.allclose(nn.utils.remove_spectral_norm(layer).weight, weight)
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    with pytest.raises(ValueError, match="spectral_norm of 'weight' not found"):
        nn.utils.remove_spectral_norm(layer)


def trained(normalization, shape):
    for _ in range(3):
        normalization(torch.randn(shape, dtype=torch.float64) * 2 + 1)
    with torch.no_grad():
        normalization.weight.uniform_(0.5, 1.5)
        normalization.bias.normal_()
    return normalization.eval()


@pytest.mark.parametrize("bias", [True, False])
def test_fusing_convolutions(bias):
    layer = nn.Conv2d(2, 3, 3, bias=bias, dtype=torch.float64).eval()
    normalization = trained(nn.BatchNorm2d(3, dtype=torch.float64), (4, 3, 5, 5))
    x = torch.randn(2, 2, 6, 6, dtype=torch.float64)
    assert torch.allclose(nn.utils.fuse_conv_bn_eval(layer, normalization)(x), normalization(layer(x)))


def test_fusing_transposed_convolutions():
    layer = nn.ConvTranspose1d(2, 3, 3, dtype=torch.float64).eval()
    normalization = trained(nn.BatchNorm1d(3, dtype=torch.float64), (4, 3, 5))
    x = torch.randn(2, 2, 6, dtype=torch.float64)
    fused = nn.utils.fuse_conv_bn_eval(layer, normalization, transpose=True)
    assert torch.allclose(fused(x), normalization(layer(x)))


def test_fusing_linear_layers():
    layer = nn.Linear(2, 3, dtype=torch.float64).eval()
    normalization = trained(nn.BatchNorm1d(3, dtype=torch.float64), (4, 3))
    x = torch.randn(5, 2, dtype=torch.float64)
    assert torch.allclose(nn.utils.fuse_linear_bn_eval(layer, normalization)(x), normalization(layer(x)))


def test_modules_without_first_values():
    layer = nn.utils.skip_init(nn.Linear, 5, 1)
    assert layer.weight.shape == (1, 5)
    with pytest.raises(RuntimeError, match="Expected a Module"):
        nn.utils.skip_init(int)
    with pytest.raises(RuntimeError, match="must support a 'device' arg"):
        nn.utils.skip_init(nn.ReLU)


OLD = ["constant", "dirac", "eye", "kaiming_normal", "kaiming_uniform", "normal", "orthogonal", "sparse", "uniform",
       "xavier_normal", "xavier_uniform"]  # fmt: skip


@pytest.mark.parametrize("name", OLD)
def test_initialisers_of_old(name):
    tensor = torch.empty(4, 4, 3) if name == "dirac" else torch.empty(4, 4)
    settings = {"constant": (2.0,), "sparse": (0.5,)}.get(name, ())
    with pytest.warns(FutureWarning, match=f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`"):
        assert getattr(nn.init, name)(tensor, *settings) is tensor


def test_clipping_of_old():
    x = torch.ones(4, requires_grad=True)
    x.sum().backward()
    with pytest.warns(FutureWarning, match="clip_grad_norm` is now deprecated"):
        nn.utils.clip_grad_norm([x], 1.0)
    assert abs(float(x.grad.norm()) - 1) < 1e-5


def test_convolutions_with_time_first():
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    weight, bias = torch.randn(2, 3, 4, dtype=torch.float64), torch.randn(4, dtype=torch.float64)
    expected = nn.functional.conv1d(x.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=1).permute(2, 0, 1)
    assert torch.allclose(torch.conv_tbc(x, weight, bias, 1), expected)
    for wrong in ((x[0], weight, bias), (x, weight[0], bias), (x, weight.mT, bias), (x, weight, bias[:2])):
        with pytest.raises(RuntimeError):
            torch.conv_tbc(*wrong)


def test_batch_normalisations_without_running_statistics():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.ReLU())
    assert torch.func.replace_all_batch_norm_modules_(model) is model
    assert list(model.state_dict()) == ["0.weight", "0.bias"]
