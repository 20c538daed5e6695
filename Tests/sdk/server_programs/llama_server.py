"""llama.cpp's own server with a model made on the spot: llama_server.py DIRECTORY [--embeddings]

Says on standard error where it listens, and ends with its standard input.
"""

import os
import sys
from pathlib import Path

import xllamacpp

import random_model


def main() -> None:
    model = Path(sys.argv[1]) / "random.gguf"
    if not model.exists():
        random_model.write(model)
    settings = xllamacpp.CommonParams()
    settings.model.path = str(model)
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0
    settings.n_ctx = random_model.CONTEXT
    settings.n_parallel = 1
    settings.warmup = False
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    # The likeliest word always, so that a question has one answer.
    settings.sampling.temp = 0
    settings.enable_reasoning = 0
    if "--embeddings" in sys.argv:
        settings.embedding = True
        settings.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    server = xllamacpp.Server(settings)
    # In one piece, on a line of its own: the server's threads write there too.
    os.write(sys.stderr.fileno(), f"\nlistens at {server.listening_address}\n".encode())
    sys.stdin.read()


main()
