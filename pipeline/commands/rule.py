"""Print the page of a rule: what it finds, why it matters, an example, what to write instead.

Without a code: all rules, a line each.
"""

import argparse

from pipeline import checker, rule_page
from pipeline.errors import Exit, UserError
from pipeline.wording import did_you_mean

NAME = "rule"
HELP = "explain a rule, or list them all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book rule`."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="a code or a name: LK001")


def run(options: argparse.Namespace) -> int:
    """Print one page, or the list."""
    rules = {str(rule.CODE): rule for rule in checker.rules()}
    if options.code is None:
        for code, rule in rules.items():
            print(f"{code}  {rule.NAME:<26} {rule.SEVERITY:<8} {rule_page.summary(rule)}")
        return Exit.CLEAN
    names = {str(rule.NAME): rule for rule in rules.values()}
    found = rules.get(options.code.upper()) or names.get(options.code.lower())
    if found is None:
        near = did_you_mean(options.code, [*rules, *names])
        hint = f"did you mean {near}?" if near else "`make-book rule` lists them all"
        raise UserError(f"no rule {options.code!r}", hint=hint)
    print(rule_page.markdown(found).rstrip())
    return Exit.CLEAN
