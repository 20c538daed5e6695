"""The configuration of the table `policy`: 20 routes, 50 keys, header rules and access lists, and the proof that it
does what it says."""

import contextlib
import dataclasses
import http.client
import http.server
import threading

from . import traffic
from .failure import Failure

ROUTES, KEYS = 20, 50
# In the middle of both; every fifth key is for three routes alone.
ROUTE, KEY, KEY_OF_OTHER_ROUTES = 10, 25, 20
DENIED_ADDRESS = "127.0.0.66"


def client_key(number):
    """As long as the key that `traffic.Call` has of itself."""
    return f"sk-benchmark-client-{number:09}"


def upstream_key(number):
    return f"sk-benchmark-provider-{number:07}"


def call(path, key):
    """A request with the header fields that the policy acts on; all rows send the same."""
    return traffic.Call(path, (
        ("Authorization", f"Bearer {key}"), ("X-Forwarded-For", "203.0.113.7"), ("X-Stainless-Lang", "python"),
        ("X-Team", "of-the-client")))


PLAIN = call(traffic.PATH, upstream_key(KEY))
ROUTED = call(f"/provider-{ROUTE}{traffic.PATH}", client_key(KEY))


def configuration(upstream, logs_requests):
    """Weir's configuration, its route in the middle leading to the upstream's port, the others to nowhere."""
    return {
        "server": {"log_requests": logs_requests},
        "headers_to_drop": ["X-Forwarded-For", "X-Real-IP", "Forwarded"],
        "access": {
            "deny": [f"{DENIED_ADDRESS}/32", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"],
            "allow": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8", "::1", "127.0.0.0/8"],
        },
        "keys": {client_key(number): key(number) for number in range(KEYS)},
        "default_route": "provider-0",
        "routes": {f"provider-{number}": route(number, upstream) for number in range(ROUTES)},
    }


def key(number):
    if number % 5 == 0:
        routes = sorted({number % ROUTES, (number + 5) % ROUTES, (number + 7) % ROUTES})
        return {"upstream_key": upstream_key(number), "name": f"user-{number}",
                "routes": [f"provider-{route}" for route in routes]}
    if number % 5 == 1:
        return {"upstream_key": upstream_key(number), "name": f"user-{number}"}
    return upstream_key(number)


def route(number, upstream):
    return {
        "target_url": f"http://127.0.0.1:{upstream}" if number == ROUTE else f"https://api.provider-{number}.example",
        "force_header_overwrite": number % 2 == 0,
        "custom_headers": {"X-Team": f"team-{number}", "X-Account": f"account-{number}"},
        "headers_to_drop": ["X-Stainless-Lang", "X-Stainless-Runtime"],
    }


def verify(row, workplace, problems):
    """Starts the row once in front of an upstream that tells what reaches it, and adds to `problems` what differs from
    the configuration, the lines an exchange included."""
    witness = Witness()
    with contextlib.closing(witness):
        # What it prints, in a file.
        server = dataclasses.replace(row, output=None).start(workplace, witness.port)
        if row.has_policy:
            expected = [
                (200, row.call, None), (401, call(row.call.path, "sk-benchmark-unknown-00000000"), None),
                (403, call(row.call.path, client_key(KEY_OF_OTHER_ROUTES)), None), (403, row.call, DENIED_ADDRESS)]
        else:
            expected = [(200, row.call, None)]
        found = [status(server.port, request, address) for _, request, address in expected]
        if found != [code for code, _, _ in expected]:
            problems.append(f"policy: {row.title} answers {found} where {[code for code, _, _ in expected]} is due")
        due = [after_policy() if row.has_policy else (traffic.PATH, dict(row.call.fields))]
        seen = [(path, {name: fields.get(name) for name in due[0][1]}) for path, fields in witness.seen]
        if seen != due:
            problems.append(f"policy: behind {row.title} {seen} arrives where {due} is due")
        server.stop()
        with open(server.output, encoding="utf-8", errors="replace") as file:
            lines = sum(traffic.PATH in line for line in file)
        if row.logs_requests != (lines > 0):
            problems.append(f"policy: {row.title} has written {lines} lines for {len(expected)} exchanges")
        workplace.forget(server)


def after_policy():
    """Path and header fields of the request as the configuration lets them through."""
    return traffic.PATH, {
        "Authorization": f"Bearer {upstream_key(KEY)}", "X-Forwarded-For": None, "X-Stainless-Lang": None,
        "X-Team": f"team-{ROUTE}", "X-Account": f"account-{ROUTE}"}


def status(port, request, address):
    """The status that a request brings, sent from `address` if there is one."""
    source = (address, 0) if address else None
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=source)
    try:
        connection.request("POST", request.path, traffic.REQUEST,
                           {"Content-Type": "application/json", **dict(request.fields)})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Failure(f"policy: no answer to a request that tries the configuration out: {error!r}") from None
    finally:
        connection.close()


class Witness:
    """An upstream that keeps the path and the header fields of each request."""

    def __init__(self):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                seen.append((self.path, self.headers))
                self.send_response(200)
                self.send_header("Content-Length", str(len(traffic.ANSWER)))
                self.end_headers()
                self.wfile.write(traffic.ANSWER.encode())

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A proxy that ends cuts its idle connections."""

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
