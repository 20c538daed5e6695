"""What the command line says: exit statuses, and the lines that people are told to try."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from processes import Weir

ROOT = Path(__file__).resolve().parents[2]


def run(binary: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WEIR_", "PROXY_", "OPENAI_"))}
    return subprocess.run(
        [binary, *arguments], env=clean | environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=20)


def exit_statuses(binary: str, directory: Path) -> None:
    for arguments in (["--help"], ["serve", "--help"], ["mock", "--help"], ["--version"]):
        result = run(binary, *arguments)
        assert result.returncode == 0 and result.stdout and not result.stderr, (arguments, result)
    wrong = [
        ["--bogus"], ["serve", "--port", "x"], ["mock", "--port", "70000"],
        ["serve", "--upstream-base-url", "ftp://x"], ["serve", "--upstream-base-url", "mock://", "--port", "70000"],
        ["serve", "--upstream-base-url", "http://127.0.0.1:8080", "--port", "8080"],
        ["serve", "--upstream-base-url", "mock://", "--upstream-timeout", "0"],
    ]
    for arguments in wrong:
        result = run(binary, *arguments)
        assert result.returncode == 2 and result.stderr and not result.stdout, (arguments, result)
    for name, value in {"PROXY_PORT": "many", "WEIR_LOG_LEVEL": "loud", "OPENAI_API_BASE": "nowhere"}.items():
        result = run(binary, "serve", **{"OPENAI_API_BASE": "mock://", name: value})
        assert result.returncode == 2 and name in result.stderr, (name, result)
    result = run(binary, "serve", "--upstream-base-url", "mock://", "--port", "0", "--host", "192.0.2.1",
                 "--data-dir", str(directory / "unused"), "--no-recording")
    assert result.returncode == 1 and "192.0.2.1" in result.stderr, result


def no_escapes_outside_a_terminal(weir: Weir) -> None:
    assert "\x1b" not in "".join(weir.lines)
    assert not re.search(r"[^\x20-\x7e\n→…]", "".join(weir.lines)), "nothing but text"


def emphasis_on_a_terminal(binary: str, directory: Path) -> None:
    """`NO_COLOR` and a dumb terminal take it away."""

    def shown(**environment: str) -> str:
        main, other = pty.openpty()
        process = subprocess.Popen(
            [binary, "serve", "--upstream-base-url", "mock://", "--port", "0", "--data-dir", str(directory / "terminal"),
             "--no-recording"], stdin=subprocess.DEVNULL, stderr=other,
            env={"PATH": os.environ["PATH"], "HOME": str(directory), "TERM": "xterm", **environment})
        os.close(other)
        text = ""
        try:
            while "Hello" not in text:
                text += os.read(main, 65536).decode(errors="replace")
        finally:
            process.terminate()
            process.wait(20)
            os.close(main)
        return text

    assert "\x1b[1m" in shown()
    assert "\x1b" not in shown(NO_COLOR="1") and "\x1b" not in shown(TERM="dumb")


def commands_to_try(weir: Weir) -> None:
    """The request that a start shows, and the one of both READMEs, are run as they stand."""
    said = "".join(weir.lines)
    commands = [said[said.index("curl -N"):].split("\n\n")[0]]
    for name in ("README.md", "README.zh-CN.md"):
        blocks = re.findall(r"```sh\n(curl .*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
        assert len(blocks) == 1, f"{name} shows {len(blocks)} requests"
        commands.append(blocks[0].replace("http://127.0.0.1:8080", weir.url))
    for command in commands:
        result = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, timeout=20,
            env={"PATH": os.environ["PATH"], "NO_PROXY": "*"})
        assert result.returncode == 0 and result.stdout.endswith("data: [DONE]\n\n"), (command, result)
    assert "Hello" in said


def programs_to_try(weir: Weir) -> None:
    """So is the Python program of both READMEs."""
    for name, greeting in {"README.md": "Hello", "README.zh-CN.md": "你好"}.items():
        blocks = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
        assert len(blocks) == 1, f"{name} shows {len(blocks)} programs"
        program = blocks[0].replace("http://127.0.0.1:8080", weir.url)
        result = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, encoding="utf-8",
            env={"PATH": os.environ["PATH"], "OPENAI_API_KEY": "none", "NO_PROXY": "*", "PYTHONIOENCODING": "utf-8"})
        assert result.returncode == 0 and result.stdout.endswith(f"You said: {greeting}"), result


def health(weir: Weir) -> None:
    result = subprocess.run(
        ["curl", "-sS", f"{weir.url}/healthz"], capture_output=True, text=True, timeout=20, env={"NO_PROXY": "*"})
    assert '"status":"ok"' in result.stdout and '"recording":{"state":"ok"' in result.stdout, result
