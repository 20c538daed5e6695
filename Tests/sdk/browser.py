"""Pages of other origins in a real browser: what `server.cors` grants and refuses."""

import json
import queue
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from processes import ConfiguredWeir, Mock, wait_until

KEY = "weir-client-key-of-a-page-0001"

PAGE = """<!doctype html><meta charset="utf-8"><title>page</title><script type="module">
const outcome = {};
async function ask(path, body) {
  try {
    const answer = await fetch("@WEIR@" + path, {
      method: body ? "POST" : "GET",
      headers: { Authorization: "Bearer @KEY@", ...(body ? { "Content-Type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
    return {
      status: answer.status, text: await answer.text(), id: answer.headers.get("x-weir-request-id"),
      error: answer.headers.get("x-weir-error"),
    };
  } catch (error) {
    return { refused: String(error) };
  }
}
const chat = { model: "mock-1", messages: [{ role: "user", content: "from a page" }] };
outcome.plain = await ask("/a/v1/chat/completions", chat);
outcome.stream = await ask("/a/v1/chat/completions", { ...chat, stream: true });
outcome.models = await ask("/a/v1/models");
outcome.missing = await ask("/nowhere/v1/models");
await fetch("/outcome", { method: "POST", body: JSON.stringify(outcome) });
</script>"""


class Pages:
    """Serves the page, and takes what it tells, on every name of this machine."""

    def __init__(self):
        self.outcomes: queue.Queue = queue.Queue()
        self.page = ""
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path == "/"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(pages.page.encode() if found else b"")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                pages.outcomes.put(json.loads(body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def program() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise AssertionError("there is no Chromium to test server.cors with; install the package chromium")


def visit(url: str, pages: Pages, directory: Path) -> dict:
    """Opens the page and gives what it told."""
    arguments = [
        program(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
        f"--user-data-dir={directory}", "--remote-debugging-port=0", url,
    ]
    with open(directory.with_suffix(".log"), "wb") as log:
        browser = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            return pages.outcomes.get(timeout=60)
        except queue.Empty:
            text = directory.with_suffix(".log").read_text(errors="replace")
            raise AssertionError(f"the page told nothing within 60 s (the browser: {browser.poll()})\n{text}") from None
        finally:
            browser.terminate()
            try:
                browser.wait(20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()


class Browser:
    """One server of pages under two origins, of which the configuration names one."""

    def __init__(self, binary: str, directory: Path, mock: Mock):
        self.directory = directory
        self.pages = Pages()
        self.weir = ConfiguredWeir(binary, directory / "weir", f"""
server: {{ cors: {{ allow_origins: ["http://127.0.0.1:{self.pages.port}"] }} }}
keys: {{ {KEY}: sk-upstream-0001 }}
routes: {{ a: {{ target_url: "{mock.url}" }} }}
""")
        self.pages.page = PAGE.replace("@WEIR@", self.weir.url).replace("@KEY@", KEY)

    def exchanges(self, method: str) -> int:
        return sum(1 for line in self.weir.lines if f" method={method} " in line)

    def refused_origin(self) -> None:
        outcome = visit(f"http://localhost:{self.pages.port}/", self.pages, self.directory / "refused")
        for name, answer in outcome.items():
            assert "refused" in answer and "status" not in answer, (name, answer)
        # The browser asks before each request, and sends none.
        wait_until(lambda: self.exchanges("OPTIONS") == len(outcome), "the preflights' lines")
        assert self.exchanges("POST") == self.exchanges("GET") == 0, "a request of that page came"

    def granted_origin(self) -> None:
        before = self.exchanges("OPTIONS")
        outcome = visit(f"http://127.0.0.1:{self.pages.port}/", self.pages, self.directory / "granted")
        for name in ("plain", "stream", "models"):
            answer = outcome[name]
            assert answer.get("status") == 200 and len(answer["id"]) == 26, (name, answer)
        assert "from a page" in outcome["plain"]["text"]
        assert outcome["stream"]["text"].endswith("data: [DONE]\n\n")
        assert "mock-1" in outcome["models"]["text"]
        # A page can read Weir's own errors too.
        missing = outcome["missing"]
        assert missing["status"] == 404 and missing["error"] == "route_not_found" and missing["text"], missing
        wait_until(lambda: self.exchanges("POST") == self.exchanges("GET") == 2, "the requests' lines")
        assert self.exchanges("OPTIONS") > before, "the browser asked beforehand"

    def ask_to_stop(self) -> None:
        self.weir.ask_to_stop()

    def stop(self) -> int:
        self.pages.stop()
        return self.weir.stop()

    @property
    def lines(self) -> list[str]:
        return self.weir.lines

    @property
    def url(self) -> str:
        return self.weir.url
