"""Blocks that hold no blocks: headings, code, rules, raw HTML and TeX, link definitions.

As in `containers`, a function reads what begins at a line and returns the line after it.
"""

import re

from pipeline.document import RegionKind
from pipeline.markdown import lexemes
from pipeline.markdown.lexemes import RawAttributes
from pipeline.markdown.outline import Definition, Leaf, RawHeading, label_key
from pipeline.markdown.scope import ATX, FENCE, QUOTE, RULE, Scope
from pipeline.markdown.tables import trailing_attributes

BEGIN_TEX = re.compile(r"\\begin\{(?P<name>[^{}\n]*+)\}")
_UNDERLINE = re.compile(r"(?P<mark>=++|-++) *+$")
_LINE_BLOCK = re.compile(r"\|(?: |$)")
_GAP = re.compile(r" *+\n? *+")
_REFERENCE = re.compile(
    r" {0,3}\[(?!\^|@)(?P<label>(?:\\.|`[^`\n]*+`|[^\\\[\]\n`])++)\]: *+\n? *+(?!\[)"
    r"(?:<(?P<angle>(?:\\.|[^\\<>\n])*+)>"
    r"|(?P<plain>(?![\"'({<])[^\s]++(?: ++(?![\"'({\[\n])[^\s]++)*+)?)"
    r"(?: *+\n? *+(?:\"[^\"]*+\"|'[^']*+'|\((?:[^()]|\([^()]*+\))*+\)))?"
)


def fence(scope: Scope, index: int) -> int | None:
    """A fenced code block."""
    close = scope.fence_end(index)
    if close is None:
        return None
    line = scope.lines[index]
    match = FENCE.match(scope.text, line.start, line.end)
    assert match
    raw = lexemes.raw_attribute(scope.text, match.start("info"), line.end) > 0
    scope.out.regions.append((line.start, scope.lines[close].end, "raw" if raw else "code"))
    scope.out.anchor(lexemes.attributes(scope.text, match.start("info"), line.end))
    return close + 1


def setext(scope: Scope, index: int) -> int | None:
    """A heading underlined with `=` or `-`; a quotation or an item is none."""
    line, under = scope.lines[index], scope.lines[index + 1]
    match = _UNDERLINE.match(scope.text, under.start, under.end)
    if match is None:
        return None
    mark = match["mark"]
    held = QUOTE.match(scope.text, line.start, line.end) or scope.list_start(line)
    if held and mark.startswith("---"):
        return None
    stop, attributes = trailing_attributes(scope, line.at, line.end)
    raw = RawHeading(1 if mark[0] == "=" else 2, line.at, under.end, attributes)
    _heading(scope, index, raw, line.at, stop)
    return index + 2


def atx(scope: Scope, index: int) -> int | None:
    """A heading that begins with `#`."""
    line = scope.lines[index]
    match = ATX.match(scope.text, line.start, line.end)
    if match is None:
        return None
    stop, attributes = trailing_attributes(scope, match.end(), line.end)
    stop = _without_hashes(scope.text, match.end(), scope.trimmed(match.end(), stop))
    raw = RawHeading(len(match["mark"]), line.at, line.end, attributes)
    _heading(scope, index, raw, match.end(), stop)
    return index + 1


def _heading(scope: Scope, index: int, raw: RawHeading, start: int, stop: int) -> None:
    stop = scope.trimmed(start, stop)
    if lexemes.Opaque(scope.text[start:stop]).code_is_open():
        scope.doubt(index, start)
    if raw.attributes:
        brace = scope.text.rfind("{", stop, raw.attributes.end)
        scope.out.regions.append((brace, raw.attributes.end, "attributes"))
    scope.out.leaves.append(Leaf("heading", ((start, stop),), scope.certain, raw))


def _without_hashes(text: str, start: int, stop: int) -> int:
    bare = start + len(text[start:stop].rstrip("#"))
    return bare + 1 if start < bare < stop and text[bare - 1] == "\\" else bare


def indented(scope: Scope, index: int) -> int:
    """An indented code block."""
    last = index
    later = index + 1
    while later < len(scope.lines):
        line = scope.lines[later]
        if line.at < line.end:
            if line.at - line.start < 4:
                break
            last = later
        later += 1
    scope.out.regions.append((scope.lines[index].start, scope.lines[last].end, "code"))
    return last + 1


def rule(scope: Scope, index: int) -> int | None:
    """A horizontal rule; a line of text directly below `---` would make it a table."""
    line = scope.lines[index]
    if not RULE.match(scope.text, line.start, line.end):
        return None
    if scope.text[line.at] == "-" and not scope.blank(index + 1):
        scope.out.blank_lines.append(scope.lines[index + 1].start)
    return index + 1


