"""What Weir itself says when it cannot answer: each SDK must take it for what it is, with its own exception.

Three kinds: errors in the place of an answer, streams that break off, and signs of life in streams that go on.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import anthropic
import ollama
import openai
from google import genai
from google.genai import types

from configured import environment
from failures import FAILURES, KEY, UNRECORDED, Failure
from mock_answers import SPOKEN
from processes import ConfiguredWeir


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
    # By status; what is missing is `other`.
    classes: dict[int, type[Exception]]
    other: type[Exception]
    # What breaks off in the middle.
    broken: type[Exception]
    # How many events of the mock's have brought a part of the text, but not all of it.
    begun = 8

    def ask(self, url: str, failure: Failure) -> str:
        raise NotImplementedError

    def stream(self, url: str, route: str, headers: dict, pieces: list[str]) -> None:
        raise NotImplementedError

    def told(self, error: Exception) -> Told:
        raise NotImplementedError

    def told_in_stream(self, error: Exception) -> str:
        return self.told(error).message


class Chat(Client):
    name = "openai chat"
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

    def stream(self, url: str, route: str, headers: dict, pieces: list[str]) -> None:
        for chunk in self.client(url, route, KEY).chat.completions.create(
            model="mock-1", messages=[{"role": "user", "content": "Hello"}], stream=True, extra_headers=headers
        ):
            pieces += [choice.delta.content or "" for choice in chunk.choices]

    def told(self, error: openai.APIStatusError) -> Told:
        assert error.type == "weir_error" and error.body["request_id"], error.body
        assert error.code == error.response.headers["x-weir-error"]
        return Told(error.status_code, error.body["message"], error.response.headers["x-weir-error"])

    def told_in_stream(self, error: openai.APIError) -> str:
        assert error.body["type"] == "weir_error" and error.code, error.body
        return error.message


class Responses(Chat):
    name = "openai responses"

    def ask(self, url: str, failure: Failure) -> str:
        return self.client(url, failure.route, failure.key).responses.create(
            model="mock-1", input=failure.text, extra_headers=failure.headers).output_text

    def stream(self, url: str, route: str, headers: dict, pieces: list[str]) -> None:
        for event in self.client(url, route, KEY).responses.create(
            model="mock-1", input="Hello", stream=True, extra_headers=headers
        ):
            if event.type == "response.output_text.delta":
                pieces.append(event.delta)


class Messages(Client):
    name = "anthropic"
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

    def stream(self, url: str, route: str, headers: dict, pieces: list[str]) -> None:
        client, request = self._request(url, route, KEY, "Hello", headers)
        with client.messages.stream(**request) as stream:
            pieces.extend(stream.text_stream)

    def told(self, error: anthropic.APIStatusError) -> Told:
        assert error.body["type"] == "error" and error.body["request_id"], error.body
        assert error.body["error"]["type"] == self.types[error.status_code], error.body
        return Told(error.status_code, error.body["error"]["message"], error.response.headers["x-weir-error"])

    def told_in_stream(self, error: anthropic.APIStatusError) -> str:
        assert error.status_code == 200 and error.body["type"] == "error", error.body
        return error.body["error"]["message"]


class Content(Client):
    name = "google-genai"
    begun = 3
    classes = dict.fromkeys([401, 403, 404, 413], genai.errors.ClientError)
    other = genai.errors.ServerError
    broken = genai.errors.ServerError
    statuses = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 413: "INVALID_ARGUMENT",
                502: "UNAVAILABLE", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}

    def _request(self, url: str, route: str, key: str, text: str, headers: dict | None) -> tuple:
        with environment():
            client = genai.Client(
                api_key=key, vertexai=False, http_options={"base_url": f"{url}/{route}", "timeout": 30_000})
        config = types.GenerateContentConfig(http_options=types.HttpOptions(headers=headers or {}))
        return client, {"model": "mock-1", "contents": text, "config": config}

    def ask(self, url: str, failure: Failure) -> str:
        client, request = self._request(url, failure.route, failure.key, failure.text, failure.headers)
        return client.models.generate_content(**request).text

    def stream(self, url: str, route: str, headers: dict, pieces: list[str]) -> None:
        client, request = self._request(url, route, KEY, "Hello", headers)
        for chunk in client.models.generate_content_stream(**request):
            pieces.append(chunk.text or "")

    def told(self, error: genai.errors.APIError) -> Told:
        assert error.status == self.statuses[error.code], error
        return Told(error.code, error.message)


class Native(Client):
    name = "ollama"
    begun = 3
    classes = {}
    other = ollama.ResponseError
    broken = ollama.ResponseError

    def _client(self, url: str, route: str, key: str, headers: dict | None) -> ollama.Client:
        with environment():
            return ollama.Client(
                host=f"{url}/{route}", timeout=30, headers={"Authorization": f"Bearer {key}", **(headers or {})})

    def ask(self, url: str, failure: Failure) -> str:
        client = self._client(url, failure.route, failure.key, failure.headers)
        return client.chat(model="mock-1", messages=[{"role": "user", "content": failure.text}]).message.content

    def stream(self, url: str, route: str, headers: dict, pieces: list[str]) -> None:
        client = self._client(url, route, KEY, headers)
        for piece in client.chat(model="mock-1", messages=[{"role": "user", "content": "Hello"}], stream=True):
            pieces.append(piece.message.content or "")

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


def without_key(client: Client, url: str) -> None:
    """Of Ollama's, which has none of itself; the others cannot be made without."""
    with environment():
        bare = ollama.Client(host=f"{url}/works", timeout=30)
    error = raised(ollama.ResponseError, lambda: bare.list())
    assert error.status_code == 401 and "key" in error.error, error


