"""What giving a thing another identifier asks of everything that names it."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline import anchors, index as indexes, project
from pipeline.changes import moving, proposal, uses
from pipeline.changes.edits import written
from pipeline.changes.proposal import Proposal
from pipeline.changes.runs import Move
from pipeline.changes.uses import ANCHOR, CITATION, Subject, Use
from pipeline.diagnostics import Edit
from pipeline.document import Document, Mapping, Scalar, Sequence
from pipeline.errors import UserError
from pipeline.index import Index, Target, fold
from pipeline.wording import quoted

_NAME = re.compile(r"\w+(?:[:.+/-]\w+)*")


def plan(
    index: Index, subject: Subject, new: str, *, alias: bool = False, file: bool = False
) -> Proposal:
    """Every edit that gives `subject` the identifier `new`.

    `alias` keeps the old one as an alias, `file` renames the document too. Raises `UserError`
    where the new name is taken or cannot be one.
    """
    _check(index, subject, new)
    if subject.target is None and (alias or file):
        raise UserError(
            f"the {subject.kind} {quoted(subject.identifier)} has neither aliases nor its own file",
            hint="every use is renamed: leave out --alias and --file",
        )
    by_hand: list[str] = []
    found = uses.of(index, subject)
    _check_anchors(index, found, new)
    edits = [
        edit
        for use in found
        if _renamed(use, subject) and (edit := moving.named(use, new, by_hand))
    ]
    if subject.target:
        edits += _front_matter(index, subject.target, new, alias=alias, file=file)
    proposed = proposal.of_edits(index.project.sources, edits, by_hand=by_hand)
    return _with_file(index, subject.target, new, proposed) if file else proposed


def _renamed(use: Use, subject: Subject) -> bool:
    if use.how != "id" or (use.definition and use.where == "file name"):
        return False
    typed = use.scalar.text.removeprefix("@") if use.scalar else ""
    return not use.scalar or typed == subject.identifier


# ---- whether it may be ------------------------------------------------------------------------


def _check(index: Index, subject: Subject, new: str) -> None:
    if subject.kind == "part":
        raise UserError(
            f"{quoted(subject.identifier)} is the folder of a part", hint="use `make-book mv`"
        )
    if not _NAME.fullmatch(new) or ("/" in new and subject.kind != CITATION):
        raise UserError(
            f"{quoted(new)} cannot be an identifier",
            hint="use letters, digits and _, joined by single - . or :",
        )
    if new == subject.identifier:
        raise UserError(f"{quoted(new)} is its name already", hint="give another")
    taken = _taken(index, subject, new)
    if taken:
        raise UserError(f"{quoted(new)} is taken: {taken}", hint="choose another name")


def _taken(index: Index, subject: Subject, new: str) -> str:
    """Who has the new name, an empty string if nobody has."""
    if subject.kind == CITATION:
        same = (key for key in index.entries if fold(key) == fold(new))
        other = next((key for key in same if key != subject.identifier), None)
        return f"by the entry {quoted(other)}" if other else ""
    if subject.target is None:
        return ""
    for target in index.resolve(new, (subject.kind,)).targets:
        if target.path != subject.target.path:
            return f"by {target.path}"
    for link in index.causal_links:
        if link.target.text == new and not link.resolution.targets:
            return f"as a trend, in {link.document.path}"
    return ""


def _check_anchors(index: Index, found: list[Use], new: str) -> None:
    """No anchor may get a name that its document has already."""
    for use in found:
        if use.where not in ("event box", ANCHOR):
            continue
        document = index.project.by_path[use.source.path]
        if new in anchors.names(document):
            raise UserError(
                f"{quoted(new)} is taken: {document.path} has an anchor of that name",
                hint="choose another name",
            )


# ---- front matter -----------------------------------------------------------------------------


def _front_matter(
    index: Index, target: Target, new: str, *, alias: bool, file: bool
) -> Iterator[Edit]:
    """The identifier where the file's name was it, and the alias."""
    document, kind = target.document, index.config.content_type(target.kind)
    assert document and kind
    implied = not document.text(kind.id_field)
    if not (implied and not file) and not alias:
        return
    if document.front is None or document.front.flow or document.front_span is None:
        raise UserError(
            f"{document.path} has no front matter to write into",
            hint="rename the file, with --file and without --alias",
        )
    lines = [f"{kind.id_field}: {written(new)}"] if implied and not file else []
    if alias:
        edit = _alias(document, document.front, target.identifier)
        if edit is None:
            lines.append(f"aliases: [{written(target.identifier)}]")
        else:
            yield edit
    if lines:
        at = _after_identifier(document, document.front, kind.id_field)
        text = "".join(line + document.source.newline for line in lines)
        yield Edit(document.path, at, at, text)


def _after_identifier(document: Document, front: Mapping, field: str) -> int:
    """The start of the line below the identifier, else of the first line of the front matter."""
    node = front.get(field)
    assert document.front_span
    if not isinstance(node, Scalar):
        return document.front_span.start
    starts = document.source.line_starts
    line, _ = document.source.position(node.span.end)
    return starts[line] if line < len(starts) else document.front_span.end


def _alias(document: Document, front: Mapping, old: str) -> Edit | None:
    """Add a name to `aliases` in the style of those that are there; None where there are none."""
    node = front.get("aliases")
    if node is None:
        return None
    text = written(old)
    if isinstance(node, Scalar) and node.text in ("", "~", "null"):
        gap = "" if node.text else " "
        return Edit(document.path, node.span.start, node.span.end, f"{gap}[{text}]")
    if not isinstance(node, Sequence):
        raise UserError(
            f"{document.path}: `aliases` is no list", hint="write it as `aliases: [name]`"
        )
    if node.flow:
        if not node.items:
            return Edit(document.path, node.span.start + 1, node.span.end - 1, text)
        at = node.items[-1].span.end
        return Edit(document.path, at, at, f", {text}")
    source, last = document.source, node.items[-1].span
    line, _ = source.position(last.start)
    dash = re.match(r"[ \t]*-[ \t]+", source.line(line))
    assert dash
    end = source.position(last.end)[0]
    if end < len(source.line_starts):
        at = source.line_starts[end]
        return Edit(document.path, at, at, f"{dash[0]}{text}{source.newline}")
    return Edit(document.path, last.end, last.end, f"{source.newline}{dash[0]}{text}")


# ---- the file ---------------------------------------------------------------------------------


def _with_file(index: Index, target: Target | None, new: str, renamed: Proposal) -> Proposal:
    """The same with the document's file renamed to the new identifier."""
    assert target
    folder, name = posixpath.split(target.path)
    path = posixpath.join(folder, new.replace(":", "-") + posixpath.splitext(name)[1])
    if path == target.path:
        return renamed
    root = index.project.root
    move = moving.destination(root, target.path, path)
    after = indexes.build(project.load(root, dict(renamed.after)))
    proposed = moving.plan(after, Move(move.old, path))
    before = {**proposed.before, **renamed.before}
    return replace(
        proposed,
        before=before,
        after={**renamed.after, **proposed.after},
        by_hand=(*renamed.by_hand, *proposed.by_hand),
        changes=renamed.changes + proposed.changes,
    )
