"""LiteLLM as a client. It runs in a Python of its own: it wants other packages than the SDKs."""

import json
import os
import subprocess
from pathlib import Path

from said import Said, Used

SERVERS = Path(__file__).resolve().parent / "server_programs"
# It would fetch its prices from the network, and wait for them.
ALONE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "*", "no_proxy": "*"}


def run(python: str, url: str, failing_url: str, told) -> None:
    """Runs its cases, and tells of each: its name, and what was said or how it failed."""
    script = subprocess.run(
        [python, "-B", str(SERVERS / "litellm_client.py"), url, failing_url], capture_output=True, text=True,
        timeout=300, stdin=subprocess.DEVNULL, env={**os.environ, **ALONE})
    assert script.returncode == 0, script.stdout + script.stderr
    for line in script.stdout.splitlines():
        if not line.startswith("{"):
            continue
        case = json.loads(line)
        told(case["name"], lambda: _said(case))


def _said(case: dict) -> Said | None:
    if case["failure"]:
        raise AssertionError(case["failure"])
    if case["said"] is None:
        return None
    said = Said(**case["said"])
    said.used = said.used and Used(**said.used)
    said.calls = [tuple(call) for call in said.calls]
    return said
