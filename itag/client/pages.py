"""PDF files written by code: pages of text lines in one of the fonts that every reader has (ISO 32000-1, 9.6.2)."""

from collections.abc import Sequence

#: (text, left, top of the line from the upper edge, size): points of 1/72 inch.
Line = tuple[str, float, float, float]


def pdf(pages: Sequence[Sequence[Line]], *, width: int = 420, height: int = 300) -> bytes:
    """A file with a page for every list of lines; letters of ISO 8859-1 only."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>"
        % (b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(len(pages))), len(pages)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, lines in enumerate(pages):
        content = b"\n".join(
            b"BT /F1 %g Tf %g %g Td (%b) Tj ET" % (size, left, height - top - size, _escaped(text))
            for text, left, top, size in lines
        )
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % (width, height, 5 + 2 * number),
            b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        ]
    file = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        file += b"%010d 00000 n \n" % place
    file += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(file)


def _escaped(text: str) -> bytes:
    raw = text.encode("latin-1")
    for sign in (b"\\", b"(", b")"):
        raw = raw.replace(sign, b"\\" + sign)
    return raw
