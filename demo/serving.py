"""A server of its own for each demonstration: started empty, stepped from outside, stopped at the end."""

import json
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.calendar_loop import Calendar
from demo.wire import Broken, Call, Connection, json_call

_FLASK = f"{shlex.quote(sys.executable)} -m flask --app app"
SERVE_COMMAND = _FLASK + " demonstration serve --port {port} --data {data} --stepped"
READY_WITHIN_SECONDS = 300
_PORTS = range(21_000, 31_000)  # below the range from which outgoing connections take theirs


class Server:
    """Runs the serve command on a free port with a fresh data folder; use it as a context manager."""

    def __init__(self, command: str, folder: Path, *, keep: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = Path(tempfile.mkdtemp(prefix="demo-", dir=folder))
        self.base_url = ""
        self._command = command
        self.keep = keep
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        command = shlex.split(self._command.format(port=_free_port(), data=shlex.quote(str(self.data))))
        with (self.data / "server.log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            self.base_url = self._announced(self._process)
            self._await_ready()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if error is None and not self.keep:
            shutil.rmtree(self.data, ignore_errors=True)

    def log_tail(self, lines: int = 25) -> str:
        path = self.data / "server.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def _announced(self, process: subprocess.Popen[str]) -> str:
        """Waits for the JSON line that says where the server is."""
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                threading.Thread(target=process.stdout.read, daemon=True).start()
                return str(json.loads(line)["base_url"])
        raise Broken(f"服务没有启动：{self._command}\n{self.log_tail()}")

    def _await_ready(self) -> None:
        connection = Connection(self.base_url)
        give_up = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < give_up:
            try:
                if connection.ask(Call("GET", "/readyz")).ok:
                    connection.close()
                    return
            except OSError:
                connection.close()
            time.sleep(0.1)
        raise Broken(f"服务在 {READY_WITHIN_SECONDS} 秒内没有就绪\n{self.log_tail()}")


def _free_port() -> int:
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


class ServerCalendar:
    """The control of the server's calendar. It is stopped first, so that it moves only when it is stepped."""

    def __init__(self, base_url: str) -> None:
        self._connection = Connection(base_url)
        self._at = 0

    def stop(self) -> Calendar:
        """Stand still; from here on the calendar moves in whole seconds."""
        self._at = self._ask({"stop": True})
        return Calendar(self._at, self.step)

    def step(self, to: int) -> int:
        """Whole seconds forward, to `to` or just past it: a calendar that was running stopped between two seconds."""
        expected = self._at + -(-(to - self._at) // 1_000) * 1_000
        self._at = self._ask({"advance_seconds": (expected - self._at) // 1_000})
        if self._at != expected:
            raise Broken(f"the server's calendar stands at {self._at}, not at {expected}")
        return self._at

    def run(self) -> None:
        self._ask({"run": True})

    def _ask(self, move: dict[str, object]) -> int:
        answer = self._connection.ask(json_call("POST", "/demonstration/clock", move))
        if not answer.ok:
            raise Broken(f"演示日历没有走动：{answer.describe()}")
        return instant(str(answer.json()["now"]))


def instant(text: str) -> int:
    """An ISO 8601 text with offset → epoch milliseconds, floored."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
