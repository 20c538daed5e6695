"""LiteLLM as a client, of every dialect that it speaks: litellm_client.py URL-OF-WEIR

Writes a line of JSON for each case: its name, and what it was told, or how it failed.
"""

import dataclasses
import json
import sys
import traceback
from pathlib import Path

import litellm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mock_answers import SPOKEN, WEATHER
from said import Said, Used

CASE = "x-case"
# By dialect: the model as LiteLLM calls it, and where it is.
PROVIDERS = {
    "openai-chat": ("openai/mock-1", "/openai/v1"),
    "anthropic-messages": ("anthropic/mock-1", "/anthropic"),
    "gemini": ("gemini/mock-1", "/gemini/v1beta"),
    "ollama": ("ollama_chat/mock-1", "/ollama"),
}


class Cases:
    def __init__(self, url: str, dialect: str):
        self._dialect = dialect
        model, path = PROVIDERS[dialect]
        self._request = {"model": model, "api_base": url + path, "api_key": "sk-none", "timeout": 30, "max_retries": 0}

    def _ask(self, headers: dict, text: str = "Hello", **more):
        return litellm.completion(
            messages=[{"role": "user", "content": text}], extra_headers=headers, **self._request, **more)

    def _stream(self, headers: dict, text: str = "Hello", **more):
        chunks = list(self._ask(headers, text, stream=True, stream_options={"include_usage": True}, **more))
        return litellm.stream_chunk_builder(chunks)

    def _said(self, answer) -> Said:
        message, used = answer.choices[0].message, answer.usage
        prompt, completion = used.prompt_tokens_details, used.completion_tokens_details
        return Said(
            self._dialect, text=message.content, reasoning=getattr(message, "reasoning_content", None),
            calls=[(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []],
            finish=answer.choices[0].finish_reason, used=Used(
                used.prompt_tokens, used.completion_tokens, used.total_tokens,
                prompt and prompt.cached_tokens, None, completion and completion.reasoning_tokens))

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
            # What the provider said stands somewhere in LiteLLM's own sentence.
            assert error.status_code == 429 and "429" in str(error), error
            return Said(self._dialect, status=429, error="")
        raise AssertionError("no error was raised")

    @property
    def all(self) -> list:
        return [
            self.plain, self.stream, self.tool, self.tool_stream, self.reasoning, self.reasoning_stream, self.error]


def main() -> None:
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    for dialect in PROVIDERS:
        for case in Cases(sys.argv[1], dialect).all:
            name = f"litellm {dialect} {case.__name__}".replace("_", " ")
            told = {"name": name, "failure": None, "said": None}
            try:
                said = case({CASE: name})
                said.streamed = "stream" in case.__name__.split("_")
                told["said"] = dataclasses.asdict(said)
            except Exception:
                told["failure"] = traceback.format_exc()
            print(json.dumps(told), flush=True)


main()
