"""The reader of one PDF, run as a script of its own: standard input is the file, standard output what stands in it.

A PDF from a stranger is read by a large C++ library, so this never runs in a process that holds anything: it gets no
environment, gives up memory beyond a bound and all further time, and after its imports may open no file and no socket.
It imports nothing of Broadsheet, and whoever starts it believes nothing of what it says.
"""

import ctypes
import json
import math
import resource
import sys
from typing import Any

MEMORY = 1 << 30
SECONDS = 20
PAGES = 2
CHARACTERS = 20_000
"""The most that is read of one page."""
TOLD = ("Title", "Author", "Subject", "arXivID", "DOI")
FORMAT, PASSWORD, SECURITY = 3, 4, 5
"""PDFium's words for what a file is not, and for what it wants."""
_GAP = 0.7
"""How many times its size a line may leave blank before another piece of text begins."""


def limit(memory: int = MEMORY, seconds: int = SECONDS) -> None:
    """Give up what reading a file does not need; what is open stays open."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),  # standard input, output and error: a socket would be a fourth
    ):
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))  # the first ends it by a signal that tells why


def read(pdf: Any) -> dict[str, Any]:
    """What a file tells of itself, and the pieces of text on its first pages."""
    from pypdfium2 import raw

    document = pdf.raw
    pages = []
    for number in range(min(PAGES, len(pdf))):
        page = raw.FPDF_LoadPage(document, number)
        text = raw.FPDFText_LoadPage(page) if page else None
        spans = list(gather(raw, text)) if text else []
        pages.append({"width": pdf.get_page_size(number)[0], "height": pdf.get_page_size(number)[1], "spans": spans})
    return {"told": {name: pdf.get_metadata_value(name)[:2_000] for name in TOLD}, "count": len(pdf), "pages": pages}


def gather(raw: Any, text: Any) -> Any:
    """The characters of a page in pieces that share a line, a size and a font, as they were written."""
    span: list[Any] = []
    x, y = ctypes.c_double(), ctypes.c_double()
    box = raw.FS_RECTF()
    matrix = raw.FS_MATRIX()
    for at in range(min(CHARACTERS, raw.FPDFText_CountChars(text))):
        code = raw.FPDFText_GetUnicode(text, at)
        if code in (0, 0x0A, 0x0D, 0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000:
            continue
        if raw.FPDFText_IsGenerated(text, at) == 1:  # a space or a hyphen that PDFium puts between words
            if span and code == 0x20:
                span[0] += " "
            continue
        raw.FPDFText_GetCharOrigin(text, at, x, y)
        raw.FPDFText_GetLooseCharBox(text, at, box)
        raw.FPDFText_GetMatrix(text, at, matrix)
        size = raw.FPDFText_GetFontSize(text, at) * math.hypot(matrix.c, matrix.d)
        angle = round(math.degrees(math.atan2(matrix.b, matrix.a)))
        letter = "-" if code == 0x02 or raw.FPDFText_IsHyphen(text, at) == 1 else chr(code)
        here = [letter, box.left, y.value, box.right, size, angle, *font(raw, text, at, span)]
        if not all(map(math.isfinite, here[1:5])):
            continue
        if span and continues(span, here):
            span[0] += letter
            span[3] = max(span[3], here[3])
            if angle:
                span[2] = here[2]
        else:
            if span:
                yield span
            span = here
    if span:
        yield span


def font(raw: Any, text: Any, at: int, before: list[Any]) -> tuple[str, int]:
    """The name and the weight of a character's font."""
    name = ctypes.create_string_buffer(80)
    raw.FPDFText_GetFontInfo(text, at, name, 80, ctypes.c_int())
    return name.value.decode("utf-8", "replace"), raw.FPDFText_GetFontWeight(text, at)


def continues(span: list[Any], here: list[Any]) -> bool:
    """Whether a character goes on where a piece of text ends."""
    if span[4:] != here[4:]:
        return False
    if here[5]:
        return True  # sideways: one after another
    return bool(abs(span[2] - here[2]) < 0.05 * here[4] and -here[4] < here[1] - span[3] < _GAP * here[4])


def main() -> int:
    """Print what stands in the file; the exit code says why it cannot be read."""
    import pypdfium2
    from pypdfium2 import raw  # noqa: F401 (loaded while files may be opened, and so is the codec of its strings)

    "".encode("utf-16-le")
    limit()
    try:
        pdf = pypdfium2.PdfDocument(sys.stdin.buffer)
        found = read(pdf)
    except pypdfium2.PdfiumError as error:
        return {FORMAT: FORMAT, PASSWORD: PASSWORD, SECURITY: SECURITY}.get(getattr(error, "err_code", 0), FORMAT)
    except MemoryError:
        return 9
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
