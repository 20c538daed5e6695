"""What Weir itself says when it cannot answer: each SDK must take it for what it is, with its own exception.

Three kinds: errors in the place of an answer, streams that break off, and signs of life in streams that go on.
"""

import gc
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import anthropic
import ollama
import openai
from google import genai
from google.genai import types

import record
from dialects import Dialects
from failures import FAILURES, KEY, NARROW, UNKNOWN, UNRECORDED, Failure
from mock_answers import SPOKEN
from processes import ConfiguredWeir
from said import CASE, Said


@dataclass
class Told:
    """What an SDK's exception has of Weir's error."""

    status: int
    message: str
    # Of the answer, where the SDK shows it.
    header: str | None = None


class Client:
    """One SDK: how it asks, which exceptions it should raise, and what these tell."""

    name: str
    dialect: str
    operation: str
    # By status; what is missing is `other`.
    classes: dict[int, type[Exception]]
    other: type[Exception]
    # What breaks off in the middle.
    broken: type[Exception]
    # How many events of the mock's have brought a part of the text, but not all of it.
    begun = 8

    def ask(self, url: str, failure: Failure) -> str:
        raise NotImplementedError

    def stream(self, url: str, route: str, headers: dict) -> Iterator[str]:
        """The pieces of a text."""
        raise NotImplementedError

    def told(self, error: Exception) -> Told:
        raise NotImplementedError

    def told_in_stream(self, error: Exception) -> str:
        return self.told(error).message


class Chat(Client):
    name = "openai chat"
    dialect = "openai-chat"
    operation = "chat.completion"
    classes = {401: openai.AuthenticationError, 403: openai.PermissionDeniedError, 404: openai.NotFoundError,
               413: openai.APIStatusError}
    other = openai.InternalServerError
    broken = openai.APIError

    def client(self, url: str, route: str, key: str) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{url}/{route}/v1", api_key=key, max_retries=0, timeout=30)

    def ask(self, url: str, failure: Failure) -> str:
        answer = self.client(url, failure.route, failure.key).chat.completions.create(
            model="mock-1", messages=[{"role": "user", "content": failure.text}], extra_headers=failure.headers)
        return answer.choices[0].message.content

    def stream(self, url: str, route: str, headers: dict) -> Iterator[str]:
        with self.client(url, route, KEY).chat.completions.create(
            model="mock-1", messages=[{"role": "user", "content": "Hello"}], stream=True, extra_headers=headers
        ) as chunks:
            for chunk in chunks:
                yield from (choice.delta.content or "" for choice in chunk.choices)

    def told(self, error: openai.APIStatusError) -> Told:
        assert error.type == "weir_error" and error.body["request_id"], error.body
        assert error.code == error.response.headers["x-weir-error"]
        return Told(error.status_code, error.body["message"], error.response.headers["x-weir-error"])

    def told_in_stream(self, error: openai.APIError) -> str:
        assert error.body["type"] == "weir_error" and error.code, error.body
        return error.message


class Responses(Chat):
    name = "openai responses"
    dialect = "openai-responses"
    operation = "response"

    def ask(self, url: str, failure: Failure) -> str:
        return self.client(url, failure.route, failure.key).responses.create(
            model="mock-1", input=failure.text, extra_headers=failure.headers).output_text

    def stream(self, url: str, route: str, headers: dict) -> Iterator[str]:
        with self.client(url, route, KEY).responses.create(
            model="mock-1", input="Hello", stream=True, extra_headers=headers
        ) as events:
            for event in events:
                if event.type == "response.output_text.delta":
                    yield event.delta


class Messages(Client):
    name = "anthropic"
    dialect = "anthropic-messages"
    operation = "message"
    classes = {401: anthropic.AuthenticationError, 403: anthropic.PermissionDeniedError, 404: anthropic.NotFoundError,
               413: anthropic.ContentTooLargeError, 503: anthropic.ServiceUnavailableError,
               504: anthropic.GatewayTimeoutError}
    other = anthropic.InternalServerError
    broken = anthropic.APIStatusError
    types = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 413: "request_too_large",
             502: "api_error", 503: "overloaded_error", 504: "timeout_error"}

    def _request(self, url: str, route: str, key: str, text: str, headers: dict | None) -> tuple:
        client = anthropic.Anthropic(base_url=f"{url}/{route}", api_key=key, max_retries=0, timeout=30)
        return client, {
            "model": "mock-1", "max_tokens": 1000, "messages": [{"role": "user", "content": text}],
            "extra_headers": headers}

    def ask(self, url: str, failure: Failure) -> str:
        client, request = self._request(url, failure.route, failure.key, failure.text, failure.headers)
        return client.messages.create(**request).content[0].text

    def stream(self, url: str, route: str, headers: dict) -> Iterator[str]:
        client, request = self._request(url, route, KEY, "Hello", headers)
        with client.messages.stream(**request) as stream:
            yield from stream.text_stream

    def told(self, error: anthropic.APIStatusError) -> Told:
        assert error.body["type"] == "error" and error.body["request_id"], error.body
        assert error.body["error"]["type"] == self.types[error.status_code], error.body
        return Told(error.status_code, error.body["error"]["message"], error.response.headers["x-weir-error"])

    def told_in_stream(self, error: anthropic.APIStatusError) -> str:
        assert error.status_code == 200 and error.body["type"] == "error", error.body
        return error.body["error"]["message"]


