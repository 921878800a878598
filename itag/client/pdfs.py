"""Small PDFs written by hand: lines of text on pages, for the demo's scenarios, the benches and the tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

A4 = (595.28, 841.89)


@dataclass(frozen=True)
class TextLine:
    """A line of text; `x` and `y` are where it begins, in points from the page's upper left corner before any turn."""

    x: float
    y: float
    text: str
    size: float = 12


@dataclass(frozen=True)
class PdfPage:
    """A page; `rotate`: the viewer turns it clockwise by so many degrees."""

    lines: Sequence[TextLine] = ()
    size: tuple[float, float] = A4
    rotate: int = 0
    #: Filled grey boxes (left, top, width, height), below the text.
    boxes: Sequence[tuple[float, float, float, float]] = field(default=())


#: Not embedded, as Chinese office programs write them: a viewer needs the character map that is named.
_FONTS = """<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>
<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[5 0 R]>>
<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>\
/FontDescriptor 6 0 R/DW 1000>>
<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -254\
/CapHeight 700/StemV 93>>""".splitlines()


def write_pdf(pages: Iterable[PdfPage]) -> bytes:
    """The file. Text beyond Latin-1 is set in Song, one em wide for every character."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", *(font.encode() for font in _FONTS)]
    kids = []
    for page in pages:
        width, height = page.size
        content = _content(page).encode("latin-1")
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        kids.append(len(objects) + 1)
        objects.append(
            (
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:g} {height:g}]/Rotate {page.rotate}"
                f"/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>/Contents {len(objects)} 0 R>>"
            ).encode()
        )
    children = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{children}]>>".encode()
    return _file(objects)


def _content(page: PdfPage) -> str:
    height = page.size[1]
    parts = [
        f"0.85 g {left:g} {height - top - tall:g} {wide:g} {tall:g} re f 0 g"
        for left, top, wide, tall in page.boxes
    ]
    for line in page.lines:
        try:
            said = line.text.encode("latin-1").decode("latin-1")
            for sign in "\\()":
                said = said.replace(sign, f"\\{sign}")
            font, shown = "F1", f"({said})"
        except UnicodeEncodeError:
            font, shown = "F2", f"<{line.text.encode('utf-16-be').hex()}>"
        parts.append(f"BT /{font} {line.size:g} Tf {line.x:g} {height - line.y:g} Td {shown} Tj ET")
    return "\n".join(parts)


def _file(objects: Sequence[bytes]) -> bytes:
    file = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(file)
