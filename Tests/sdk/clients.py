"""The real SDK, with every request that it sends noted down."""

import secrets
from dataclasses import dataclass, field

import httpx2
import openai

# What must never be found in a record. The mask shows a secret's last four characters, so those are set apart.
CANARY = "sk-weir-canary-" + secrets.token_hex(16)
CANARY_TAIL = "wxyz"
KEY = CANARY + CANARY_TAIL


@dataclass
class Ledger:
    """What was sent to one Weir, and how each exchange should have ended in its record."""

    sent: int = 0
    ids: list[str] = field(default_factory=list)
    # By request id, where it is not `completed`.
    outcomes: dict[str, str] = field(default_factory=dict)

    def expect(self, outcome: str) -> None:
        """Says how the exchange ended whose answer came last."""
        self.outcomes[self.ids[-1]] = outcome

    def note_request(self, _: httpx2.Request) -> None:
        self.sent += 1

    def note_response(self, response: httpx2.Response) -> None:
        self.ids.append(response.headers["x-weir-request-id"])

    async def note_request_async(self, request: httpx2.Request) -> None:
        self.note_request(request)

    async def note_response_async(self, response: httpx2.Response) -> None:
        self.note_response(response)


class Clients:
    """Makes clients of one Weir."""

    def __init__(self, url: str):
        self.url = url
        self.ledger = Ledger()

    def sync(self, path: str = "/v1", retries: int = 0) -> openai.OpenAI:
        hooks = {"request": [self.ledger.note_request], "response": [self.ledger.note_response]}
        http = openai.DefaultHttpxClient(event_hooks=hooks, trust_env=False)
        return openai.OpenAI(
            base_url=self.url + path, api_key=KEY, max_retries=retries, timeout=30, http_client=http)

    def asynchronous(self, path: str = "/v1") -> openai.AsyncOpenAI:
        hooks = {"request": [self.ledger.note_request_async], "response": [self.ledger.note_response_async]}
        limits = httpx2.Limits(max_connections=200, max_keepalive_connections=50)
        http = openai.DefaultAsyncHttpxClient(event_hooks=hooks, trust_env=False, limits=limits)
        return openai.AsyncOpenAI(
            base_url=self.url + path, api_key=KEY, max_retries=0, timeout=60, http_client=http)
