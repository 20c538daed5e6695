"""LiteLLM as a client, of every dialect that it speaks: litellm_client.py URL-OF-WEIR URL-OF-A-FAILING-WEIR

Writes a line of JSON for each case: its name, and what it was told, or how it failed.
"""

import dataclasses
import json
import sys
import traceback
from pathlib import Path

import litellm
import openai

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from failures import FAILURES, KEY, Failure
from mock_answers import SPOKEN, WEATHER
from said import CASE, Said, Used

# By dialect: the model as LiteLLM calls it, the route of the same name, and what stands behind it.
PROVIDERS = {
    "openai-chat": ("openai/mock-1", "openai", "/v1"),
    "anthropic-messages": ("anthropic/mock-1", "anthropic", ""),
    "gemini": ("gemini/mock-1", "gemini", "/v1beta"),
    "ollama": ("ollama_chat/mock-1", "ollama", ""),
}
OPERATIONS = {
    "openai-chat": "chat.completion", "anthropic-messages": "message", "gemini": "generate.content",
    "ollama": "ollama.chat",
}
# What LiteLLM makes of a status, which differs by dialect for some.
EXCEPTIONS = {
    401: litellm.AuthenticationError, 404: litellm.NotFoundError, 504: litellm.Timeout,
    403: (litellm.PermissionDeniedError, litellm.BadRequestError, litellm.APIError),
    413: (litellm.BadRequestError, litellm.APIError), 502: (litellm.BadGatewayError, litellm.APIConnectionError),
}


class Cases:
    """Of one dialect."""

    def __init__(self, url: str, dialect: str):
        self._dialect = dialect
        model, route, path = PROVIDERS[dialect]
        self._request = {
            "model": model, "api_base": f"{url}/{route}{path}", "api_key": "sk-none", "timeout": 30, "max_retries": 0}

    def _ask(self, headers: dict, text: str = "Hello", **more):
        return litellm.completion(
            messages=[{"role": "user", "content": text}], extra_headers=headers, **self._request, **more)

    def _stream(self, headers: dict, text: str = "Hello", **more):
        chunks = list(self._ask(headers, text, stream=True, stream_options={"include_usage": True}, **more))
        return litellm.stream_chunk_builder(chunks)

    def _said(self, answer) -> Said:
        message, used = answer.choices[0].message, answer.usage
        prompt, completion = used.prompt_tokens_details, used.completion_tokens_details
        # Ollama does not count its thoughts apart; LiteLLM does that itself.
        reasoning = completion and self._dialect != "ollama" and completion.reasoning_tokens
        return Said(
            self._dialect, OPERATIONS[self._dialect], text=message.content,
            reasoning=getattr(message, "reasoning_content", None),
            calls=[(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []],
            finish=answer.choices[0].finish_reason, used=Used(
                used.prompt_tokens, used.completion_tokens, used.total_tokens,
                prompt and prompt.cached_tokens, None, reasoning or None))

    def plain(self, headers: dict) -> Said:
        said = self._said(self._ask(headers))
        assert said.text == SPOKEN + "Hello" and said.finish == "stop", said
        return said

    def stream(self, headers: dict) -> Said:
        said = self._said(self._stream(headers))
        assert said.text == SPOKEN + "Hello" and said.finish == "stop", said
        return said

    def tool(self, headers: dict) -> Said:
        said = self._said(self._ask(headers, "use get_weather", tools=[WEATHER]))
        assert [name for name, _ in said.calls] == ["get_weather"], said
        return said

    def tool_stream(self, headers: dict) -> Said:
        said = self._said(self._stream(headers, "use get_weather", tools=[WEATHER]))
        assert [name for name, _ in said.calls] == ["get_weather"], said
        return said

    def reasoning(self, headers: dict) -> Said:
        said = self._said(self._ask({**headers, "x-mock-reasoning": "5"}))
        assert said.reasoning, said
        return said

    def reasoning_stream(self, headers: dict) -> Said:
        said = self._said(self._stream({**headers, "x-mock-reasoning": "5"}))
        assert said.reasoning, said
        return said

    def error(self, headers: dict) -> Said:
        try:
            self._ask({**headers, "x-mock-status": "429"})
        except litellm.RateLimitError as error:
            assert error.status_code == 429, error
            # What the provider said stands somewhere in LiteLLM's own sentence.
            return Said(self._dialect, OPERATIONS[self._dialect], status=429, error="")
        raise AssertionError("no error was raised")

    @property
    def all(self) -> list:
        return [
            self.plain, self.stream, self.tool, self.tool_stream, self.reasoning, self.reasoning_stream, self.error]


class Failing:
    """Weir's own errors, in one dialect."""

    def __init__(self, url: str, dialect: str):
        self._url = url
        self._model, _, self._path = PROVIDERS[dialect]

    def _complete(self, route: str, key: str, text: str, headers: dict | None, **more):
        return litellm.completion(
            model=self._model, api_base=f"{self._url}/{route}{self._path}", api_key=key, timeout=30, max_retries=0,
            messages=[{"role": "user", "content": text}], extra_headers=headers or {}, **more)

    def ask(self, failure: Failure) -> None:
        try:
            self._complete(failure.route, failure.key, failure.text, failure.headers)
        except EXCEPTIONS[failure.status] as error:
            assert failure.says in str(error) and failure.key not in str(error), error
        else:
            raise AssertionError("no error was raised")

    def broken_stream(self) -> None:
        """It must not look whole."""
        pieces = []
        headers = {"x-mock-fault": "cut", "x-mock-fault-after": "5"}
        try:
            for chunk in self._complete("works", KEY, "Hello", headers, stream=True):
                pieces.append(chunk.choices[0].delta.content or "")
        except openai.APIError as error:
            # All of LiteLLM's exceptions are kinds of OpenAI's.
            assert type(error).__module__.startswith("litellm"), type(error)
        else:
            raise AssertionError(f"no error was raised: {pieces}")

    def kept_alive(self) -> None:
        """By signs of life before the first byte, and between two pieces."""
        headers = {"x-mock-delay": "1300", "x-mock-tokens": "3", "x-mock-tokens-per-second": "0.8"}
        chunks = self._complete("alive", KEY, "Hello", headers, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert text.strip() == "This is the", text


def tell(name: str, case) -> None:
    told = {"name": name, "failure": None, "said": None}
    try:
        said = case()
        told["said"] = said and dataclasses.asdict(said)
    except Exception:
        told["failure"] = traceback.format_exc()
    print(json.dumps(told), flush=True)


def main() -> None:
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    url, failing_url = sys.argv[1:]
    for dialect in PROVIDERS:
        for case in Cases(url, dialect).all:
            name = f"litellm {dialect} {case.__name__}".replace("_", " ")
            tell(name, lambda: case({CASE: name}))
        for failure in FAILURES:
            tell(f"litellm {dialect} {failure.code}", lambda: Failing(failing_url, dialect).ask(failure))
        tell(f"litellm {dialect} broken stream", Failing(failing_url, dialect).broken_stream)
    # One after another: LiteLLM imports its parts when they are first called for, and threads that do so at the same time
    # can wait for each other for ever.
    for dialect in PROVIDERS:
        tell(f"litellm {dialect} kept alive", Failing(failing_url, dialect).kept_alive)


main()
