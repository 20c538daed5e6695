"""What a client was told of an exchange, and whether the line of the record says the same.

Each client's file turns what its SDK gave into `Said`, by rules of its own, so that Weir's reading of an answer is
held against the SDK's.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal

# The header field by which a case's exchange is found in the record.
CASE = "x-case"
# Dollars for a million tokens of every model that is asked for here, in the configuration's own words.
PRICES = {"input": Decimal("1"), "output": Decimal("2"), "cached_input": Decimal("0.1")}


@dataclass
class Used:
    """Tokens, by one rule for all: caches are part of the input, reasoning is part of the output."""

    input: int | None
    output: int | None = None
    total: int | None = None
    cached: int | None = None
    written: int | None = None
    reasoning: int | None = None

    def cost(self) -> Decimal:
        cached = self.cached or 0
        input = (self.input or 0) - cached
        dollars = PRICES["input"] * input + PRICES["cached_input"] * cached + PRICES["output"] * (self.output or 0)
        return dollars / 1_000_000


@dataclass
class Said:
    """What the client of one exchange was told."""

    dialect: str
    model: str | None = "mock-1"
    answered: str | None = "mock-1"
    text: str | None = None
    reasoning: str | None = None
    # Names and arguments.
    calls: list[tuple[str, dict]] = field(default_factory=list)
    finish: str | None = None
    # None: the server told the client nothing of it.
    used: Used | None = None
    status: int = 200
    outcome: str = "completed"
    # A part of the error's message, where there is one.
    error: str | None = None
    # Whether it is the answer of a model to a message, with a text, tokens and a cost.
    speaks: bool = True
    # Whether it came in pieces, so that there is a time of the first.
    streamed: bool = False


def check(line: dict, said: Said, has_price: bool) -> None:
    """Holds a line against what the client was told."""
    find = []

    def same(what: str, found, wanted) -> None:
        if found != wanted:
            find.append(f"{what}: {found!r} in place of {wanted!r}")

    same("dialect", line["dialect"], said.dialect)
    same("status", line["response_status_code"], said.status)
    same("outcome", line["outcome"], said.outcome)
    same("model", line["model"], said.model)
    if said.error is None:
        same("response_model", line["response_model"], said.answered)
    else:
        told = (line.get("provider_error") or {}).get("message") or (line["error"] or {}).get("detail")
        same("the error", said.error in (told or ""), True)
    if said.speaks and said.error is None:
        check_message(line.get("response_message") or {}, said, same)
        check_usage(line, said, has_price, same)
        if said.streamed:
            first = (line.get("timing") or {}).get("first_token_ms", -1)
            same("the first token's time", 0 <= first <= line["duration_ms"], True)
    assert not find, "; ".join(find) + "\n" + json.dumps(line, ensure_ascii=False)[:2500]


def check_message(message: dict, said: Said, same) -> None:
    same("role", message.get("role"), "assistant")
    same("content", message.get("content") or "", said.text or "")
    same("reasoning", message.get("reasoning") or "", said.reasoning or "")
    same("finish_reason", message.get("finish_reason"), said.finish)
    calls = message.get("tool_calls") or []
    same("tool calls", [(call["name"], arguments(call["arguments"])) for call in calls], said.calls)


def arguments(value) -> dict:
    """A call's arguments, which are JSON text in some dialects and an object in others."""
    return json.loads(value) if isinstance(value, str) else value


def check_usage(line: dict, said: Said, has_price: bool, same) -> None:
    usage = line["usage"] or {}
    if said.used is None:
        same("usage's source", usage.get("source"), "estimated")
        return
    same("usage's source", usage.get("source"), "reported")
    for key, wanted in (
        ("input_tokens", said.used.input), ("output_tokens", said.used.output), ("total_tokens", said.used.total),
        ("cached_input_tokens", said.used.cached), ("cache_write_tokens", said.used.written),
        ("reasoning_tokens", said.used.reasoning),
    ):
        # What a server leaves out and what it counts as none are the same to a reader.
        same(key, usage.get(key) or 0, wanted or 0)
    cost = line.get("cost")
    if not has_price:
        same("cost", cost, None)
        return
    same("cost", cost and Decimal(cost["amount"]), said.used.cost())
    same("currency", cost and cost["currency"], "USD")
    same("price", cost and cost["source"], "configured")
