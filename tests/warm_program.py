"""The program in a process that has imported everything, of which copies run and are killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from faulty_disk import Moments, faulty_disk

_STEPS = "steps on the disk: "
_READY = "ready\n"


class Ended(NamedTuple):
    """How a copy ended: its exit code and steps on the disk, or minus the signal that killed it."""

    code: int
    seconds: float
    steps: int
    stderr: str


class WarmProgram:
    """Runs the command line in copies of one warm process, each as if started afresh.

    Parameters
    ----------
    folder
        Takes the cache, the folder for temporary files, and what copies say.
    warm_up
        Words of a run that loads all code.
    """

    def __init__(self, folder: Path, warm_up: list[str]) -> None:
        self.cache, self.temporary = folder / "cache", folder / "tmp"
        self.temporary.mkdir(parents=True)
        self._told = folder / "told"
        environment = os.environ | {
            "BORDERLESS_CACHE": str(self.cache),
            "TMPDIR": str(self.temporary),
            # no threads, so that copies can be made
            "BORDERLESS_THREADS": "1",
        }
        words = [sys.executable, __file__, str(self._told), json.dumps(warm_up)]
        self._server = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        if self._server.stdout is None or self._server.stdout.readline() != _READY:
            self.__exit__(None, None, None)
            msg = "the warm process did not start; what it says stands above"
            raise RuntimeError(msg)

    def run(
        self,
        *words: str | Path,
        kill_after_s: float | None = None,
        stop_at: int | None = None,
        number: int | None = None,
    ) -> Ended:
        """Run a copy to its end, or kill it after a while or at a moment of :class:`Moments`.

        Where there is an error `number`, the disk answers with it at that moment instead.
        """
        assert self._server.stdin is not None
        question = {"words": list(map(str, words)), "kill_after_s": kill_after_s}
        question |= {"stop_at": stop_at, "number": number}
        print(json.dumps(question), file=self._server.stdin, flush=True)
        answer = self._answer()
        if answer["code"] < 0:
            return Ended(answer["code"], answer["seconds"], 0, "")
        stderr, _, steps = self._told.read_text(encoding="utf-8").rpartition(_STEPS)
        return Ended(answer["code"], answer["seconds"], int(steps), stderr)

    def _answer(self) -> Any:
        assert self._server.stdout is not None
        return json.loads(self._server.stdout.readline())

    def __enter__(self) -> Self:
        """Return the program."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(timeout=60)
        self._server.stdout.close()


def _serve(told: Path, warm_up: list[str]) -> None:
    from borderless import cli  # noqa: PLC0415 - only the process itself needs it

    class Today(date):
        @classmethod
        def today(cls) -> Today:
            return cls(2025, 2, 3)

    cli.date = Today  # type: ignore[attr-defined]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    cli.app(warm_up, standalone_mode=False)
    print(_READY, end="", file=answers, flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        since = time.perf_counter()
        child = os.fork()
        if child == 0:
            _copy(question, told)
        code = os.waitstatus_to_exitcode(_ended(child, question["kill_after_s"], since))
        answer = {"code": code, "seconds": time.perf_counter() - since}
        print(json.dumps(answer), file=answers, flush=True)


def _ended(child: int, kill_after_s: float | None, since: float) -> int:
    """Wait for a copy to end, and kill it when its time is over."""
    while kill_after_s is not None:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        if time.perf_counter() - since >= kill_after_s:
            os.kill(child, signal.SIGKILL)
            break
        time.sleep(0.002)
    return os.waitpid(child, 0)[1]


def _copy(question: dict[str, Any], told: Path) -> None:
    """Be the program, and never return."""
    from borderless import cli  # noqa: PLC0415

    code, moments = 1, Moments(question["stop_at"], question["number"])
    try:
        os.dup2(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        with faulty_disk(moments):
            cli.app(question["words"])
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stderr.write(f"{_STEPS}{len(moments.seen)}")
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), json.loads(sys.argv[2]))
