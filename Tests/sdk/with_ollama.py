"""The SDK `ollama`: Ollama's own API."""

from importlib.metadata import version

import ollama

from cases import caught
from configured import environment
from mock_answers import SPOKEN, WEATHER
from said import Said, Used
from with_openai import WEATHER_CALL, expected


class Ollama:
    name = "ollama"
    version = version("ollama")

    def __init__(self, url: str):
        self._url = f"{url}/ollama"

    def _client(self, headers: dict) -> ollama.Client:
        with environment():
            return ollama.Client(host=self._url, headers=headers, timeout=30)

    def _chat(self, headers: dict, text: str = "Hello", **more) -> Said:
        messages = [{"role": "user", "content": text}]
        answer = self._client(headers).chat(model="mock-1", messages=messages, **more)
        return chat(list(answer) if more.get("stream") else [answer])

    def chat(self, headers: dict) -> Said:
        return expected(self._chat(headers), text=SPOKEN + "Hello", finish="stop")

    def chat_stream(self, headers: dict) -> Said:
        return expected(self._chat(headers, stream=True), text=SPOKEN + "Hello", finish="stop")

    def chat_tool(self, headers: dict) -> Said:
        return expected(self._chat(headers, "use get_weather", tools=[WEATHER]), calls=[WEATHER_CALL])

    def chat_tool_stream(self, headers: dict) -> Said:
        said = self._chat(headers, "use get_weather", tools=[WEATHER], stream=True)
        return expected(said, calls=[WEATHER_CALL])

    def chat_reasoning(self, headers: dict) -> Said:
        said = self._chat(headers, think=True)
        assert said.reasoning
        return said

    def chat_reasoning_stream(self, headers: dict) -> Said:
        said = self._chat(headers, think=True, stream=True)
        assert said.reasoning
        return said

    def chat_cut(self, headers: dict) -> Said:
        return expected(self._chat(headers, options={"num_predict": 3}), finish="length")

    def chat_error(self, headers: dict) -> Said:
        error = caught(ollama.ResponseError, lambda: self._chat({**headers, "x-mock-status": "404"}))
        assert error.status_code == 404
        return Said("ollama", "ollama.chat", status=404, error=error.error)

    def chat_error_line(self, headers: dict) -> Said:
        error = caught(
            ollama.ResponseError, lambda: self._chat({**headers, "x-mock-fault": "error-event"}, stream=True))
        return Said("ollama", "ollama.chat", error=error.error)

    def generate(self, headers: dict) -> Said:
        said = generated([self._client(headers).generate(model="mock-1", prompt="Hello")])
        return expected(said, text=SPOKEN + "Hello", finish="stop")

    def generate_stream(self, headers: dict) -> Said:
        said = generated(list(self._client(headers).generate(model="mock-1", prompt="Hello", stream=True)))
        return expected(said, text=SPOKEN + "Hello", finish="stop")

    def embedding(self, headers: dict) -> Said:
        answer = self._client(headers).embed(model="mock-1", input=["Hello", "and goodbye"])
        assert len(answer.embeddings) == 2
        return Said("ollama", "ollama.embed", speaks=False)

    def models(self, headers: dict) -> Said:
        assert "mock-1" in [model.model.removesuffix(":latest") for model in self._client(headers).list().models]
        return Said("ollama", "other", model=None, answered=None, speaks=False)

    @property
    def cases(self) -> list:
        return [
            self.chat, self.chat_stream, self.chat_tool, self.chat_tool_stream, self.chat_reasoning,
            self.chat_reasoning_stream, self.chat_cut, self.chat_error, self.chat_error_line, self.generate,
            self.generate_stream, self.embedding, self.models,
        ]


def usage(last) -> Used:
    input, output = last.prompt_eval_count or 0, last.eval_count or 0
    return Used(input, output, input + output)


def chat(pieces: list) -> Said:
    calls = [
        (call.function.name, dict(call.function.arguments))
        for piece in pieces for call in piece.message.tool_calls or []]
    finish = pieces[-1].done_reason
    return Said(
        "ollama", "ollama.chat", answered=pieces[-1].model,
        text="".join(piece.message.content or "" for piece in pieces),
        reasoning="".join(piece.message.thinking or "" for piece in pieces), calls=calls,
        finish="tool_calls" if calls and finish == "stop" else finish, used=usage(pieces[-1]))


def generated(pieces: list) -> Said:
    return Said(
        "ollama", "ollama.generate", answered=pieces[-1].model, text="".join(piece.response for piece in pieces),
        finish=pieces[-1].done_reason, used=usage(pieces[-1]))
