"""One example of every explorer of the lectures, of small untrained models: made in seconds."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.data import captions, dates, sunspots
from course_lib.data.scenes import NOTHING, SIDE, Scenes
from course_lib.data.words import Alphabet
from course_lib.explore import Explorer
from course_lib.lectures.autoregressive_models.autoregressive_explorer import forecast, markov
from course_lib.lectures.beyond_text.detections_explorer import detections
from course_lib.lectures.beyond_text.paint_explorer import paint
from course_lib.lectures.beyond_text.patches_explorer import patches
from course_lib.lectures.decoder.translation_explorer import translation
from course_lib.lectures.encoder.encoder_explorer import encoder, typed_encoder
from course_lib.lectures.encoder.norm_orders_explorer import norm_orders
from course_lib.lectures.lstm.gates_explorer import gates, read_marked_numbers, typed_gates
from course_lib.lectures.lstm.step_diagram_explorer import step_diagram
from course_lib.lectures.multi_head_attention.heads_explorer import heads, typed_heads
from course_lib.lectures.positional_encoding.positions_explorer import positions
from course_lib.lectures.rnn.hidden_state_explorer import hidden_state, letters
from course_lib.lectures.self_attention.attention_explorer import attention, soft_look_up, typed_attention
from course_lib.lectures.sequences.context_explorer import context
from course_lib.lectures.vanishing_gradients.gradient_flow_explorer import gradient_flow
from course_lib.models.attention import SelfAttention
from course_lib.models.detection import Detections
from course_lib.models.encoder_classifier import EncoderClassifier
from course_lib.models.markov import MarkovChain
from course_lib.models.recurrent import GRU, LSTM, RNN, SequencePredictor
from course_lib.models.text_to_image import Codebook, Painter
from course_lib.models.transformer import EncoderLayer, make_encoder
from course_lib.models.translation import TransformerTranslator
from course_lib.models.vision import PatchEmbedding, VisionTransformer
from tests.explore.samples import ANSWERS, WORDS, attended, read_words

COMPASS = {"east": (1.0, 0.0), "north": (0.0, 1.0), "west": (-1.0, 0.0)}
LETTERS = "·abcdefgh"
SENTENCE = "the old bank near water"


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def _recurrent(kind: type[RNN | LSTM | GRU], inputs: int, hidden: int, outputs: int) -> SequencePredictor:
    return SequencePredictor(kind(inputs, hidden, _generator()), outputs, _generator())


def _markov() -> Explorer:
    transition = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.4, 0.6, 0.0]])
    return markov(MarkovChain(transition[0], transition), ["vowel", "consonant", "end"])


def _letters() -> Explorer:
    alphabet = Alphabet(["banana", "lemon", "cherry"])
    return letters(_recurrent(RNN, len(alphabet), 16, len(alphabet)), alphabet, "banana")


def _self_attention() -> tuple[SelfAttention, Tensor]:
    return SelfAttention(6, 6, 6, _generator()), torch.randn(len(WORDS), 6, generator=_generator())


def _typed_attention() -> Explorer:
    layer, embedding = _self_attention()

    def read(text: str) -> tuple[Tensor, list[str]]:
        tokens, names = read_words(text)
        return embedding[tokens], names

    return typed_attention(layer, SENTENCE, read)


def _encoder_classifier() -> EncoderClassifier:
    layers = make_encoder(2, 16, 2, 8, _generator())
    return EncoderClassifier(len(LETTERS), 8, layers, len(LETTERS), _generator())


def _read_letters(text: str) -> tuple[Tensor, list[str]]:
    return torch.tensor([LETTERS.index(letter) for letter in text], dtype=torch.long), list(text)


def _patches() -> Explorer:
    model = VisionTransformer(
        PatchEmbedding(16, 4, 8, _generator()), 10, layers=3, heads=2, generator=_generator()
    )
    return patches(model, torch.rand(2, 16, 16, generator=_generator()), [3, 0])


def _detections() -> Explorer:
    images = torch.rand(2, SIDE, SIDE, generator=_generator()) / 2
    boxes = torch.tensor([[0.3, 0.3, 0.3, 0.4], [0.7, 0.6, 0.4, 0.4]]).expand(2, 2, 4)
    scores = torch.full((2, 2, 11), -50.0)
    scores[:, 0, 3] = scores[:, 1, 7] = 0
    scenes = Scenes(images, boxes, torch.tensor([[3, 7], [2, NOTHING]]))
    return detections(scenes, {"two queries": Detections(scores, boxes)})


def _paint() -> Explorer:
    painter = Painter(len(captions.VOCABULARY), 9, captions.LONGEST + 15, 8, 2, _generator())
    return paint(painter, Codebook(torch.rand(9, 16, generator=_generator()), size=4))


EXPLORERS: dict[Callable[..., Explorer], Callable[[], Explorer]] = {
    context: lambda: context(torch.linspace(3, 25, 12)),
    forecast: lambda: forecast(*sunspots.yearly(), trained_until=1920),
    markov: _markov,
    hidden_state: lambda: hidden_state(_recurrent(RNN, 1, 16, 1), torch.sin(torch.arange(40) / 2)),
    letters: _letters,
    gradient_flow: gradient_flow,
    gates: lambda: gates(_recurrent(LSTM, 2, 12, 1), torch.rand(30, 2, generator=_generator())),
    typed_gates: lambda: typed_gates(_recurrent(GRU, 2, 12, 1), "0.3* 0.5 0.9* 0.1", read_marked_numbers),
    step_diagram: lambda: step_diagram(LSTM(1, 1, _generator())),
    soft_look_up: lambda: soft_look_up(COMPASS, (10, 20, 40)),
    attention: lambda: attention(*_self_attention(), WORDS),
    typed_attention: _typed_attention,
    heads: lambda: heads(attended(8), torch.arange(len(WORDS)), WORDS, ANSWERS),
    typed_heads: lambda: typed_heads(attended(), SENTENCE, read_words, ANSWERS),
    positions: positions,
    encoder: lambda: encoder(_encoder_classifier(), *_read_letters("beadcc"), list(LETTERS)),
    typed_encoder: lambda: typed_encoder(_encoder_classifier(), "bead", _read_letters, list(LETTERS)),
    norm_orders: lambda: norm_orders(
        EncoderLayer(8, 2, 8, _generator()), torch.randn(5, 8, generator=_generator())
    ),
    translation: lambda: translation(TransformerTranslator(len(dates.VOCABULARY), 16, 4, _generator())),
    detections: _detections,
    patches: _patches,
    paint: _paint,
}  # fmt: skip
"""By the function of a lecture that makes it, an example."""
