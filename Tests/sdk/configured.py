"""What a configuration's file does, seen by real clients: TLS in front, client keys, routes, rewriting, retries."""

import contextlib
import os
import re
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import anthropic
import openai
from google import genai

from cases import caught, said, text_of
from certificates import Authority
from mock_answers import SPOKEN
from processes import ConfiguredWeir, Mock, wait_until

RIGHT = "weir-client-key-right-0001"
NARROW = "weir-client-key-narrow-0002"
UNKNOWN = "weir-client-key-unknown-0003"

ROUTES = """
server: {{ base_path: /api/llm, tls: {tls} }}
keys:
  {right}: {{ upstream_key: sk-upstream-0001, name: right }}
  {narrow}: {{ upstream_key: sk-upstream-0002, name: narrow, routes: [elsewhere] }}
routes:
  openai:
    target_url: {mock}
    model_aliases: {{ house-model: mock-1-mini }}
    retries: {{ attempts: 2, retry_on: [connect, 503] }}
  anthropic: {{ target_url: "{mock}" }}
  gemini: {{ target_url: "{mock}" }}
  elsewhere: {{ target_url: "{mock}" }}
  closed: {{ target_url: "{mock}", enabled: false }}
"""


@contextlib.contextmanager
def environment(**values: str):
    """These variables, and no proxy, while something is made that reads them."""
    values = {"NO_PROXY": "*", "no_proxy": "*", **values}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Plain:
    """Client keys, routes and errors, without TLS."""

    def __init__(self, weir: ConfiguredWeir):
        self.weir = weir

    def client(self, key: str = RIGHT, route: str = "openai") -> openai.OpenAI:
        with environment():
            return openai.OpenAI(
                base_url=f"{self.weir.url}/api/llm/{route}/v1", api_key=key, max_retries=0, timeout=30)

    def right_key_and_base_path(self) -> None:
        client = self.client()
        assert client.chat.completions.create(**said("Hello")).choices[0].message.content == SPOKEN + "Hello"
        assert text_of(client.chat.completions.create(**said("stream"), stream=True)) == SPOKEN + "stream"
        assert "mock-1" in [model.id for model in client.models.list()]

    def unknown_key(self) -> None:
        error = caught(
            openai.AuthenticationError, lambda: self.client(UNKNOWN).chat.completions.create(**said("no")))
        assert error.status_code == 401 and error.code == "key_unknown", error
        assert UNKNOWN not in str(error)

    def forbidden_route(self) -> None:
        error = caught(
            openai.PermissionDeniedError, lambda: self.client(NARROW).chat.completions.create(**said("no")))
        assert error.status_code == 403 and error.code == "key_forbidden", error
        answer = self.client(NARROW, "elsewhere").chat.completions.create(**said("yes"))
        assert answer.choices[0].message.content == SPOKEN + "yes"

    def missing_and_disabled_routes(self) -> None:
        for route, code in (("nowhere", "route_not_found"), ("closed", "route_disabled")):
            error = caught(
                openai.NotFoundError, lambda: self.client(route=route).chat.completions.create(**said("no")))
            assert error.status_code == 404 and error.code == code, error
            assert error.response.headers["x-weir-error"] == code

    def model_aliases(self) -> None:
        client = self.client()
        request = {**said("alias"), "model": "house-model"}
        assert client.chat.completions.create(**request).model == "mock-1-mini"
        assert {chunk.model for chunk in client.chat.completions.create(**request, stream=True)} == {"mock-1-mini"}
        assert client.chat.completions.create(**{**request, "model": "mock-1"}).model == "mock-1"

    def retries_by_status(self) -> None:
        """Weir tries what is listed three times in all, anything else once; the last answer is the client's."""
        for status, attempts in ((503, 3), (500, 1)):
            headers = {"x-mock-status": str(status)}
            error = caught(openai.InternalServerError, lambda: self.client().chat.completions.create(
                **said("again"), extra_headers=headers))
            assert error.status_code == status and "x-weir-error" not in error.response.headers
            request = error.response.headers["x-weir-request-id"]
            wait_until(lambda: any(request in line for line in self.weir.lines), "the line of the exchange")
            line = next(line for line in self.weir.lines if request in line)
            found = re.search(r"\battempts=(\d+)", line)
            assert int(found.group(1) if found else 1) == attempts, line

    def anthropic_errors(self) -> None:
        with environment():
            client = anthropic.Anthropic(
                base_url=f"{self.weir.url}/api/llm/anthropic", api_key=UNKNOWN, max_retries=0, timeout=30)
        error = caught(anthropic.AuthenticationError, lambda: client.messages.create(
            model="mock-1", max_tokens=10, messages=[{"role": "user", "content": "Hello"}]))
        assert error.status_code == 401 and error.body["error"]["type"] == "authentication_error", error.body
        assert error.body["error"]["message"] and error.response.headers["x-weir-error"] == "key_unknown"

    def gemini_errors(self) -> None:
        with environment():
            client = genai.Client(
                api_key=UNKNOWN, vertexai=False, http_options={"base_url": f"{self.weir.url}/api/llm/gemini"})
            error = caught(genai.errors.ClientError, lambda: client.models.generate_content(
                model="mock-1", contents="Hello"))
        assert error.code == 401 and error.status == "UNAUTHENTICATED", error
        assert "key" in error.message.lower() and UNKNOWN not in error.message

    def no_secret_is_said(self) -> None:
        text = "".join(self.weir.lines)
        for secret in (RIGHT, NARROW, UNKNOWN, "sk-upstream-0001"):
            assert secret not in text, text

    @property
    def all(self) -> list:
        return [
            self.right_key_and_base_path, self.unknown_key, self.forbidden_route, self.missing_and_disabled_routes,
            self.model_aliases, self.retries_by_status, self.anthropic_errors, self.gemini_errors,
            self.no_secret_is_said,
        ]


