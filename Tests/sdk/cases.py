"""What the SDK must be able to do through Weir. Each case gets a `Setting`; the mock's answers are told in docs/mock.md."""

import asyncio
import json
import time
from dataclasses import dataclass

import openai

from clients import KEY, Clients
from mock_answers import SPOKEN, WEATHER
from processes import Mock, wait_until


@dataclass
class Setting:
    clients: Clients
    # None where the mock lives inside Weir.
    mock: Mock | None
    # Clients of a Weir whose upstream is not there.
    lost: Clients

    @property
    def ledger(self):
        return self.clients.ledger


def said(text: str) -> dict:
    return {"model": "mock-1", "messages": [{"role": "user", "content": text}]}


def text_of(chunks) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def caught(kind: type[Exception], call) -> Exception:
    try:
        call()
    except kind as error:
        assert type(error) is kind or kind in (openai.APIError,), f"{type(error).__name__} in place of {kind.__name__}"
        return error
    raise AssertionError(f"no {kind.__name__} was raised")


def plain_answer(setting: Setting) -> None:
    answer = setting.clients.sync().chat.completions.create(**said("Hello"))
    assert answer.choices[0].message.content == SPOKEN + "Hello"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def any_script(setting: Setting) -> None:
    text = "你好，世界 — Zażółć gęślą jaźń 🌊"
    client = setting.clients.sync()
    assert client.chat.completions.create(**said(text)).choices[0].message.content == SPOKEN + text
    assert text_of(client.chat.completions.create(**said(text), stream=True)) == SPOKEN + text


def streamed_answer(setting: Setting) -> None:
    stream = setting.clients.sync().chat.completions.create(
        **said("Hello stream"), stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    assert text_of(chunks) == SPOKEN + "Hello stream"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].usage.completion_tokens > 0
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"


def events_come_one_by_one(setting: Setting) -> None:
    pace = {"x-mock-tokens": "20", "x-mock-tokens-per-second": "20"}
    begin = time.monotonic()
    first = None
    for chunk in setting.clients.sync().chat.completions.create(**said("slowly"), stream=True, extra_headers=pace):
        if first is None and chunk.choices and chunk.choices[0].delta.content:
            first = time.monotonic() - begin
    total = time.monotonic() - begin
    # Twenty tokens at twenty a second take a second; had they been held back, the first would come with the last.
    assert total > 0.8 and first < total / 2, f"first after {first:.3f} s of {total:.3f} s"


def long_bodies(setting: Setting) -> None:
    history = "x" * 3_000_000
    client = setting.clients.sync()
    messages = [{"role": "system", "content": history}, {"role": "user", "content": "still there?"}]
    answer = client.chat.completions.create(
        model="mock-1", messages=messages, extra_headers={"x-mock-tokens": "50000"})
    assert answer.usage.prompt_tokens >= 750_000 and answer.usage.completion_tokens == 50_000


def tool_call(setting: Setting) -> None:
    client = setting.clients.sync()
    question = [{"role": "user", "content": "use get_weather please"}]
    answer = client.chat.completions.create(model="mock-1", messages=question, tools=[WEATHER])
    call = answer.choices[0].message.tool_calls[0]
    assert answer.choices[0].finish_reason == "tool_calls" and call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "mock", "unit": "celsius"}
    messages = question + [
        answer.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "12 degrees"},
    ]
    answer = client.chat.completions.create(model="mock-1", messages=messages, tools=[WEATHER])
    assert answer.choices[0].message.content == "The tool answered: 12 degrees"


def streamed_tool_call(setting: Setting) -> None:
    with setting.clients.sync().chat.completions.stream(
        model="mock-1", messages=[{"role": "user", "content": "use get_weather please"}], tools=[WEATHER]
    ) as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_completion()
    assert "tool_calls.function.arguments.delta" in kinds
    call = answer.choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments) == {"city": "mock", "unit": "celsius"}


def fifty_at_once(setting: Setting) -> None:
    async def plain(client, number: int) -> str:
        answer = await client.chat.completions.create(**said(f"plain {number}"))
        return answer.choices[0].message.content

    async def streamed(client, number: int) -> str:
        pace = {"x-mock-tokens-per-second": "50"}
        stream = await client.chat.completions.create(**said(f"stream {number}"), stream=True, extra_headers=pace)
        return text_of([chunk async for chunk in stream])

    async def everything() -> list[str]:
        async with setting.clients.asynchronous() as client:
            return await asyncio.gather(*[
                streamed(client, number) if number % 2 else plain(client, number) for number in range(50)])

    answers = asyncio.run(everything())
    assert answers == [SPOKEN + f"{'stream' if number % 2 else 'plain'} {number}" for number in range(50)]


