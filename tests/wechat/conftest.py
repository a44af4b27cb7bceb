"""WeChat on loopback and a gateway that talks to it through the real client."""

from collections.abc import Iterator

import pytest
from flask import Flask

from miniprogram_api.wechat import WechatGateway, WechatSettings
from simulators.wechat import APP_ID, WechatSimulator

SECRET = "the-app-secret-of-the-test"


@pytest.fixture
def wechat() -> Iterator[WechatSimulator]:
    with WechatSimulator(secret=SECRET) as simulator:
        yield simulator


@pytest.fixture
def gateway(app: Flask, wechat: WechatSimulator) -> WechatGateway:
    return new_gateway(wechat)


def new_gateway(wechat: WechatSimulator, *, secret: str = SECRET, timeout_seconds: float = 5.0) -> WechatGateway:
    """Another gateway, as another process has it: it shares the database and nothing else."""
    return WechatGateway(WechatSettings(APP_ID, secret, wechat.base_url, timeout_seconds))
