"""Starts and stops the programs under test."""

import json
import os
import re
import resource
import ssl
import subprocess
import threading
import time
import urllib.request
from pathlib import Path


class Process:
    """A program that says on standard error where it listens; its output is kept for a failure's sake."""

    def __init__(
        self, arguments: list[str], ready: str, directory: Path, environment: dict[str, str] | None = None,
        stdin: int = subprocess.DEVNULL, seconds: float = 20, largest_file: int | None = None,
    ):
        self.lines: list[str] = []
        self._found = threading.Event()
        self._ready = re.compile(ready)
        self.url = ""
        self._process = subprocess.Popen(
            arguments, cwd=directory, stdin=stdin, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            errors="replace", env={**os.environ, **(environment or {})},
            # What is over the limit is then an error of writing, and no signal.
            restore_signals=largest_file is None,
            preexec_fn=largest_file and (
                lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))))
        threading.Thread(target=self._read, daemon=True).start()
        if not self._found.wait(seconds) or not self.url:
            self.stop()
            raise RuntimeError(f"{arguments} did not start:\n" + "".join(self.lines))

    def _read(self) -> None:
        for line in self._process.stderr:
            self.lines.append(line)
            if not self.url and (match := self._ready.search(line)):
                self.url = match.group(1)
                self._found.set()
        self._found.set()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def ask_to_stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Asks for an end, and sees to it; the exit status."""
        self.ask_to_stop()
        if self._process.poll() is None:
            try:
                self._process.wait(40)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        return self._process.returncode


class Mock(Process):
    """`weir mock` in a process of its own."""

    def __init__(self, binary: str, directory: Path):
        super().__init__([binary, "mock", "--port", "0"], r"answers at (http://\S+?:\d+)/v1", directory)

    def connections(self) -> int:
        """Connections that stand at the mock's port, by the kernel's table."""
        wanted = f":{self.port:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(1 for row in rows if row[1].endswith(wanted) and row[3] == "01")


# A proxy in the environment is the clients' business: Weir must not go through one that it was not told of.
DEAD_PROXY = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY")}
# What the environment of whoever runs this would tell Weir.
UNTOLD = {name: "" for name in ("PROXY_HOST", "PROXY_PORT", "WEIR_CONFIG", "WEIR_LOG_LEVEL", "NO_PROXY", "no_proxy")}


class Weir(Process):
    """`weir serve` in a directory of its own, where it leaves its record."""

    def __init__(self, binary: str, directory: Path, upstream: str, *options: str):
        directory.mkdir(parents=True)
        self.logs = directory / "logs"
        self.data = directory / "data"
        arguments = [
            binary, "serve", "--upstream-base-url", upstream, "--port", "0", "--data-dir", str(self.data),
            "--log-format", "text"]
        super().__init__([*arguments, *options], r"base URL\s+(http://\S+?:\d+)/v1", directory, DEAD_PROXY | UNTOLD)


class ConfiguredWeir(Process):
    """`weir serve` with a configuration's file, which it records nothing with unless told to."""

    def __init__(self, binary: str, directory: Path, configuration: str, records: bool = False, **more):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.logs = directory / "logs"
        self.data = directory / "data"
        file = directory / "weir.yaml"
        file.write_text(configuration, encoding="utf-8")
        recording = ["--no-recording"]
        if records:
            recording = ["--data-dir", str(self.data), "--log-dir", str(self.logs)]
        arguments = [binary, "serve", "--config", str(file), "--port", "0", *recording, "--log-format", "logfmt"]
        super().__init__(arguments, r"gateway\s+(https?://\S+?:\d+)", directory, DEAD_PROXY | UNTOLD, **more)

    def health(self, authority: Path | None = None) -> dict:
        """What `/healthz` says."""
        context = ssl.create_default_context(cafile=str(authority)) if authority else None
        handlers = [urllib.request.ProxyHandler({})]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        with urllib.request.build_opener(*handlers).open(f"{self.url}/healthz", timeout=10) as answer:
            return json.load(answer)


def wait_until(condition, what: str, seconds: float = 10) -> None:
    """Waits for a condition, at most so long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)
