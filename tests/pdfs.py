"""PDFs written by hand, where no program writes what a test needs: Japanese without a font, a password, a bomb."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence

LETTER = (612, 792)
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def write(objects: Iterable[bytes], trailer: bytes = b"", padding: int = 0) -> bytes:
    """A file of numbered objects, the first of them the catalog, with so many blanks in it."""
    whole, places = b"%PDF-1.7\n" + b" " * padding + b"\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    about = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\n" % (
        size,
        table,
        size,
        trailer,
    )
    return whole + about + b"startxref\n%d\n%%%%EOF\n" % len(whole)


def stream(content: bytes, told: bytes = b"") -> bytes:
    """An object that holds bytes."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), told, content)


def page(content: bytes, fonts: bytes = b"", more: Sequence[bytes] = (), told: bytes = b"", **options: object) -> bytes:
    """A file of one page; `more` are the objects from the sixth on."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << %s >> >>" % fonts,
        stream(content, told),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    ]
    return write(objects, **options)


def text(lines: Iterable[tuple[float, float, str]], **options: object) -> bytes:
    """A page of lines in Helvetica, each with its size, its height on the page, and its words."""
    shown = (b"/F %g Tf 1 0 0 1 72 %g Tm (%s) Tj" % (size, y, words.encode("latin-1")) for size, y, words in lines)
    return page(b"BT %s ET" % b"\n".join(shown), b"/Font << /F 5 0 R >>", **options)


def japanese(lines: Iterable[tuple[float, float, str]]) -> bytes:
    """A page of Japanese lines, in a font that every reader has its own of."""
    shown = (
        b"/F %g Tf 1 0 0 1 72 %g Tm <%s> Tj" % (size, y, words.encode("utf-16-be").hex().encode())
        for size, y, words in lines
    )
    fonts = [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-H /DescendantFonts [7 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /DW 1000 /FontDescriptor 8 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 4 /FontBBox [-123 -257 1001 910] /ItalicAngle 0"
        b" /Ascent 709 /Descent -241 /CapHeight 709 /StemV 69 >>",
    ]
    return page(b"BT %s ET" % b"\n".join(shown), b"/Font << /F 6 0 R >>", fonts)


def many(pages: int) -> bytes:
    """A file of so many pages, all the same."""
    shown = stream(b"BT /F 20 Tf 72 700 Td (The same page) Tj ET")
    return write(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * pages, pages),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
            b" /Resources << /Font << /F 5 0 R >> >> >>",
            shown,
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


def locked(password: bytes) -> bytes:
    """A page that a password keeps. Source: ISO 32000-1, 7.6.3, algorithms 2 to 4, revision 2."""
    identity, allowed = bytes(16), (-4).to_bytes(4, "little", signed=True)
    filled = (password + _PADDING)[:32]
    owner = _rc4(hashlib.md5(filled, usedforsecurity=False).digest()[:5], filled)
    key = hashlib.md5(filled + owner + allowed + identity, usedforsecurity=False).digest()[:5]
    user = _rc4(key, _PADDING)
    about = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<%s> <%s>]" % (
        owner.hex().encode(), user.hex().encode(), identity.hex().encode(), identity.hex().encode(),
    )  # fmt: skip
    return text([(20, 700, "A secret")], trailer=about)


def swelling(megabytes: int) -> bytes:
    """A page of some kilobytes that is so many megabytes of blanks when it is inflated, twice."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)  # which may stand again and again
    once = b"\x78\xda" + block * megabytes + packer.flush() + bytes(4)
    return page(zlib.compress(once, 9), told=b"/Filter [/FlateDecode /FlateDecode]")


def endless(deep: int = 9) -> bytes:
    """A page that draws a form ten times, which draws another ten times, and so on, so that reading it never ends."""
    forms = []
    for level in range(deep):
        inner = b"/XObject << /X %d 0 R >>" % (7 + level) if level < deep - 1 else b"/Font << /F 5 0 R >>"
        drawn = b"/X Do " * 10 if level < deep - 1 else b"BT /F 9 Tf 72 700 Td (again and again) Tj ET"
        told = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << %s >>" % inner
        forms.append(stream(drawn, told))
    return page(b"/X Do " * 10, b"/XObject << /X 6 0 R >>", forms)


def _rc4(key: bytes, plain: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i, j, out = 0, 0, bytearray()
    for byte in plain:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)