class Encrypted:
    """TLS in front, its certificate from an authority of its own."""

    def __init__(self, weir: ConfiguredWeir, authority: Authority):
        self.weir = weir
        self.authority = authority

    @property
    def url(self) -> str:
        return f"https://localhost:{self.weir.port}"

    def client(self) -> openai.OpenAI:
        with environment(SSL_CERT_FILE=str(self.authority.file)):
            return openai.OpenAI(
                base_url=f"{self.url}/api/llm/openai/v1", api_key=RIGHT, max_retries=0, timeout=30)

    def serial(self) -> int:
        """Of the certificate that a new connection is shown."""
        context = ssl.create_default_context(cafile=str(self.authority.file))
        with socket.create_connection(("127.0.0.1", self.weir.port), 10) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as connection:
                return int(connection.getpeercert()["serialNumber"], 16)

    def curl(self) -> None:
        def run(**variables: str) -> subprocess.CompletedProcess:
            return subprocess.run(
                ["curl", "-sS", f"{self.url}/api/llm/healthz"], capture_output=True, text=True, timeout=20,
                env={"PATH": os.environ["PATH"], "NO_PROXY": "*", **variables})

        trusted = run(SSL_CERT_FILE=str(self.authority.file))
        assert trusted.returncode == 0 and '"status":"ok"' in trusted.stdout, trusted
        # 60: the certificate is not to be trusted.
        assert run().returncode == 60, "curl trusts an authority that it was not told of"

    def sdk(self) -> None:
        client = self.client()
        assert client.chat.completions.create(**said("TLS")).choices[0].message.content == SPOKEN + "TLS"
        assert text_of(client.chat.completions.create(**said("TLS stream"), stream=True)) == SPOKEN + "TLS stream"
        with environment():
            stranger = openai.OpenAI(base_url=f"{self.url}/api/llm/openai/v1", api_key=RIGHT, max_retries=0)
        caught(openai.APIConnectionError, lambda: stranger.models.list())

    def broken_stream(self) -> None:
        headers = {"x-mock-fault": "cut", "x-mock-fault-after": "4"}
        stream = self.client().chat.completions.create(**said("a b c d e"), stream=True, extra_headers=headers)
        caught(openai.APIError, lambda: list(stream))

    def renewed_certificate(self) -> None:
        """A new certificate is shown to new connections while clients, kept and new, go on without a failure."""
        assert self.serial() == 1
        kept = self.client()
        done = threading.Event()
        answers: list[str] = []
        failures: list[Exception] = []

        def work(make) -> None:
            while not done.is_set():
                try:
                    answers.append(make().chat.completions.create(**said("on")).choices[0].message.content)
                except Exception as error:
                    failures.append(error)

        slow = kept.chat.completions.create(
            **said("slow"), stream=True, extra_headers={"x-mock-tokens": "60", "x-mock-tokens-per-second": "20"})
        threads = [threading.Thread(target=work, args=(make,)) for make in (lambda: kept, self.client)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(0.2)
            self.authority.issue(2)
            wait_until(lambda: self.serial() == 2, "the renewed certificate")
            count = len(answers)
            wait_until(lambda: len(answers) > count + 4 or failures, "answers behind the renewal")
        finally:
            done.set()
            for thread in threads:
                thread.join(30)
        assert not failures, failures
        assert set(answers) == {SPOKEN + "on"}
        assert len([chunk for chunk in slow if chunk.choices and chunk.choices[0].delta.content]) == 60

    def broken_certificate(self) -> None:
        """One that cannot be used leaves the old in place, and is told of."""
        file = self.weir.directory / "server.pem"
        good = file.read_text()
        file.write_text(good[: len(good) // 2])
        wait_until(lambda: "server.tls" in str(self.weir.health(self.authority.file)["config"]["error"]), "the fault")
        assert self.serial() == 2
        file.write_text(good)
        wait_until(lambda: self.weir.health(self.authority.file)["config"]["error"] is None, "the mended file")
        self.sdk()

    @property
    def all(self) -> list:
        return [self.curl, self.sdk, self.broken_stream, self.renewed_certificate, self.broken_certificate]


def plain(binary: str, directory: Path, mock: Mock) -> ConfiguredWeir:
    text = ROUTES.format(tls="null", right=RIGHT, narrow=NARROW, mock=mock.url)
    return ConfiguredWeir(binary, directory, text)


def encrypted(binary: str, directory: Path, mock: Mock) -> tuple[ConfiguredWeir, Authority]:
    directory.mkdir(parents=True)
    authority = Authority(directory)
    authority.issue(1)
    tls = "{ certificate: server.pem, private_key: server.key }"
    text = ROUTES.format(tls=tls, right=RIGHT, narrow=NARROW, mock=mock.url)
    return ConfiguredWeir(binary, directory, text), authority
