"""What a text may hold, and which names the eye cannot tell from others."""

import re
import unicodedata

#: PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair.
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
#: Scripts that share shapes with one another: a name is written in one of them.
_ALIKE = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC")
#: Letters of other scripts that look like Latin ones; a name of nothing else could be taken for a Latin name.
_LATIN_SHAPES = frozenset("асеорхуіјѕһԁԛԝьгпАВСЕНІЈКМОРЅТХУԌԚԜαορυνικχγτΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")


def fold(text: str) -> str:
    """One spelling for what is one text to the reader (NFKC), without spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()


def looks_like_another(name: str) -> bool:
    """Whether the name could be taken for one in other letters: scripts mixed, or foreign letters in Latin shapes."""
    scripts = set()
    foreign = []
    for character in name:
        if not character.isalpha():
            continue
        script = unicodedata.name(character, "").split(" ")[0]
        if script in _ALIKE:
            scripts.add(script)
            if script != "LATIN":
                foreign.append(character)
    if len(scripts) > 1:
        return True
    return bool(foreign) and all(character in _LATIN_SHAPES for character in foreign)
