"""Whether a line of the record says what the client of its exchange was told."""

import json
from decimal import Decimal

import record
from said import Said


def check(line: dict, said: Said, has_price: bool) -> None:
    """Holds a line against what the client was told."""
    faults = []

    def same(what: str, found, wanted) -> None:
        if found != wanted:
            faults.append(f"{what}: {found!r} in place of {wanted!r}")

    same("dialect", line["dialect"], said.dialect)
    same("operation", line["operation"], said.operation)
    same("status", line["response_status_code"], said.status)
    if not (line["outcome"] == "client_abort" and record.hung_up_at_the_end(line)):
        same("outcome", line["outcome"], said.outcome)
    same("model", line["model"], said.model)
    if said.error is None:
        same("response_model", line["response_model"], said.answered)
    else:
        told = (line.get("provider_error") or {}).get("message") or (line["error"] or {}).get("detail")
        same("the error", said.error in (told or ""), True)
    if said.error is None and (said.speaks or said.used):
        check_usage(line, said, has_price, same)
    if said.error is None and said.speaks:
        check_message(line.get("response_message") or {}, said, same)
        same("response_messages", len(line.get("response_messages") or [None]), said.answers)
        if said.streamed:
            first = (line.get("timing") or {}).get("first_token_ms", -1)
            same("the first token's time", 0 <= first <= line["duration_ms"], True)
    assert not faults, "; ".join(faults) + "\n" + json.dumps(line, ensure_ascii=False)[:2500]


def check_message(message: dict, said: Said, same) -> None:
    same("role", message.get("role"), "assistant")
    content = message.get("content") or ""
    if said.outcome == "client_abort":
        # Some was under way to a client that had left.
        content = content[: len(said.text)]
    same("content", content, said.text or "")
    same("reasoning", message.get("reasoning") or "", said.reasoning or "")
    same("finish_reason", message.get("finish_reason"), said.finish)
    calls = message.get("tool_calls") or []
    same("tool calls", [(call["name"], arguments(call["arguments"])) for call in calls], said.calls)


def check_transcript(entry: str, said: Said) -> None:
    """Holds an entry of the Markdown transcript against what the client was told."""
    sections = dict(part.split("\n", 1) for part in entry.split("\n### ")[1:])
    for heading, wanted in (("Reasoning", said.reasoning), ("Assistant", said.text), ("Error", said.error)):
        # A text that begins with a space stands in a fence.
        assert not wanted or wanted.strip() in sections.get(heading, ""), f"no {heading} {wanted!r} in\n{entry}"
    for name, _ in said.calls:
        assert "```json\n" in sections.get(f"Tool Call: `{name}`", ""), f"no call of {name} in\n{entry}"


def arguments(value) -> dict:
    """A call's arguments, which are JSON text in some dialects and an object in others."""
    return json.loads(value) if isinstance(value, str) else value


def check_usage(line: dict, said: Said, has_price: bool, same) -> None:
    usage = line["usage"] or {}
    if said.used is None:
        same("usage's source", usage.get("source"), said.source)
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
