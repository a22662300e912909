"""Modules that moved: what a learner's own cells import by an old name goes on working.

Kept while workspaces may hold cells that were written for version 0.1; `models.__getattr__` goes with it.
"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

MOVED = {
    "course_lib.explore.attention": "course_lib.lectures.self_attention.attention_explorer",
    "course_lib.explore.autoregressive": "course_lib.lectures.autoregressive_models.autoregressive_explorer",
    "course_lib.explore.detections": "course_lib.lectures.beyond_text.detections_explorer",
    "course_lib.explore.encoder": "course_lib.lectures.encoder.encoder_explorer",
    "course_lib.explore.gates": "course_lib.lectures.lstm.gates_explorer",
    "course_lib.explore.gradient_flow": "course_lib.lectures.vanishing_gradients.gradient_flow_explorer",
    "course_lib.explore.heads": "course_lib.lectures.multi_head_attention.heads_explorer",
    "course_lib.explore.norm_orders": "course_lib.lectures.encoder.norm_orders_explorer",
    "course_lib.explore.paint": "course_lib.lectures.beyond_text.paint_explorer",
    "course_lib.explore.patches": "course_lib.lectures.beyond_text.patches_explorer",
    "course_lib.explore.positions": "course_lib.lectures.positional_encoding.positions_explorer",
    "course_lib.explore.preview": "course_lib.lectures.beyond_text.training_preview",
    "course_lib.explore.recurrent": "course_lib.lectures.rnn.hidden_state_explorer",
    "course_lib.explore.sequences": "course_lib.lectures.sequences.context_explorer",
    "course_lib.explore.step_diagram": "course_lib.lectures.lstm.step_diagram_explorer",
    "course_lib.explore.translation": "course_lib.lectures.decoder.translation_explorer",
    "course_lib.lectures.equality": "course_lib.notebooks.equality",
    "course_lib.lectures.notebook": "course_lib.notebooks.notebook",
    "course_lib.lectures.store": "course_lib.notebooks.store",
    "course_lib.lectures.workspace": "course_lib.notebooks.workspace",
    "course_lib.models.gates": "course_lib.models.recurrent",
}

TAKEN_APART = {
    "start_here": ("start",),
    "sequences": ("chain_rule", "sequences"),
    "autoregressive_models": ("autoregressive_models", "markov_models"),
    "rnn": ("recurrent_steps", "rnn"),
    "vanishing_gradients": ("backpropagation", "gradient_clipping", "vanishing_gradients"),
    "lstm": ("lstm", "lstm_memory", "lstm_parameters"),
    "gru": ("bucketing", "gru"),
    "self_attention": ("attention_cost", "scaled_dot_product", "self_attention"),
    "multi_head_attention": ("equivariance", "heads", "multi_head_attention"),
    "positional_encoding": ("positional_encoding", "reversal_ceiling", "rotary_positions"),
    "encoder": ("encoder_layer", "feed_forward", "layer_norm", "padding"),
    "decoder": ("beam", "cross_attention", "greedy", "next_symbol", "shift_right", "top_p"),
    "beyond_text": ("match_objects", "patchify", "sample_tokens"),
}
"""For each lecture, the modules of `course_lib.exercises` whose parts are in its folder now."""
FOLDERS = {f"course_lib.exercises.{name}": folder for folder, names in TAKEN_APART.items() for name in names}


class MovedModules(MetaPathFinder, Loader):
    """Finds a module that moved by its old name, once no other finder does."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """The specification of a module that moved; None for every other name.

        Raises:
            ImportError: for a module that was taken apart, saying where its parts are.
        """
        if fullname in FOLDERS:
            place = f"course_lib/lectures/{FOLDERS[fullname]}"
            # Of a ModuleNotFoundError `from course_lib.exercises import ...` would lose the words.
            raise ImportError(f"{fullname} is gone: see {place}/, or course_lib.exercises.EXERCISES by name")
        return spec_from_loader(fullname, self) if fullname in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself, so that both names give one and the same."""
        module = import_module(MOVED[spec.name])
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It has been executed; the import system has overwritten what it says of itself."""
        if module.__spec__:
            module.__spec__ = module.__spec__.loader_state


def install() -> None:
    """Let imports find the modules that moved."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.append(MovedModules())
