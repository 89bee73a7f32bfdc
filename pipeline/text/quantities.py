"""Figures in prose that a reader may ask the source of: shares, sums, counts, sizes."""

from collections.abc import Iterator

from pipeline.expressions import expression, matches

_NUMBER = r"[0-9][0-9,，]{0,30}(?:\.[0-9]{1,30})?"
_HAN_NUMBER = "[一二三四五六七八九十百千万亿两零〇]"
_SCALE = r"(?:\s?(?:百|千|万|十万|百万|千万|亿|十亿|百亿|千亿|万亿|兆)(?:多|余)?)"
_MONEY = r"(?:美元|欧元|英镑|日元|港元|港币|人民币|元|美金|卢布|韩元)"
_COUNTED = (
    r"(?:多|余)?(?:名|人|位|家|篇|次|种|项|台|块|张|倍|个(?!月|世纪)|条|字|词|词元|页|份|本|所|国|部|册|座"
    r"|架|辆|层|轮|套|件|幅|场|用户|参数|公里|千米|米|吨|公斤|千克|小时|美分)"
)
_UNITS = (
    r"(?:[KMGTPE]i?B|[kKMGTP]bps|[GMkT]Hz|[TP]?FLOPS?|[KMBT](?=\s*(?:参数|个|tokens?|words?|parameters?"
    r"|词|字|用户|美元))|km|kg|cm|mm|nm|ms|tokens?|parameters?|words|users|people|GPUs?|TPUs?|dollars"
    r"|percent|per cent)"
)
_FIRST = expression(r"[0-9U$€£¥￥一二三四五六七八九十百千万亿两零〇]")  # of a figure
_FIGURE = expression(
    rf"(?<![A-Za-z0-9_.\-–/])(?:"
    rf"{_NUMBER}\s?(?:%|％|‰|个百分点)"
    rf"|(?:US)?[$€£¥￥]\s?{_NUMBER}(?:\s?[KMBT](?![A-Za-z])|{_SCALE}|\s(?:million|billion|trillion))?"
    rf"|{_NUMBER}{_SCALE}?\s?{_MONEY}"
    rf"|{_NUMBER}\s(?:thousand|million|billion|trillion)\b"
    rf"|{_NUMBER}\s?{_UNITS}(?![A-Za-z])"
    rf")|(?<![0-9.\-–/A-Za-z])(?:{_NUMBER}{_SCALE}(?!年)|[0-9][0-9,]{{1,30}}(?:\.[0-9]{{1,30}})?\s?{_COUNTED})"
    rf"|百分之{_HAN_NUMBER}{{1,12}}|(?<![数几]){_HAN_NUMBER}{{1,12}}(?:万|亿)(?:多|余)?{_MONEY}"
)


def figures(text: str) -> Iterator[tuple[int, int]]:
    """Where the figures of a text stand; years, dates, versions and names are none."""
    return (match.span() for match in matches(_FIRST, _FIGURE, text))
