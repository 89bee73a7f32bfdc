"""Page numbers that GB/T 7714—2015 wants outside of the brackets: `[1]12`, `(Okoye, 2021)`¹².

The styles that ship print no locator at all, and CSL cannot put one behind the closing bracket.
So the style sets it between two private marks, and it is moved when the HTML is there.
"""

import re

OPENING, CLOSING = "\ue000", "\ue001"
_LOCATOR = (
    f'<group prefix="{OPENING}" suffix="{CLOSING}" delimiter=" "><choose>'
    '<if locator="page" match="none"><label variable="locator"/></if></choose>'
    '<text variable="locator"/></group>'
)
_SHORT = {
    "page": ("p.", "pp."), "chapter": ("chap.", "chaps."), "section": ("sec.", "secs."),
    "volume": ("vol.", "vols."), "line": ("l.", "ll."), "paragraph": ("para.", "paras."),
    "figure": ("fig.", "figs."), "note": ("n.", "nn."), "issue": ("no.", "nos."),
}  # fmt: skip
_TERMS = "".join(
    f'<term name="{name}" form="short"><single>{one}</single><multiple>{many}</multiple></term>'
    for name, (one, many) in _SHORT.items()
)
_LOCALE = f'<locale xml:lang="zh"><terms>{_TERMS}</terms></locale>'  # so that `p. 3` is known
_CITATION = re.compile(r"<citation\b.*?(?P<end></layout>\s*</citation>)", re.DOTALL)
_MARKED = rf"{OPENING}(?P<place>[^{CLOSING}]*){CLOSING}(?P<link>(?:</a>)?)"
_NUMBERED = re.compile(_MARKED + r"(?P<next>\]|[,，])")
_LONE = re.compile(
    rf'(?P<before>data-cites="[^" ]*">(?:(?!</span>)[^{OPENING}])*)' + _MARKED + r"(?P<next>[)）])"
)
_REST = re.compile(_MARKED)


def marked(style: bytes) -> bytes:
    """A style whose citations hold their locators between marks; as it was if it has locators."""
    text = style.decode("utf-8", "replace")
    match = _CITATION.search(text)
    if not match or 'variable="locator"' in match[0]:
        return style
    at = match.start("end")
    text = text[:at] + _LOCATOR + text[at:]
    return text.replace("</info>", f"</info>{_LOCALE}", 1).encode("utf-8")


def moved(html: str) -> str:
    """HTML with every marked locator behind its bracket; within it where several are cited."""
    if OPENING not in html:
        return html
    html = _NUMBERED.sub(_behind, html)
    html = _LONE.sub(lambda m: f"{m['before']}{m['link']}{m['next']}<sup>{m['place']}</sup>", html)
    return _REST.sub(lambda m: f": {m['place']}{m['link']}", html)


def _behind(match: re.Match[str]) -> str:
    more = "[" if match["next"] != "]" else ""
    return f"{match['link']}]{match['place']}{more}"
