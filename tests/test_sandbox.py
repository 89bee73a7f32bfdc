"""Child processes touch what they are given and nothing else, and die with their parent."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline import interruption, no_sockets, pandoc, process, sandbox
from pipeline.paper import workers
from pipeline.paper.workers import Answer, Task
from pipeline.process import Limits
from pipeline.sandbox import Reach

CANARY = "canary-7f3a"
LIMITS = Limits(seconds=20)

without_sockets = pytest.mark.skipif(bool(no_sockets.refusal()), reason=no_sockets.refusal())
landlocked = pytest.mark.skipif(bool(sandbox.refusal()), reason=f"Landlock: {sandbox.refusal()}")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that no child is to see, beside the folder `inside`."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "own.md").write_text("own", "utf-8")
    path = tmp_path / "secret.md"
    path.write_text(CANARY, "utf-8")
    (tmp_path / "inside" / "link.md").symlink_to(path)
    return path


def within(reach: Reach, work: Task) -> Answer:
    """What a worker answers."""
    (answer,) = workers.run([work], 1, LIMITS, reach)
    return answer


@landlocked
@pytest.mark.parametrize("name", ["secret.md", "inside/link.md", "inside/../secret.md"])
def test_a_worker_reads_nothing_outside(outside: Path, name: str) -> None:
    path = outside.parent / name
    answer = within(Reach(read=(outside.parent / "inside",)), Task("a", path.read_bytes))
    assert "PermissionError" in answer.error
    assert CANARY not in answer.error


@landlocked
def test_a_worker_reads_and_writes_inside(outside: Path) -> None:
    folder = outside.parent / "inside"

    def work() -> bytes:
        (folder / "new").mkdir()
        (folder / "new" / "made.md").write_bytes((folder / "own.md").read_bytes())
        (folder / "new" / "made.md").rename(folder / "new" / "moved.md")
        return b"done"

    assert within(Reach(write=(folder,)), Task("a", work)).data == b"done"
    assert (folder / "new" / "moved.md").read_text("utf-8") == "own"


@landlocked
@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_text("gone", "utf-8"),
        lambda path: path.unlink(),
        lambda path: os.truncate(path, 0),
        lambda path: path.rename(path.with_name("elsewhere.md")),
        lambda path: path.with_name("new.md").touch(),
        lambda path: path.with_name("inside").joinpath("new.md").touch(),
    ],
)
def test_a_worker_changes_nothing_outside(outside: Path, harm: object) -> None:
    reach = Reach(read=(outside.parent,))
    answer = within(reach, Task("a", lambda: harm(outside) and b""))  # type: ignore[operator]
    assert "PermissionError" in answer.error
    assert outside.read_text("utf-8") == CANARY
    assert sorted(path.name for path in outside.parent.rglob("*.md")) == [
        "link.md", "own.md", "secret.md",
    ]  # fmt: skip


@landlocked
@pytest.mark.skipif(sandbox.version() < sandbox.NETWORK_SINCE, reason="Landlock without network")
def test_a_worker_reaches_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(no_sockets, "refuse", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        connect = Task("a", lambda: socket.create_connection(address, 5).close() or b"")
        assert "PermissionError" in within(Reach(), connect).error
        socket.create_connection(address, 5).close()  # the parent is not restricted


FAMILIES = {name: getattr(socket, name) for name in dir(socket) if name.startswith("AF_")}


@without_sockets
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW])
def test_a_worker_has_no_socket_of_any_kind(kind: int) -> None:
    def work() -> bytes:
        for family in FAMILIES.values():
            with pytest.raises(PermissionError):
                socket.socket(family, kind)
        with pytest.raises(PermissionError):
            socket.socketpair()
        return b"none"

    assert within(Reach(), Task("a", work)).data == b"none"
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()  # the parent is not restricted


@without_sockets
def test_what_a_confined_command_starts_has_no_sockets() -> None:
    script = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    asked = [
        sys.executable,
        "-c",
        f"import subprocess; subprocess.run({[sys.executable, '-c', script]})",
    ]
    everything = (Path("/"),)
    reach = Reach(read=everything, execute=everything)
    assert b"PermissionError" in process.run(asked, limits=LIMITS, reach=reach).stderr
    assert process.run(asked, limits=LIMITS).stderr == b""


@landlocked
def test_pandoc_reads_nothing_that_it_is_not_given(outside: Path) -> None:
    command = (pandoc.binary(), "--from=markdown", str(outside))
    assert CANARY.encode() in process.run(command, limits=LIMITS).stdout
    reach = Reach(read=(outside.parent / "inside",), execute=(pandoc.binary(),))
    refused = process.run(command, limits=LIMITS, reach=reach)
    assert refused.code
    assert b"permission denied" in refused.stderr.lower()
    assert CANARY.encode() not in refused.stdout + refused.stderr


@landlocked
def test_a_confined_child_starts_nothing_else() -> None:
    answer = within(Reach(read=(Path("/"),)), Task("a", lambda: subprocess.check_output(["true"])))
    assert "PermissionError" in answer.error


# ---- limits ---------------------------------------------------------------------------------


def test_pandoc_is_given_so_much_memory_and_says_which_setting(tmp_path: Path) -> None:
    with pytest.raises(pandoc.ConversionError, match=r"32 megabytes \(limits.chapter_megabytes\)"):
        pandoc.convert("text", "en", None, Limits(60, 32, "chapter"), tmp_path)


def test_pandoc_is_given_so_much_time_and_says_which_setting(tmp_path: Path) -> None:
    nested = "[" * 400 + "x" + "]" * 400
    with pytest.raises(pandoc.ConversionError, match=r"0.5 seconds \(limits.chapter_seconds\)"):
        pandoc.convert(nested, "en", None, Limits(0.5, 1024, "chapter"), tmp_path)


def test_the_whole_group_dies_with_the_time() -> None:
    script = "import subprocess, sys; subprocess.run(['sleep', '60'])"
    outcome = process.run([sys.executable, "-c", script], limits=Limits(seconds=1))
    assert outcome.late  # and the pipe was closed, which the grandchild held as well


# ---- interruption ---------------------------------------------------------------------------

WAITING = """
import sys
from pipeline import interruption, process
from pipeline.errors import Interrupted
child = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(60)"
try:
    with interruption.interruptible():
        process.run([sys.executable, "-c", child, sys.argv[1]])
except Interrupted as error:
    sys.exit(error.code)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_children_and_has_its_exit_code(
    tmp_path: Path, number: signal.Signals
) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    parent = subprocess.Popen([sys.executable, "-c", WAITING, str(ready)])
    ready.read_bytes()  # waits for the child to open it
    parent.send_signal(number)
    assert parent.wait(20) == 128 + number


def test_outside_of_the_main_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def body() -> None:
        with interruption.interruptible():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert seen == [before]
