"""Places within a cited work: which spellings a citation keeps, and how to write the others."""

import re

from pipeline.expressions import expression

_LABELS = (
    "p|pp|page|pages|chap|chaps|chapter|ch|sec|secs|section|vol|vols|volume|fig|figs|figure|no|nos|"
    "para|paras|paragraph|n|nn|note|l|ll|line|col|cols|column|fol|fols|folio|pt|pts|part|bk|book|"
    "v|vv|verse|s\\.v|op|opp"
)
_LATIN = expression(rf"(?:{_LABELS})(?:\.\s*|\s+)\S|[¶§]", re.IGNORECASE)
_NUMBERS = r"(?P<numbers>\d+(?:\s*(?:[-–—~,，、]|至|到)\s*\d+)*)"
_UNITS = {
    "页": ("p.", "pp."),
    "頁": ("p.", "pp."),
    "章": ("chap.", "chaps."),
    "节": ("sec.", "secs."),
    "節": ("sec.", "secs."),
    "卷": ("vol.", "vols."),
    "行": ("l.", "ll."),
    "段": ("para.", "paras."),
    "图": ("fig.", "figs."),
    "圖": ("fig.", "figs."),
    "注": ("n.", "nn."),
    "期": ("no.", "nos."),
}
_HAN = "".join(_UNITS)
_COUNTED = expression(rf"第?\s*{_NUMBERS}\s*(?P<unit>[{_HAN}])")
_NAMED = expression(rf"第?\s*(?P<unit>[{_HAN}])\s*{_NUMBERS}")
_BARE = expression(_NUMBERS)


def lost(suffix: str) -> bool:
    """Whether citeproc takes a suffix for a locator that it then drops: `第3页`, `12`."""
    text = suffix.strip(" ,，、\t\r\n")
    first = re.split(r"[\s,，]", text, maxsplit=1)[0]
    if not re.search(r"[0-9]", text) or _LATIN.match(text):
        return False
    named = _NAMED.match(text)
    return bool(re.search(r"[0-9]", first) or named)


def latin(text: str) -> str | None:
    """`p. 3` for `第3页`; None for what is no such place."""
    text = text.strip(" ,，、\t\r\n")
    match = _COUNTED.fullmatch(text) or _NAMED.fullmatch(text) or _BARE.fullmatch(text)
    if not match:
        return None
    unit = match.groupdict().get("unit") or "页"
    numbers = re.sub(r"\s*(?:[-–—~]|至|到)\s*", "-", match["numbers"])
    numbers = re.sub(r"\s*[,，、]\s*", ", ", numbers)
    one, many = _UNITS[unit]
    return f"{many if re.search('[-,]', numbers) else one} {numbers}"
