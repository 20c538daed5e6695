"""The request and answer of the `forward` and `record` tables, their upstream, and what sends the load."""

import dataclasses
import json
import os
import re
import subprocess
import urllib.request

from . import processes, rows
from .failure import Failure
from .machine import find, print_progress

PATH = "/v1/chat/completions"
TOOLS = os.path.join(rows.BENCHMARKS, "tools")


def padded(value, place, length):
    """`value` as compact JSON, the string at `place` (a path of keys) lengthened until there are `length` bytes."""
    *path, last = place
    target = value
    for key in path:
        target = target[key]
    words = "The gate lets every drop of water pass and counts it while it falls to the river below. "
    missing = length - len(json.dumps(value, separators=(",", ":")))
    target[last] += (words * (missing // len(words) + 1))[:missing]
    return json.dumps(value, separators=(",", ":"))


REQUEST = padded(
    {"model": "gpt-benchmark", "temperature": 0.2, "messages": [
        {"role": "system", "content": "You answer in one sentence."}, {"role": "user", "content": ""}]},
    ["messages", 1, "content"], 230)
ANSWER = padded(
    {"id": "chatcmpl-benchmark-0000000000000000", "object": "chat.completion", "created": 1767225600,
     "model": "gpt-benchmark", "choices": [
         {"index": 0, "message": {"role": "assistant", "content": "", "refusal": None}, "finish_reason": "stop"}],
     "usage": {"prompt_tokens": 41, "completion_tokens": 60, "total_tokens": 101}},
    ["choices", 0, "message", "content"], 582)


@dataclasses.dataclass(frozen=True)
class Call:
    """What a request of `forward` says besides its body."""

    path: str = PATH
    fields: tuple = (("Authorization", "Bearer sk-benchmark-0000000000000000"),)


class Upstream:
    """nginx that answers every request with the same JSON."""

    def __init__(self, workplace, descriptors):
        self.port = processes.free_port()
        directory = workplace.directory("upstream")
        names = {"PORT": self.port, "DIR": directory, "ANSWER": ANSWER, "NOFILE": descriptors}
        self.server = workplace.start(
            "the upstream", rows.nginx(directory, "nginx-upstream.conf", names), self.port, directory)

    def requests(self):
        """How many requests it has answered, without those that asked this."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/benchmark-status", timeout=10) as answer:
            numbers = re.search(r"\n\s*(\d+) (\d+) (\d+)", answer.read().decode())
        self.asked = getattr(self, "asked", 0) + 1
        return int(numbers.group(3)) - self.asked


def stream_peer(options):
    """The path of the streaming peer, built when there is none or its source is newer."""
    return os.path.abspath(options.stream_peer) if options.stream_peer else tool("stream-peer")


def tool(product):
    """The path of a program of Benchmarks/tools, built when there is none or its source is newer."""
    print_progress(f"building {product}")
    command = ["swift", "build", "-c", "release", "--package-path", TOOLS, "--product", product]
    try:
        subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True, timeout=1800)
    except FileNotFoundError:
        raise Failure(f"no swift in PATH: it is needed to build {product} of Benchmarks/tools") from None
    except subprocess.CalledProcessError as error:
        raise Failure(f"Benchmarks/tools does not build:\n{error.stdout[-4000:]}") from None
    return os.path.join(TOOLS, ".build", "release", product)


def event_upstream(workplace, peer, interval_us, tick_us=1000):
    """Starts the streaming upstream. Returns the server."""
    port = processes.free_port()
    command = [peer, "serve", "--port", str(port), "--interval-us", str(interval_us), "--tick-us", str(tick_us)]
    return workplace.start("the streaming upstream", command, port, workplace.directory("streams"))


def run_tool(command, seconds, what):
    """Runs a load tool to its end. Returns the JSON of its last line; what is wrong with the run is a failure."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tool:
        try:
            return result_of(tool, seconds, what)
        finally:
            tool.kill()


def result_of(tool, seconds, what):
    """Waits for a load tool that runs already, like `run_tool`."""
    try:
        output, complaint = tool.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failure(f"{what}: no end after {seconds} s") from None
    if tool.returncode != 0:
        raise Failure(f"{what}: {output}{complaint}".rstrip())
    return json.loads(output.splitlines()[-1])


def wrk(port, connections, seconds, what, call=None):
    """Loads a proxy for `seconds`. Every error is a failure."""
    call = call or Call()
    command = [
        find("wrk"), "-t", str(min(2, connections)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
        "-s", os.path.join(rows.BENCHMARKS, "forward.lua"), f"http://127.0.0.1:{port}{call.path}"]
    fields = "".join(f"{name}: {value}\n" for name, value in call.fields)
    environment = {**os.environ, "WEIR_BENCHMARK_BODY": REQUEST, "WEIR_BENCHMARK_FIELDS": fields}
    try:
        result = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds + 60,
            env=environment)
    except subprocess.TimeoutExpired:
        raise Failure(f"{what}: wrk has not ended after {seconds + 60} s") from None
    if result.returncode != 0:
        raise Failure(f"{what}: wrk ended with {result.returncode}:\n{result.stdout}")
    found = json.loads(result.stdout.splitlines()[-1])
    errors = {name: found[name] for name in ("connect", "read", "write", "status", "timeout") if found[name]}
    if errors:
        raise Failure(f"{what}: wrk counted errors: {errors}")
    if found["requests"] == 0:
        raise Failure(f"{what}: no request was answered")
    # wrk counts 1xx to 3xx as good; an answer that is not the upstream's is shorter.
    if found["bytes"] < found["requests"] * len(ANSWER):
        raise Failure(f"{what}: the answers are shorter than the upstream's {len(ANSWER)} bytes")
    return found


def verify_answer(port, what, call=None):
    """Fails unless a request brings the upstream's answer."""
    call = call or Call()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{call.path}", data=REQUEST.encode(),
        headers={"Content-Type": "application/json", **dict(call.fields)})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read().decode()
    except OSError as error:
        raise Failure(f"{what} does not forward: {error}") from None
    if body != ANSWER:
        raise Failure(f"{what} answers something else than its upstream: {body[:500]}")
