"""The SDK `openai`: Chat, Responses, the older Completions, Embeddings, Files and audio."""

import io
import json

import openai

from cases import caught
from mock_answers import SPOKEN, WEATHER
from said import Said, Used

WEATHER_CALL = ("get_weather", {"city": "mock", "unit": "celsius"})
FLAT_WEATHER = {"type": "function", "strict": False, **WEATHER["function"]}


class OpenAI:
    name = "openai"
    version = openai.__version__

    def __init__(self, url: str):
        self._client = openai.OpenAI(base_url=f"{url}/openai/v1", api_key="sk-none", max_retries=0, timeout=30)

    # Chat.

    def _chat(self, headers: dict, text: str = "Hello", **more):
        messages = [{"role": "user", "content": text}]
        return self._client.chat.completions.create(model="mock-1", messages=messages, extra_headers=headers, **more)

    def _chat_stream(self, headers: dict, text: str = "Hello", **more):
        """The SDK's own assembly of a stream."""
        with self._client.chat.completions.stream(
            model="mock-1", messages=[{"role": "user", "content": text}], extra_headers=headers,
            stream_options={"include_usage": True}, **more,
        ) as stream:
            pieces = [event.chunk for event in stream if event.type == "chunk"]
            answer = stream.get_final_completion()
        said = chat(answer)
        said.reasoning = "".join(
            getattr(choice.delta, "reasoning_content", None) or "" for piece in pieces for choice in piece.choices)
        return said

    def chat(self, headers: dict) -> Said:
        return expected(chat(self._chat(headers)), text=SPOKEN + "Hello", finish="stop")

    def chat_stream(self, headers: dict) -> Said:
        return expected(self._chat_stream(headers), text=SPOKEN + "Hello", finish="stop")

    def chat_stream_without_usage(self, headers: dict) -> Said:
        chunks = list(self._chat(headers, stream=True))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert text == SPOKEN + "Hello"
        return Said("openai-chat", "chat.completion", text=text, finish="stop")

    def chat_tool(self, headers: dict) -> Said:
        answer = self._chat(headers, "use get_weather", tools=[WEATHER])
        return expected(chat(answer), calls=[WEATHER_CALL], finish="tool_calls")

    def chat_tool_stream(self, headers: dict) -> Said:
        return expected(
            self._chat_stream(headers, "use get_weather", tools=[WEATHER]), calls=[WEATHER_CALL], finish="tool_calls")

    def chat_reasoning(self, headers: dict) -> Said:
        said = chat(self._chat(headers, reasoning_effort="low"))
        assert said.reasoning and said.used.reasoning > 0
        return said

    def chat_reasoning_stream(self, headers: dict) -> Said:
        said = self._chat_stream(headers, reasoning_effort="low")
        assert said.reasoning and said.used.reasoning > 0
        return said

    def chat_cached(self, headers: dict) -> Said:
        said = chat(self._chat({**headers, "x-mock-cached-tokens": "2"}, "Hello, hello"))
        assert said.used.cached == 2
        return said

    def chat_twice(self, headers: dict) -> Said:
        answer = self._chat(headers, n=2)
        assert [choice.message.content for choice in answer.choices] == [SPOKEN + "Hello"] * 2
        said = chat(answer)
        said.answers = 2
        return said

    def chat_cut(self, headers: dict) -> Said:
        return expected(chat(self._chat(headers, max_completion_tokens=3)), finish="length")

    def chat_error(self, headers: dict) -> Said:
        error = caught(openai.RateLimitError, lambda: self._chat({**headers, "x-mock-status": "429"}))
        return Said("openai-chat", "chat.completion", status=429, error=error.body["message"])

    def chat_error_event(self, headers: dict) -> Said:
        stream = self._chat({**headers, "x-mock-fault": "error-event"}, stream=True)
        error = caught(openai.APIError, lambda: list(stream))
        return Said("openai-chat", "chat.completion", error=error.body["message"])

    # Responses.

    def _response(self, headers: dict, text: str = "Hello", **more):
        return self._client.responses.create(model="mock-1", input=text, extra_headers=headers, **more)

    def _response_stream(self, headers: dict, text: str = "Hello", **more) -> Said:
        with self._client.responses.stream(model="mock-1", input=text, extra_headers=headers, **more) as stream:
            deltas = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
            answer = stream.get_final_response()
        said = response(answer)
        assert deltas == (said.text or ""), "the pieces are the whole"
        return said

    def response(self, headers: dict) -> Said:
        return expected(response(self._response(headers)), text=SPOKEN + "Hello", finish="stop")

    def response_stream(self, headers: dict) -> Said:
        return expected(self._response_stream(headers), text=SPOKEN + "Hello", finish="stop")

    def response_tool(self, headers: dict) -> Said:
        answer = self._response(headers, "use get_weather", tools=[FLAT_WEATHER])
        return expected(response(answer), calls=[WEATHER_CALL])

    def response_tool_stream(self, headers: dict) -> Said:
        return expected(
            self._response_stream(headers, "use get_weather", tools=[FLAT_WEATHER]), calls=[WEATHER_CALL])

    def response_reasoning(self, headers: dict) -> Said:
        said = response(self._response(headers, reasoning={"effort": "low", "summary": "auto"}))
        assert said.reasoning and said.used.reasoning > 0
        return said

    def response_reasoning_stream(self, headers: dict) -> Said:
        said = self._response_stream(headers, reasoning={"effort": "low", "summary": "auto"})
        assert said.reasoning and said.used.reasoning > 0
        return said

    def response_error(self, headers: dict) -> Said:
        error = caught(openai.BadRequestError, lambda: self._response({**headers, "x-mock-status": "400"}))
        return Said("openai-responses", "response", status=400, error=error.body["message"])

    def response_error_event(self, headers: dict) -> Said:
        # The typed event is given to the caller, an error in an object of its own is raised: the mock may send either.
        told = None
        try:
            for event in self._response({**headers, "x-mock-fault": "error-event"}, stream=True):
                if event.type == "error":
                    told = event.message
                elif event.type == "response.failed":
                    told = event.response.error.message
        except openai.APIError as error:
            told = error.body["message"]
        assert told, "no error was told"
        return Said("openai-responses", "response", error=told)

    # The rest.

    def completion(self, headers: dict) -> Said:
        answer = self._client.completions.create(model="mock-1", prompt="Hello", extra_headers=headers)
        return completion(answer, answer.choices[0].text)

    def completion_stream(self, headers: dict) -> Said:
        chunks = list(self._client.completions.create(
            model="mock-1", prompt="Hello", stream=True, stream_options={"include_usage": True},
            extra_headers=headers))
        text = "".join(choice.text for chunk in chunks for choice in chunk.choices)
        said = completion(chunks[-1], text)
        said.finish = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason][0]
        return said

    def embedding(self, headers: dict) -> Said:
        answers = self._client.embeddings.create(
            model="mock-1", input=["Hello", "and goodbye"], extra_headers=headers)
        assert len(answers.data) == 2 and all(isinstance(number, float) for number in answers.data[0].embedding)
        used = Used(answers.usage.prompt_tokens, total=answers.usage.total_tokens)
        return Said("openai-chat", "embedding", used=used, speaks=False)

    def files(self, headers: dict) -> Said:
        content = b'{"custom_id":"1"}\n'
        file = self._client.files.create(file=("batch.jsonl", content), purpose="batch", extra_headers=headers)
        assert file.id and file.filename == "batch.jsonl" and file.bytes == len(content)
        return Said("openai-chat", "other", model=None, answered=None, speaks=False)

    def content_of_a_file(self, headers: dict) -> Said:
        files = self._client.files
        file = files.create(file=("batch.jsonl", b"{}"), purpose="batch")
        assert files.content(file.id, extra_headers=headers).read()
        assert files.retrieve(file.id).id == file.id and files.delete(file.id).deleted
        return Said("openai-chat", "other", model=None, answered=None, speaks=False)

    def list_of_files(self, headers: dict) -> Said:
        assert isinstance(self._client.files.list(extra_headers=headers).data, list)
        return Said("openai-chat", "other", model=None, answered=None, speaks=False)

    def speech(self, headers: dict) -> Said:
        sound = self._client.audio.speech.create(
            model="mock-1", voice="alloy", input="Hello", response_format="wav", extra_headers=headers).read()
        assert sound[:4] == b"RIFF" and sound[8:12] == b"WAVE"
        return Said("openai-chat", "speech", answered=None, speaks=False)

    def transcription(self, headers: dict) -> Said:
        sound = io.BytesIO(b"RIFF\x24\0\0\0WAVE")
        sound.name = "sound.wav"
        answer = self._client.audio.transcriptions.create(model="mock-1", file=sound, extra_headers=headers)
        assert answer.text
        return Said("openai-chat", "transcription", answered=None, speaks=False)

    def translation(self, headers: dict) -> Said:
        sound = io.BytesIO(b"RIFF\x24\0\0\0WAVE")
        sound.name = "sound.wav"
        assert self._client.audio.translations.create(model="mock-1", file=sound, extra_headers=headers).text
        return Said("openai-chat", "transcription", answered=None, speaks=False)

    def models(self, headers: dict) -> Said:
        assert "mock-1" in [model.id for model in self._client.models.list(extra_headers=headers)]
        return Said("openai-chat", "other", model=None, answered=None, speaks=False)

    @property
    def cases(self) -> list:
        return [
            self.chat, self.chat_stream, self.chat_stream_without_usage, self.chat_tool, self.chat_tool_stream,
            self.chat_reasoning, self.chat_reasoning_stream, self.chat_cached, self.chat_twice, self.chat_cut, self.chat_error,
            self.chat_error_event, self.response, self.response_stream, self.response_tool, self.response_tool_stream,
            self.response_reasoning, self.response_reasoning_stream, self.response_error, self.response_error_event,
            self.completion, self.completion_stream, self.embedding, self.files, self.content_of_a_file, self.list_of_files, self.speech,
            self.transcription, self.translation, self.models,
        ]


