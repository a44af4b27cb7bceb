"""Setting up and serving the demonstration: simulator, media, database, cast, web server, and the story of the first visit."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import flask_migrate
from flask import Flask
from gunicorn.app.base import BaseApplication

from config.settings import Settings, load
from demonstration import cast

HOST = "127.0.0.1"
_PORTS = range(20_000, 32_000)  # below the ephemeral range, where an outgoing connection could sit on the port


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with one process and threads; the application is built in the worker."""

    def __init__(self, build: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._build = build
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._build()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                return port


@click.command()
@click.option("--port", default=8000, show_default=True, help="port of the web server")
@click.option("--data", "folder", type=click.Path(path_type=Path), required=True, help="database, media and caches")
@click.option("--story", is_flag=True, help="on an empty database, let the driver play a small story first")
@click.option("--stepped", is_flag=True, help="the calendar stands still until it is stepped")
def main(port: int, folder: Path, story: bool, stepped: bool) -> None:
    """Serve the whole house with demonstration data on this machine."""
    wechat_port = free_port()
    simulator = subprocess.Popen([sys.executable, "-m", "simulators.wechat", "--port", str(wechat_port)])
    try:
        base_url = f"http://{HOST}:{port}"
        settings = load(
            mode="demonstration",
            data_dir=str(folder),
            public_base_url=base_url,
            wechat_base_url=f"http://{HOST}:{wechat_port}",
            log_level="WARNING",
        )
        first_visit = cast.prepare(settings)
        _serve(settings, port=port, stepped=stepped, play=story and first_visit)
    finally:
        simulator.terminate()
        simulator.wait(timeout=10)


def _serve(settings: Settings, *, port: int, stepped: bool, play: bool) -> None:
    base_url = settings.public_base_url

    def build() -> Flask:
        return cast.build_app(settings, stepped=stepped, run_jobs=not stepped)

    def when_ready(_: Any) -> None:
        if play:
            threading.Thread(target=_play_story, args=(base_url, settings), daemon=True).start()
        else:
            announce(base_url, settings)

    _Server(
        build,
        {
            "bind": f"{HOST}:{port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": 8,
            "keepalive": 75,
            "timeout": 120,
            "graceful_timeout": 5,
            "loglevel": "warning",
            "when_ready": when_ready,
            "control_socket_disable": True,
        },
    ).run()


def announce(base_url: str, settings: Settings) -> None:
    """Print the addresses and sign-ins: for people on standard error, as one JSON line on standard output."""
    sign_ins = cast.sign_ins()
    lines = ["", f"  无锡创课 · 演示系统  {base_url}/", ""]
    lines += [f"  {row['title']:<8} 用户名 {row['username']:<12} 密码 {row['password']}" for row in sign_ins]
    lines += ["", f"  接口说明 {base_url}/api-docs    数据目录 {settings.data_dir}", ""]
    print("\n".join(lines), file=sys.stderr, flush=True)
    print(json.dumps({"base_url": base_url, "sign_ins": sign_ins}, ensure_ascii=False), flush=True)


def _play_story(base_url: str, settings: Settings) -> None:
    """Let the driver act the main job once over HTTP, so that every page has something true to show."""
    print("首次启动：正在演示一遍完整流程（约半分钟）……", file=sys.stderr, flush=True)
    subprocess.run(
        [sys.executable, "-m", "demo", "--story", "--against", base_url],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        check=False,
    )
    announce(base_url, settings)


def migrate() -> None:
    """Bring the database of the present app to the newest schema (both branches)."""
    flask_migrate.upgrade(revision="heads")
