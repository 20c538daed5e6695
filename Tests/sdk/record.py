"""What must be in the record once everything has been sent and Weir has stopped. The keys are told in docs/records.md."""

import json
import re
from pathlib import Path

from clients import CANARY, CANARY_TAIL, Ledger
from processes import ConfiguredWeir, Weir

NAME = re.compile(r"proxy-\d{8}-\d{6}-\d{9}\.jsonl")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def read(logs: Path) -> list[dict]:
    """Every line of every session file."""
    files = sorted(logs.iterdir())
    assert files, f"no session file in {logs}"
    for file in files:
        assert NAME.fullmatch(file.name) or file.suffix == ".md", f"{file.name} is no session file's name"
    lines = []
    for file in files:
        if file.suffix != ".jsonl":
            continue
        text = file.read_text(encoding="utf-8")
        assert not text or text.endswith("\n"), f"{file.name} ends in a part of a line"
        lines += [json.loads(line) for line in text.splitlines()]
    return lines


def entries(logs: Path) -> dict[str, str]:
    """Every entry of the Markdown transcripts, by the exchange's id."""
    text = "".join(file.read_text(encoding="utf-8") for file in sorted(logs.glob("*.md")))
    found = re.split(r"^## ([0-9A-Z]{26})$", text, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2]))


def check(weir: Weir, ledger: Ledger) -> int:
    """Checks the record of a Weir that has stopped; how many exchanges it has."""
    lines = read(weir.logs)
    assert not [line for line in lines if "gap" in line], "something was lost"
    assert len(lines) == ledger.sent, f"{ledger.sent} were sent, {len(lines)} are recorded"
    by_id = {line["request_id"]: line for line in lines}
    assert len(by_id) == len(lines), "an id stands twice"
    missing = set(ledger.ids) - set(by_id)
    assert not missing, f"answered, but not recorded: {missing}"
    for line in lines:
        check_line(line)
        # An answer that the client did not wait for has no id that it could know.
        wanted = ledger.outcomes.get(line["request_id"])
        if wanted is None:
            wanted = "completed" if line["request_id"] in ledger.ids else "client_abort"
        if wanted == "completed" and line["outcome"] == "client_abort" and hung_up_at_the_end(line):
            continue
        assert line["outcome"] == wanted, f"{line['outcome']} in place of {wanted}: {line}"
    for line in lines:
        headers = {name.lower(): value for name, value in line["request_headers"].items()}
        assert headers["authorization"] == f"Bearer …{CANARY_TAIL}", headers
        # What is no secret stays as it was: a case sends this beside all that is one.
        assert headers.get("x-kept", "in the clear") == "in the clear"
    check_secrets(weir)
    return len(lines)


def hung_up_at_the_end(line: dict) -> bool:
    """The SDK closes a stream at `[DONE]`; on a busy machine that is before the last chunk, which comes behind it."""
    return line["response_body"].endswith("data: [DONE]\n\n")


def check_line(line: dict) -> None:
    assert TIME.fullmatch(line["timestamp"]), line["timestamp"]
    assert line["route"] == "default" and line["upstream_url"].count("/v1") == 1, line["upstream_url"]
    assert line["client"].startswith("127.0.0.1:")
    assert len(line["attempts"]) >= 1 and line["duration_ms"] >= 0
    # An upstream that cannot be reached may be known before the body has come: then there is none to record.
    if line["method"] == "POST" and (line["request_body"] is not None or line["outcome"] != "upstream_error"):
        assert line["request_body"]["model"] == "mock-1"
    if line["outcome"] == "completed":
        assert line["error"] is None and line["ttfb_ms"] is not None
        assert isinstance(line["response_body"], str)
        is_stream = line["method"] == "POST" and line["request_body"].get("stream")
        if is_stream and line["response_status_code"] == 200 and "error-event" not in json.dumps(
            line["request_headers"]
        ):
            assert line["response_body"].endswith("data: [DONE]\n\n")
    else:
        assert line["error"]["message"]


def check_secrets(weir: Weir) -> None:
    """No byte of a secret but its last four characters is in any file, whatever its format."""
    check_hidden(weir, [CANARY])


def check_hidden(weir: Weir | ConfiguredWeir, secrets: list[str]) -> None:
    """No file that Weir wrote has one of these."""
    files = [file for place in (weir.logs, weir.data) for file in place.rglob("*") if file.is_file()]
    assert files
    for file in files:
        content = file.read_bytes()
        for secret in secrets:
            needle = secret.encode()
            for form in (needle, needle[:24], needle[-24:]):
                assert form not in content, f"a secret stands in {file}"
