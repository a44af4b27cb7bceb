"""The simulator as `make run` starts it: a program of its own."""

from __future__ import annotations

import subprocess
import sys

from flask import Flask

from miniprogram_api.wechat import WechatGateway, WechatSettings
from simulators.wechat import APP_ID, WechatSimulator


def test_it_runs_as_a_program(app: Flask) -> None:
    with WechatSimulator() as another:
        port = another.port  # a port that is free once this one has stopped
    command = [sys.executable, "-m", "simulators.wechat", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as program:
        try:
            assert program.stderr is not None
            assert f"http://127.0.0.1:{port}" in program.stderr.readline()
            gateway = WechatGateway(WechatSettings(APP_ID, "any secret", f"http://127.0.0.1:{port}"))
            assert gateway.openid_of_code("code-oWang-1") == "oWang"
            assert gateway.phone_number_of_code("phone-13812345678") == "13812345678"
        finally:
            program.terminate()
