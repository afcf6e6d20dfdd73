"""Calls a site through huggingface_hub, of whichever version is found first, and prints what came of it as JSON.

``python hub_caller.py read`` makes the calls of HfApi that it is sent, as [name, arguments] pairs; ``python
hub_caller.py write SITE TOKEN KEY`` writes a comment on a paper and a reply to it, and deletes both.
"""

import json
import sys


def shown(value):
    """A value as JSON can hold it."""
    if isinstance(value, list):
        return [shown(each) for each in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return {name: shown(each) for name, each in vars(value).items()} if hasattr(value, "__dict__") else value


def read() -> list:
    """The version, and what each call returned or raised."""
    from huggingface_hub import HfApi, __version__
    from huggingface_hub.utils import HfHubHTTPError

    def answer(call: str, arguments: dict):
        try:
            found = getattr(HfApi(), call)(**arguments)
            return found if isinstance(found, str) else shown(list(found) if hasattr(found, "__next__") else found)
        except HfHubHTTPError as error:
            return {"raised": type(error).__name__, "status": error.response.status_code, "said": str(error)}

    return [__version__, [answer(*each) for each in json.load(sys.stdin)]]


def write(site: str, token: str, key: str) -> list:
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
    return [comment, reply]


if __name__ == "__main__":
    json.dump({"read": read, "write": write}[sys.argv[1]](*sys.argv[2:]), sys.stdout)
