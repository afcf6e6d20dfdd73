"""Records: a header, and what a format says of the paper unless it is gone."""

from collections.abc import Callable, Iterator

from broadsheet.library.changes_since import State
from broadsheet.web.oai.formats import Format
from broadsheet.web.oai.identifiers import name_of
from broadsheet.web.oai.sets import set_of_source, set_of_topic
from broadsheet.web.xml import Writer, second

Address = Callable[[str], str]
"""From a paper's key to the whole address of its page."""


def write_record(writer: Writer, state: State, form: Format, address: Address) -> None:
    """Write a paper; of one that is gone nothing but its header."""
    with writer.within("record"):
        write_header(writer, state)
        if not state.is_gone:
            with writer.within("metadata"):
                form.write_metadata(writer, state, address(state.paper.key))


def write_header(writer: Writer, state: State) -> None:
    """Write a paper's name, when it changed last, and its sets."""
    with writer.within("header", {"status": "deleted"} if state.is_gone else {}):
        writer.write("identifier", name_of(state))
        writer.write("datestamp", second(state.at))
        writer.write_each("setSpec", list(_sets(state)))


def _sets(state: State) -> Iterator[str]:
    """The sets of a paper, those above them understood; an erased one says of none that it was in it."""
    if state.paper.erased_at is None:
        yield from dict.fromkeys(set_of_topic(topic) for topic in state.version.topics)
        yield set_of_source(state.version.source)
