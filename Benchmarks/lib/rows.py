"""The proxies that are compared, each a row of the tables."""

import dataclasses
import functools
import json
import os
import re
import shlex
import subprocess
import time
import urllib.request

from . import processes
from .failure import Failure
from .machine import find
from .processes import cpu_between

BENCHMARKS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

WEIR_OFF = "weir-off"
WEIR_JOURNAL = "weir-journal"
WEIR_SESSIONS = "weir-sessions"

TITLES = {
    "nginx": "nginx",
    "haproxy": "HAProxy",
    WEIR_OFF: "Weir, recording off",
    WEIR_JOURNAL: "Weir, journal",
    WEIR_SESSIONS: "Weir, journal and session files",
}

WEIR_ARGUMENTS = {WEIR_OFF: ["--no-recording"], WEIR_JOURNAL: ["--no-session-files"], WEIR_SESSIONS: []}


@dataclasses.dataclass
class Row:
    """A proxy that can be started in front of an upstream."""

    key: str
    command: list = None  # of a peer; {port} and {upstream} stand for the ports
    weir: str = None
    weir_arguments: tuple = ()
    descriptors: int = 20_000
    call: object = None  # a `traffic.Call` in place of the usual one
    output: str = None  # where what it prints goes, in place of a file of its own

    @property
    def title(self):
        return TITLES.get(self.key, self.key)

    @property
    def is_weir(self):
        return self.key in WEIR_ARGUMENTS

    @property
    def arguments(self):
        return WEIR_ARGUMENTS[self.key]

    @property
    def records(self):
        return self.key in (WEIR_JOURNAL, WEIR_SESSIONS)

    def start(self, workplace, upstream, buffering="on"):
        """Starts the proxy and waits until it listens. Returns the server."""
        directory = workplace.directory(self.key)
        return self.start_in(directory, workplace, upstream, buffering)

    def start_in(self, directory, workplace, upstream, buffering="on"):
        """Like `start`, with the files that are in the directory already."""
        port = processes.free_port()
        names = {
            "PORT": port, "UPSTREAM": upstream, "DIR": directory, "BUFFERING": buffering, "NOFILE": self.descriptors}
        if self.key == "nginx":
            command = nginx(directory, "nginx-proxy.conf", names)
        elif self.key == "haproxy":
            command = [find("haproxy"), "-db", "-f", fill("haproxy.cfg", directory, names)]
        elif self.command:
            command = [word.replace("{port}", str(port)).replace("{upstream}", str(upstream)) for word in self.command]
        else:
            command = [
                self.weir, "serve", *self.configured(directory, upstream), "--host", "127.0.0.1", "--port", str(port),
                "--threads", "2", "--data-dir", os.path.join(directory, "data"), "--log-dir", logs(directory),
                *self.arguments, *self.weir_arguments]
        return workplace.start(self.title, command, port, directory, output=self.output)

    def configured(self, directory, upstream):
        """The arguments by which Weir knows its upstream, and that no line an exchange is wanted: the others write
        none either."""
        arguments = ["--upstream-base-url", f"http://127.0.0.1:{upstream}"]
        if takes_configuration(self.weir):
            arguments += ["--config", write_configuration(directory, {"server": {"log_requests": False}})]
        return arguments


def choose(keys, options, peers=()):
    """The rows named by `keys` (Weir's only where there is a Weir), and after them `peers` (NAME=COMMAND)."""
    rows = []
    for key in keys:
        if key not in TITLES:
            raise Failure(f"no row '{key}'; there are {', '.join(TITLES)}, and --peer for others")
        if key in WEIR_ARGUMENTS and not options.weir:
            continue
        rows.append(Row(key, weir=options.weir, weir_arguments=tuple(options.weir_argument),
                        descriptors=options.descriptors))
    for peer in peers:
        name, separator, command = peer.partition("=")
        if not separator or "{port}" not in command:
            raise Failure(f"peer {peer}: write NAME=COMMAND, with {{port}} and {{upstream}} where the ports belong")
        rows.append(Row(name, command=shlex.split(command), descriptors=options.descriptors))
    if not rows:
        raise Failure("no rows are left to compare")
    return rows


@functools.cache
def takes_configuration(weir):
    """Whether this build reads a configuration file. One that does not writes no line an exchange."""
    try:
        result = subprocess.run(
            [weir, "serve", "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{weir} does not run: {error}") from None
    return re.search(r"--config\s", result.stdout) is not None


def write_configuration(directory, configuration):
    """Writes Weir's configuration as JSON, and returns its path."""
    path = os.path.join(directory, "weir.json")
    with open(path, "w") as file:
        json.dump(configuration, file, indent=2)
    return path


def nginx(directory, configuration, names):
    return [find("nginx"), "-p", directory, "-c", fill(configuration, directory, names)]


def fill(name, directory, names):
    """Writes the configuration `name` with its {{NAMES}} filled in, and returns its path."""
    with open(os.path.join(BENCHMARKS, name)) as file:
        text = file.read()
    for key, value in names.items():
        text = text.replace("{{" + key + "}}", str(value))
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def logs(directory):
    return os.path.join(directory, "logs")


def recording_state(server):
    """What Weir says of its recording, {} when it says nothing."""
    url = f"http://127.0.0.1:{server.port}/healthz"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer).get("recording") or {}


def wait_until_drained(server, seconds=120):
    """Waits until nothing is queued for the record and the process rests. Returns the last clock reading."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = recording_state(server)
        before = server.clock()
        time.sleep(0.25)
        after = server.clock()
        if state.get("queued", 0) == 0 and cpu_between(before, after) < 10_000_000:
            return after
    raise Failure(f"{server.name} still works on its record {seconds} s after the load ended: {state}")


def note_losses(server, problems):
    """Adds to `problems` when Weir has shed any part of the record."""
    state = recording_state(server)
    lost = {name: count for name, count in state.items() if name.startswith("lost_") and count}
    if lost or state.get("state", "ok") != "ok":
        problems.append(f"{server.name} did not keep up with its record: {state}")
