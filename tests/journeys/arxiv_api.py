"""arXiv's search API on loopback, for journeys that look papers up: `from arxiv_api import UNKNOWN, Arxiv`."""

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/x</id><title>arXiv Query</title>
  <opensearch:totalResults>{total}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>{entry}
</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/{id}v1</id><title>Evicting pages, brought as {id}</title>
  <updated>{day}T16:07:14Z</updated><published>{day}T16:07:14Z</published>
  <summary>A page is chosen for eviction. &lt;script&gt;alert(1)&lt;/script&gt;</summary>
  <category term="cs.DS" scheme="http://arxiv.org/schemas/atom"/><arxiv:primary_category term="cs.DS"/>
  <author><name>Quan Thoi Minh Nguyen</name></author></entry>"""
UNKNOWN = "2611.40404"


class Arxiv:
    """arXiv's search API: knows every id but one."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        arxiv = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = parse_qs(urlsplit(self.path).query).get("id_list", [""])[0]
                arxiv.asked.append(name or self.path)
                is_known = name and name != UNKNOWN
                day = (datetime.now(UTC) - timedelta(days=40)).date()
                entry = ENTRY.format(id=name, day=day) if is_known else ""
                body = FEED.format(total=int(bool(is_known)), entry=entry).encode()
                self.send_response(arxiv.status if urlsplit(self.path).path == "/api/query" else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.authority = f"127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
