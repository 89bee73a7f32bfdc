"""LaTeX as it occurs in bibliographies, decoded to text. Nothing is ever run or read.

Marked-up text uses the tags of CSL JSON: `<i>`, `<b>`, `<sup>`, `<sub>`, small capitals, and
`<span class="nocase">` around what braces protect.
"""

import codecs
import re
from functools import lru_cache
from typing import Any

from pipeline.expressions import expression
from pipeline.normal_form import normal_form

DEPTH = 40

_TOKEN = expression(
    r"\\(?P<word>[A-Za-z]+)\*?[ \t]*|\\(?P<sign>.)|"
    r"(?P<mark>[{}$^_~]|``|''|---?|[`'])|(?P<text>[^\\{}$^_~`'-]+|.)",
    re.DOTALL,
)
_LATEX = expression(r"[\\{}$^_~`'-]|^\s|\s\s|[\t\r\n]|\s$|[\u0300-\u036f]")
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323",
    "c": "\u0327", "k": "\u0328", "b": "\u0331", "t": "\u0361",
}  # fmt: skip
_SIGNS = {
    **dict.fromkeys(" \n\r\t\\", " "), **dict.fromkeys("-/@!()[]*", ""),
    **dict.fromkeys(",;:", "\u2009"),
}  # fmt: skip
# What `latexcodec` does not know, or gives as something that no reader of a title expects.
_WORDS = {
    "SS": "ẞ", "j": "ȷ", "ng": "ŋ", "NG": "Ŋ", "mu": "μ", "varepsilon": "ε", "varphi": "φ",
    "vartheta": "ϑ", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "textquotesingle": "'", "quotesinglbase": "‚", "quotedblbase": "„",
    "textbackslash": "\\", "textasciicircum": "^", "textunderscore": "_", "textbar": "|",
    "textless": "<", "textgreater": ">", "textdollar": "$", "lbrace": "{", "rbrace": "}",
    "slash": "/", "dots": "…", "textellipsis": "…", "cdots": "⋯", "euro": "€", "texteuro": "€",
    "degree": "°", "circ": "°", "quad": " ", "qquad": " ", "space": " ", "newline": " ",
    "linebreak": " ", "par": " ", "nobreakspace": "\u00a0", "thinspace": "\u2009",
    "le": "≤", "ge": "≥", "ne": "≠", "equiv": "≡", "to": "→", "mid": "∣", "langle": "⟨",
    "rangle": "⟩", "star": "⋆", "prime": "′", "LaTeXe": "LaTeX2e",
    **{name: name for name in ("TeX", "LaTeX", "BibTeX", "XeTeX", "log", "exp", "max", "min")},
}  # fmt: skip
_TAGS = {
    "emph": "i", "textit": "i", "textsl": "i", "mkbibemph": "i", "mkbibitalic": "i", "mathit": "i",
    "textbf": "b", "mkbibbold": "b", "mathbf": "b", "textsuperscript": "sup",
    "textsubscript": "sub",
    "em": "i", "it": "i", "itshape": "i", "sl": "i", "slshape": "i", "bf": "b", "bfseries": "b",
    "textsc": "sc", "sc": "sc", "scshape": "sc", "enquote": "q", "mkbibquote": "q",
}  # fmt: skip
_SWITCHES = frozenset(("em", "it", "itshape", "sl", "slshape", "bf", "bfseries", "sc", "scshape"))
_PAIRS = {
    "i": ("<i>", "</i>"), "b": ("<b>", "</b>"), "sup": ("<sup>", "</sup>"),
    "sub": ("<sub>", "</sub>"), "q": ("“", "”"), "": ("", ""),
    "sc": ('<span style="font-variant:small-caps;">', "</span>"),
    "nocase": ('<span class="nocase">', "</span>"),
}  # fmt: skip
_DROPPED = frozenset((
    "input", "include", "includegraphics", "openin", "openout", "read", "write", "immediate",
    "verbatiminput", "lstinputlisting", "usepackage", "RequirePackage", "catcode", "label",
    "bibliography", "import", "subimport", "special", "directlua", "index", "cite", "ref",
))  # fmt: skip
_DEFINITIONS = frozenset(("def", "edef", "gdef", "xdef", "let", "newcommand", "renewcommand",
                          "providecommand", "newenvironment"))  # fmt: skip


def plain(text: str) -> str:
    """Text without any markup."""
    return _Decoder(text, markup=False, protect=False).all() if _LATEX.search(text) else text


def marked(text: str, *, protect: bool = False) -> str:
    """Text with the tags of CSL; with `protect`, braces keep the case of what they hold."""
    return _Decoder(text, markup=True, protect=protect).all() if _LATEX.search(text) else text


def verbatim(text: str) -> str:
    """A URL or file name: braces and the backslash before a special character removed."""
    text = re.sub(r"^\\(?:url|nolinkurl|path)\s*(?=\{)", "", text.strip())
    return re.sub(r"\\([\\{}_%&#$~^])|[{}]", lambda match: match[1] or "", text).strip()


_BEFORE_GROUP = expression(r"[0-9]*+\s*+(?:\\[A-Za-z]+|\[[^\]]*\])?\s*+(?=\{)")


