"""Servers as child processes: started, measured by /proc, and ended by their own pid."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .failure import Failure
from .machine import print_progress


class Server:
    """A child process that listens on a port of the loopback. Its output goes to a file that failures quote, unless
    `output` names another."""

    def __init__(self, name, command, port, directory, environment=None, output=None):
        self.name = name
        self.port = port
        self.directory = directory
        self.output = output or os.path.join(directory, "output.log")
        with open(self.output, "wb") as file:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, cwd=directory,
                env={**os.environ, **(environment or {})})

    def wait_until_listening(self, seconds=15):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Failure(f"{self.name} ended at its start with {self.process.returncode}:\n{self.last_output()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise Failure(f"{self.name} does not listen on port {self.port} after {seconds} s:\n{self.last_output()}")

    def stop(self, seconds=60):
        """Sends SIGTERM and waits. Returns the exit code; fails when the process has to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(
                f"{self.name} did not end within {seconds} s of SIGTERM:\n{self.last_output()}") from None

    def kill(self):
        """Ends the process and its children at once, the parent first: nginx's replaces a worker that dies."""
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def last_output(self):
        with open(self.output, "rb") as file:
            return file.read()[-4000:].decode(errors="replace")

    def pids(self):
        """The process and all that descend from it."""
        if self.process.poll() is not None:
            return []
        found, unread = [], [self.process.pid]
        while unread:
            pid = unread.pop()
            found.append(pid)
            for task in tasks(pid):
                text = read(f"/proc/{pid}/task/{task}/children")
                unread += [int(child) for child in (text or "").split()]
        return found

    def memory(self):
        """Bytes of physical memory, pages that several processes share counted once (Pss)."""
        total = 0
        for pid in self.pids():
            for line in (read(f"/proc/{pid}/smaps_rollup") or "").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        return total

    def clock(self):
        """A reading of the CPU time, to be compared with a later one by `cpu_between`."""
        return {pid: reading for pid in self.pids() if (reading := cpu_clock(pid)) is not None}

    def is_running(self):
        return self.process.poll() is None


def cpu_clock(pid):
    """The nanoseconds of CPU time that a process's threads have used, those that ended included; None if it is gone.

    The process's own clock (`clock_getcpuclockid`): `/proc/PID/stat` counts in ticks, and each thread's `schedstat`
    goes with the thread.
    """
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return None


def cpu_between(before, after):
    """Nanoseconds of CPU time between two readings, user and system, of all processes and threads."""
    return sum(reading - before.get(pid, 0) for pid, reading in after.items())


def tasks(pid):
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None


class Workplace:
    """A temporary directory and the servers in it. Leaving it, however, ends the servers and removes the files."""

    def __init__(self, parent, keep=False):
        self.parent = parent
        self.keep = keep
        self.servers = []
        self.count = 0

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="weir-benchmark-", dir=self.parent)
        # nginx's workers run as another user when it is started by root.
        os.chmod(self.path, 0o711)
        return self

    def __exit__(self, *_):
        for server in self.servers:
            if server.is_running():
                server.process.send_signal(signal.SIGTERM)
        for server in self.servers:
            try:
                server.process.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
        if self.keep:
            print_progress(f"kept {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)

    def directory(self, name):
        self.count += 1
        path = os.path.join(self.path, f"{self.count:03}-{name}")
        os.mkdir(path)
        return path

    def start(self, name, command, port, directory, environment=None, output=None):
        server = Server(name, command, port, directory, environment, output)
        self.servers.append(server)
        return server.wait_until_listening()

    def end(self, server):
        """Ends a server and removes its files. Returns its exit code."""
        code = server.stop()
        self.forget(server)
        return code

    def forget(self, server):
        self.servers.remove(server)
        if not self.keep:
            shutil.rmtree(server.directory, ignore_errors=True)


def free_port():
    """A port below the range from which outgoing connections take theirs."""
    for _ in range(200):
        port = random.randrange(18_000, 32_000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failure("no free port between 18000 and 32000")
