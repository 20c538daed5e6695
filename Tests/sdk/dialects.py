"""Every SDK's cases through one Weir to one mock, and what the record says of each of them."""

import lines
import record
import said
from processes import ConfiguredWeir

CONFIGURATION = """
prices: {{ models: {{ mock-1: {{ input: {input}, output: {output}, cached_input: {cached_input} }} }} }}
routes:
  openai: {{ target_url: "{mock}" }}
  anthropic: {{ target_url: "{mock}" }}
  gemini: {{ target_url: "{mock}" }}
  ollama: {{ target_url: "{mock}" }}
"""


def configuration(mock_url: str) -> str:
    return CONFIGURATION.format(mock=mock_url, **said.PRICES)


class Dialects:
    """Runs tables of cases, each of which is told the header fields of its one request, and gives what it was told."""

    def __init__(self, check, weir: ConfiguredWeir, has_prices: bool):
        self._check = check
        self._weir = weir
        self._has_prices = has_prices
        self._told: dict[str, said.Said] = {}
        # Of the transcript, by the exchanges' ids.
        self._entries: dict[str, str] = {}

    def run(self, client) -> None:
        for case in client.cases:
            self._run_case(f"{client.name} {case.__name__}".replace("_", " "), case)

    def _run_case(self, name: str, case) -> None:
        self.told(name, lambda: case({said.CASE: name}))

    def told(self, name: str, ask) -> None:
        """Checks that a case passes, and keeps what its client was told, if it was an answer."""

        def run() -> None:
            told = ask()
            if told:
                told.streamed = "stream" in name.split()
                self._told[name] = told

        self._check(name, run)

    def check_record(self) -> None:
        """Of a Weir that has stopped."""
        found = {}
        for line in record.read(self._weir.logs):
            fields = {key.lower(): value for key, value in line["request_headers"].items()}
            found.setdefault(fields.get(said.CASE), []).append(line)
        self._entries = record.entries(self._weir.logs)
        for name, told in self._told.items():
            self._check(f"{name}: the record", lambda: self._check_line(found.get(name, []), told))

    def _check_line(self, found: list[dict], told: said.Said) -> None:
        assert len(found) == 1, f"{len(found)} lines"
        lines.check(found[0], told, has_price=self._has_prices)
        entry = self._entries.get(found[0]["request_id"])
        if told.speaks and told.error is None:
            assert entry, "no entry in the transcript"
        if entry:
            lines.check_transcript(entry, told)
