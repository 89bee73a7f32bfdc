"""Tables of Chinese typography: marks by GB/T 15834, and the characters they stand beside."""

HAN = "\u3007\u3005\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""The inside of a character class: Han characters with 〇 and 々."""

FULL_WIDTH = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}
STOPS = "，。、；：？！"
OPENING = "（【《〈「『〔〖"
CLOSING = "）】》〉」』〕〗"
PAIRS = dict(zip(OPENING, CLOSING, strict=True)) | {"(": ")", "[": "]", "“": "”", "‘": "’"}
CLOSERS = {closing: opening for opening, closing in PAIRS.items()}

ELLIPSIS = "……"
DASH = "——"
QUOTES = {"curly": "“”", "corner": "「」"}
COLONS = {"full": "：", "half": ":"}

INVISIBLE = {
    "\u00ad": "soft hyphen",
    "\u061c": "Arabic letter mark",
    "\u180e": "Mongolian vowel separator",
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200d": "zero-width joiner",
    "\u200e": "left-to-right mark",
    "\u200f": "right-to-left mark",
    "\u202a": "left-to-right embedding",
    "\u202b": "right-to-left embedding",
    "\u202c": "end of embedding",
    "\u202d": "left-to-right override",
    "\u202e": "right-to-left override",
    "\u2060": "word joiner",
    "\u2066": "left-to-right isolate",
    "\u2067": "right-to-left isolate",
    "\u2068": "first strong isolate",
    "\u2069": "end of isolate",
}
RADICALS = "\u2e80-\u2fd5"
