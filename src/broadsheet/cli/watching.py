"""``broadsheet harvest pdf``: a folder whose PDFs become papers."""

from functools import partial
from pathlib import Path

import click

from broadsheet.cli.main import common, embed_option, open_library
from broadsheet.cli.printing import counted, out, print_json, shown
from broadsheet.cli.progress import embed_with_bar, harvest_with_bar


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--collection", help="Name of the collection, before “PDFs”; else the folder's.")
@click.option("--all", "everything", is_flag=True, help="Read every file again, not only what is new or changed.")
@embed_option
@common
@click.pass_context
def pdf(ctx: click.Context, folder: Path, collection: str | None, everything: bool, embed: bool, as_json: bool) -> None:
    """Read a folder of PDFs: broadsheet harvest pdf ~/papers --every 1h

    Each new or changed file becomes a paper by what its first page says; the file itself is shown to nobody. Papers of
    files that were removed stay: broadsheet erase takes one away.
    """
    from broadsheet.cli.collecting import print_next, run_json
    from broadsheet.sources import PdfFolder, check_collection

    library = open_library()
    from broadsheet.library import folders  # which needs the library's tables

    name = check_collection(f"{collection or folder.resolve().name or 'papers'} PDFs")  # never that of another source
    key = folders.folder_key(folder, name)
    seen = dict if everything else partial(folders.seen, library.alias, key)
    source = PdfFolder(folder, name, seen, partial(folders.note, library.alias, key))
    run = harvest_with_bar(library, source, f"pdf {folder.resolve().name} {key[:8]}", name, quiet=as_json)
    folders.forget(library.alias, key, source.gone)
    embedded = embed_with_bar(library) if embed else 0
    if as_json:
        gone = {"gone": len(source.gone), "embedded": embedded, "papers": library.count()}
        print_json({**run_json(library, run), **gone})
    else:
        if run.state == run.State.DONE and not source.count:
            out.print(f"There is no PDF in {shown(str(folder))}: files count whose names end in .pdf.", soft_wrap=True)
        if source.gone:
            out.print(f"{counted(len(source.gone), 'file')} of before not in the folder any more; their papers stay.")
        print_next(library, embed, run)
    ctx.exit(1 if run.state == run.State.FAILED else 0)