class Content(Client):
    name = "google-genai"
    dialect = "gemini"
    operation = "generate.content"
    begun = 3
    classes = dict.fromkeys([401, 403, 404, 413], genai.errors.ClientError)
    other = genai.errors.ServerError
    broken = genai.errors.ServerError
    statuses = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 413: "INVALID_ARGUMENT",
                502: "UNAVAILABLE", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}

    def _request(self, url: str, route: str, key: str, text: str, headers: dict | None) -> tuple:
        client = genai.Client(
            api_key=key, vertexai=False, http_options={"base_url": f"{url}/{route}", "timeout": 30_000})
        config = types.GenerateContentConfig(http_options=types.HttpOptions(headers=headers or {}))
        return client, {"model": "mock-1", "contents": text, "config": config}

    def ask(self, url: str, failure: Failure) -> str:
        client, request = self._request(url, failure.route, failure.key, failure.text, failure.headers)
        return client.models.generate_content(**request).text

    def stream(self, url: str, route: str, headers: dict) -> Iterator[str]:
        client, request = self._request(url, route, KEY, "Hello", headers)
        for chunk in client.models.generate_content_stream(**request):
            yield chunk.text or ""

    def told(self, error: genai.errors.APIError) -> Told:
        assert error.status == self.statuses[error.code], error
        return Told(error.code, error.message)


class Native(Client):
    name = "ollama"
    dialect = "ollama"
    operation = "ollama.chat"
    begun = 3
    classes = {}
    other = ollama.ResponseError
    broken = ollama.ResponseError

    def _client(self, url: str, route: str, key: str, headers: dict | None) -> ollama.Client:
        return ollama.Client(
            host=f"{url}/{route}", timeout=30, headers={"Authorization": f"Bearer {key}", **(headers or {})})

    def ask(self, url: str, failure: Failure) -> str:
        client = self._client(url, failure.route, failure.key, failure.headers)
        return client.chat(model="mock-1", messages=[{"role": "user", "content": failure.text}]).message.content

    def stream(self, url: str, route: str, headers: dict) -> Iterator[str]:
        client = self._client(url, route, KEY, headers)
        for piece in client.chat(model="mock-1", messages=[{"role": "user", "content": "Hello"}], stream=True):
            yield piece.message.content or ""

    def told(self, error: ollama.ResponseError) -> Told:
        return Told(error.status_code, error.error)


CLIENTS = [Chat(), Responses(), Messages(), Content(), Native()]


def raised(wanted: type[Exception], call: Callable) -> Exception:
    try:
        call()
    except Exception as error:
        assert isinstance(error, wanted), f"{type(error).__name__} in place of {wanted.__name__}: {error}"
        return error
    raise AssertionError(f"no {wanted.__name__} was raised")


def answer(client: Client, url: str, failure: Failure) -> None:
    """An error in the place of an answer."""
    wanted = client.classes.get(failure.status, client.other)
    error = raised(wanted, lambda: client.ask(url, failure))
    assert type(error) is wanted, f"{type(error).__name__} in place of {wanted.__name__}"
    told = client.told(error)
    assert told.status == failure.status and told.header in (None, failure.code), (told, failure)
    assert failure.says in told.message and not told.message.startswith("{"), told
    assert failure.key not in str(error) and "sk-upstream" not in str(error)


def without_key(url: str) -> None:
    """Of Ollama's, which has none of itself; the others cannot be made without."""
    bare = ollama.Client(host=f"{url}/works", timeout=30)
    error = raised(ollama.ResponseError, lambda: bare.list())
    assert error.status_code == 401 and "key" in error.error, error


def collect(stream: Iterator[str], pieces: list[str]) -> None:
    """Keeps what came before an exception, too."""
    for piece in stream:
        pieces.append(piece)


def broken(client: Client, url: str, headers: dict, fault: str) -> Said:
    """A stream that breaks off behind its first pieces, which arrive."""
    pieces: list[str] = []
    headers = {**headers, "x-mock-fault": fault, "x-mock-fault-after": str(client.begun)}
    error = raised(client.broken, lambda: collect(client.stream(url, "slow", headers), pieces))
    text = "".join(pieces)
    assert text and SPOKEN.startswith(text), text
    message = client.told_in_stream(error)
    assert "127.0.0.1" in message, message
    # No word of usage had come, or not the last.
    return Said(client.dialect, client.operation, text=text, outcome="truncated")


