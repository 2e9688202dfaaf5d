"""Jobs in threads: results, failures, pause, cancel, order, and nothing left behind."""

import logging
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.ui.worker import JobQueue, JobThread, Task

Job = Generator[Progress, None, object]


def counting(steps: int, result: object = "done") -> Job:
    for step in range(steps):
        yield Progress(step + 1, steps)
    return result


def endless(closed: list[str] | None = None, ready: threading.Event | None = None) -> Job:
    step = 0
    breath = threading.Event()
    try:
        while True:
            step += 1
            yield Progress(step, None)
            if ready is not None:
                ready.set()
            breath.wait(0.002)
    finally:
        if closed is not None:
            closed.append("cleaned up")


@pytest.fixture
def queue(qtbot: QtBot) -> Iterator[JobQueue]:
    queue = JobQueue()
    yield queue
    queue.close()


def test_a_job_reports_its_steps_and_its_result(qtbot: QtBot) -> None:
    thread = JobThread(Task("Counting", lambda: counting(3)))
    steps: list[int] = []
    thread.progressed.connect(lambda progress: steps.append(progress.done))
    with qtbot.waitSignal(thread.finished_with) as finished:
        thread.start()
    thread.wait()
    assert finished.args == ["done"]
    assert steps == [1, 2, 3]


def test_slots_run_in_the_thread_of_the_window(qtbot: QtBot) -> None:
    thread = JobThread(Task("Counting", lambda: counting(1)))
    ran_in: list[threading.Thread] = []
    thread.progressed.connect(lambda _: ran_in.append(threading.current_thread()))
    with qtbot.waitSignal(thread.finished_with):
        thread.start()
    thread.wait()
    assert ran_in == [threading.main_thread()]


def test_the_worlds_fault_is_a_sentence(qtbot: QtBot) -> None:
    def failing() -> Job:
        yield Progress(0, None)
        raise CullerError("The disk is full. Free some space.")

    thread = JobThread(Task("Writing", failing))
    with qtbot.waitSignal(thread.failed) as failed:
        thread.start()
    thread.wait()
    assert failed.args == ["The disk is full. Free some space."]


def test_our_bug_goes_to_the_log_with_its_traceback(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> Job:
        yield Progress(0, None)
        raise ZeroDivisionError

    thread = JobThread(Task("Dividing", failing))
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(thread.failed) as failed:
        thread.start()
    thread.wait()
    assert failed.args == ["Dividing stopped at an error in Culler. The log has the details."]
    assert "ZeroDivisionError" in caplog.text


def test_a_cancelled_job_cleans_up(qtbot: QtBot) -> None:
    closed: list[str] = []
    thread = JobThread(Task("Waiting", lambda: endless(closed)))
    with qtbot.waitSignal(thread.progressed):
        thread.start()
    with qtbot.waitSignal(thread.stopped):
        thread.cancel()
    thread.wait()
    assert closed == ["cleaned up"]


def test_a_paused_job_stands_still_until_resumed(qtbot: QtBot) -> None:
    thread = JobThread(Task("Waiting", endless))
    steps: list[int] = []
    thread.progressed.connect(lambda progress: steps.append(progress.done))
    with qtbot.waitSignal(thread.progressed):
        thread.start()
    thread.pause()
    # One step may be under way; after it nothing moves.
    with qtbot.waitSignal(thread.progressed, timeout=100, raising=False):
        pass
    stood = len(steps)
    with qtbot.waitSignal(thread.progressed, timeout=100, raising=False) as moved:
        pass
    assert not moved.signal_triggered
    assert len(steps) == stood
    with qtbot.waitSignal(thread.progressed):
        thread.resume()
    thread.close()
    assert not thread.isRunning()


def test_a_paused_job_can_be_closed(qtbot: QtBot) -> None:
    thread = JobThread(Task("Waiting", endless))
    with qtbot.waitSignal(thread.progressed):
        thread.start()
    thread.pause()
    thread.close()
    assert not thread.isRunning()


def test_tasks_run_one_after_the_other(qtbot: QtBot, queue: JobQueue) -> None:
    finished: list[str] = []
    queue.finished.connect(lambda task, _result: finished.append(task.title))
    with qtbot.waitSignal(queue.emptied):
        queue.add(Task("first", lambda: counting(3)))
        queue.add(Task("second", lambda: counting(3)))
        assert [task.title for task in queue.waiting] == ["second"]
    assert finished == ["first", "second"]


def test_what_follows_gets_the_result_and_may_add_more(qtbot: QtBot, queue: JobQueue) -> None:
    finished: list[object] = []
    queue.finished.connect(lambda _task, result: finished.append(result))
    with qtbot.waitSignal(queue.emptied):
        queue.add(
            Task(
                "scan",
                lambda: counting(1, "scanned"),
                then=lambda report: queue.add(Task("score", lambda: counting(1, f"{report}, scored"))),
            )
        )
    assert finished == ["scanned", "scanned, scored"]


def test_an_urgent_task_goes_before_a_resumable_one_which_goes_on_afterwards(
    qtbot: QtBot, queue: JobQueue
) -> None:
    order: list[str] = []
    runs = iter([endless, lambda: counting(2)])
    queue.started.connect(lambda task: order.append(task.title))
    queue.add(Task("scoring", lambda: next(runs)(), folders=(Path("/a"),), resumable=True))
    with qtbot.waitSignal(queue.progressed):
        pass
    with qtbot.waitSignal(queue.emptied):
        queue.add(Task("reading", lambda: counting(1)), urgent=True)
    assert order == ["scoring", "reading", "scoring"]


def test_cancelling_ends_the_running_task_and_the_next_begins(qtbot: QtBot, queue: JobQueue) -> None:
    queue.add(Task("endless", endless))
    queue.add(Task("short", lambda: counting(1)))
    with qtbot.waitSignal(queue.progressed):
        pass
    with qtbot.waitSignals([queue.stopped, queue.finished, queue.emptied]):
        queue.cancel()


def test_a_closed_queue_leaves_no_thread_and_takes_no_task(qtbot: QtBot, queue: JobQueue) -> None:
    queue.add(Task("endless", endless))
    with qtbot.waitSignal(queue.progressed):
        pass
    thread = queue._thread
    assert thread is not None
    queue.close()
    assert not thread.isRunning()
    queue.add(Task("late", lambda: counting(1)))
    assert queue.running is None


def test_a_quiet_task_lets_every_other_go_first(queue: JobQueue, qtbot: QtBot) -> None:
    order: list[str] = []
    breath = threading.Event()
    queue.finished.connect(lambda task, _: order.append(task.title))

    def slow() -> Job:
        for done in range(20):
            breath.wait(0.005)
            yield Progress(done, 20)

    with qtbot.waitSignal(queue.emptied, timeout=5000):
        queue.add(Task("quiet", slow, resumable=True, quiet=True))
        queue.add(Task("also quiet", lambda: counting(1), resumable=True, quiet=True))
        queue.add(Task("plain", lambda: counting(1)))
        queue.add(Task("plain too", lambda: counting(1), resumable=True))
    assert order == ["plain", "plain too", "also quiet", "quiet"]
