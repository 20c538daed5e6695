"""Runs the real SDKs against Weir: run.py PATH-OF-WEIR [--quick]"""

import argparse
import os
import shutil
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path

import openai

import browser
import cases
import command_line
import configured
import dialects
import failing
import failures
import record
import with_litellm
from clients import Clients
from processes import ConfiguredWeir, Mock, Weir, wait_until
from servers import LITELLM_KEY, LiteLLM, Llama, Server
from with_anthropic import Anthropic
from with_gemini import Gemini
from with_ollama import Ollama
from with_openai import OpenAI


def nowhere() -> str:
    """Where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class Run:
    def __init__(self, binary: str, servers: str | None):
        self.binary = binary
        self.servers = servers
        self.failed: list[str] = []
        self.passed = 0

    def check(self, name: str, action) -> None:
        begin = time.monotonic()
        try:
            action()
        except Exception:
            self.failed.append(name)
            print(f"  FAILED  {name}\n{traceback.format_exc()}", flush=True)
        else:
            self.passed += 1
            print(f"  ok      {name} ({time.monotonic() - begin:.1f} s)", flush=True)

    def round(self, title: str, directory: Path, in_process: bool) -> None:
        print(title, flush=True)
        directory.mkdir()
        started: list = []
        before = len(self.failed)
        try:
            mock = None if in_process else self.start(started, Mock(self.binary, directory))
            upstream = mock.url if mock else "mock://"
            weir = self.start(
                started, Weir(self.binary, directory / "weir", upstream, "--upstream-timeout", "3"))
            lost = self.start(started, Weir(self.binary, directory / "lost", nowhere()))
            setting = cases.Setting(Clients(weir.url), mock, Clients(lost.url))
            for case in cases.ALL:
                self.check(case.__name__.replace("_", " "), lambda: case(setting))
            for process, clients in ((weir, setting.clients), (lost, setting.lost)):
                self.check("ends with status 0", lambda: self.stop(process))
                self.check("the record", lambda: record.check(process, clients.ledger))
        finally:
            self.end(started, before)

    def command_line(self, directory: Path) -> None:
        print("the command line", flush=True)
        directory.mkdir()
        self.check("exit statuses", lambda: command_line.exit_statuses(self.binary, directory))
        self.check("emphasis on a terminal", lambda: command_line.emphasis_on_a_terminal(self.binary, directory))
        started: list = []
        try:
            weir = self.start(started, Weir(self.binary, directory / "weir", "mock://"))
            # The trial comes behind the line that a start is known by.
            wait_until(lambda: any("Hello" in line for line in weir.lines), "the whole start-up text")
            self.check("no escapes outside a terminal", lambda: command_line.no_escapes_outside_a_terminal(weir))
            self.check("commands to try", lambda: command_line.commands_to_try(weir))
            self.check("programs to try", lambda: command_line.programs_to_try(weir))
            self.check("health", lambda: command_line.health(weir))
        finally:
            for process in started:
                process.stop()

    def dialects(self, directory: Path, in_process: bool) -> None:
        print("every dialect, by its own SDK" + (": mock:// inside the process" if in_process else ""), flush=True)
        directory.mkdir()
        started: list = []
        before = len(self.failed)
        try:
            upstream = "mock://" if in_process else self.start(started, Mock(self.binary, directory)).url
            weir = self.start(started, ConfiguredWeir(
                self.binary, directory / "weir", dialects.configuration(upstream), records=True))
            run = dialects.Dialects(self.check, weir, has_prices=True)
            for client in (OpenAI, Anthropic, Gemini, Ollama):
                print(f"{client.name} {client.version}", flush=True)
                run.run(client(weir.url))
            if self.servers and not in_process:
                print("litellm", flush=True)
                failing_weir = self.start(started, ConfiguredWeir(
                    self.binary, directory / "failing", failures.configuration(upstream, nowhere())))
                self.check("litellm", lambda: with_litellm.run(self.servers, weir.url, failing_weir.url, run.told))
            self.check("ends with status 0", lambda: self.stop(weir))
            run.check_record()
        finally:
            self.end(started, before)

    def failing(self, directory: Path) -> None:
        print("what Weir says itself", flush=True)
        directory.mkdir()
        started: list = []
        before = len(self.failed)
        try:
            mock = self.start(started, Mock(self.binary, directory))
            weir = self.start(started, ConfiguredWeir(
                self.binary, directory / "weir", failures.configuration(mock.url, nowhere()), records=True))
            strict = self.start(started, failing.strict_weir(self.binary, directory / "strict", mock.url))
            run = failing.Failing(self.check, weir, strict)
            run.run()
            self.check("ends with status 0", lambda: self.stop(weir))
            run.check_record()
        finally:
            self.end(started, before)

    def foreign_servers(self, directory: Path) -> None:
        print("servers that others wrote", flush=True)
        directory.mkdir()
        started: list = []
        before = len(self.failed)
        try:
            mock = self.start(started, Mock(self.binary, directory))
            (directory / "litellm.yaml").write_text(LiteLLM.CONFIGURATION.format(mock=mock.url))
            scripts = {
                "llama": ["llama_server.py", str(directory)],
                "vectors": ["llama_server.py", str(directory), "--embeddings"],
                "litellm": ["litellm_proxy.py", str(directory / "litellm.yaml")],
            }
            urls = {name: self.start(started, Server(self.servers, directory, *script)).url
                    for name, script in scripts.items()}
            routes = "\n  ".join(server.ROUTES.format(**urls) for server in (Llama, LiteLLM))
            weir = self.start(started, ConfiguredWeir(
                self.binary, directory / "weir", f"routes:\n  {routes}\n", records=True))
            run = dialects.Dialects(self.check, weir, has_prices=False)
            for server in (Llama, LiteLLM):
                run.run(server(weir.url))
            self.check("ends with status 0", lambda: self.stop(weir))
            run.check_record()
            self.check("no secret is in the record", lambda: record.check_hidden(weir, [LITELLM_KEY]))
        finally:
            self.end(started, before)

    def end(self, started: list, failed_before: int) -> None:
        """Stops what was started, and shows what it said where something failed since."""
        # All at once: each waits a moment for clients that keep their connections.
        for process in started:
            process.ask_to_stop()
        for process in started:
            process.stop()
        if len(self.failed) > failed_before:
            for process in started:
                print(f"--- {type(process).__name__} {process.url}\n{''.join(process.lines)}")

    def configured(self, directory: Path) -> None:
        print("with a configuration", flush=True)
        directory.mkdir()
        started: list = []
        before = len(self.failed)
        try:
            mock = self.start(started, Mock(self.binary, directory))
            plain = configured.Plain(self.start(started, configured.plain(self.binary, directory / "plain", mock)))
            weir, authority = configured.encrypted(self.binary, directory / "TLS", mock)
            encrypted = configured.Encrypted(self.start(started, weir), authority)
            pages = self.start(started, browser.Browser(self.binary, directory / "browser", mock))
            for case in [*plain.all, *encrypted.all, pages.refused_origin, pages.granted_origin]:
                self.check(case.__name__.replace("_", " "), case)
        finally:
            self.end(started, before)

    @staticmethod
    def start(started: list, process):
        started.append(process)
        return process

    @staticmethod
    def stop(process: Weir) -> None:
        status = process.stop()
        assert status == 0, f"exit status {status}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--quick", action="store_true", help="with the mock in a process of its own only")
    parser.add_argument("--servers", help="the Python that has the servers' packages")
    parser.add_argument("--only", action="append", help="one part, by name: for work on it", default=[])
    arguments = parser.parse_args()
    # The base URLs and keys of whoever runs this are none of these clients' business.
    theirs = ("OPENAI_", "ANTHROPIC_", "GOOGLE_", "GEMINI_", "OLLAMA_", "LITELLM_")
    for name in [name for name in os.environ if name.startswith(theirs)]:
        del os.environ[name]
    # Nor are their proxies: everything here is on this machine.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
    run = Run(str(Path(arguments.binary).resolve()), arguments.servers and str(Path(arguments.servers).absolute()))
    directory = Path(tempfile.mkdtemp(prefix="weir-sdk-"))
    print(f"openai {openai.__version__} through {run.binary}", flush=True)
    parts = {
        "command-line": lambda: run.command_line(directory / "command line"),
        "configured": lambda: run.configured(directory / "configured"),
        "dialects": lambda: run.dialects(directory / "dialects", in_process=False),
        "failing": lambda: run.failing(directory / "failing"),
        "servers": lambda: run.foreign_servers(directory / "servers"),
        "network": lambda: run.round("upstream: a mock of its own", directory / "network", in_process=False),
        "inside": lambda: run.round("upstream: mock:// inside the process", directory / "inside", in_process=True),
        "dialects-inside": lambda: run.dialects(directory / "dialects inside", in_process=True),
    }
    for name, part in parts.items():
        left_out = name.endswith("inside") and arguments.quick or name == "servers" and not arguments.servers
        if name in arguments.only or not arguments.only and not left_out:
            begin = time.monotonic()
            part()
            print(f"{name}: {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{run.passed} checks passed, {len(run.failed)} failed")
    if run.failed:
        print(f"what was recorded is in {directory}")
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
