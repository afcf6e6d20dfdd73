"""The dump: the parts of the list of resources, each as one ZIP archive of a manifest and the resources themselves."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from broadsheet.web.resourcesync.lists import AddressOf, Part
from broadsheet.web.resourcesync.writing import Listing

MEDIA_TYPE = "application/zip"


def write_archive(part: Part, alias: str, up: str, address_of: AddressOf) -> bytes:
    """The archive of a part: the same part of the same library gives the same bytes."""
    archive, manifest = BytesIO(), Listing("resourcedump-manifest", part.about, up)
    with ZipFile(archive, "w", ZIP_DEFLATED, compresslevel=6) as pack:
        for listed in part.read(alias):
            path = f"resources/{listed.state.paper.pk}.json"
            address = address_of(listed.state.paper.pk)
            manifest.add(address, listed.resource.description | {"path": f"/{path}"}, listed.modified)
            _add(pack, path, listed.resource.body)
        _add(pack, "manifest.xml", manifest.finish())
    return archive.getvalue()


def _add(pack: ZipFile, path: str, body: bytes) -> None:
    """Add a file that is of no time and of nobody."""
    pack.writestr(ZipInfo(path), body, ZIP_DEFLATED)
