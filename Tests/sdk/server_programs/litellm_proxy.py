"""LiteLLM's proxy on a free port: litellm_proxy.py CONFIGURATION

Says on standard error where it listens, and ends with its standard input.
"""

import os
import socket
import sys
import threading
import time


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tell(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            # In one piece, on a line of its own: the proxy writes there too.
            os.write(sys.stderr.fileno(), f"\nlistens at http://127.0.0.1:{port}\n".encode())
            return


def end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    port = free_port()
    for work in (end_with_input, lambda: tell(port)):
        threading.Thread(target=work, daemon=True).start()
    # Imported here: that takes seconds.
    from litellm import run_server

    run_server(["--config", sys.argv[1], "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"])


main()
