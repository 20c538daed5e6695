"""The SDK `anthropic`: Messages."""

import anthropic

from cases import caught
from mock_answers import SPOKEN, WEATHER
from said import Said, Used
from with_openai import WEATHER_CALL, expected

TOOL = {
    "name": "get_weather", "description": "The weather of a place", "input_schema": WEATHER["function"]["parameters"]}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2048}
REASONS = {"end_turn": "stop", "stop_sequence": "stop", "tool_use": "tool_calls", "max_tokens": "length"}


class Anthropic:
    name = "anthropic"
    version = anthropic.__version__

    def __init__(self, url: str):
        self._client = anthropic.Anthropic(
            base_url=f"{url}/anthropic", api_key="sk-none", max_retries=0, timeout=30)

    def _request(self, headers: dict, text: str, more: dict) -> dict:
        return {
            "model": "mock-1", "max_tokens": 1000, "messages": [{"role": "user", "content": text}],
            "extra_headers": headers, **more}

    def _message(self, headers: dict, text: str = "Hello", **more) -> Said:
        return message(self._client.messages.create(**self._request(headers, text, more)))

    def _stream(self, headers: dict, text: str = "Hello", **more) -> Said:
        with self._client.messages.stream(**self._request(headers, text, more)) as stream:
            return message(stream.get_final_message())

    def message(self, headers: dict) -> Said:
        return expected(self._message(headers), text=SPOKEN + "Hello", finish="stop")

    def message_stream(self, headers: dict) -> Said:
        return expected(self._stream(headers), text=SPOKEN + "Hello", finish="stop")

    def message_tool(self, headers: dict) -> Said:
        said = self._message(headers, "use get_weather", tools=[TOOL])
        return expected(said, calls=[WEATHER_CALL], finish="tool_calls")

    def message_tool_stream(self, headers: dict) -> Said:
        said = self._stream(headers, "use get_weather", tools=[TOOL])
        return expected(said, calls=[WEATHER_CALL], finish="tool_calls")

    def message_reasoning(self, headers: dict) -> Said:
        said = self._message(headers, **THINKING)
        assert said.reasoning
        return said

    def message_reasoning_stream(self, headers: dict) -> Said:
        said = self._stream(headers, **THINKING)
        assert said.reasoning
        return said

    def message_cached(self, headers: dict) -> Said:
        said = self._message({**headers, "x-mock-cached-tokens": "2"}, "Hello, hello")
        assert said.used.cached == 2
        return said

    def message_cached_stream(self, headers: dict) -> Said:
        said = self._stream({**headers, "x-mock-cached-tokens": "2"}, "Hello, hello")
        assert said.used.cached == 2
        return said

    def message_cut(self, headers: dict) -> Said:
        return expected(self._message(headers, max_tokens=3), finish="length")

    def message_error(self, headers: dict) -> Said:
        error = caught(
            anthropic.OverloadedError, lambda: self._message({**headers, "x-mock-status": "529"}))
        return Said("anthropic-messages", "message", status=529, error=error.body["error"]["message"])

    def message_error_event(self, headers: dict) -> Said:
        error = caught(anthropic.APIStatusError, lambda: self._stream({**headers, "x-mock-fault": "error-event"}))
        assert error.status_code == 200
        return Said("anthropic-messages", "message", error=error.body["error"]["message"])

    def count_of_tokens(self, headers: dict) -> Said:
        count = self._client.messages.count_tokens(
            model="mock-1", messages=[{"role": "user", "content": "Hello"}], extra_headers=headers)
        assert count.input_tokens > 0
        return Said("anthropic-messages", "message.tokens", answered=None, speaks=False)

    def models(self, headers: dict) -> Said:
        models = self._client.models.list(extra_headers=headers)
        assert "mock-1" in [model.id for model in models] and models.data[0].type == "model"
        return Said("anthropic-messages", "other", model=None, answered=None, speaks=False)

    @property
    def cases(self) -> list:
        return [
            self.message, self.message_stream, self.message_tool, self.message_tool_stream, self.message_reasoning,
            self.message_reasoning_stream, self.message_cached, self.message_cached_stream, self.message_cut,
            self.message_error, self.message_error_event, self.count_of_tokens, self.models,
        ]


def message(answer) -> Said:
    def joined(kind: str, key: str) -> str:
        return "".join(getattr(block, key) for block in answer.content if block.type == kind)

    used = answer.usage
    cached, written = used.cache_read_input_tokens or 0, used.cache_creation_input_tokens or 0
    input = used.input_tokens + cached + written
    details = getattr(used, "output_tokens_details", None)
    return Said(
        "anthropic-messages", "message", answered=answer.model, text=joined("text", "text"),
        reasoning=joined("thinking", "thinking"), finish=REASONS[answer.stop_reason],
        calls=[(block.name, block.input) for block in answer.content if block.type == "tool_use"],
        used=Used(
            input, used.output_tokens, input + used.output_tokens, cached, written,
            details and details.thinking_tokens))