def expected(said: Said, **wanted) -> Said:
    """Makes sure that the client was told what it should be."""
    for key, value in wanted.items():
        assert getattr(said, key) == value, f"{key}: {getattr(said, key)!r} in place of {value!r}"
    return said


def chat_usage(usage) -> Used | None:
    if usage is None:
        return None
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return Used(
        usage.prompt_tokens, usage.completion_tokens, usage.total_tokens, prompt and prompt.cached_tokens,
        prompt and getattr(prompt, "cache_write_tokens", None), completion and completion.reasoning_tokens)


def chat(answer) -> Said:
    choice = answer.choices[0]
    return Said(
        "openai-chat", "chat.completion", answered=answer.model, text=choice.message.content,
        reasoning=getattr(choice.message, "reasoning_content", None), finish=choice.finish_reason,
        calls=[(call.function.name, json.loads(call.function.arguments)) for call in choice.message.tool_calls or []],
        used=chat_usage(answer.usage))


def completion(answer, text: str) -> Said:
    return Said(
        "openai-chat", "text.completion", answered=answer.model, text=text, used=chat_usage(answer.usage),
        finish=answer.choices[0].finish_reason if answer.choices else None)


def response(answer) -> Said:
    calls = [(item.name, json.loads(item.arguments)) for item in answer.output if item.type == "function_call"]
    thoughts = [
        part.text for item in answer.output if item.type == "reasoning"
        for part in [*item.summary, *(getattr(item, "content", None) or [])]]
    used = answer.usage
    incomplete = {"max_output_tokens": "length", "content_filter": "content_filter"}
    finish = "tool_calls" if calls else "stop"
    if answer.status == "incomplete":
        finish = incomplete[answer.incomplete_details.reason]
    return Said(
        "openai-responses", "response", answered=answer.model, text=answer.output_text,
        reasoning="".join(thoughts), calls=calls, finish=finish, used=used and Used(
            used.input_tokens, used.output_tokens, used.total_tokens,
            used.input_tokens_details and used.input_tokens_details.cached_tokens,
            used.input_tokens_details and getattr(used.input_tokens_details, "cache_write_tokens", None),
            getattr(used, "output_tokens_details", None) and used.output_tokens_details.reasoning_tokens))
