"""The words that the book itself prints, by language."""

from collections.abc import Mapping

from pipeline.language import is_chinese, is_traditional

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
    "by": "著者",
    "published": "出版",
    "dated": "日期",
    "body": "正文",
    "notes": "注释",
    "appendix": "附录",
    "index": "索引",
    "event_box": "事件",
    "note": "说明",
    "tip": "提示",
    "important": "重要",
    "warning": "警告",
    "caution": "小心",
    "causes": "因果图",
    "causes_note": "{0}个事件，{1}条关系；箭头从因到果，虚线为同期。",
    "figures": "插图目录",
    "tables": "表格目录",
    "missing_image": "缺图",
    "back_to_text": "返回正文",
    "edition": "版本",
    "colophon": "出版说明",
    "made_with": "本书由make-book排印。{0}。",
    "face_text": "正文用{0}",
    "face_sans": "标题用{0}",
    "face_mono": "代码用{0}",
    "face_emoji": "表情符号用{0}",
    "landmarks": "导航标记",
    "pages": "页码",
    "previous": "上一页",
    "next": "下一页",
    "menu": "目录菜单",
    "skip": "跳到正文",
    "search": "搜索",
    "search_hint": "搜索全书",
    "searching": "正在搜索……",
    "results": "{0}条结果",
    "no_results": "没有找到",
    "appearance": "明暗",
    "light": "浅色",
    "dark": "深色",
    "automatic": "跟随系统",
    "permalink": "本节链接",
    "linked_from": "引用本页",
    "here": "本页内容",
    "filter": "筛选",
    "all": "全部",
    "close": "关闭",
    "organization": "机构",
    "event_type": "类型",
    "significance": "重要性",
    "no_filter": "不筛选",
    "events_shown": "{0}个事件",
    "causes_list": "因果关系列表",
    "open_card": "打开卡片",
    "shortcuts": "快捷键",
    "key_search": "搜索全书",
    "key_pages": "上一页，下一页",
    "key_appearance": "切换明暗",
    "key_close": "关闭，取消选择",
    "key_drawing": "在图中从事件到事件；按Enter选定，再按打开",
    "key_shortcuts": "显示这张表",
}

