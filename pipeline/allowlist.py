"""The HTML that a manuscript may bring into the book; all else is dropped."""

import re
from collections.abc import Iterable

import nh3

from pipeline.xml_text import cleaned

TAGS = frozenset(
    "a abbr aside b bdi bdo blockquote br caption cite code col colgroup dd del details"
    " dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p"
    " pre q rp rt ruby s samp section small span strong sub summary sup table tbody td"
    " tfoot th thead time tr u ul var wbr math semantics annotation mrow mi mn mo ms"
    " mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr"
    " mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts none".split()
)
MATH_TAGS = "mo mi mn mspace mstyle mtable mtd mover munder mfrac mpadded menclose".split()
MATH = frozenset(
    "mathvariant stretchy form accent width columnalign displaystyle scriptlevel linethickness"
    " fence separator minsize maxsize notation".split()
)
ATTRIBUTES = {
    "*": {"id", "class", "lang", "role", "style", "title", "dir", "aria-label", "aria-hidden"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "time": {"datetime"},
    "math": {"display", "xmlns", "alttext"},
    "annotation": {"encoding"},
    **{tag: set(MATH) for tag in MATH_TAGS},
}
STYLES = {"text-align", "width"}

_CELL = re.compile(r"<(?:td|th|col)\b[^>]*")
_SPAN = re.compile(r'(span=")(\d{3,})')
SPAN = 200  # columns or rows


def clean(text: str, schemes: Iterable[str]) -> str:
    """Keep the allowed elements, attributes, styles and URL schemes, drop all else.

    Characters that XML cannot hold, which come by `&#7;` and the like, are dropped as well.
    """
    kept = nh3.clean(
        text,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        generic_attribute_prefixes={"data-"},
        filter_style_properties=STYLES,
        url_schemes=set(schemes),
        link_rel=None,
        strip_comments=True,
    )
    return _CELL.sub(_narrowed, cleaned(kept))


def _narrowed(cell: re.Match[str]) -> str:
    """A cell that spans no more than a table can have; layout would count to any number."""
    return _SPAN.sub(lambda match: f"{match[1]}{min(int(match[2][:9]), SPAN)}", cell[0])
