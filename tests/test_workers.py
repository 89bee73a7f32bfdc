"""Children that crash, hang or fail are reported; the others go on."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

import pytest

from pipeline.paper import workers
from pipeline.paper.workers import Answer, Refusal, Task
from pipeline.process import Limits

LIMITS = Limits(seconds=20)


def _run(task: Task, limits: Limits = LIMITS) -> Answer:
    (answer,) = workers.run([task], 1, limits)
    return answer


def test_all_tasks_are_done() -> None:
    tasks = [Task(str(n), lambda n=n: b"x" * (n << 20)) for n in range(5)]
    sizes = {answer.task.name: len(answer.data) for answer in workers.run(tasks, 2, LIMITS)}
    assert sizes == {str(n): n << 20 for n in range(5)}


def test_a_task_may_answer_piece_by_piece() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a" * (3 << 20)
        yield b""
        raise Refusal("no more")

    *given, last = workers.run([Task("a", pieces)], 1, LIMITS)
    assert [len(answer.data) for answer in given] == [3 << 20, 0]
    assert all(answer.more for answer in given)
    assert (last.more, last.refused, last.error) == (False, True, "no more")


def test_works_are_taken_in_turns_and_a_lost_one_is_left_out() -> None:
    def work(number: int) -> bytes:
        if number == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"%d" % number

    works = [partial(work, number) for number in range(256)]
    done = dict(workers.in_turns(works, 2, LIMITS))
    assert done == {number: b"%d" % number for number in range(256) if number != 7}


def test_a_child_that_hangs_is_stopped() -> None:
    answer = _run(Task("a", lambda: time.sleep(60) or b""), Limits(seconds=0.3))
    assert answer.error == "it takes longer than 0.3 seconds"


def test_a_child_that_dies_is_reported() -> None:
    def die() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    assert "signal 9" in _run(Task("a", die)).error


def test_a_child_that_wants_too_much_is_reported() -> None:
    answer = _run(Task("a", lambda: bytes(8 << 30)), Limits(seconds=20, megabytes=2048))
    assert answer.error == "it needs more than 2048 megabytes"


def test_deep_recursion_is_reported() -> None:
    def dig() -> bytes:
        return dig()

    assert _run(Task("a", dig)).error == "it is nested too deeply"


def test_a_refusal_keeps_its_words() -> None:
    def refuse() -> bytes:
        raise Refusal("not like this")

    answer = _run(Task("a", refuse))
    assert answer.refused
    assert answer.error == "not like this"


def _children() -> set[str]:
    """The names and numbers of this process's children, but for the one that lists them."""
    command = ["ps", "-A", "-o", "ppid=,pid=,comm="]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    mine = (row.split(None, 1) for row in rows if row.split()[:1] == [str(os.getpid())])
    return {rest for _, rest in mine if not rest.endswith("ps")}


def test_children_are_killed_with_their_reader() -> None:
    before = _children()
    running = workers.run(
        [Task("a", lambda: b""), Task("b", lambda: time.sleep(60) or b"")], 2, LIMITS
    )
    next(running)
    assert len(_children()) == len(before) + 1
    running.close()
    assert _children() == before


@pytest.mark.skipif(sys.platform != "linux", reason="a part of Linux")
def test_children_die_with_a_reader_that_is_killed() -> None:
    """They hold no pipe, and no lock, of a build that is gone."""
    reading, writing = os.pipe()

    def parent() -> bytes:
        tasks = [Task("a", lambda: os.kill(os.getppid(), signal.SIGKILL) or time.sleep(60) or b"")]
        return b"".join(answer.data for answer in workers.run(tasks, 1, LIMITS))

    (answer,) = workers.run([Task("parent", parent)], 1, LIMITS)
    os.close(writing)
    assert "signal 9" in answer.error
    assert select.select([reading], [], [], 20)[0] == [reading]
    assert os.read(reading, 1) == b""  # nobody holds the other end
    os.close(reading)