ZH_HANT: Mapping[str, str] = {
    **ZH_HANS,
    "contents": "目錄",
    "figure": "圖",
    "references": "參考文獻",
    "sources": "來源",
    "timeline": "時間線",
    "related": "因果關聯",
    "note": "說明",
    "used_in": "見於",
    "page": "第{0}頁",
    "title_page": "書名頁",
    "copyright": "版權頁",
    "notes": "註釋",
    "appendix": "附錄",
    "figures": "插圖目錄",
    "colophon": "出版說明",
    "made_with": "本書由make-book排印。{0}。",
    "face_sans": "標題用{0}",
    "face_mono": "程式碼用{0}",
    "face_emoji": "表情符號用{0}",
    "causes": "因果圖",
    "causes_note": "{0}個事件，{1}條關係；箭頭從因到果，虛線為同期。",
    "tables": "表格目錄",
    "missing_image": "缺圖",
    "landmarks": "導航標記",
    "pages": "頁碼",
    "previous": "上一頁",
    "next": "下一頁",
    "menu": "目錄選單",
    "search": "搜尋",
    "search_hint": "搜尋全書",
    "searching": "正在搜尋……",
    "results": "{0}條結果",
    "no_results": "沒有找到",
    "light": "淺色",
    "automatic": "跟隨系統",
    "permalink": "本節連結",
    "linked_from": "引用本頁",
    "here": "本頁內容",
    "filter": "篩選",
    "close": "關閉",
    "organization": "機構",
    "event_type": "類型",
    "no_filter": "不篩選",
    "events_shown": "{0}個事件",
    "causes_list": "因果關係列表",
    "open_card": "打開卡片",
    "shortcuts": "快捷鍵",
    "key_search": "搜尋全書",
    "key_pages": "上一頁，下一頁",
    "key_appearance": "切換明暗",
    "key_close": "關閉，取消選擇",
    "key_drawing": "在圖中從事件到事件；按Enter選定，再按打開",
    "key_shortcuts": "顯示這張表",
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
    "by": "By",
    "published": "Published by",
    "dated": "Date",
    "body": "Text",
    "notes": "Notes",
    "appendix": "Appendix",
    "index": "Index",
    "event_box": "Event",
    "note": "Note",
    "tip": "Tip",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
    "causes": "Causal Graph",
    "causes_note": (
        "{0} events, {1} relations; arrows run from cause to effect, dashes join contemporaries."
    ),
    "figures": "Figures",
    "tables": "Tables",
    "missing_image": "Missing image",
    "back_to_text": "Back to the text",
    "edition": "Edition",
    "colophon": "Colophon",
    "made_with": "Set by make-book, {0}.",
    "face_text": "the text in {0}",
    "face_sans": "headings in {0}",
    "face_mono": "code in {0}",
    "face_emoji": "emoji in {0}",
    "landmarks": "Landmarks",
    "pages": "Pages",
    "previous": "Previous",
    "next": "Next",
    "menu": "Contents menu",
    "skip": "Skip to the text",
    "search": "Search",
    "search_hint": "Search the book",
    "searching": "Searching…",
    "results": "{0} results",
    "no_results": "Nothing found",
    "appearance": "Appearance",
    "light": "Light",
    "dark": "Dark",
    "automatic": "As the system",
    "permalink": "Link to this section",
    "linked_from": "Linked from",
    "here": "On this page",
    "filter": "Filter",
    "all": "All",
    "close": "Close",
    "organization": "Organization",
    "event_type": "Type",
    "significance": "Significance",
    "no_filter": "No filter",
    "events_shown": "{0} events",
    "causes_list": "The relations as a list",
    "open_card": "Open the card",
    "shortcuts": "Keyboard shortcuts",
    "key_search": "Search the book",
    "key_pages": "Previous page, next page",
    "key_appearance": "Light or dark",
    "key_close": "Close; select nothing",
    "key_drawing": "In a drawing, from event to event; Enter selects, once more opens",
    "key_shortcuts": "Show this list",
}

RELATIONS_HANS: Mapping[str, str] = {
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

RELATIONS_HANT: Mapping[str, str] = {
    **RELATIONS_HANS,
    "enabled_by": "得益於",
    "influences": "影響",
    "influenced_by": "受影響於",
    "triggers": "觸發",
    "triggered_by": "觸發自",
    "foundation_for": "奠基於後",
    "builds_on": "建立於",
    "response_to": "回應",
    "answered_by": "得到回應",
}

_DIGITS = "零一二三四五六七八九"


def of(language: str) -> Mapping[str, str]:
    """The words of a BCP 47 language; English for all that is not Chinese."""
    if not is_chinese(language):
        return EN
    return ZH_HANT if is_traditional(language) else ZH_HANS


def relation(name: str, language: str) -> str:
    """A kind of causal relation in words."""
    if not is_chinese(language):
        return name.replace("_", " ")
    return (RELATIONS_HANT if is_traditional(language) else RELATIONS_HANS).get(name, name)


def ordinal(number: int, language: str) -> str:
    """A part's number: 二十一 in Chinese, XXI elsewhere."""
    return _chinese(number) if is_chinese(language) else roman(number)


def _chinese(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    tens, ones = divmod(number, 10)
    head = "" if tens == 1 else _chinese(tens)
    return f"{head}十{_DIGITS[ones] if ones else ''}"


def roman(number: int) -> str:
    """A Roman numeral, 1 to 3999."""
    values = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
    numerals = "M CM D CD C XC L XL X IX V IV I".split()
    result = ""
    for value, letters in zip(values, numerals, strict=True):
        count, number = divmod(number, value)
        result += letters * count
    return result