def models(setting: Setting) -> None:
    client = setting.clients.sync()
    assert [model.id for model in client.models.list()] == ["mock-1", "mock-1-mini", "weir/mock-1:free"]
    assert client.models.retrieve("mock-1").id == "mock-1"
    assert client.models.retrieve("weir/mock-1:free").id == "weir/mock-1:free"
    assert caught(openai.NotFoundError, lambda: client.models.retrieve("absent")).code == "model_not_found"


def base_url_with_and_without_version(setting: Setting) -> None:
    for path in ["", "/", "/v1", "/v1/", "/v1/v1"]:
        client = setting.clients.sync(path)
        assert client.chat.completions.create(**said(path)).choices[0].message.content == SPOKEN + path
        assert len(list(client.models.list())) == 3


def raw_response(setting: Setting) -> None:
    raw = setting.clients.sync().chat.completions.with_raw_response.create(**said("raw"))
    assert len(raw.headers["x-weir-request-id"]) == 26 and "x-weir-error" not in raw.headers
    assert raw.headers["x-request-id"], "the upstream's own headers are there too"
    assert raw.parse().choices[0].message.content == SPOKEN + "raw"


def errors_keep_their_class(setting: Setting) -> None:
    client = setting.clients.sync()
    kinds = {
        400: openai.BadRequestError, 401: openai.AuthenticationError, 403: openai.PermissionDeniedError,
        404: openai.NotFoundError, 409: openai.ConflictError, 422: openai.UnprocessableEntityError,
        429: openai.RateLimitError, 500: openai.InternalServerError, 503: openai.InternalServerError,
    }
    for status, kind in kinds.items():
        for streams in (False, True):
            headers = {"x-mock-status": str(status), "x-mock-retry-after": "7"}
            error = caught(
                kind, lambda: client.chat.completions.create(**said("no"), stream=streams, extra_headers=headers))
            assert error.status_code == status and error.response.headers["retry-after"] == "7"
            assert "x-weir-error" not in error.response.headers


def sdk_retries_pass(setting: Setting) -> None:
    before = setting.ledger.sent
    headers = {"x-mock-status": "429", "x-mock-retry-after": "1"}
    begin = time.monotonic()
    client = setting.clients.sync(retries=1)
    caught(openai.RateLimitError, lambda: client.chat.completions.create(**said("again"), extra_headers=headers))
    assert setting.ledger.sent - before == 2 and time.monotonic() - begin >= 0.9


def unreachable_upstream(setting: Setting) -> None:
    client = setting.lost.sync()
    error = caught(openai.InternalServerError, lambda: client.chat.completions.create(**said("anyone?")))
    setting.lost.ledger.expect("upstream_error")
    assert error.status_code == 502 and error.code == "connect_refused" and error.type == "weir_error"
    assert error.response.headers["x-weir-error"] == "connect_refused"
    assert "127.0.0.1" in error.message and "refused" in error.message.lower(), error.message
    # Nothing reached an upstream, so another try can do no harm and is left to the client.
    assert "x-should-retry" not in error.response.headers
    assert error.body["request_id"] == error.response.headers["x-weir-request-id"]


def no_retry_of_what_may_have_been_done(setting: Setting) -> None:
    before = setting.ledger.sent
    client = setting.clients.sync(retries=5)
    headers = {"x-mock-fault": "close-before-head"}
    error = caught(
        openai.InternalServerError, lambda: client.chat.completions.create(**said("once"), extra_headers=headers))
    setting.ledger.expect("upstream_error")
    assert error.status_code == 502 and error.code == "upstream_reset"
    assert error.response.headers["x-should-retry"] == "false"
    assert setting.ledger.sent - before == 1, "the SDK tried again although it was told not to"


def slow_upstream(setting: Setting) -> None:
    before = setting.ledger.sent
    client = setting.clients.sync(retries=5)
    headers = {"x-mock-fault": "stall-before-head"}
    error = caught(
        openai.InternalServerError, lambda: client.chat.completions.create(**said("wait"), extra_headers=headers))
    setting.ledger.expect("upstream_error")
    assert error.status_code == 504 and error.code == "first_byte_timeout"
    assert setting.ledger.sent - before == 1


