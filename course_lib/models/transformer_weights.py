"""Transformers with the weights of PyTorch's."""

from torch import nn
from torch.nn.functional import relu

from course_lib.models import attention
from course_lib.models.transformer import (
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    LayerNorm,
    Norm,
    Transformer,
)


def encoder_layer(layer: nn.TransformerEncoderLayer) -> EncoderLayer:
    """Copy the weights of an encoder layer; its dropout is ignored.

    Raises ValueError if its units are not ReLU.
    """
    copy = EncoderLayer(*_sizes(layer), norm=_norm(layer))
    copy.attention = attention.from_torch(layer.self_attn)
    copy.feed_forward = _feed_forward(layer)
    copy.norm_attention, copy.norm_feed_forward = _layer_norm(layer.norm1), _layer_norm(layer.norm2)
    return copy


def decoder_layer(layer: nn.TransformerDecoderLayer) -> DecoderLayer:
    """Copy the weights of a decoder layer; its dropout is ignored.

    Raises ValueError if its units are not ReLU.
    """
    copy = DecoderLayer(*_sizes(layer), norm=_norm(layer))
    copy.attention = attention.from_torch(layer.self_attn)
    copy.cross_attention = attention.from_torch(layer.multihead_attn)
    copy.feed_forward = _feed_forward(layer)
    copy.norm_attention, copy.norm_cross_attention = _layer_norm(layer.norm1), _layer_norm(layer.norm2)
    copy.norm_feed_forward = _layer_norm(layer.norm3)
    return copy


def transformer(model: nn.Transformer) -> Transformer:
    """Copy the weights of a whole Transformer; its dropout is ignored.

    Raises ValueError if its units are not ReLU.
    """
    encoder_layers, decoder_layers = [], []
    for layer in (*model.encoder.layers, *model.decoder.layers):
        if isinstance(layer, nn.TransformerEncoderLayer):
            encoder_layers.append(encoder_layer(layer))
        else:
            assert isinstance(layer, nn.TransformerDecoderLayer)
            decoder_layers.append(decoder_layer(layer))
    return Transformer(
        Encoder(encoder_layers, _last_norm(model.encoder.norm)),
        Decoder(decoder_layers, _last_norm(model.decoder.norm)),
    )


def _sizes(layer: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer) -> tuple[int, int, int]:
    if layer.activation is not relu:
        raise ValueError("only a layer of ReLU units can be copied")
    return layer.self_attn.embed_dim, layer.self_attn.num_heads, layer.linear1.out_features


def _norm(layer: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer) -> Norm:
    return "pre" if layer.norm_first else "post"


def _feed_forward(layer: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer) -> FeedForward:
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
    copy = LayerNorm(norm.normalized_shape[0]).to(norm.weight.dtype)
    copy.load_state_dict({"gain": norm.weight, "bias": norm.bias})
    return copy


def _last_norm(norm: nn.Module | None) -> LayerNorm | None:
    return _layer_norm(norm) if isinstance(norm, nn.LayerNorm) else None