def line_block(scope: Scope, index: int) -> int | None:
    """A line block; each of its lines stands alone."""
    first = index
    while index < len(scope.lines):
        line = scope.lines[index]
        if not _LINE_BLOCK.match(scope.text, line.start, line.end):
            break
        own = [(min(line.start + 2, line.end), line.end)]
        index += 1
        while not scope.blank(index) and scope.lines[index].at > scope.lines[index].start:
            own.append((scope.lines[index].at, scope.lines[index].end))
            index += 1
        scope.keep(scope.context.kind, own)
    return index if index > first else None


# ---- raw HTML and TeX ---------------------------------------------------------------------


def html(scope: Scope, index: int) -> int | None:
    """A comment or a block-level tag; what follows it on the line is read on."""
    at, limit = scope.lines[index].at, scope.lines[-1].end
    if at - scope.lines[index].start > 3:
        return None
    if scope.text.startswith("<!--", at):
        close = scope.find("-->", at + 4)
        return _after(scope, index, at, close + 3, "comment") if close >= 0 else None
    tag = lexemes.TAG.match(scope.text, at, limit)
    name = tag["name"].lower() if tag else ""
    if tag is None or name not in lexemes.BLOCK_OR_VERBATIM:
        return None
    scope.out.tags.append(tag)
    if name in lexemes.VERBATIM_TAGS and not tag["close"]:
        close = scope.find(f"</{name}>", tag.end())
        if close >= 0:
            return _after(scope, index, at, close + len(name) + 3, "html")
    after = _after(scope, index, at, tag.end(), "html")
    _count_tag(scope, tag, name, after)
    return after


def _count_tag(scope: Scope, tag: re.Match[str], name: str, after: int) -> None:
    if tag["close"]:
        scope.open_tags = max(0, scope.open_tags - 1)
    elif not tag[0].endswith("/>") and name not in lexemes.VOID_TAGS:
        scope.open_tags += 1
        if after < len(scope.lines) and scope.lines[after].start > tag.end():
            scope.tag_indent = scope.lines[after].at - scope.lines[after].start


def tex(scope: Scope, index: int) -> int | None:
    r"""A `\begin{…}` … `\end{…}` environment."""
    line = scope.lines[index]
    end = tex_end(scope, line.at)
    return _after(scope, index, line.at, end, "raw") if end > 0 else None


def tex_end(scope: Scope, at: int) -> int:
    r"""The end of the environment that a `\begin` at an offset opens, 0 if there is none."""
    match = BEGIN_TEX.match(scope.text, at)
    if match is None:
        return 0
    ending = f"\\end{{{match['name']}}}"
    close = scope.find(ending, match.end())
    return close + len(ending) if close >= 0 else 0


def _after(scope: Scope, index: int, start: int, end: int, kind: RegionKind) -> int:
    """Note a region, and let what follows it on its last line be read on."""
    scope.out.regions.append((start, end, kind))
    while scope.lines[index].end < end:
        index += 1
    rest = scope.line(end, scope.lines[index].end)
    if rest.at == rest.end:
        if start >= scope.lines[index].start and not scope.blank(index + 1):
            _part(scope, index + 1)
        return index + 1
    scope.lines[index] = rest._replace(start=rest.at)
    return index


def _part(scope: Scope, index: int) -> None:
    """Keep pandoc from taking a comment or a tag above a rule for a heading."""
    line = scope.lines[index]
    if _UNDERLINE.match(scope.text, line.start, line.end):
        scope.out.blank_lines.append(line.start)


# ---- link definitions ---------------------------------------------------------------------


def reference(scope: Scope, index: int) -> int | None:
    """A link definition, on up to three lines."""
    last = index
    while last < index + 2 and not scope.blank(last + 1):
        if scope.lines[last + 1].start != scope.lines[last].end + 1:
            break
        last += 1
    limit = scope.lines[last].end
    match = _REFERENCE.match(scope.text, scope.lines[index].start, limit)
    if match is None:
        return None
    gap = _GAP.match(scope.text, match.end(), limit)
    attributes = lexemes.attributes(scope.text, gap.end(), limit) if gap else None
    end = attributes.end if attributes else match.end()
    start = scope.lines[index].at
    while scope.lines[index].end < end:
        index += 1
    if scope.text[end : scope.lines[index].end].strip():
        return None
    _define(scope, match, attributes)
    scope.out.regions.append((start, end, "definition"))
    return index + 1


def _define(scope: Scope, match: re.Match[str], attributes: RawAttributes | None) -> None:
    group = "plain" if match["angle"] is None else "angle"
    start, stop = match.span(group)
    if start < 0:
        start = stop = match.end()
    key = label_key(match["label"])
    old = scope.out.definitions.get(key)
    same = old is None or scope.text[old.start : old.stop] == scope.text[start:stop]
    certain = scope.certain and same and " " not in scope.text[start:stop]
    scope.out.anchor(attributes)
    scope.out.definitions[key] = Definition(start, stop, group == "angle", certain, attributes)
