"""The SDK `google-genai`: Gemini's own API."""

from google import genai
from google.genai import types

from cases import caught
from configured import environment
from mock_answers import SPOKEN, WEATHER
from said import Said, Used
from with_openai import WEATHER_CALL, expected

TOOL = types.Tool(function_declarations=[types.FunctionDeclaration(
    name="get_weather", description="The weather of a place",
    parameters_json_schema=WEATHER["function"]["parameters"])])
REASONS = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter"}


class Gemini:
    name = "google-genai"
    version = genai.__version__

    def __init__(self, url: str):
        with environment():
            self._client = genai.Client(
                api_key="none", vertexai=False, http_options={"base_url": f"{url}/gemini", "timeout": 30_000})

    def _request(self, headers: dict, text: str, more: dict) -> dict:
        config = types.GenerateContentConfig(
            http_options=types.HttpOptions(headers=headers),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True), **more)
        return {"model": "mock-1", "contents": text, "config": config}

    def _content(self, headers: dict, text: str = "Hello", **more) -> Said:
        return content([self._client.models.generate_content(**self._request(headers, text, more))])

    def _stream(self, headers: dict, text: str = "Hello", **more) -> Said:
        return content(list(self._client.models.generate_content_stream(**self._request(headers, text, more))))

    def content(self, headers: dict) -> Said:
        return expected(self._content(headers), text=SPOKEN + "Hello", finish="stop")

    def content_stream(self, headers: dict) -> Said:
        return expected(self._stream(headers), text=SPOKEN + "Hello", finish="stop")

    def content_tool(self, headers: dict) -> Said:
        return expected(self._content(headers, "use get_weather", tools=[TOOL]), calls=[WEATHER_CALL])

    def content_tool_stream(self, headers: dict) -> Said:
        return expected(self._stream(headers, "use get_weather", tools=[TOOL]), calls=[WEATHER_CALL])

    def content_reasoning(self, headers: dict) -> Said:
        said = self._content(headers, thinking_config=types.ThinkingConfig(include_thoughts=True))
        assert said.reasoning and said.used.reasoning > 0
        return said

    def content_reasoning_stream(self, headers: dict) -> Said:
        said = self._stream(headers, thinking_config=types.ThinkingConfig(include_thoughts=True))
        assert said.reasoning and said.used.reasoning > 0
        return said

    def content_cached(self, headers: dict) -> Said:
        said = self._content({**headers, "x-mock-cached-tokens": "2"}, "Hello, hello")
        assert said.used.cached == 2
        return said

    def content_cut(self, headers: dict) -> Said:
        return expected(self._content(headers, max_output_tokens=3), finish="length")

    def content_error(self, headers: dict) -> Said:
        error = caught(genai.errors.ServerError, lambda: self._content({**headers, "x-mock-status": "503"}))
        assert error.code == 503 and error.status == "UNAVAILABLE"
        return Said("gemini", "generate.content", status=503, error=error.message)

    def content_error_event(self, headers: dict) -> Said:
        error = caught(genai.errors.ServerError, lambda: self._stream({**headers, "x-mock-fault": "error-event"}))
        return Said("gemini", "generate.content", error=error.message)

    def count_of_tokens(self, headers: dict) -> Said:
        count = self._client.models.count_tokens(
            model="mock-1", contents="Hello",
            config=types.CountTokensConfig(http_options=types.HttpOptions(headers=headers)))
        assert count.total_tokens > 0
        return Said("gemini", "content.tokens", answered=None, speaks=False)

    def embedding(self, headers: dict) -> Said:
        answer = self._client.models.embed_content(
            model="mock-1", contents=["Hello", "and goodbye"],
            config=types.EmbedContentConfig(http_options=types.HttpOptions(headers=headers)))
        assert len(answer.embeddings) == 2 and answer.embeddings[0].values
        return Said("gemini", "embed.content", answered=None, speaks=False)

    def models(self, headers: dict) -> Said:
        pager = self._client.models.list(config=types.ListModelsConfig(
            query_base=True, http_options=types.HttpOptions(headers=headers)))
        assert "models/mock-1" in [model.name for model in pager]
        # By its path it may be anybody's list, and so it counts as Chat's.
        return Said("openai-chat", "other", model=None, answered=None, speaks=False)

    @property
    def cases(self) -> list:
        return [
            self.content, self.content_stream, self.content_tool, self.content_tool_stream, self.content_reasoning,
            self.content_reasoning_stream, self.content_cached, self.content_cut, self.content_error,
            self.content_error_event, self.count_of_tokens, self.embedding, self.models,
        ]


def content(chunks: list) -> Said:
    """Of a whole answer, or of all chunks of a stream."""
    parts = [
        part for chunk in chunks for candidate in chunk.candidates or []
        for part in (candidate.content and candidate.content.parts) or []]
    reasons = [
        candidate.finish_reason for chunk in chunks for candidate in chunk.candidates or [] if candidate.finish_reason]
    calls = [(part.function_call.name, part.function_call.args) for part in parts if part.function_call]
    finish = REASONS[reasons[-1].value] if reasons else None
    used = chunks[-1].usage_metadata
    thoughts = used.thoughts_token_count or 0
    return Said(
        "gemini", "generate.content", answered=chunks[-1].model_version, calls=calls,
        text="".join(part.text or "" for part in parts if not part.thought),
        reasoning="".join(part.text or "" for part in parts if part.thought),
        finish="tool_calls" if calls and finish == "stop" else finish,
        used=Used(
            used.prompt_token_count, (used.candidates_token_count or 0) + thoughts, used.total_token_count,
            used.cached_content_token_count, None, thoughts))
