"""The words of the preview, in the language of the book."""

from collections.abc import Mapping

from pipeline import language

ZH: Mapping[str, str] = {
    "panel": "预览",
    "findings": "检查结果",
    "this_page": "本页",
    "elsewhere": "其他文件",
    "none_here": "本页没有问题。",
    "error": "错误",
    "warning": "警告",
    "info": "提示",
    "help": "建议",
    "colon": "：",
    "fixable": "make-book fix可以修复",
    "fixable with --unsafe": "make-book fix --unsafe可以修复",
    "silence": "忽略此条",
    "open": "在编辑器中打开",
    "copy": "复制位置",
    "copied": "已复制",
    "show": "显示面板",
    "show_text": "显示所在段落",
    "show_page": "打开所在页面",
    "hide": "隐藏面板",
    "paper": "PDF页面",
    "making": "正在排版……",
    "failed": "没有排成",
    "stale": "下列文件现在无法读取，页面保留上次可读的内容。",
    "ended": "预览已结束。用make-book serve重新开始。",
    "gone": "书中现在没有这一页",
    "home": "回到首页",
}

EN: Mapping[str, str] = {
    "panel": "Preview",
    "findings": "Findings",
    "this_page": "This page",
    "elsewhere": "Other files",
    "none_here": "Nothing is wrong on this page.",
    "error": "error",
    "warning": "warning",
    "info": "note",
    "help": "Help",
    "colon": ": ",
    "fixable": "make-book fix mends it",
    "fixable with --unsafe": "make-book fix --unsafe mends it",
    "silence": "Silence",
    "open": "Open in the editor",
    "copy": "Copy the place",
    "copied": "Copied",
    "show": "Show the panel",
    "show_text": "Show the paragraph",
    "show_page": "Open its page",
    "hide": "Hide the panel",
    "paper": "PDF pages",
    "making": "Laying out…",
    "failed": "It could not be laid out",
    "stale": "What cannot be read now is shown as it was when it could.",
    "ended": "The preview has ended. Start it again with make-book serve.",
    "gone": "This page is not in the book now",
    "home": "Back to the first page",
}


def of(tag: str) -> Mapping[str, str]:
    """The words of a BCP 47 language; English for all that is not Chinese."""
    return ZH if language.is_chinese(tag) else EN
