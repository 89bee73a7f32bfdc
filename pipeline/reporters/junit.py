"""For build servers: JUnit XML. Errors and warnings fail, notes pass, the silenced are skipped."""

import re
from typing import TextIO
from xml.etree import ElementTree as Xml

from pipeline.checker import Run
from pipeline.clean_text import clean
from pipeline.diagnostics import Diagnostic, Severity
from pipeline.reporting import Options

NAME = "junit"
HELP = "JUnit XML, a test case for each finding"


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write one test suite; a clean book is one test that passes."""
    failures = sum(item.severity is not Severity.INFO for item in run.active)
    suite = Xml.Element(
        "testsuite",
        name="make-book check",
        tests=str(max(1, len(run.diagnostics))),
        failures=str(failures),
        errors="0",
        skipped=str(len(run.diagnostics) - len(run.active)),
    )
    for item in run.diagnostics:
        suite.append(_case(item))
    if not run.diagnostics:
        Xml.SubElement(suite, "testcase", name="no findings", classname="make-book")
    suites = Xml.Element("testsuites")
    suites.append(suite)
    Xml.indent(suites)
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.write(Xml.tostring(suites, encoding="unicode"))
    stream.write("\n")


def _case(item: Diagnostic) -> Xml.Element:
    place = f"{item.path}:{item.line}:{item.column}"
    case = Xml.Element("testcase", name=_safe(f"{item.code} {place}"), classname=_safe(item.path))
    message = _safe(item.message)
    told = _safe(f"{place} {item.code} {item.message}")
    if item.suppressed is not None:
        Xml.SubElement(case, "skipped", message=_safe(item.suppressed))
    elif item.severity is Severity.INFO:
        Xml.SubElement(case, "system-out").text = told
    else:
        failure = Xml.SubElement(case, "failure", type=str(item.severity), message=message)
        failure.text = f"{told}\n{_safe(item.help)}" if item.help else told
    return case


def _safe(text: str) -> str:
    return re.sub("[\ufffe\uffff]", "\ufffd", clean(text))
