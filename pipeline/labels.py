"""The words that the book itself prints, by language."""

from collections.abc import Mapping

ZH_HANS: Mapping[str, str] = {
    "contents": "目录",
    "part": "第{0}部",
    "chapter": "第{0}章",
    "figure": "图",
    "table": "表",
    "references": "参考文献",
    "sources": "来源",
    "events": "事件卡片",
    "timeline": "时间线",
    "related": "因果关联",
    "used_in": "见于",
    "page": "第{0}页",
    "cover": "封面",
    "title_page": "书名页",
    "copyright": "版权页",
    "body": "正文",
    "notes": "注释",
    "appendix": "附录",
    "index": "索引",
    "event_box": "事件",
    "figures": "插图目录",
    "tables": "表格目录",
    "missing_image": "缺图",
    "back_to_text": "返回正文",
    "edition": "版本",
}

ZH_HANT: Mapping[str, str] = {
    **ZH_HANS,
    "contents": "目錄",
    "figure": "圖",
    "references": "參考文獻",
    "sources": "來源",
    "timeline": "時間線",
    "related": "因果關聯",
    "used_in": "見於",
    "page": "第{0}頁",
    "title_page": "書名頁",
    "copyright": "版權頁",
    "notes": "註釋",
    "appendix": "附錄",
    "figures": "插圖目錄",
    "tables": "表格目錄",
    "missing_image": "缺圖",
}

EN: Mapping[str, str] = {
    "contents": "Contents",
    "part": "Part {0}",
    "chapter": "Chapter {0}",
    "figure": "Figure",
    "table": "Table",
    "references": "References",
    "sources": "Sources",
    "events": "Event Cards",
    "timeline": "Timeline",
    "related": "Causal Relations",
    "used_in": "Used in",
    "page": "p. {0}",
    "cover": "Cover",
    "title_page": "Title Page",
    "copyright": "Copyright Page",
    "body": "Text",
    "notes": "Notes",
    "appendix": "Appendix",
    "index": "Index",
    "event_box": "Event",
    "figures": "Figures",
    "tables": "Tables",
    "missing_image": "Missing image",
    "back_to_text": "Back to the text",
    "edition": "Edition",
}

RELATIONS_ZH: Mapping[str, str] = {
    "enables": "使之成为可能",
    "enabled_by": "得益于",
    "influences": "影响",
    "influenced_by": "受影响于",
    "triggers": "触发",
    "triggered_by": "触发自",
    "foundation_for": "奠基于后",
    "builds_on": "建立于",
    "response_to": "回应",
    "answered_by": "得到回应",
    "parallel_to": "同期",
    "demonstrates": "展示",
    "represents": "代表",
}

_DIGITS = "零一二三四五六七八九"


def of(language: str) -> Mapping[str, str]:
    """The words of a BCP 47 language; English for all that is not Chinese."""
    folded = language.lower()
    if not folded.startswith("zh"):
        return EN
    hant = any(tag in folded for tag in ("hant", "-tw", "-hk", "-mo"))
    return ZH_HANT if hant else ZH_HANS


def relation(name: str, language: str) -> str:
    """A kind of causal relation in words."""
    if language.lower().startswith("zh"):
        return RELATIONS_ZH.get(name, name)
    return name.replace("_", " ")


def ordinal(number: int, language: str) -> str:
    """A part's number: 二十一 in Chinese, XXI elsewhere."""
    return _chinese(number) if language.lower().startswith("zh") else roman(number)


def _chinese(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    tens, ones = divmod(number, 10)
    head = "" if tens == 1 else _chinese(tens)
    return f"{head}十{_DIGITS[ones] if ones else ''}"


def roman(number: int) -> str:
    """A Roman numeral, 1 to 3999."""
    pairs = zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
                "M CM D CD C XC L XL X IX V IV I".split(), strict=True)  # fmt: skip
    result = ""
    for value, letters in pairs:
        count, number = divmod(number, value)
        result += letters * count
    return result
