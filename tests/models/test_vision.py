"""Patches, the vision Transformer and its rollout, and the networks beside it."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import pad, unfold

from course_lib.models.transformer import EncoderLayer, make_encoder
from course_lib.models.vision import (
    PatchEmbedding,
    VisionTransformer,
    attention_rollout,
    convolutional,
    feature_maps,
    patchify,
    perceptron,
    unpatchify,
)

SIDE, SIZE, D_MODEL, CLASSES, LAYERS, HEADS = 6, 2, 8, 3, 2, 4
PATCHES = 9


def make(generator: torch.Generator, positions: bool = True) -> VisionTransformer:
    embedding = PatchEmbedding(SIDE, SIZE, D_MODEL, generator, positions)
    torch.nn.init.normal_(embedding.bias, generator=generator)
    return VisionTransformer(embedding, CLASSES, layers=LAYERS, heads=HEADS, generator=generator)


@pytest.fixture
def images(generator: torch.Generator) -> Tensor:
    return torch.randn(5, SIDE, SIDE, generator=generator)


# patches


def test_patches_of_a_picture_that_counts_its_pixels():
    patches = patchify(torch.arange(24.0).reshape(1, 1, 4, 6), 2)
    assert patches.tolist() == [
        [[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10, 11], [12, 13, 18, 19], [14, 15, 20, 21], [16, 17, 22, 23]]
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_patches_equal_torchs_unfold(size: int, generator: torch.Generator):
    images = torch.randn(4, 3, 6, 12, generator=generator)
    expected = unfold(images, kernel_size=size, stride=size).transpose(1, 2)
    assert torch.equal(patchify(images, size), expected)


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_patches_are_put_together_again(size: int, generator: torch.Generator):
    images = torch.randn(4, 3, 6, 12, generator=generator)
    assert torch.equal(unpatchify(patchify(images, size), size, height=6), images)


@pytest.mark.parametrize(("height", "width", "size"), [(5, 6, 2), (6, 5, 2), (6, 6, 4), (6, 6, 0)])
def test_pictures_that_cannot_be_cut_get_a_line(height: int, width: int, size: int):
    message = f"^{height} x {width} pixels can't be cut into squares of {size} x {size}$"
    with pytest.raises(ValueError, match=message):
        patchify(torch.zeros(1, 1, height, width), size)


def test_an_embedding_is_a_convolution_and_a_place(generator: torch.Generator, images: Tensor):
    embedding = make(generator).embedding
    assert embedding.positions is not None
    kernels = embedding.weight.view(D_MODEL, 1, SIZE, SIZE)
    expected = torch.conv2d(images[:, None], kernels, embedding.bias, stride=SIZE).flatten(2).transpose(1, 2)
    torch.testing.assert_close(embedding(images), expected + embedding.positions)


# the vision Transformer


def test_scores_are_read_off_the_class_token(generator: torch.Generator, images: Tensor):
    model = make(generator)
    scores, trace = model(images)
    tokens = torch.stack([torch.stack([model.class_token, *row]) for row in model.embedding(images)])
    torch.testing.assert_close(trace.stream[0], tokens)
    expected = model.encoder(tokens).output
    torch.testing.assert_close(trace.output, expected)
    torch.testing.assert_close(scores, expected[:, 0] @ model.weight.T + model.bias)
    assert scores.shape == (5, CLASSES)


@pytest.mark.parametrize("positions", [False, True])
def test_only_without_positions_the_patches_are_a_bag(
    positions: bool, generator: torch.Generator, images: Tensor
):
    model = make(generator, positions)
    order = torch.randperm(PATCHES, generator=generator)
    shuffled = unpatchify(patchify(images[:, None], SIZE)[:, order], SIZE, SIDE)[:, 0]
    change = (model(images)[0] - model(shuffled)[0]).abs().amax(dim=1)
    if positions:
        assert change.min() > 1e-3
    else:
        assert change.max() < 1e-12


def test_a_hidden_patch_leaves_no_trace(generator: torch.Generator, images: Tensor):
    model = make(generator)
    kept = torch.rand(5, PATCHES, generator=generator) > 0.4
    patches = patchify(images[:, None], SIZE)
    noise = torch.randn(patches.shape, generator=generator)
    other = unpatchify(torch.where(kept[..., None], patches, noise), SIZE, SIDE)[:, 0]
    torch.testing.assert_close(model(images, kept)[0], model(other, kept)[0], rtol=0, atol=1e-12)
    assert (model(images)[0] - model(other)[0]).abs().amax(dim=1).min() > 1e-3
    for layer in model(images, kept)[1].layers:
        weights = layer.attended.weights
        assert (weights[~pad(kept, (1, 0), value=True)[:, None, None].expand_as(weights)] == 0).all()


def test_hidden_patches_are_as_if_they_were_not_there(generator: torch.Generator, images: Tensor):
    model = make(generator)
    kept = torch.tensor([True, False, True, True, False, False, True, True, False])
    tokens = torch.cat([model.class_token.expand(5, 1, -1), model.embedding(images)[:, kept]], dim=1)
    expected = model.encoder(tokens).output[:, 0] @ model.weight.T + model.bias
    torch.testing.assert_close(model(images, kept.expand(5, -1))[0], expected)


def test_nothing_hidden_changes_nothing(generator: torch.Generator, images: Tensor):
    model = make(generator)
    kept = torch.ones(5, PATCHES, dtype=torch.bool)
    torch.testing.assert_close(model(images, kept)[0], model(images)[0])


@pytest.mark.parametrize("positions", [False, True])
def test_every_parameter_is_trained(positions: bool, generator: torch.Generator, images: Tensor):
    model = make(generator, positions)
    model(images)[0].square().sum().backward()
    assert not [name for name, weight in model.named_parameters() if weight.grad is None]


# rollout


def test_rollout_of_two_layers_by_hand():
    first = torch.tensor([[[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]]])  # two heads
    second = torch.tensor([[[[0.2, 0.8], [1.0, 0.0]], [[0.2, 0.8], [1.0, 0.0]]]])
    # first: mean of the heads (1/2 1/2; 1/2 1/2), with the stream (3/4 1/4; 1/4 3/4)
    # second: (0.2 0.8; 1 0), with the stream (0.6 0.4; 0.5 0.5)
    expected = torch.tensor([[[0.6 * 0.75 + 0.4 * 0.25, 0.6 * 0.25 + 0.4 * 0.75], [0.5, 0.5]]])
    torch.testing.assert_close(attention_rollout([first, second]), expected)


def test_rollout_shares_sum_to_one(generator: torch.Generator, images: Tensor):
    weights = [layer.attended.weights for layer in make(generator)(images)[1].layers]
    total = attention_rollout(weights)
    assert total.shape == (5, PATCHES + 1, PATCHES + 1)
    torch.testing.assert_close(total.sum(dim=-1), torch.ones(5, PATCHES + 1))


def test_tokens_that_read_themselves_stay_what_they_are():
    alone = torch.eye(4).expand(2, 3, 4, 4)
    torch.testing.assert_close(attention_rollout([alone] * 3), torch.eye(4).expand(2, 4, 4))


def test_rollout_is_exact_where_layers_only_mix(generator: torch.Generator):
    """Layers without norms and networks, whose heads copy: their output is twice the mixture, each time."""
    stack = make_encoder(2, 4, 1, 4, generator, without=("norm", "feed_forward"))
    for layer in stack.layers:
        assert isinstance(layer, EncoderLayer)
        layer.attention.weight_input.data[8:] = torch.eye(4)  # the values
        layer.attention.weight_output.data = torch.eye(4)
    x = torch.randn(1, 5, 4, generator=generator)
    trace = stack(x)
    shares = attention_rollout([layer.attended.weights for layer in trace.layers])
    torch.testing.assert_close(trace.output, 4 * shares @ x)


# the networks beside it


def test_a_perceptron_by_hand(generator: torch.Generator):
    network = perceptron(SIDE * SIDE, 7, CLASSES, generator)
    images = torch.randn(4, SIDE, SIDE, generator=generator)
    weight_hidden, bias_hidden, weight, bias = network.parameters()
    hidden = (images.reshape(4, -1) @ weight_hidden.T + bias_hidden).clamp(min=0)
    torch.testing.assert_close(network(images), hidden @ weight.T + bias)
    assert (bias_hidden == 0).all() and (bias == 0).all()


def test_a_convolutional_network_has_the_layers_it_was_asked_for(generator: torch.Generator):
    network = convolutional(8, (3, 5), CLASSES, generator)
    sizes = [tuple(weight.shape) for weight in network.parameters()]
    assert sizes == [(3, 1, 3, 3), (3,), (5, 3, 3, 3), (5,), (CLASSES, 5 * 2 * 2), (CLASSES,)]
    images = torch.randn(4, 8, 8, generator=generator)
    *_, weight, bias = network.parameters()
    features = feature_maps(network, images)
    assert features.shape == (4, 4, 5)
    torch.testing.assert_close(network(images), features.transpose(1, 2).flatten(1) @ weight.T + bias)


def test_feature_maps_shift_with_the_picture(generator: torch.Generator):
    """Two poolings halve twice: what moves by 4 pixels moves by one place."""
    network = convolutional(8, (3, 5), CLASSES, generator)
    images = torch.zeros(2, 20, 20)
    images[:, 6:11, 4:9] = torch.rand(2, 5, 5, generator=generator)
    moved = images.roll((4, 8), dims=(1, 2))
    before, after = (feature_maps(network, each).unflatten(1, (5, 5)) for each in (images, moved))
    assert before.flatten(1).std() > 1e-3
    torch.testing.assert_close(before.roll((1, 2), dims=(1, 2)), after)


def test_drawn_weights_follow_he_and_the_generator():
    network = perceptron(64, 500, 10, torch.Generator().manual_seed(1))
    weight_hidden, *_ = network.parameters()
    assert weight_hidden.std().item() == pytest.approx((2 / 64) ** 0.5, rel=0.02)
    again = perceptron(64, 500, 10, torch.Generator().manual_seed(1))
    assert torch.equal(weight_hidden, next(again.parameters()))
