"""A language model without a meaning: random weights in the file format of llama.cpp, half a megabyte."""

from pathlib import Path

import gguf
import numpy

DIMENSIONS = 64
LAYERS = 2
HEADS = 4
CONTEXT = 2048
# What it speaks: any text is read, by single octets where need be, but only these are ever written.
WORDS = """amber anchor basket beacon bramble candle canyon cedar cinder clover compass copper cradle drizzle ember
fathom feather ferry gravel harbour hazel helmet island ivory kettle lantern ledger linen marble meadow mortar needle
nettle orchard otter paddle pebble pepper plover quarry ribbon saddle sparrow tallow thimble timber vessel willow żółw
rzeka 河流 灯塔 море ветер""".split()
# With the mark of its thoughts in it, by which the server tells them from what is said. Only a request that asks for
# thoughts gets any, and then nothing else.
TEMPLATE = (
    "{% for message in messages %}[{{ message['role'] }}]"
    "{% if message['reasoning_content'] %}<think>{{ message['reasoning_content'] }}</think>{% endif %}"
    "{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]"
    "{% if enable_thinking is defined and enable_thinking %}<think>{% else %}<think></think>{% endif %}{% endif %}")


def write(path: Path, seed: int = 7) -> None:
    """Writes a model that is always the same."""
    random = numpy.random.default_rng(seed)
    kinds = gguf.TokenType
    vocabulary = [("<unk>", kinds.UNKNOWN), ("<s>", kinds.CONTROL), ("</s>", kinds.CONTROL)]
    vocabulary += [(f"<0x{octet:02X}>", kinds.BYTE) for octet in range(256)]
    silent = len(vocabulary)
    vocabulary += [("▁" + word, kinds.NORMAL) for word in WORDS]

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(DIMENSIONS)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(2 * DIMENSIONS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(DIMENSIONS // HEADS)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([text for text, _ in vocabulary])
    writer.add_token_scores([0.0] * len(vocabulary))
    writer.add_token_types([kind for _, kind in vocabulary])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(TEMPLATE)

    def weights(rows: int, columns: int) -> numpy.ndarray:
        return random.standard_normal((rows, columns), dtype=numpy.float32) / numpy.float32(columns**0.5)

    scale = numpy.ones(DIMENSIONS, numpy.float32)
    output = weights(len(vocabulary), DIMENSIONS)
    output[:silent] = 0
    writer.add_tensor("token_embd.weight", weights(len(vocabulary), DIMENSIONS))
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", scale)
    for layer in range(LAYERS):
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", scale)
        writer.add_tensor(f"blk.{layer}.ffn_norm.weight", scale)
        for part in ("q", "k", "v", "output"):
            writer.add_tensor(f"blk.{layer}.attn_{part}.weight", weights(DIMENSIONS, DIMENSIONS))
        for part in ("gate", "up"):
            writer.add_tensor(f"blk.{layer}.ffn_{part}.weight", weights(2 * DIMENSIONS, DIMENSIONS))
        writer.add_tensor(f"blk.{layer}.ffn_down.weight", weights(DIMENSIONS, 2 * DIMENSIONS))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
