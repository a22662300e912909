"""Transformers with the weights of PyTorch's."""

from typing import TypeVar

import torch
from torch import nn
from torch.nn.functional import relu

from course_lib.models import attention
from course_lib.models.transformer import (
    EPSILON,
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    LayerNorm,
    Norm,
    Transformer,
)

TorchLayer = nn.TransformerEncoderLayer | nn.TransformerDecoderLayer
Kind = TypeVar("Kind")


def encoder_layer(layer: nn.TransformerEncoderLayer) -> EncoderLayer:
    """Copy the weights of an encoder layer; its dropout is ignored.

    Raises ValueError if its units are not ReLU, or it has no biases or another epsilon.
    """
    copy = EncoderLayer(*_sizes(layer), norm=_order(layer))
    copy.attention = attention.from_torch(layer.self_attn)
    copy.feed_forward = _feed_forward(layer)
    copy.norm_attention, copy.norm_feed_forward = _layer_norm(layer.norm1), _layer_norm(layer.norm2)
    return copy


def decoder_layer(layer: nn.TransformerDecoderLayer) -> DecoderLayer:
    """Copy the weights of a decoder layer; its dropout is ignored. Raises as `encoder_layer`."""
    copy = DecoderLayer(*_sizes(layer), norm=_order(layer))
    copy.attention = attention.from_torch(layer.self_attn)
    copy.cross_attention = attention.from_torch(layer.multihead_attn)
    copy.feed_forward = _feed_forward(layer)
    copy.norm_attention, copy.norm_cross_attention = _layer_norm(layer.norm1), _layer_norm(layer.norm2)
    copy.norm_feed_forward = _layer_norm(layer.norm3)
    return copy


def encoder(stack: nn.TransformerEncoder) -> Encoder:
    """Copy the weights of all layers and of the norm at the end, if there is one.

    Raises ValueError as `encoder_layer`, or if it holds layers of other classes than PyTorch's.
    """
    layers = [encoder_layer(_expect(layer, nn.TransformerEncoderLayer)) for layer in stack.layers]
    return Encoder(layers, _last_norm(stack.norm))


def decoder(stack: nn.TransformerDecoder) -> Decoder:
    """Copy the weights of all layers and of the norm at the end, if there is one; raises as `encoder`."""
    layers = [decoder_layer(_expect(layer, nn.TransformerDecoderLayer)) for layer in stack.layers]
    return Decoder(layers, _last_norm(stack.norm))


def transformer(model: nn.Transformer) -> Transformer:
    """Copy the weights of a whole Transformer; its dropout is ignored; raises as `encoder`."""
    return Transformer(
        encoder(_expect(model.encoder, nn.TransformerEncoder)),
        decoder(_expect(model.decoder, nn.TransformerDecoder)),
    )


def _expect(part: object, kind: type[Kind]) -> Kind:
    if not isinstance(part, kind):
        raise ValueError(f"only a {kind.__name__} can be copied here, not a {type(part).__name__}")
    return part


def _sizes(layer: TorchLayer) -> tuple[int, int, int]:
    if layer.activation not in (relu, torch.relu) and not isinstance(layer.activation, nn.ReLU):
        raise ValueError("only a layer of ReLU units can be copied")
    if layer.linear1.bias is None:
        raise ValueError("only a layer with biases can be copied")
    return layer.self_attn.embed_dim, layer.self_attn.num_heads, layer.linear1.out_features


def _order(layer: TorchLayer) -> Norm:
    return "pre" if layer.norm_first else "post"


def _feed_forward(layer: TorchLayer) -> FeedForward:
    copy = FeedForward(layer.linear1.in_features, layer.linear1.out_features)
    copy.to(layer.linear1.weight.dtype)
    copy.load_state_dict(
        {
            "weight_hidden": layer.linear1.weight,
            "bias_hidden": layer.linear1.bias,
            "weight_output": layer.linear2.weight,
            "bias_output": layer.linear2.bias,
        }
    )
    return copy


def _layer_norm(norm: nn.LayerNorm) -> LayerNorm:
    if norm.eps != EPSILON:
        raise ValueError(f"only a norm with epsilon {EPSILON:g} can be copied, not {norm.eps:g}")
    if norm.weight is None or norm.bias is None:
        raise ValueError("only a norm with a gain and a bias can be copied")
    copy = LayerNorm(norm.normalized_shape[0]).to(norm.weight.dtype)
    copy.load_state_dict({"gain": norm.weight, "bias": norm.bias})
    return copy


def _last_norm(norm: nn.Module | None) -> LayerNorm | None:
    return None if norm is None else _layer_norm(_expect(norm, nn.LayerNorm))
