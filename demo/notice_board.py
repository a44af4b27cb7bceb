"""Between approval and the bank: certificates, the public notice, a citizen's objection and its answer, page by page."""

import re
from dataclasses import dataclass

from demo.browser import Browser, Page
from demo.desk import REVIEWER, Agent, done, sign_in
from demo.wire import Broken

WEBSITE = "https://hrss.wuxi.example/notices/2020/0316.html"


@dataclass(frozen=True)
class Posted:
    """A notice as everybody sees it: its public address, and its rows as (position, masked name, class hours, yuan)."""

    address: str
    rows: tuple[tuple[int, str, int, str], ...]


def issue_certificates(agent: Agent) -> int:
    """The agent issues to everybody who has earned one; how many."""
    page = done(agent.browser.open(agent.plan + "/certificates"), "打开合格证书")
    issued = done(agent.browser.submit(page, page.form(action="/certificates")), "核发合格证书")
    found = re.search(r"已核发 (\d+) 张", issued.text)
    return int(found.group(1)) if found else 0


def post_notice(base_url: str, posted_on: str) -> Posted:
    """A reviewer puts everything approved on a notice, takes the export, and records the posting on the website."""
    browser, _ = sign_in(base_url, REVIEWER)
    waiting = done(browser.open("/reviewer/notices"), "打开公示")
    draft = done(browser.submit(waiting, waiting.form("claim_id", action="/notices")), "生成公示")
    exported = browser.fetch(draft.url + "/export.html")
    if not exported.ok:
        raise Broken(f"公示没有导出成：{exported.describe()}")
    form = draft.form("posted_on", "url", action="/posting")
    done(browser.submit(draft, form, {"posted_on": posted_on, "url": WEBSITE}), "登记发布")
    return _as_published(draft.url.rstrip("/").rsplit("/", 1)[1], base_url)


def _as_published(notice: str, base_url: str) -> Posted:
    address = f"/public/notices/{notice}"
    page = done(Browser(base_url).open(address), "打开公示页面")
    rows = [row for table in page.tables for row in table if len(row) >= 5 and row[0].isdigit()]
    if not rows:
        raise Broken(f"公示页面上没有名单：{page.summary()}")
    heading = next(row for table in page.tables for row in table if "姓名" in row)
    name, hours, amount = (
        next(place for place, text in enumerate(heading) if wanted in text) for wanted in ("姓名", "课时", "金额")
    )
    return Posted(address, tuple((int(row[0]), row[name], int(row[hours]), row[amount]) for row in rows))


def object_to(base_url: str, posted: Posted, masked_name: str) -> str:
    """Somebody who is not signed in objects to one person of the notice; the address of the answer page."""
    position = next((row[0] for row in posted.rows if row[1] == masked_name), None)
    if position is None:
        raise Broken(f"公示名单里没有 {masked_name}")
    citizen = Browser(base_url)
    page = done(citizen.open(posted.address + "/objection"), "打开异议表")
    form = page.form("position", "scope", "text", "contact")
    values = {
        "position": str(position),
        "scope": "person",
        "text": "此人三月中旬一直在外地，没有参加这个培训班。",
        "contact": "无锡市锡山区东亭街道",
    }
    filed = done(citizen.submit(page, form, values), "提出异议")
    return filed.link(href="/public/objections/")


def uphold(base_url: str, objection: str) -> Page:
    """A reviewer finds the objection in the queue and upholds it; the answer stands on the public page."""
    browser, queue = sign_in(base_url, REVIEWER)
    subject = objection.rstrip("/").rsplit("/", 1)[1]
    page = done(browser.open(queue.link(href=subject)), "打开异议")
    words = {"reason": "经核实，该人员未参加本期培训，从申领中核减。", "clause": "四.5"}
    done(browser.submit(page, page.form("reason", action="/decision"), words, button="approve"), "答复异议")
    answered = done(Browser(base_url).open(objection), "打开异议答复")
    if "从申领中核减" not in answered.text:
        raise Broken(f"异议页面上没有答复：{answered.summary()}")
    return answered
