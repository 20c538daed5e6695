"""Servers that no one here wrote, behind Weir: llama.cpp's and LiteLLM's. The record must say what they say."""

import math
import subprocess
from pathlib import Path

import anthropic
import openai
from google import genai

from configured import environment
from processes import Process
from said import Said, Used
from with_anthropic import message
from with_gemini import content
from with_litellm import ALONE, SERVERS
from with_openai import chat, completion, response

LITELLM_KEY = "sk-litellm-0123456789abcdef-none"


class Server(Process):
    """A program of the servers' Python that ends with its standard input, and so with the program that started it."""

    def __init__(self, python: str, directory: Path, script: str, *arguments: str):
        super().__init__(
            [python, "-B", str(SERVERS / script), *arguments], r"listens at (http://\S+)", directory,
            {**ALONE, "LITELLM_MASTER_KEY": LITELLM_KEY}, stdin=subprocess.PIPE, seconds=60)


class Llama:
    """The server of llama.cpp: Chat, Responses, Completions and Messages, with a model of random weights."""

    name = "llama.cpp"
    ROUTES = 'llama: {{ target_url: "{llama}" }}\n  vectors: {{ target_url: "{vectors}" }}'

    def __init__(self, url: str):
        def client(route: str) -> openai.OpenAI:
            return openai.OpenAI(base_url=f"{url}/{route}/v1", api_key="none", max_retries=0, timeout=30)

        self._openai = client("llama")
        self._vectors = client("vectors")
        self._anthropic = anthropic.Anthropic(
            base_url=f"{url}/llama", api_key="none", max_retries=0, timeout=30)

    def _chat(self, headers: dict, **more):
        return self._openai.chat.completions.create(
            model="random", messages=[{"role": "user", "content": "Tell me of the sea."}], max_tokens=12,
            extra_headers=headers, **more)

    def _chat_stream(self, headers: dict, **more) -> Said:
        chunks = list(self._chat(headers, stream=True, stream_options={"include_usage": True}, **more))
        deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
        used, timings = chunks[-1].usage, chunks[-1].model_extra["timings"]
        agree(used, timings)
        return asked(Said(
            "openai-chat", "chat.completion", answered=chunks[-1].model,
            text="".join(delta.content or "" for delta in deltas),
            reasoning="".join((delta.model_extra or {}).get("reasoning_content") or "" for delta in deltas),
            finish=[choice.finish_reason for chunk in chunks for choice in chunk.choices][-1],
            used=Used(
                used.prompt_tokens, used.completion_tokens, used.total_tokens,
                used.prompt_tokens_details.cached_tokens)))

    def chat(self, headers: dict) -> Said:
        answer = self._chat(headers)
        agree(answer.usage, answer.model_extra["timings"])
        return asked(chat(answer))

    def chat_stream(self, headers: dict) -> Said:
        return self._chat_stream(headers)

    def chat_stream_from_cache(self, headers: dict) -> Said:
        said = self._chat_stream(headers)
        assert said.used.cached > 0, "asked again, and nothing came from the cache"
        return said

    def chat_reasoning(self, headers: dict) -> Said:
        said = asked(chat(self._chat(headers, extra_body=THINKING)))
        assert said.reasoning and not said.text, said
        return said

    def chat_reasoning_stream(self, headers: dict) -> Said:
        said = self._chat_stream(headers, extra_body=THINKING)
        assert said.reasoning and not said.text, said
        return said

    def chat_stopped(self, headers: dict) -> Said:
        """At the first space, where its second word begins."""
        said = asked(chat(self._chat(headers, stop=[" "])))
        assert said.finish == "stop", said
        return said

    def chat_error(self, headers: dict) -> Said:
        try:
            self._openai.chat.completions.create(model="random", messages="none", extra_headers=headers)
        except openai.BadRequestError as error:
            return asked(Said("openai-chat", "chat.completion", status=400, error=error.body["message"]))
        raise AssertionError("no error was raised")

    def completion(self, headers: dict) -> Said:
        answer = self._openai.completions.create(
            model="random", prompt="The sea", max_tokens=12, extra_headers=headers)
        agree(answer.usage, answer.model_extra["timings"])
        return asked(completion(answer, answer.choices[0].text))

    def response(self, headers: dict) -> Said:
        answer = self._openai.responses.create(
            model="random", input="Tell me of the sea.", max_output_tokens=12, extra_headers=headers)
        return asked(response(answer))

    def response_stream(self, headers: dict) -> Said:
        events = list(self._openai.responses.create(
            model="random", input="Tell me of the sea.", max_output_tokens=12, stream=True, extra_headers=headers))
        assert events[-1].type == "response.completed", events[-1]
        said = asked(response(events[-1].response))
        # What it ends with does not repeat what the items were.
        said.text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        return said

    def message(self, headers: dict) -> Said:
        return asked(message(self._anthropic.messages.create(**self._message(headers))))

    def message_stream(self, headers: dict) -> Said:
        with self._anthropic.messages.stream(**self._message(headers)) as stream:
            return asked(message(stream.get_final_message()))

    def _message(self, headers: dict) -> dict:
        return {
            "model": "random", "max_tokens": 12, "extra_headers": headers,
            "messages": [{"role": "user", "content": "Tell me of the sea."}]}

    def count_of_tokens(self, headers: dict) -> Said:
        count = self._anthropic.messages.count_tokens(
            model="random", messages=[{"role": "user", "content": "Tell me of the sea."}], extra_headers=headers)
        assert count.input_tokens > 0
        return asked(Said("anthropic-messages", "message.tokens", answered=None, speaks=False))

    def embedding(self, headers: dict) -> Said:
        answer = self._vectors.embeddings.create(
            model="random", input=["sea", "land"], encoding_format="float", extra_headers=headers)
        assert len(answer.data) == 2
        length = math.sqrt(sum(number * number for number in answer.data[0].embedding))
        assert abs(length - 1) < 1e-3, length
        return asked(Said(
            "openai-chat", "embedding", answered=answer.model, speaks=False,
            used=Used(answer.usage.prompt_tokens, total=answer.usage.total_tokens)))

    @property
    def cases(self) -> list:
        return [
            self.chat, self.chat_stream, self.chat_stream_from_cache, self.chat_reasoning, self.chat_reasoning_stream,
            self.chat_stopped, self.chat_error, self.completion, self.response, self.response_stream, self.message,
            self.message_stream, self.count_of_tokens, self.embedding,
        ]


