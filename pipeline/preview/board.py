"""What the preview shows now, shared by the thread that builds and those that answer."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Condition
from typing import Any, Literal

from pipeline.clean_text import printable
from pipeline.errors import UserError
from pipeline.preview import words
from pipeline.preview.workshop import Snapshot

Job = Literal["site", "pdf"]


@dataclass(frozen=True)
class Paper:
    """The pages of the PDF: whether they are asked for, being made or ready, and their bytes."""

    state: Literal["none", "making", "ready", "failed"] = "none"
    data: bytes = b""
    message: str = ""

    @property
    def stamp(self) -> str:
        """Changes with the PDF; empty where there is none."""
        return hashlib.sha256(self.data).hexdigest()[:16] if self.data else ""


@dataclass
class Board:
    """A snapshot, the PDF, and the jobs that wait; `serial` grows with each change."""

    root: Path
    editor: str
    snapshot: Snapshot
    paper: Paper = Paper()
    serial: int = 1
    _jobs: dict[Job, None] = field(default_factory=dict)
    _changed: Condition = field(default_factory=Condition)
    _ended: bool = False

    def show(self, snapshot: Snapshot) -> None:
        """Put a snapshot in the place of the last one; a PDF that is in use is made anew."""
        with self._changed:
            self.snapshot = snapshot
            self._tell()
        if self.paper.state != "none":
            self.ask_for_paper()

    def show_trouble(self, error: UserError) -> None:
        """Keep the last good site, and say why it is not that of the files."""
        trouble = {"message": printable(error.message), "help": printable(error.hint)}
        with self._changed:
            self.snapshot = replace(self.snapshot, trouble=(trouble,))
            self._tell()

    def ask_for_paper(self) -> None:
        """Have the PDF made, once for all that ask while it waits."""
        with self._changed:
            if self.paper.state == "making":
                return
            self.paper = replace(self.paper, state="making")
            self._tell()
        self.put("pdf")

    def show_paper(self, paper: Paper) -> None:
        """Put a PDF, or the reason why there is none, in the place of the last one."""
        with self._changed:
            self.paper = replace(paper, data=paper.data or self.paper.data)
            self._tell()

    def put(self, job: Job) -> None:
        """Have something done; what waits already is done once."""
        with self._changed:
            self._jobs[job] = None
            self._changed.notify_all()

    def next_job(self) -> Job:
        """Wait for something to do."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs)
            job = next(iter(self._jobs))
            del self._jobs[job]
            return job

    def _tell(self) -> None:
        self.serial += 1
        self._changed.notify_all()

    def end(self) -> None:
        """Let those go that wait for a change."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait(self, serial: int, seconds: float) -> int | None:
        """The serial as soon as it is another, or after some time; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self.serial != serial, seconds)
            return None if self._ended else self.serial

    def digest(self, name: str) -> str:
        """A mark that changes with what a page shows."""
        if name not in self.snapshot.site:
            return "gone"
        site = self.snapshot.site
        parts = (site[name], site.get("assets/site.css", b""))
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]

    def record(self) -> dict[str, Any]:
        """All that the page's script needs to know, as JSON."""
        now = self.snapshot
        return {
            "serial": self.serial,
            "root": printable(str(self.root)),
            "editor": self.editor,
            "summary": now.summary,
            "findings": now.findings,
            "pages": now.pages,
            "trouble": now.trouble,
            "paper": {
                "state": self.paper.state,
                "message": printable(self.paper.message),
                "stamp": self.paper.stamp,
            },
            "words": words.of(now.language),
        }