def broken_stream_raises(setting: Setting) -> None:
    client = setting.clients.sync()
    for fault in ["cut", "reset", "bad-chunk", "stall"]:
        headers = {"x-mock-fault": fault, "x-mock-fault-after": "6"}
        stream = client.chat.completions.create(**said("a b c d e f g h"), stream=True, extra_headers=headers)
        setting.ledger.expect("truncated")
        got = []
        caught(openai.APIError, lambda: got.extend(iter(stream)) or got.append(None))
        assert None not in got, f"{fault}: the stream ended as if it were whole"


def events_before_the_break_arrive(setting: Setting) -> None:
    headers = {"x-mock-fault": "cut", "x-mock-fault-after": "6"}
    stream = setting.clients.sync().chat.completions.create(
        **said("a b c d e f g h"), stream=True, extra_headers=headers)
    setting.ledger.expect("truncated")
    got = []
    try:
        for chunk in stream:
            got.append(chunk)
    except openai.APIError as error:
        assert error.body["code"] == "upstream_reset" and error.body["type"] == "weir_error", error.body
    else:
        raise AssertionError("the stream ended as if it were whole")
    assert len(got) == 6 and (SPOKEN + "a b c").startswith(text_of(got))


def broken_plain_answer_raises(setting: Setting) -> None:
    client = setting.clients.sync()
    caught(openai.APIConnectionError, lambda: client.chat.completions.create(
        **said("half of it"), extra_headers={"x-mock-fault": "cut"}))
    setting.ledger.expect("truncated")


def error_event_passes(setting: Setting) -> None:
    headers = {"x-mock-fault": "error-event", "x-mock-fault-after": "4"}
    stream = setting.clients.sync().chat.completions.create(**said("oops"), stream=True, extra_headers=headers)
    error = caught(openai.APIError, lambda: list(stream))
    assert error.body.get("type") != "weir_error", "the provider's own event, not one of Weir's"


SLOWLY = {"x-mock-tokens": "2000", "x-mock-tokens-per-second": "20"}


def closed_stream_ends_upstream(setting: Setting) -> None:
    stream = setting.clients.sync().chat.completions.create(**said("stop"), stream=True, extra_headers=SLOWLY)
    setting.ledger.expect("client_abort")
    for _ in range(3):
        next(stream)
    during = setting.mock.connections() if setting.mock else 0
    stream.close()
    if setting.mock:
        wait_until(lambda: setting.mock.connections() < during, "the upstream's connection ends", 2)


def cancelled_task_ends_upstream(setting: Setting) -> None:
    async def read(client, begun: asyncio.Event) -> None:
        stream = await client.chat.completions.create(**said("stop"), stream=True, extra_headers=SLOWLY)
        setting.ledger.expect("client_abort")
        async for _ in stream:
            begun.set()

    async def cancel() -> None:
        async with setting.clients.asynchronous() as client:
            begun = asyncio.Event()
            task = asyncio.create_task(read(client, begun))
            await asyncio.wait_for(begun.wait(), 10)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                return
            raise AssertionError("the task was not cancelled")

    asyncio.run(cancel())


def abandoned_wait_ends_upstream(setting: Setting) -> None:
    client = setting.clients.sync().with_options(timeout=0.5)
    headers = {"x-mock-delay": "20000"}
    before = setting.mock.connections() if setting.mock else 0
    caught(openai.APITimeoutError, lambda: client.chat.completions.create(**said("late"), extra_headers=headers))
    if setting.mock:
        wait_until(lambda: setting.mock.connections() <= before, "the upstream's connection ends", 2)


def secrets_everywhere(setting: Setting) -> None:
    headers = {
        "x-api-key": KEY, "api-key": KEY, "x-goog-api-key": KEY, "Cookie": f"session={KEY}; theme=dark",
        "Proxy-Authorization": f"Basic {KEY}", "X-Amz-Security-Token": KEY, "X-Kept": "in the clear",
    }
    query = {"key": KEY, "api_key": KEY, "access_token": KEY, "token": KEY, "sig": KEY, "page": "3"}
    answer = setting.clients.sync().chat.completions.create(
        **said("masked"), extra_headers=headers, extra_query=query)
    assert answer.choices[0].message.content == SPOKEN + "masked"


ALL = [
    plain_answer, any_script, streamed_answer, events_come_one_by_one, long_bodies, tool_call, streamed_tool_call,
    fifty_at_once, models, base_url_with_and_without_version, raw_response, errors_keep_their_class, sdk_retries_pass,
    unreachable_upstream, no_retry_of_what_may_have_been_done, slow_upstream, broken_stream_raises,
    events_before_the_break_arrive, broken_plain_answer_raises, error_event_passes, closed_stream_ends_upstream,
    cancelled_task_ends_upstream, abandoned_wait_ends_upstream, secrets_everywhere,
]
