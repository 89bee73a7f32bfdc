"""What the dates and the relations of the event cards say of each other."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from pipeline import dates
from pipeline.index import CausalLink, Index
from pipeline.wording import did_you_mean


def contradicts(link: CausalLink) -> bool:
    """Whether the dates of two cards surely deny a relation between them."""
    target = link.resolution.target
    if link.relation is None or target is None or target.kind != "event":
        return False
    assert target.document is not None
    here = dates.interval(link.document.text("date"))
    there = dates.interval(target.document.text("date"))
    if here is None or there is None:
        return False
    if link.relation.direction == "later":
        return there.before(here)
    return link.relation.direction == "earlier" and here.before(there)


def contradictions(index: Index) -> list[CausalLink]:
    """The relations that the dates deny, in reading order."""
    return [link for link in index.causal_links if contradicts(link)]


@dataclass(frozen=True)
class Step:
    """From a cause to its effect, as `link` says; both are paths of cards."""

    cause: str
    effect: str
    link: CausalLink


def steps(index: Index) -> list[Step]:
    """Every relation between two cards that has a direction, from cause to effect."""
    found = []
    for link in index.causal_links:
        target = link.resolution.target
        if link.relation is None or target is None or target.kind != "event":
            continue
        if link.relation.direction == "later":
            found.append(Step(link.document.path, target.path, link))
        elif link.relation.direction == "earlier":
            found.append(Step(target.path, link.document.path, link))
    return found


def cycles(index: Index) -> list[tuple[Step, ...]]:
    """One shortest cycle for each knot of cards that cause each other.

    It begins at the first card by path whose step the dates do not deny.
    """
    graph: dict[str, dict[str, Step]] = {}
    for step in steps(index):
        graph.setdefault(step.cause, {}).setdefault(step.effect, step)
    found = []
    for knot in _components(graph):
        inner = {
            cause: {effect: step for effect, step in graph.get(cause, {}).items() if effect in knot}
            for cause in sorted(knot)
        }
        if cycle := _cycle(inner):
            found.append(cycle)
    return found


def _cycle(graph: dict[str, dict[str, Step]]) -> tuple[Step, ...]:
    edges = [step for cause in graph for _, step in sorted(graph[cause].items())]
    if not edges:
        return ()
    first = next((step for step in edges if not contradicts(step.link)), edges[0])
    return (first, *_path(graph, first.effect, first.cause))


def _path(graph: dict[str, dict[str, Step]], start: str, end: str) -> tuple[Step, ...]:
    """The shortest way between two nodes of a strongly connected graph."""
    came: dict[str, Step] = {}
    layer = [start]
    while layer and end not in came and start != end:
        following = []
        for node in layer:
            for effect, step in sorted(graph[node].items()):
                if effect not in came and effect != start:
                    came[effect] = step
                    following.append(effect)
        layer = following
    way = []
    while end != start:
        way.append(came[end])
        end = came[end].cause
    return tuple(reversed(way))


def _components(graph: dict[str, dict[str, Step]]) -> list[set[str]]:
    """Strongly connected components with a cycle, by their first member (Tarjan, iterative)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    found: list[set[str]] = []
    for root in sorted(graph):
        if root in number:
            continue
        work = [(root, iter(sorted(graph[root])))]
        number[root] = low[root] = len(number)
        stack.append(root)
        waiting.add(root)
        while work:
            node, following = work[-1]
            after = next(following, None)
            if after is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    found.append(_popped(stack, waiting, node))
            elif after not in number:
                number[after] = low[after] = len(number)
                stack.append(after)
                waiting.add(after)
                work.append((after, iter(sorted(graph.get(after, ())))))
            elif after in waiting:
                low[node] = min(low[node], number[after])
    knots = [item for item in found if len(item) > 1 or _loops(graph, item)]
    return sorted(knots, key=min)


def _popped(stack: list[str], waiting: set[str], until: str) -> set[str]:
    members: set[str] = set()
    while until not in members:
        members.add(stack.pop())
    waiting -= members
    return members


def _loops(graph: dict[str, dict[str, Step]], members: set[str]) -> bool:
    return any(node in graph.get(node, ()) for node in members)


def one_sided(index: Index) -> list[CausalLink]:
    """Relations that the other card does not say too, though they have an inverse.

    A card that says it of a misspelt name, or in a misspelt word, does say it: the misspelling is
    the fault.
    """
    said: set[tuple[str, str, str]] = set()
    names: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    words: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for link in index.causal_links:
        if link.relation and (target := link.resolution.target):
            said.add((link.document.path, link.relation.name, target.path))
        elif link.relation:
            names[link.document.path, link.relation.name].append(link.target.text)
        elif target := link.resolution.target:
            words[link.document.path, target.path].append(link.name.text)

    @cache
    def misspelt(other: str, inverse: str, path: str, identifier: str) -> bool:
        """Whether a card nearly says the inverse of a relation, or it of nearly that name."""
        nearly = any(did_you_mean(name, [identifier]) for name in names.get((other, inverse), ()))
        return nearly or any(did_you_mean(word, [inverse]) for word in words.get((other, path), ()))

    return [
        link
        for link in index.causal_links
        if link.relation
        and link.relation.inverse
        and (target := link.resolution.target)
        and target.kind == "event"
        and target.path != link.document.path
        and (target.path, link.relation.inverse, link.document.path) not in said
        and not misspelt(
            target.path,
            link.relation.inverse,
            link.document.path,
            index.identifier(link.document),
        )
    ]
