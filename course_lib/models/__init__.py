"""What the lectures build: one module a family of models."""

from typing import TYPE_CHECKING, Any

from course_lib.models import (
    attention,
    autoregressive,
    detection,
    encoder_classifier,
    gradient_flow,
    markov,
    ngram,
    pieces,
    positions,
    probe,
    recurrent,
    text_to_image,
    token_classifier,
    transformer,
    transformer_weights,
    translation,
    vision,
)

__all__ = [
    "attention",
    "autoregressive",
    "detection",
    "encoder_classifier",
    "gradient_flow",
    "markov",
    "ngram",
    "pieces",
    "positions",
    "probe",
    "recurrent",
    "text_to_image",
    "token_classifier",
    "transformer",
    "transformer_weights",
    "translation",
    "vision",
]

if not TYPE_CHECKING:  # learners' cells that were written with older names go on working
    transformer.encoder, transformer.decoder = transformer.make_encoder, transformer.make_decoder
    MODELS = (attention, transformer, translation)
    """In older lectures `models` was one of these, so that it has to know itself by its present name, too."""
    for _module in MODELS:
        setattr(_module, _module.__name__.rpartition(".")[2], _module)

    def __getattr__(name: str) -> Any:
        """What one of the modules holds that `models` was in older lectures."""
        for module in MODELS:
            if name in vars(module):
                return vars(module)[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