def left(client: Client, url: str, headers: dict) -> Said:
    """A stream that its client leaves in the middle."""
    pieces: list[str] = []
    stream = client.stream(url, "works", {**headers, "x-mock-tokens": "60", "x-mock-tokens-per-second": "20"})
    while len("".join(pieces)) < 10:
        pieces.append(next(stream))
    stream.close()
    # Some SDKs let go of a connection only with what holds it.
    del stream
    gc.collect()
    return Said(client.dialect, client.operation, text="".join(pieces), outcome="client_abort")


def kept_alive(client: Client, url: str, headers: dict) -> Said:
    """A stream that is silent before its first byte, and between its pieces."""
    pace = {"x-mock-delay": "2300", "x-mock-tokens": "3", "x-mock-tokens-per-second": "0.6"}
    text = "".join(client.stream(url, "alive", {**headers, **pace}))
    assert text.strip() == "This is the", text
    # Chat tells the usage of a stream only to those who ask.
    source = "estimated" if client.dialect == "openai-chat" else "reported"
    # A stream of lines has no place for them.
    alive = client.dialect != "ollama"
    return Said(client.dialect, client.operation, text=text, finish="stop", source=source, kept_alive=alive)


def failed_behind_signs_of_life(client: Client, url: str, headers: dict) -> None:
    """The answer has begun with status 200 when the upstream's error comes."""
    headers = {**headers, "x-mock-delay": "1400", "x-mock-status": "500"}
    error = raised(client.broken, lambda: list(client.stream(url, "alive", headers)))
    assert "500" in client.told_in_stream(error), error


class Failing:
    def __init__(self, check, weir: ConfiguredWeir, strict: ConfiguredWeir):
        self._check = check
        self._weir = weir
        self._strict = strict
        self._streams = Dialects(check, weir, has_prices=False)

    def run(self) -> None:
        url = self._weir.url
        for client in CLIENTS:
            for failure in FAILURES:
                self._check(f"{client.name} {failure.code}", lambda: answer(client, url, failure))
        self._check("ollama key_required", lambda: without_key(url))
        for client in CLIENTS:
            for fault in ("cut", "reset", "stall"):
                self._stream(f"{client.name} stream {fault}", lambda headers: broken(client, url, headers, fault))
            self._stream(f"{client.name} stream left", lambda headers: left(client, url, headers))
        self._together()
        fill(self._strict)
        for client in CLIENTS:
            self._check(
                f"{client.name} {UNRECORDED.code}", lambda: answer(client, self._strict.url, UNRECORDED))
        # It would go on trying to write what it has, for half a minute.
        self._strict.kill()

    def check_record(self) -> None:
        """Of a Weir that has stopped."""
        self._streams.check_record()
        secrets = [KEY, NARROW, UNKNOWN, "sk-upstream-0001", "sk-upstream-0002"]
        self._check("no secret is in the record", lambda: record.check_hidden(self._weir, secrets))

    def _stream(self, name: str, case: Callable) -> None:
        self._streams.told(name, lambda: case({CASE: name}))

    def _together(self) -> None:
        """What waits for seconds each, all at once."""
        with ThreadPoolExecutor(max_workers=2 * len(CLIENTS)) as pool:
            waiting = {}
            for client in CLIENTS:
                for case in (kept_alive, failed_behind_signs_of_life):
                    # Ollama's streams have no signs of life, and its status comes late.
                    if isinstance(client, Native) and case is failed_behind_signs_of_life:
                        continue
                    name = f"{client.name} stream {case.__name__}".replace("_", " ")
                    waiting[name] = pool.submit(case, client, self._weir.url, {CASE: name})
            for name, case in waiting.items():
                self._streams.told(name, lambda: case.result(60))


STRICT = """
recording: {{ mode: strict }}
routes: {{ works: {{ target_url: "{mock}" }} }}
"""


def strict_weir(binary: str, directory: Path, mock_url: str) -> ConfiguredWeir:
    """One that may write no file beyond a few octets, as on a full disk, and must record all that it forwards."""
    return ConfiguredWeir(
        binary, directory, STRICT.format(mock=mock_url), records=True, largest_file=256 * 1024)


def fill(weir: ConfiguredWeir) -> None:
    """Sends what fills its disk, until it says so."""
    client = Chat().client(weir.url, "works", KEY)
    for _ in range(40):
        try:
            client.chat.completions.create(
                model="mock-1", messages=[{"role": "user", "content": json.dumps(list(range(10_000)))}])
        except openai.InternalServerError:
            return
    raise AssertionError("the disk is full, and traffic goes on")
