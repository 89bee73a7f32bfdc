"""The process that sets pages: what it was asked to do, and how it ends."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.paper import workers
from pipeline.paper.press import Order, Press
from pipeline.paper.workers import Task
from pipeline.process import Limits
from pipeline.sandbox import Reach

linux = pytest.mark.skipif(sys.platform != "linux", reason="watches processes by Linux's means")
STARTS = "from pipeline.paper.press import shared; shared.start(); print(shared._running.pid)"


@pytest.fixture
def press() -> Iterator[Press]:
    made = Press()
    yield made
    made.stop()


def order(tasks: Sequence[Task], folder: Path, seconds: float = 30) -> Order:
    reach = Reach(read=(), write=(folder,))
    return Order(tasks, None, None, 2, Limits(seconds), reach)


def gone(pid: int) -> bool:
    """Whether a process ends within half a minute."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    return bool(select.select([watched], [], [], 30)[0])


def test_it_does_order_after_order_in_one_process(press: Press, tmp_path: Path) -> None:
    parents = set()
    for round_ in range(2):
        tasks = [Task(f"t{i}", partial(_parent_and, str(i))) for i in range(5)]
        answers = {answer.task.name: answer for answer in press.run(order(tasks, tmp_path))}
        told = {name: answer.data.decode().split() for name, answer in answers.items()}
        assert {name: text for name, (_, text) in told.items()} == {
            f"t{i}": str(i) for i in range(5)
        }
        parents |= {pid for pid, _ in told.values()}
        assert not any(answer.error for answer in answers.values()), round_
    assert len(parents) == 1
    assert parents != {str(os.getpid())}


def test_a_fork_of_its_parent_has_one_of_its_own(press: Press, tmp_path: Path) -> None:
    mine = order([Task("t", partial(_parent_and, "x"))], tmp_path)

    def parent_of_work() -> bytes:
        (answer,) = press.run(mine)
        press.stop()
        return answer.data.split()[0]

    here = parent_of_work()
    press.start()
    (there,) = workers.run([Task("fork", parent_of_work)], 1, Limits(30))
    assert there.data.isdigit(), there.error
    assert press._running is not None
    assert there.data not in (here, str(press._running.pid).encode())
    assert press._running.pid == int(parent_of_work())


def test_work_cannot_answer_for_others(press: Press, tmp_path: Path) -> None:
    (answer,) = press.run(order([Task("t", _open_pipes)], tmp_path))
    assert int(answer.data) == 1  # its own answer's, and none that was open before


def test_a_task_that_fails_harms_no_other(press: Press, tmp_path: Path) -> None:
    tasks = [Task("bad", partial(int, "x")), Task("good", partial(str.encode, "fine"))]
    answers = {answer.task.name: answer for answer in press.run(order(tasks, tmp_path))}
    assert "ValueError" in answers["bad"].error
    assert answers["good"].data == b"fine"


def test_when_it_is_killed_the_user_is_told_and_the_next_order_is_done(
    press: Press, tmp_path: Path
) -> None:
    tasks = [Task("quick", _own_number), Task("slow", _wait)]
    answers = press.run(order(tasks, tmp_path))
    next(answers)
    assert press._running is not None
    os.kill(press._running.pid, signal.SIGKILL)
    with pytest.raises(UserError, match="was killed"):
        next(answers)
    (answer,) = press.run(order([Task("t", partial(str.encode, "fine"))], tmp_path))
    assert answer.data == b"fine"


@linux
def test_an_order_given_up_ends_its_workers(press: Press, tmp_path: Path) -> None:
    tasks = [Task("quick", _own_number), Task("slow", _wait)]
    answers = press.run(order(tasks, tmp_path))
    first = next(answers)
    worker = int(first.data)
    running = press._running
    assert running is not None
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    answers.close()  # type: ignore[attr-defined]
    assert gone(running.pid)
    assert gone(worker)
    assert children
    assert all(gone(int(child)) for child in children)


@linux
def test_it_does_not_outlive_a_parent_that_is_killed() -> None:
    code = f"{STARTS}; import sys, signal; sys.stdout.flush(); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)


@linux
def test_it_ends_with_its_parent() -> None:
    told = subprocess.run([sys.executable, "-c", STARTS], capture_output=True, check=True)
    assert gone(int(told.stdout))


def _parent_and(text: str) -> bytes:
    return f"{os.getppid()} {text}".encode()


def _own_number() -> bytes:
    return str(os.getpid()).encode()


def _wait() -> bytes:
    """Until the limit of an order."""
    signal.pause()
    return b""


def _open_pipes() -> bytes:
    found = 0
    for number in range(3, 64):
        try:
            is_pipe = os.fstat(number).st_mode & 0o170000 == 0o010000
            os.write(number, b"") if is_pipe else None
        except OSError:
            continue
        found += is_pipe
    return str(found).encode()