class _Decoder:
    def __init__(self, text: str, *, markup: bool, protect: bool) -> None:
        self.text, self.markup, self.protect = text, markup, protect
        self.position = 0
        self.math = False

    def all(self) -> str:
        """The whole text, composed and with single spaces."""
        parts: list[str] = []
        while self.position < len(self.text):
            parts.append(self._group(0))
        return re.sub(r"[ \t\r\n]+", " ", normal_form("NFC", "".join(parts))).strip(" ")

    def _group(self, depth: int) -> str:
        """What follows, up to the brace that closes it."""
        parts: list[str] = []
        closing: list[str] = []
        while match := self._next():
            if match["mark"] == "}":
                break
            if match["word"] in _SWITCHES:
                opened, closed = self._pair(_TAGS[match["word"]])
                parts.append(opened)
                closing.append(closed)
                continue
            parts.append(self._token(match, depth))
        return "".join(parts + closing[::-1])

    def _next(self) -> re.Match[str] | None:
        match = _TOKEN.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def _token(self, match: re.Match[str], depth: int) -> str:
        if match["text"] is not None:
            return match["text"]
        if match["word"] is not None:
            return self._command(match["word"], depth)
        if match["sign"] is not None:
            return self._sign(match["sign"], depth)
        return self._mark(match["mark"], depth)

    def _mark(self, mark: str, depth: int) -> str:
        if mark == "{":
            return self._braces(depth)
        if mark == "$":
            self.math = not self.math
            return ""
        if mark in "^_" and self.math:
            opened, closed = self._pair("sup" if mark == "^" else "sub")
            return f"{opened}{self._argument(depth)}{closed}"
        return _QUOTES.get(mark, mark)

    def _braces(self, depth: int) -> str:
        if depth >= DEPTH:
            return ""
        special = self.text.startswith("\\", self.position) or self.math
        inner = self._group(depth + 1)
        if not self.protect or depth or special or not _cased(inner):
            return inner
        opened, closed = self._pair("nocase")
        return f"{opened}{inner}{closed}"

    def _sign(self, sign: str, depth: int) -> str:
        if sign in _ACCENTS and not (sign in "=" and self.math):
            return _accented(self._argument(depth), _ACCENTS[sign])
        return _SIGNS.get(sign, sign)

    def _command(self, name: str, depth: int) -> str:
        if name in _ACCENTS:
            return _accented(self._argument(depth), _ACCENTS[name])
        if name in _WORDS:
            return _WORDS[name]
        if name in _TAGS:
            opened, closed = self._pair(_TAGS[name])
            return f"{opened}{self._argument(depth)}{closed}"
        if name in ("url", "nolinkurl", "path"):
            return verbatim(self._raw())
        if name in ("href", "foreignlanguage", "textcolor", "hspace"):
            self._raw()
            return "" if name == "hspace" else self._argument(depth)
        if name in _DROPPED or name in _DEFINITIONS:
            self._drop(2 if name in _DEFINITIONS else 1)
            return ""
        return _letter(name)

    def _drop(self, arguments: int) -> None:
        while arguments and (match := _BEFORE_GROUP.match(self.text, self.position)):
            self.position = match.end()
            self._raw()
            arguments -= 1

    def _argument(self, depth: int) -> str:
        """The next group or character, decoded."""
        blank = re.compile(r"\s*").match(self.text, self.position)
        self.position = blank.end() if blank else self.position
        if self.text.startswith("}", self.position) or depth >= DEPTH:
            return ""
        if self.text.startswith("{", self.position):
            self.position += 1
            return self._group(depth + 1)
        match = self._next()
        if match is None:
            return ""
        if match["text"] is not None:
            self.position = match.start() + 1
            return match["text"][0]
        return self._token(match, depth + 1)

    def _raw(self) -> str:
        """The next group as it is written."""
        if not self.text.startswith("{", self.position):
            return ""
        start, level = self.position, 0
        for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(self.text, start):
            level += {"{": 1, "}": -1}.get(match[0], 0)
            if not level:
                self.position = match.end()
                return self.text[start + 1 : match.start()]
        self.position = len(self.text)
        return self.text[start + 1 :]

    def _pair(self, tag: str) -> tuple[str, str]:
        return _PAIRS[tag] if self.markup or tag == "q" else ("", "")


_QUOTES = {"``": "“", "''": "”", "`": "‘", "'": "’", "---": "—", "--": "–", "~": "\u00a0"}


@lru_cache(maxsize=4096)
def _letter(command: str) -> str:
    """The character of `\\ss` or `\\alpha`; nothing for a command that stands for none."""
    import latexcodec  # noqa: F401 - it registers the codec; 40 ms, and most titles need none

    decode: Any = codecs.decode
    for text in (f"\\{command}", f"$\\{command}$"):
        found: str = decode(text, "ulatex")
        if "\\" not in found:
            return found
    return ""


def _accented(base: str, accent: str) -> str:
    if not base:
        return ""
    first = {"ı": "i", "ȷ": "j"}.get(base[0], base[0])
    return normal_form("NFC", first + accent) + base[1:]


def _cased(text: str) -> bool:
    return text.lower() != text.upper()
