"""A receiver of webhooks on loopback that checks signatures as receivers do, with the standard library alone."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread


class HookServer:
    """`with HookServer() as hooks`, then `hooks.url`; `posts` holds (name, what was told).

    What none of `secrets` signed is answered 401. `answer` gets a name and what was told, and gives the status.
    """

    def __init__(self, answer: Callable[[str, dict], int] = lambda name, told: 204) -> None:
        self.posts: list[tuple[str, dict]] = []
        self.secrets: list[str] = []
        self._came = Condition()
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                name, told = self.headers["Webhook-Id"], json.loads(body)
                is_genuine = hooks.knows(self.headers, body)
                with hooks._came:  # before the answer: whoever hears that it got through finds it here
                    hooks.posts.append((name, told))
                    hooks._came.notify_all()
                self.send_response(answer(name, told) if is_genuine else 401)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.authority = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.authority}/papers"

    def knows(self, headers, body: bytes) -> bool:
        """Whether one of the secrets made this signature."""
        signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
        keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in self.secrets]
        made = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]
        return headers["Webhook-Signature"] in [f"v1,{one}" for one in made]

    @property
    def papers(self) -> list[str]:
        """Every paper told, as often as it was."""
        return [paper["id"] for _, told in self.posts for paper in told["papers"]]

    def wait(self, papers: int, seconds: float = 40) -> list[str]:
        """The papers told, as soon as there are so many."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.papers) >= papers, seconds), (
                f"{self.papers}, not {papers} papers"
            )
            return self.papers

    def __enter__(self) -> "HookServer":
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
