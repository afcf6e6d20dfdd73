"""A harvest run: pages of a source put into the library, one transaction a page, safe to kill at any moment."""

import os
import socket
from collections.abc import Callable
from datetime import datetime

from broadsheet.library.journal import appending
from broadsheet.library.models import HarvestFault, HarvestRun
from broadsheet.library.putting import Outcome, Placement, put, tally
from broadsheet.sources import Fault, Page, Source, SourceError

Progress = Callable[[HarvestRun, Page], None]
_FAULTS_KEPT = 1_000


def harvest(
    alias: str, source: Source, request: str, clock: Callable[[], datetime], progress: Progress | None = None
) -> HarvestRun:
    """Run a source to its end and return the run, "done" or "failed" with the reason in `error`.

    `request` says what was asked of the source. An earlier run of the same request that was killed or failed is taken
    up where its last page was stored; a finished one begins anew. Cursor, counts and papers commit together.
    """
    run = _take_up(alias, source.name, request, clock())
    try:
        for page in source.harvest(run.cursor):
            _store(alias, run, page, clock())
            if progress:
                progress(run, page)
    except SourceError as error:
        run.state, run.error = HarvestRun.State.FAILED, str(error)
    else:
        run.state, run.cursor = HarvestRun.State.DONE, None
    run.ended_at = clock()
    run.save(using=alias)
    return run


def _take_up(alias: str, source: str, request: str, now: datetime) -> HarvestRun:
    last = HarvestRun.objects.using(alias).filter(source=source, request=request).order_by("-started_at", "-pk").first()
    if last and last.state != HarvestRun.State.DONE and not _is_alive(last):
        last.state, last.error, last.ended_at, last.owner = HarvestRun.State.RUNNING, "", None, _here()
        last.save(using=alias)
        return last
    return HarvestRun.objects.using(alias).create(source=source, request=request, started_at=now, owner=_here())


def _store(alias: str, run: HarvestRun, page: Page, now: datetime) -> None:
    with appending(alias, now) as pen:
        placements = put(pen, page.records)
        faults = [*page.faults, *_refusals(placements)]
        counts = tally(placements)
        run.seen += len(page.records) + len(page.faults)
        run.added += counts[Outcome.ADDED]
        run.revised += counts[Outcome.REVISED] + counts[Outcome.DESCRIBED] + counts[Outcome.RESTORED]
        run.withdrawn += counts[Outcome.WITHDRAWN]
        run.unchanged += counts[Outcome.UNCHANGED]
        run.refused += counts[Outcome.REFUSED] + len(page.faults)
        run.cursor, run.stored_at = page.cursor, now
        if page.cursor is None:  # here, so that a run killed after its last page is not counted a second time
            run.state, run.ended_at = HarvestRun.State.DONE, now
        run.save(using=alias)
        room = max(0, _FAULTS_KEPT - HarvestFault.objects.using(alias).filter(run=run).count()) if faults else 0
        HarvestFault.objects.using(alias).bulk_create(
            HarvestFault(run=run, place=fault.place, reason=fault.reason) for fault in faults[:room]
        )


def _refusals(placements: list[Placement]) -> list[Fault]:
    return [Fault(placement.place or placement.key, placement.reason) for placement in placements if placement.reason]


def _here() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _is_alive(run: HarvestRun) -> bool:
    """Whether the process that runs it still lives; a run on another host counts as alive until it has ended."""
    if run.state != HarvestRun.State.RUNNING:
        return False
    return may_live(run.owner) and run.owner != _here()


def may_live(owner: str) -> bool:
    """Whether the process of an owner, written as host:number, may live; one on another host always may."""
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
