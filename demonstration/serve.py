"""Setting up and serving the demonstration: simulator, media, database, cast, web server, and the story of the first visit."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask

from commands.serving import HOST, serve_until_stopped
from config.settings import Settings, load
from demonstration import cast, jobs

_PORTS = range(20_000, 32_000)  # below the ephemeral range, where an outgoing connection could sit on the port


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                return port


def commands(create_app: Callable[[Settings], Flask]) -> click.Group:
    """The group ``flask demonstration``; ``app.py`` gives the application's builder."""

    @click.group()
    def demonstration() -> None:
        """Serve the main job with demonstration data on this machine."""

    @demonstration.command()
    @click.option("--port", default=8000, show_default=True, help="port of the web server")
    @click.option("--data", "folder", type=click.Path(path_type=Path), required=True, help="database and media")
    @click.option("--story", is_flag=True, help="on an empty database, let the driver act a small story first")
    @click.option("--stepped", is_flag=True, help="the calendar stands still until it is stepped")
    def serve(port: int, folder: Path, story: bool, stepped: bool) -> None:
        """Set up and serve, until interrupted."""
        run(create_app, port=port, folder=folder, story=story, stepped=stepped)

    return demonstration


def run(create_app: Callable[[Settings], Flask], *, port: int, folder: Path, story: bool, stepped: bool) -> None:
    """Serve until interrupted. ``story`` acts the main job once into an empty database; ``stepped`` stops the calendar."""
    wechat_port = free_port()
    simulator = subprocess.Popen([sys.executable, "-m", "simulators.wechat", "--port", str(wechat_port)])
    try:
        settings = load(
            mode="demonstration",
            data_dir=str(folder),
            public_base_url=f"http://{HOST}:{port}",
            wechat_base_url=f"http://{HOST}:{wechat_port}",
            log_level="WARNING",
        )
        first_visit = cast.prepare(create_app(settings), cast.make_media())
        _serve(create_app, settings, port=port, stepped=stepped, play=story and first_visit)
    finally:
        simulator.terminate()
        simulator.wait(timeout=10)


def _serve(
    create_app: Callable[[Settings], Flask], settings: Settings, *, port: int, stepped: bool, play: bool
) -> None:
    def build() -> Flask:
        app = create_app(settings)
        if stepped:
            app.config["CALENDAR"].stop()
        jobs.start(app, stepped=stepped)
        return app

    def post_worker_init(worker: Any) -> None:
        # In the worker, which forks no more: a process started while its parent forks another can wait for it for ever.
        if worker.age == 1:
            work = _play_story if play else announce
            threading.Thread(target=work, args=(settings,), daemon=True).start()

    serve_until_stopped(build, host=HOST, port=port, post_worker_init=post_worker_init)


def announce(settings: Settings) -> None:
    """Print addresses and sign-ins: for people on standard error, as one JSON line for programs on standard output."""
    base_url, sign_ins = settings.public_base_url, cast.sign_ins()
    lines = ["", f"  无锡创课 · 演示系统   {base_url}/", ""]
    lines += [f"  用户名 {row['username']:<10} 密码 {row['password']:<22} {row['title']}" for row in sign_ins]
    lines += ["", f"  接口说明 {base_url}/api-docs   数据目录 {settings.data_dir}   按 Ctrl+C 停止", ""]
    print("\n".join(lines), file=sys.stderr, flush=True)
    if sys.stdout.isatty():
        return
    print(json.dumps({"base_url": base_url, "sign_ins": sign_ins}, ensure_ascii=False), flush=True)


def _play_story(settings: Settings) -> None:
    """Let the driver act the main job once over HTTP, so that every page has something true to show."""
    print("首次启动：先演示一遍完整流程，约需半分钟……", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "demo", "--story", "--against", settings.public_base_url], check=False)
    announce(settings)