def broken(client: Client, url: str, fault: str) -> None:
    """A stream that breaks off behind its first pieces, which arrive."""
    pieces: list[str] = []
    headers = {"x-mock-fault": fault, "x-mock-fault-after": str(client.begun)}
    error = raised(client.broken, lambda: client.stream(url, "slow", headers, pieces))
    text = "".join(pieces)
    assert text and SPOKEN.startswith(text) and text != SPOKEN + "Hello", text
    message = client.told_in_stream(error)
    assert "127.0.0.1" in message, message


def kept_alive(client: Client, url: str) -> None:
    """A stream that is silent before its first byte, and between its pieces."""
    pieces: list[str] = []
    pace = {"x-mock-delay": "2300", "x-mock-tokens": "3", "x-mock-tokens-per-second": "0.6"}
    client.stream(url, "alive", pace, pieces)
    assert "".join(pieces).strip() == "This is the", pieces


def failed_behind_signs_of_life(client: Client, url: str) -> None:
    """The answer has begun with status 200 when the upstream's error comes."""
    headers = {"x-mock-delay": "1400", "x-mock-status": "500"}
    error = raised(client.broken, lambda: client.stream(url, "alive", headers, []))
    assert "500" in client.told_in_stream(error), error


class Failing:
    def __init__(self, check, weir: ConfiguredWeir, strict: ConfiguredWeir):
        self._check = check
        self._weir = weir
        self._strict = strict

    def run(self) -> None:
        url = self._weir.url
        for client in CLIENTS:
            for failure in FAILURES:
                self._check(f"{client.name} {failure.code}", lambda: answer(client, url, failure))
        self._check("ollama key_required", lambda: without_key(CLIENTS[-1], url))
        for client in CLIENTS:
            for fault in ("cut", "reset", "stall"):
                self._check(f"{client.name} stream: {fault}", lambda: broken(client, url, fault))
        # These wait for seconds each, so they wait together. Ollama's streams have no signs of life.
        waiting = [(client, what) for client in CLIENTS for what in (kept_alive, failed_behind_signs_of_life)
                   if not isinstance(client, Native) or what is kept_alive]
        self._together({
            f"{client.name} {what.__name__}".replace("_", " "): lambda client=client, what=what: what(client, url)
            for client, what in waiting})
        fill(self._strict)
        for client in CLIENTS:
            self._check(
                f"{client.name} {UNRECORDED.code}", lambda: answer(client, self._strict.url, UNRECORDED))

    def _together(self, actions: dict[str, Callable]) -> None:
        failures: dict[str, Exception] = {}

        def run(name: str, action: Callable) -> None:
            try:
                action()
            except Exception as error:
                failures[name] = error

        threads = [threading.Thread(target=run, args=item) for item in actions.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

        def tell(name: str) -> None:
            if name in failures:
                raise failures[name]

        for name in actions:
            self._check(name, lambda: tell(name))


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
