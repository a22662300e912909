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

    def __getattr__(name: str) -> Any:
        """What one of the modules makes: in older cells `models` was the name of that module."""
        for module in map(globals().get, __all__):
            if getattr(vars(module).get(name), "__module__", None) == module.__name__:
                return vars(module)[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
