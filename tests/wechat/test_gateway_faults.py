"""Each fault of WeChat and of its client, and what the gateway makes of it. Real HTTP, real client, nothing replaced."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
import requests
from flask import Flask
from sqlalchemy import text

from backend.messages import services as messages
from config import clock
from config.database import db, transaction
from config.errors import DomainError, Invalid, NotAllowed, Unavailable
from miniprogram_api.wechat import WechatGateway
from simulators.wechat import APP_ID, WechatSimulator
from tests.wechat.conftest import SECRET, new_gateway

PHONE = "/wxa/business/getuserphonenumber"
STABLE_TOKEN = "/cgi-bin/stable_token"
TOKEN_NAME = f"{APP_ID}_access_token"


@pytest.mark.parametrize("fault", ["invalid_credential", "invalid_token", "expired_token"])
def test_a_refused_token_is_renewed_and_the_call_made_once_more(
    gateway: WechatGateway, wechat: WechatSimulator, fault: str
) -> None:
    wechat.fail(fault, path=PHONE)
    assert gateway.phone_number_of_code("phone-13812345678") == "13812345678"
    assert wechat.paths().count(PHONE) == 2


def test_an_endless_40001_ends_after_one_more_try(gateway: WechatGateway, wechat: WechatSimulator) -> None:
    wechat.fail("invalid_credential", times=None)
    with pytest.raises(Unavailable):
        gateway.phone_number_of_code("phone-13812345678")
    assert wechat.paths().count(PHONE) == 2
    assert wechat.paths().count(STABLE_TOKEN) <= 3


def test_a_token_the_stable_endpoint_still_trusts_is_replaced_by_force(
    gateway: WechatGateway, wechat: WechatSimulator
) -> None:
    gateway.phone_number_of_code("phone-13812345678-1")
    wechat.fail("invalid_credential", path=PHONE)
    gateway.phone_number_of_code("phone-13812345678-2")
    forced = [call.body["force_refresh"] for call in wechat.calls if call.path == STABLE_TOKEN]
    assert forced == [False, False, True]
    assert wechat.tokens_issued == 2


def test_a_token_voided_by_another_program_is_fetched_anew(gateway: WechatGateway, wechat: WechatSimulator) -> None:
    gateway.phone_number_of_code("phone-13812345678-1")
    wechat.void_token()
    assert gateway.phone_number_of_code("phone-13812345678-2") == "13812345678"


def test_a_wrong_secret_is_no_reason_to_try_for_ever(app: Flask, wechat: WechatSimulator) -> None:
    gateway = new_gateway(wechat, secret="another-secret")
    with pytest.raises(Unavailable):
        gateway.phone_number_of_code("phone-13812345678")
    assert wechat.paths() == [STABLE_TOKEN]
    wechat.fail("invalid_credential", path=STABLE_TOKEN)
    with pytest.raises(Unavailable):
        gateway.phone_number_of_code("phone-13812345678")


@pytest.mark.parametrize("path", [STABLE_TOKEN, PHONE, "/sns/jscode2session"])
def test_a_hanging_wechat_is_given_up_in_time(app: Flask, wechat: WechatSimulator, path: str) -> None:
    gateway = new_gateway(wechat, timeout_seconds=0.3)
    wechat.fail("hang", times=None, path=path)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        _reach(gateway, path)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("fault", ["http_500", "drop", "not_json", "odd_json", "odd_errcode", "empty_object"])
@pytest.mark.parametrize("path", [STABLE_TOKEN, PHONE, "/sns/jscode2session"])
def test_nonsense_from_wechat_is_an_outage_of_wechat(
    gateway: WechatGateway, wechat: WechatSimulator, fault: str, path: str
) -> None:
    wechat.fail(fault, times=None, path=path)
    with pytest.raises(Unavailable) as refusal:
        _reach(gateway, path)
    assert refusal.value.code == "WECHAT_UNAVAILABLE"


def test_after_a_failed_fetch_the_next_caller_need_not_wait(gateway: WechatGateway, wechat: WechatSimulator) -> None:
    wechat.fail("http_500", path=STABLE_TOKEN)
    with pytest.raises(Unavailable):
        gateway.phone_number_of_code("phone-13812345678")
    started = time.monotonic()
    assert gateway.phone_number_of_code("phone-13812345678") == "13812345678"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("busy", Unavailable, "WECHAT_BUSY"),
        ("too_frequent", Unavailable, "WECHAT_BUSY"),
        ("quota_used_up", Unavailable, "WECHAT_BUSY"),
        ("user_blocked", NotAllowed, "WECHAT_ACCOUNT_BLOCKED"),
        ("wrong_secret", Unavailable, "WECHAT_UNAVAILABLE"),
    ],
)
def test_wechats_codes_become_ours_and_its_words_stay_behind(
    gateway: WechatGateway, wechat: WechatSimulator, fault: str, kind: type[DomainError], code: str
) -> None:
    wechat.fail(fault, path="/sns/jscode2session")
    with pytest.raises(kind) as refusal:
        gateway.openid_of_code("code-o1")
    assert refusal.value.code == code
    assert not any(letter.isascii() and letter.isalpha() for letter in refusal.value.detail)


@pytest.mark.parametrize("fault", ["http_500", "busy", "drop", "not_json"])
def test_no_secret_reaches_error_or_log(
    gateway: WechatGateway, wechat: WechatSimulator, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wechat.fail(fault, times=None, path="/sns/jscode2session")
    with pytest.raises(DomainError) as refusal:
        gateway.openid_of_code("code-o1")
    wechat.fail(fault, times=None, path=PHONE)
    with pytest.raises(DomainError):
        gateway.phone_number_of_code("phone-13812345678")
    told = f"{refusal.value} {refusal.value.__cause__} " + " ".join(record.getMessage() for record in caplog.records)
    assert SECRET not in told
    assert "simulated-token" not in told
    assert refusal.value.__context__ is None or refusal.value.__suppress_context__


def test_eight_cold_threads_fetch_one_token(app: Flask, wechat: WechatSimulator) -> None:
    gateway = new_gateway(wechat)
    numbers = _at_once(app, [partial(gateway.phone_number_of_code, f"phone-1381234000{n}") for n in range(8)])
    assert sorted(numbers) == [f"1381234000{n}" for n in range(8)]
    assert wechat.paths().count(STABLE_TOKEN) == 1


def test_processes_share_one_token(app: Flask, wechat: WechatSimulator) -> None:
    gateways = [new_gateway(wechat) for _ in range(4)]
    works = [partial(g.phone_number_of_code, f"phone-1381234000{n}") for n, g in enumerate(gateways)]
    assert len(_at_once(app, works)) == 4
    assert wechat.paths().count(STABLE_TOKEN) == 1


def test_a_process_that_died_while_fetching_stops_nobody_for_long(app: Flask, wechat: WechatSimulator) -> None:
    transaction(lambda: messages.lease_channel_token(name=TOKEN_NAME, seconds=1))
    assert new_gateway(wechat).phone_number_of_code("phone-13812345678") == "13812345678"


def test_a_stored_token_ends_with_its_time(app: Flask, gateway: WechatGateway, wechat: WechatSimulator) -> None:
    gateway.phone_number_of_code("phone-13812345678-1")
    past = clock.real_now() - timedelta(seconds=1)
    transaction(lambda: db.session.execute(text("UPDATE channel_token SET expires_at = :past"), {"past": str(past)}))
    assert messages.channel_token(name=TOKEN_NAME) is None
    gateway.phone_number_of_code("phone-13812345678-2")
    assert wechat.paths().count(STABLE_TOKEN) == 2


def test_a_stored_token_cannot_be_read_from_the_table(app: Flask, gateway: WechatGateway) -> None:
    gateway.phone_number_of_code("phone-13812345678")
    token = messages.channel_token(name=TOKEN_NAME)
    stored = db.session.scalar(text("SELECT token_encrypted FROM channel_token"))
    assert token is not None
    assert token.encode() not in bytes(stored)


def test_faults_can_be_switched_on_over_http(gateway: WechatGateway, wechat: WechatSimulator) -> None:
    fault = {"kind": "busy", "path": "/sns/jscode2session"}
    requests.post(f"{wechat.base_url}/_simulator/faults", json=fault, timeout=5, proxies={"http": ""})
    with pytest.raises(Unavailable):
        gateway.openid_of_code("code-o1")
    with pytest.raises(Invalid):
        gateway.openid_of_code("nonsense")


def _reach(gateway: WechatGateway, path: str) -> str:
    """Make the call that passes through `path`."""
    if path.startswith("/sns"):
        return gateway.openid_of_code("code-o1")
    return gateway.phone_number_of_code("phone-13812345678")


def _at_once(app: Flask, works: Sequence[Callable[[], str]]) -> list[str]:
    answers: list[str] = []
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], str]) -> None:
        with app.app_context():
            gate.wait()
            answers.append(work())

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers
