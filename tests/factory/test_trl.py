"""TRL's SFTTrainer takes a built version as it lies on the disk, each format of it.

Run with `make test-train`, which installs PyTorch and TRL. The model is a Llama of two small layers
and the tokenizer is trained here: what is proved is that rows go in and a loss comes out.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from factory.version import read
from tests.factory import projects
from tests.factory.building import made

pytestmark = pytest.mark.train

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trl")
    shop = projects.write(folder / "shop", projects.SHOP)
    greetings = projects.write(folder / "greetings", projects.GREETINGS)
    return made(folder, [shop, greetings]).folder


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<|pad|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([projects.CART, projects.QUEUE, projects.GREETER], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="<|pad|>",
        eos_token="<|im_end|>",
        chat_template=TEMPLATE,
    )


@pytest.mark.parametrize("fmt", ["messages", "prompt_completion", "text"])
def test_sft_trainer_takes_the_version_unchanged(
    built: Path, tokenizer: Any, tmp_path: Path, fmt: str
) -> None:
    from datasets import load_dataset
    from transformers import LlamaConfig, LlamaForCausalLM
    from trl import SFTConfig, SFTTrainer

    files = [str(p) for p in read(built).parquet(fmt, "train")]
    rows = load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path / "c"))
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(tmp_path / "out"),
            max_steps=2,
            per_device_train_batch_size=2,
            max_length=2048,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            bf16=False,
        ),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert len(losses) == 2
    assert all(math.isfinite(loss) and loss > 0 for loss in losses)
    if fmt == "prompt_completion":
        # Only the completion is learnt from, as TRL does for this format.
        labels = trainer.train_dataset[0]["labels"]
        assert labels[0] == -100
        assert labels[-1] != -100
