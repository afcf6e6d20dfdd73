"""What every model run by ONNX Runtime needs: bounded texts, a tokenizer and a session, from bytes checked before."""

import os
from typing import TYPE_CHECKING

from broadsheet.search.model_files import ModelError

if TYPE_CHECKING:  # loaded with the first model, so that what needs none starts sooner
    import onnxruntime
    from tokenizers import Tokenizer

TEXT_LIMIT = 8_000
"""Characters of a text that are looked at; what comes later lies behind a model's cut in any language."""

INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
"""The tensors that a text can be turned into."""


def load_tokenizer(content: bytes, name: str, max_tokens: int) -> "Tokenizer":
    """The tokenizer of the model `name`, which cuts texts after `max_tokens`. Raises ModelError."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_buffer(content)
    except Exception as error:  # the library raises nothing more exact
        raise ModelError(f"the tokenizer of {name} cannot be loaded: {error}") from error
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def load_session(content: bytes, part: str, name: str) -> "onnxruntime.InferenceSession":
    """The `part` of the model `name`, ready to run in the thread of who asks, without one of its own that spins.

    Raises ModelError for what is no model, or one that wants more than a text has.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_mem_pattern = False  # lengths differ from text to text
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library raises nothing more exact
        raise ModelError(f"the {part} of {name} cannot be loaded: {error}") from error
    if unknown := {tensor.name for tensor in session.get_inputs()} - INPUTS:
        raise ModelError(f"the {part} of {name} wants {', '.join(sorted(unknown))}, which no text has")
    return session


def bounded(text: str) -> str:
    """The part of a text that is looked at, half characters of damaged text replaced."""
    return text[:TEXT_LIMIT].encode("utf-8", "replace").decode("utf-8")


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
