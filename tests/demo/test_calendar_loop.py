"""Phones of the same instant act in the same tick, and instants at which nobody acts are skipped."""

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from demo.calendar_loop import Asked, Calendar, Script, Wait, at, run, show
from demo.wire import Broken, Connection, json_call


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers every POST with its own path and body, and remembers the order."""

    protocol_version = "HTTP/1.1"
    seen: list[str] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(self.path)
        content = json.dumps({"path": self.path, "body": json.loads(body)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def base_url() -> Iterator[str]:
    Recorder.seen = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def phone(base_url: str, calendar: Calendar, name: str, instants: list[int], said: list[object]) -> Script:
    connection = Connection(base_url)
    for instant in instants:
        yield Wait(instant)
        answer = yield Asked(connection, json_call("POST", f"/{name}", {"at": calendar.now}))
        assert answer is not None
        said.append((name, answer.json()["body"]["at"]))
    connection.close()


def test_phones_meet_at_their_instants(base_url: str) -> None:
    steps: list[int] = []
    said: list[object] = []

    def step(to: int) -> int:
        steps.append(to)
        return to

    calendar = Calendar(0, step)
    scripts = {
        "a": phone(base_url, calendar, "a", [10, 20, 50], said),
        "b": phone(base_url, calendar, "b", [20, 50], said),
        "c": phone(base_url, calendar, "c", [50], said),
    }

    progress = run(calendar, scripts, in_flight=2)

    assert steps == [10, 20, 50]
    assert sorted(said, key=str) == [("a", 10), ("a", 20), ("a", 50), ("b", 20), ("b", 50), ("c", 50)]
    assert (progress.ticks, progress.calls) == (3, 6)
    assert [sorted(Recorder.seen[:1]), sorted(Recorder.seen[1:3]), sorted(Recorder.seen[3:])] == [
        ["/a"],
        ["/a", "/b"],
        ["/a", "/b", "/c"],
    ]


def test_a_calendar_between_two_seconds_stops_just_past_the_instant(base_url: str) -> None:
    said: list[object] = []
    calendar = Calendar(7, lambda to: 7 + -(-(to - 7) // 1_000) * 1_000)

    run(calendar, {"a": phone(base_url, calendar, "a", [2_000, 3_000], said)})

    assert said == [("a", 2_007), ("a", 3_007)]


def test_a_phone_that_breaks_off_is_named() -> None:
    def broken() -> Script:
        yield Wait(10)
        raise Broken("no answer")

    with pytest.raises(Broken, match="somebody：no answer"):
        run(Calendar(0, lambda to: to), {"somebody": broken()})


def test_the_calendar_never_goes_back() -> None:
    with pytest.raises(Broken):
        Calendar(at("2020-03-03T09:00"), lambda to: to).move(at("2020-03-03T08:59"))


def test_instants_are_of_wuxi() -> None:
    assert at("1970-01-01T08:00") == 0
    assert show(at("2020-03-03T09:00")) == "2020-03-03T09:00:00+08:00"
