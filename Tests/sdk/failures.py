"""The errors that Weir makes itself, and a configuration by which each of them comes about."""

from dataclasses import dataclass

KEY = "weir-client-key-of-failing-0001"
NARROW = "weir-client-key-of-narrow-00002"
UNKNOWN = "weir-client-key-of-nobody-00003"

CONFIGURATION = """
server: {{ max_request_body: 64KiB }}
keys:
  {key}: {{ upstream_key: sk-upstream-0001 }}
  {narrow}: {{ upstream_key: sk-upstream-0002, routes: [closed] }}
routes:
  works: {{ target_url: "{mock}" }}
  closed: {{ target_url: "{mock}", enabled: false }}
  lost: {{ target_url: "{nowhere}" }}
  slow: {{ target_url: "{mock}", timeouts: {{ first_byte: 1s, idle: 1s }} }}
  alive: {{ target_url: "{mock}", sse_keepalive: 1s }}
"""


def configuration(mock_url: str, nowhere: str) -> str:
    return CONFIGURATION.format(mock=mock_url, nowhere=nowhere, key=KEY, narrow=NARROW)


@dataclass
class Failure:
    """One error of Weir's, and how it comes about."""

    code: str
    status: int
    # A part of its message, which tells a person what to do or where to look.
    says: str
    route: str = "works"
    key: str = KEY
    text: str = "Hello"
    headers: dict | None = None


FAILURES = [
    Failure("key_unknown", 401, "does not know the key", key=UNKNOWN),
    Failure("key_forbidden", 403, "may not use the route 'works'", key=NARROW),
    Failure("route_not_found", 404, "names no route", route="nowhere"),
    Failure("route_disabled", 404, "'closed' is disabled", route="closed"),
    Failure("body_too_large", 413, "larger than 65536 bytes", text="x" * 100_000),
    Failure("connect_refused", 502, "Connection refused", route="lost"),
    Failure("upstream_reset", 502, "127.0.0.1", headers={"x-mock-fault": "close-before-head"}),
    Failure("first_byte_timeout", 504, "127.0.0.1", route="slow", headers={"x-mock-fault": "stall-before-head"}),
]
UNRECORDED = Failure("recording_unavailable", 503, "recording.mode")
