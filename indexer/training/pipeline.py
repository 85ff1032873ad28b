"""Making the default encoder from the base model and the training material, from beginning to end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from indexer.training.base_model import base_file, build_model, build_tokenizer, kept_pieces, read_base
from indexer.training.contrastive import Progress, Recipe, train
from indexer.training.elsewhere import elsewhere_texts, write_elsewhere
from indexer.training.export import export
from indexer.training.material import Group, read_groups

NAME = "zhengda-e5-small"


def base() -> tuple[Any, Any]:
    """The pruned base model and its tokenizer, as they are before training."""
    read = read_base(base_file())
    kept = kept_pieces(read.pieces)
    return build_model(read, kept), build_tokenizer([read.pieces[number] for number in kept])


def make(
    groups: Sequence[Group],
    target: Path,
    recipe: Recipe,
    start: tuple[Any, Any] | None = None,
    name: str = NAME,
    progress: Progress | None = None,
) -> None:
    """Train `start`, the base model when None, on the groups and write what serving reads into a folder.

    `start` is a `transformers.BertModel` and a `tokenizers.Tokenizer`; the model is changed.
    """
    model, tokenizer = start or base()
    container = sentence_transformer(model, tokenizer)
    train(container, groups, recipe, progress)
    texts = [group.phrasings[0] for group in groups]
    export(container[0].auto_model, tokenizer, target, name, texts)
    write_elsewhere(target, elsewhere_texts(read_groups()))


def sentence_transformer(model: Any, tokenizer: Any) -> Any:
    """A `SentenceTransformer` that takes the mean of the token vectors, at length 1."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import PreTrainedTokenizerFast

    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=model.config.max_position_embeddings,
    )
    with TemporaryDirectory() as folder, _without_progress_bars():
        model.config.hidden_dropout_prob = model.config.attention_probs_dropout_prob = 0.0
        model.save_pretrained(folder)
        fast.save_pretrained(folder)
        # Our model has no pooling layer of its own: one made up for it would be reported as missing.
        transformer = Transformer(folder, model_kwargs={"add_pooling_layer": False})
    return SentenceTransformer(
        modules=[transformer, Pooling(model.config.hidden_size, "mean"), Normalize()], device="cpu"
    )


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Those of the library, in English, for what takes less than a second."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