THINKING = {"chat_template_kwargs": {"enable_thinking": True}}


def agree(used, timings: dict) -> None:
    """What llama.cpp counts in its `usage` and in its `timings` is the same."""
    assert used.prompt_tokens == timings["prompt_n"] + timings["cache_n"], (used, timings)
    assert used.completion_tokens == timings["predicted_n"], (used, timings)
    assert used.prompt_tokens_details.cached_tokens == timings["cache_n"], (used, timings)


def asked(said: Said) -> Said:
    said.model = "random"
    return said


class LiteLLM:
    """The proxy of LiteLLM: a mocked answer of its own, and Weir's mock in the dialects that it makes of Chat."""

    name = "litellm proxy"
    ROUTES = 'litellm: {{ target_url: "{litellm}" }}'
    CONFIGURATION = """
model_list:
  - model_name: house
    litellm_params: {{ model: openai/house, api_key: none, mock_response: "Said by a mock of LiteLLM's own." }}
  - model_name: relayed
    litellm_params: {{ model: openai/mock-1, api_key: none, api_base: "{mock}/v1" }}
litellm_settings: {{ telemetry: false }}
"""
    ANSWER = "Said by a mock of LiteLLM's own."

    def __init__(self, url: str):
        base = f"{url}/litellm"
        self._openai = openai.OpenAI(base_url=f"{base}/v1", api_key=LITELLM_KEY, max_retries=0, timeout=30)
        self._anthropic = anthropic.Anthropic(base_url=base, api_key=LITELLM_KEY, max_retries=0, timeout=30)
        with environment():
            self._gemini = genai.Client(
                api_key=LITELLM_KEY, vertexai=False, http_options={
                    "base_url": base, "api_version": "v1beta", "headers": {"Authorization": f"Bearer {LITELLM_KEY}"}})

    def _chat(self, headers: dict, model: str, **more):
        return self._openai.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "Hello"}], extra_headers=headers, **more)

    def chat(self, headers: dict) -> Said:
        said = named("house", chat(self._chat(headers, "house")))
        assert said.text == self.ANSWER, said
        return said

    def chat_stream(self, headers: dict) -> Said:
        chunks = list(self._chat(headers, "house", stream=True, stream_options={"include_usage": True}))
        used = chunks[-1].usage
        text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
        assert text == self.ANSWER
        details = used.prompt_tokens_details
        cached = details and details.cached_tokens
        return named("house", Said(
            "openai-chat", "chat.completion", answered=chunks[-1].model, text=text, finish="stop",
            used=Used(used.prompt_tokens, used.completion_tokens, used.total_tokens, cached)))

    def chat_error(self, headers: dict) -> Said:
        try:
            self._chat(headers, "absent")
        except openai.APIStatusError as error:
            return named("absent", Said(
                "openai-chat", "chat.completion", status=error.status_code, error=error.body["message"][:40]))
        raise AssertionError("no error was raised")

    def completion(self, headers: dict) -> Said:
        answer = self._openai.completions.create(model="house", prompt="Hello", extra_headers=headers)
        return named("house", completion(answer, answer.choices[0].text))

    def response(self, headers: dict) -> Said:
        return named("house", response(self._openai.responses.create(
            model="house", input="Hello", extra_headers=headers)))

    def response_relayed_stream(self, headers: dict) -> Said:
        events = list(self._openai.responses.create(
            model="relayed", input="Hello", stream=True, extra_headers=headers))
        assert events[-1].type == "response.completed", events[-1]
        return named("relayed", response(events[-1].response))

    def _message(self, headers: dict, model: str) -> dict:
        return {
            "model": model, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}],
            "extra_headers": headers}

    def message(self, headers: dict) -> Said:
        said = named("house", message(self._anthropic.messages.create(**self._message(headers, "house"))))
        assert said.text == self.ANSWER, said
        return said

    def message_relayed_stream(self, headers: dict) -> Said:
        with self._anthropic.messages.stream(**self._message(headers, "relayed")) as stream:
            return named("relayed", message(stream.get_final_message()))

    def _content(self, headers: dict) -> dict:
        return {
            "model": "house", "contents": "Hello",
            "config": genai.types.GenerateContentConfig(http_options=genai.types.HttpOptions(headers=headers))}

    def content(self, headers: dict) -> Said:
        return named("house", content([self._gemini.models.generate_content(**self._content(headers))]))

    def content_stream(self, headers: dict) -> Said:
        return named("house", content(list(self._gemini.models.generate_content_stream(**self._content(headers)))))

    @property
    def cases(self) -> list:
        return [
            self.chat, self.chat_stream, self.chat_error, self.completion, self.response, self.response_relayed_stream,
            self.message, self.message_relayed_stream, self.content, self.content_stream,
        ]


def named(model: str, said: Said) -> Said:
    said.model = model
    return said
