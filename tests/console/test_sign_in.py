"""Signing in and out of the console."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import pytest
from flask import Flask

from app import create_app
from backend.people import services as people
from config.clock import FixedCalendar
from config.database import db, transaction
from config.settings import Settings
from tests.client import Client
from tests.console.browser import Browser, text_of

PASSWORD = "spring-river-2020"


@pytest.fixture
def clerk(app: Flask) -> str:
    transaction(
        lambda: people.create_staff_account(username="lena", display_name="李娜", password=PASSWORD, role="author")
    )
    return "lena"


def test_the_right_password_opens_the_role_s_own_page(app: Flask, clerk: str) -> None:
    page = Browser(app).sign_in(clerk, PASSWORD)
    assert page.status_code == 200
    assert page.request.path == "/institution/"
    assert "李娜" in text_of(page)


def test_a_wrong_password_keeps_the_user_name_and_says_so(app: Flask, clerk: str) -> None:
    page = Browser(app).sign_in(clerk, "not it")
    assert page.status_code == 422
    assert "用户名或密码不正确" in text_of(page)
    assert 'value="lena"' in page.get_data(as_text=True)
    assert "not it" not in page.get_data(as_text=True)


def test_five_wrong_passwords_lock_the_account(app: Flask, clerk: str) -> None:
    browser = Browser(app)
    for _ in range(5):
        browser.sign_in(clerk, "not it")
    assert browser.sign_in(clerk, PASSWORD).status_code == 422


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, clerk: str) -> None:
    browser = Browser(app)
    answer = browser.client.post(
        "/sign-in", data={"csrf_token": browser.token(), "username": clerk, "password": PASSWORD}
    )
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_form_without_its_csrf_token_changes_nothing(app: Flask, clerk: str) -> None:
    browser = Browser(app)
    answer = browser.client.post("/sign-in", data={"username": clerk, "password": PASSWORD})
    assert answer.status_code == 400
    assert "页面已过期" in text_of(answer)
    assert browser.client.get("/institution/").status_code == 302


def test_signing_out_ends_the_session(app: Flask, clerk: str) -> None:
    browser = Browser(app)
    browser.sign_in(clerk, PASSWORD)
    browser.post("/sign-out")
    assert browser.client.get("/institution/").status_code == 302


def test_after_signing_in_the_wanted_page_opens_but_never_another_site(app: Flask, clerk: str) -> None:
    browser = Browser(app)
    asked = browser.client.get("/institution/question-template.xlsx")
    assert asked.headers["Location"].startswith("/sign-in?wanted=")
    for wanted, expected in (
        ("/institution/question-template.xlsx", "/institution/question-template.xlsx"),
        ("//evil.example/", "/institution/"),
        ("https://evil.example/", "/institution/"),
        ("/\\evil.example", "/institution/"),
    ):
        fresh = Browser(app)
        fields = {"username": clerk, "password": PASSWORD, "wanted": wanted, "csrf_token": fresh.token()}
        assert fresh.client.post("/sign-in", data=fields).headers["Location"] == expected


def test_an_expired_session_under_htmx_goes_to_the_sign_in_page(app: Flask) -> None:
    answer = Browser(app).client.get("/institution/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in")


def test_pages_allow_nothing_from_outside_and_no_inline_script(app: Flask) -> None:
    headers = Browser(app).client.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"


def test_hostile_text_is_shown_as_text(app: Flask) -> None:
    page = Browser(app).sign_in('"><script>alert(1)</script>', "x")
    assert "<script>alert" not in page.get_data(as_text=True)


def test_the_start_page_lists_sign_ins_only_in_the_demonstration(app: Flask) -> None:
    text = text_of(Browser(app).client.get("/"))
    for role in ("企业经办人", "审核员", "复审员", "拨付经办", "培训中心前台", "课程作者", "接口文档", "手机端接口"):
        assert role in text
    assert "演示账号" not in text
    assert "演示日历" not in text


def test_an_unknown_address_is_a_quiet_page(app: Flask) -> None:
    answer = Browser(app).client.get("/no-such-page")
    assert answer.status_code == 404
    assert "没有找到" in text_of(answer)


def test_every_role_s_page_is_one_click_from_the_start_page(app: Flask) -> None:
    browser = Browser(app)
    body = browser.client.get("/").get_data(as_text=True)
    links = re.findall(r'href="(/[^"#?]*)', body)
    assert {"/enterprise/", "/reviewer/", "/finance/", "/training-center/", "/institution/", "/api-docs"} <= set(links)
    for link in links:
        assert browser.client.get(link).status_code in (200, 302, 308), link


def test_the_demonstration_signs_each_role_in_by_one_click(settings: Settings, clock: FixedCalendar) -> None:
    house = create_app(replace(settings, mode="demonstration"))
    house.testing = True
    house.test_client_class = Client
    with house.app_context():
        for row in house.config["DEMONSTRATION_SIGN_INS"]:
            made = partial(
                people.create_staff_account,
                username=row["username"],
                display_name=row["title"],
                password=row["password"],
                role=row["role"],
            )
            transaction(made)
        page = Browser(house).client.get("/")
        assert "演示日历：2020-03-02" in text_of(page)
        forms = re.findall(
            r'name="username" value="([^"]+)">\s*<input type="hidden" name="password" value="([^"]+)"',
            page.get_data(as_text=True),
        )
        assert len(forms) == len(house.config["DEMONSTRATION_SIGN_INS"])
        for username, password in forms:
            answer = Browser(house).sign_in(username, password)
            assert answer.request.path != "/sign-in", username
        db.session.remove()
        db.engine.dispose()
