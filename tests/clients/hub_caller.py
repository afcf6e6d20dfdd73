"""Calls a site through huggingface_hub, of whichever version is found first: ``python hub_caller.py``.

Each line of its input asks for one thing: ``["read", CALLS]`` for calls of HfApi, as [name, arguments] pairs;
``["write", SITE, TOKEN, KEY]`` for a comment on a paper and a reply to it, both deleted again; ``["hf", …]`` for a
command. Each is done in a process of its own, which begins where this one stands: the client was imported, which takes
longer than what is asked of it, and nothing was done with it. A line of output tells what came of it.
"""

import json
import os
import sys
import tempfile
import traceback
from contextlib import suppress
from importlib import import_module


def shown(value):
    """A value as JSON can hold it."""
    if isinstance(value, list):
        return [shown(each) for each in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return {name: shown(each) for name, each in vars(value).items()} if hasattr(value, "__dict__") else value


def read(calls: list) -> None:
    """The version, and what each call returned or raised."""
    from huggingface_hub import HfApi, __version__
    from huggingface_hub.utils import HfHubHTTPError

    def answer(call: str, arguments: dict):
        try:
            found = getattr(HfApi(), call)(**arguments)
            return found if isinstance(found, str) else shown(list(found) if hasattr(found, "__next__") else found)
        except HfHubHTTPError as error:
            return {"raised": type(error).__name__, "status": error.response.status_code, "said": str(error)}

    json.dump([__version__, [answer(*each) for each in calls]], sys.stdout)


def write(site: str, token: str, key: str) -> None:
    """A comment and a reply as the client reads those of a discussion on the Hub."""
    from huggingface_hub.community import deserialize_event
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    headers, session = build_hf_headers(token=token), get_session()

    def post(address: str, text: str) -> dict:
        response = session.post(f"{site}/api/papers/{address}", headers=headers, json={"comment": text})
        hf_raise_for_status(response)
        event = deserialize_event(response.json()["newMessage"])
        return {"status": response.status_code, "id": event.id, "author": event.author, "content": event.content}

    comment = post(f"{key}/comment", "Well **done** 数")
    reply = post(f"{key}/comment/{comment['id']}/reply", "Indeed")
    for event in (reply, comment):
        hf_raise_for_status(session.delete(f"{site}/api/v1/comments/{event['id']}", headers=headers))
    json.dump([comment, reply], sys.stdout)


def hf(*arguments: str) -> None:
    """Run the command ``hf`` as its script does."""
    from huggingface_hub.cli.hf import main

    sys.argv = ["hf", *arguments]
    sys.exit(main())


def do(kind: str, *asked) -> int:
    """Do one thing and end this process; its status is Python's own."""
    try:
        {"read": read, "write": write, "hf": hf}[kind](*asked)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)  # noqa: T201
        return 1
    except BaseException:  # noqa: BLE001 (as Python itself does)
        traceback.print_exc()
        return 1
    return 0


def answer(asked: list) -> dict:
    """What a process of its own printed, and its status."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            status = do(*asked)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        errors.seek(0)
        return {"returncode": status, "stdout": output.read().decode(), "stderr": errors.read().decode()}


if __name__ == "__main__":
    for name in ("hf_api", "community", "cli.hf", "cli.papers"):
        with suppress(ImportError):  # of a command that the oldest does not have
            import_module(f"huggingface_hub.{name}")
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201
