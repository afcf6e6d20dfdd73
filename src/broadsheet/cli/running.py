"""``broadsheet serve``, ``worker`` and ``run``: the processes that stay."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

import click

from broadsheet.cli import subscriptions
from broadsheet.cli.keeping import load_starter
from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import counted, err, out, shown

if TYPE_CHECKING:
    from broadsheet.library import Library

_STOP_WITHIN = 10
_MOST_PRESSES = 4
_MINUTE = 60.0
_NICENESS = 10
_TURN = 10.0
"""How many seconds one job keeps the others waiting, where it can pause."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port; else $PORT, else 8000.")
@click.option(
    "--presses",
    type=click.IntRange(0, 64),
    help="Processes that make search pages; 0: the server itself.  [default: one for each core, at most 4]",
)
@common
def serve(host: str, port: int | None, presses: int | None, as_json: bool) -> None:
    """Run the web server."""
    import uvicorn
    from django.conf import settings

    library = open_library()
    port = port or settings.WEB_PORT
    _require_free(host, port)
    _say_encoder(library)
    out.print(f"Broadsheet: {counted(library.count(), 'paper')} at http://{_shown(host)}:{port}/  (Ctrl-C stops)")
    settings.PRESSES = _presses() if presses is None else presses
    uvicorn.run(
        "broadsheet.config.asgi:application",
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        proxy_headers=bool(settings.PROXIES),  # else anybody on this machine could name another address
        forwarded_allow_ips=list(settings.PROXIES),
    )


@click.command()
@common
def worker(as_json: bool) -> None:
    """Do what is due in the background: harvest, make papers findable by meaning, mail digests and replies."""
    from broadsheet.cli.jobs import Job, work
    from broadsheet.cli.repeating import Repeating

    library = open_library()
    os.nice(_NICENESS)  # readers come first
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    _say_encoder(library)
    harvests = Repeating(library)
    jobs = [
        Job("Bounces", subscriptions.read_bounces),
        Job("Digests", lambda: subscriptions.post_digests(library, stopping)),
        Job("Alarms", lambda: subscriptions.raise_alarm(library), pause=_MINUTE),
        Job("Alerts", lambda: subscriptions.match_alerts(library)),
        Job("Webhooks", subscriptions.post_alerts),
        Job("Harvests", lambda: harvests.tick(datetime.now(UTC))),
        Job("References", lambda: _learn(library, stopping)),
        Job("Snapshot of the index", lambda: _keep_snapshot(library), pause=_MINUTE),
        Job("Asking for stars", lambda: _ask_for_stars(library)),
    ]
    awaited = [  # by somebody who looks for it in their mailbox
        Job("Confirmations", subscriptions.confirm),
        Job("Mail", _mail),
        Job("Alert mail", subscriptions.mail_alerts),
    ]
    backlog = [Job("Embedding", lambda: _embed(library, stopping))]  # of hours, at times
    try:
        work([jobs, awaited, backlog], stopping)
    finally:
        harvests.stop()


def _say_encoder(library: "Library") -> None:
    """Load the encoder, so that a damaged one ends the start and not each search; say if it is none, or another."""
    if library.embedder is None:
        err.print("No sentence encoder here, so papers are found by words only.")
    elif other := library.generations.asked_in_vain:
        by = library.embedder.name
        err.print(f"BROADSHEET_MODEL names {shown(other)}, the library is searched by {shown(by)}.", soft_wrap=True)
        err.print("Next: broadsheet reindex makes the vectors of the one aside and changes to it")


def _presses() -> int:
    """One for each core that this process may use; on a single core they would only stand in each other's way."""
    from broadsheet.search.onnx import cores

    return min(cores(), _MOST_PRESSES) if cores() > 1 else 0


def _keep_snapshot(library: "Library") -> str:
    library.catch_up(_TURN)
    return "Wrote down the index for the next start" if library.keep_snapshot() else ""


def _embed(library: "Library", stopping: Event) -> str:
    end = time.monotonic() + _TURN
    embedded = library.embed(stop=lambda: stopping.is_set() or time.monotonic() > end)
    return f"{counted(embedded, 'paper')} embedded" if embedded else ""


def _learn(library: "Library", stopping: Event) -> str:
    from broadsheet.community.bibliographies import learn

    end = time.monotonic() + _TURN
    learned = learn(library, datetime.now(UTC), lambda: stopping.is_set() or time.monotonic() > end)
    return f"{counted(learned, 'list')} of references learned" if learned else ""


def _mail() -> str:
    from broadsheet.community.notifications import send_pending

    sent = send_pending(datetime.now(UTC))
    return f"{counted(sent, 'notification')} mailed" if sent else ""


def _ask_for_stars(library: "Library") -> str:
    from django.conf import settings

    from broadsheet.sources import Transport, stars

    if not settings.GITHUB:
        return ""
    transport = Transport(allow=settings.FETCH_ALLOW, contact=settings.CONTACT)
    token = "" if settings.GITHUB == "anonymous" else settings.GITHUB
    asked = library.refresh_stars(lambda name: stars(transport, name, token))
    return f"{counted(asked, 'paper')} asked for stars" if asked else ""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port; else $PORT, else 8000.")
@click.option("--starter/--no-starter", default=True, help="Load the starter library when empty.  [default: starter]")
@common
@click.pass_context
def run(ctx: click.Context, host: str, port: int | None, starter: bool, as_json: bool) -> None:
    """Run web server and worker until Ctrl-C; create the library first if needed."""
    from django.conf import settings

    library = open_library()
    port = port or settings.WEB_PORT
    _require_free(host, port)
    if starter:
        load_starter(library, quiet=False)
    library.close()
    command = [sys.executable, "-m", "broadsheet"]
    children = {
        "serve": subprocess.Popen([*command, "serve", "--host", host, "--port", str(port)]),
        "worker": subprocess.Popen([*command, "worker"]),
    }
    ctx.exit(_supervise(children))


def _supervise(children: dict[str, "subprocess.Popen[bytes]"]) -> int:
    """Wait until told to stop or until a child ends by itself, then stop the others; 0 if told to."""
    told = Event()
    ended = Event()

    def on_signal(number: int, frame: object) -> None:
        if number != signal.SIGCHLD:
            told.set()
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, on_signal)
    while not told.is_set() and all(child.poll() is None for child in children.values()):
        ended.wait()
        ended.clear()
    if not told.is_set():
        name, code = next((name, child.poll()) for name, child in children.items() if child.poll() is not None)
        err.print(f"[red]broadsheet {name}[/red] ended with exit code {code}; stopping")
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    for child in children.values():
        try:
            child.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return 0 if told.is_set() else 1


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise click.ClickException(f"cannot listen on {host} port {port}: {reason}. Another: --port") from error


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "::1") else host
