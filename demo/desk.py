"""The people at desks: author, agent, reviewers, cashier, center clerk. Each works at a browser, page by page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demo.browser import Browser, Page
from demo.documents import CourseFolder, plan_papers, roster
from demo.people import Person, uscc
from demo.schedule import CLASS_ENDS_ON, CLASS_STARTS_ON
from demo.wire import Broken, Connection, json_call

# User names of the sign-ins that the demonstration prints and shows on its start page.
AGENT, OTHER_AGENT = "agent", "agent2"
REVIEWER, SECOND_REVIEWER = "reviewer", "second"
CASHIER, SECOND_CASHIER = "cashier", "cashier2"
CLERK, AUTHOR = "clerk", "author"


@dataclass(frozen=True)
class Company:
    """An enterprise and who acts for it. With a `uscc` it is registered first; otherwise the agent has it already."""

    key: str
    agent: str
    name: str = ""
    uscc: str = ""
    business_scope: str = ""


COMPANIES = (
    Company("main", AGENT),
    Company("second", OTHER_AGENT),
    Company("unfiled", OTHER_AGENT, "无锡锡山远航五金有限公司", uscc("91320200DEM000003"), "五金制品的制造、加工"),
)


def sign_in(base_url: str, username: str) -> tuple[Browser, Page]:
    """One click on the start page of the demonstration signs a role in."""
    browser = Browser(base_url)
    start = browser.open("/")
    for form in start.forms:
        if ("username", username) in form.fields:
            page = browser.submit(start, form)
            if not page.answer.ok:
                raise Broken(f"{username} 没有登录成：{page.summary()}")
            return browser, page
    raise Broken(f"首页上没有 {username} 的入口：{start.summary()}")


def done(page: Page, what: str) -> Page:
    """A page that shows the step worked; otherwise what it says."""
    if not page.answer.ok:
        raise Broken(f"{what}没有办成：{page.summary()}")
    return page


@dataclass(frozen=True)
class LineSeen:
    """One person's line of a claim as the page shows it."""

    masked_name: str
    class_hours: int
    amount_fen: int


@dataclass(frozen=True)
class ClaimSeen:
    """A claim page: its lines and its total. `address` is empty when nothing was submitted."""

    address: str
    lines: tuple[LineSeen, ...]
    total_fen: int


def read_claim(page: Page, address: str) -> ClaimSeen:
    pattern = r"(\S\*+\S?) (\d+) 课时 · .*?([\d,]+\.\d\d) 元"
    lines = tuple(LineSeen(name, int(hours), fen(amount)) for name, hours, amount in re.findall(pattern, page.text))
    total = re.search(r"(?:可申领金额|金额) ([\d,]+\.\d\d) 元", page.text)
    if total is None:
        raise Broken(f"申领页面上没有金额：{page.summary()}")
    return ClaimSeen(address, lines, fen(total.group(1)))


def fen(text: str) -> int:
    """'1,462.50' → 146250."""
    return int(text.replace(",", "").replace(".", ""))


class Agent:
    """Acts for one enterprise: registers it, brings the roster, files the plan, claims, makes a key."""

    def __init__(self, base_url: str, company: Company) -> None:
        self.company = company
        self.browser, page = sign_in(base_url, company.agent)
        self.plan = ""
        self.class_code = ""
        self.home = self._register(page) if company.uscc else page.url

    def _register(self, home: Page) -> str:
        company = self.company
        page = self.browser.open(home.link(text="再登记一家企业"))
        form = page.form("name", "uscc", action="register")
        values = {
            "name": company.name,
            "uscc": company.uscc,
            "kind": "ordinary",
            "business_scope": company.business_scope,
        }
        return done(self.browser.submit(page, form, values), "登记企业").url

    def bring_roster(self, people: Sequence[Person]) -> None:
        page = self.browser.open(self.home + "roster")
        form = next(f for f in page.forms if "workbook" in f.names and f.action.endswith("/roster"))
        workbook = ("花名册.xlsx", roster(people))
        done(self.browser.submit(page, form, files={"workbook": workbook}), "导入花名册")

    def file_plan(self, head_count: int, class_hours: int, course_titles: Sequence[str]) -> None:
        page = self.browser.open(self.home + "plans")
        page = done(self.browser.submit(page, page.form(action="/plans")), "新建培训计划")
        form = page.form("title", "course_ids")
        values: dict[str, str | Sequence[str]] = {
            "title": "2020年第一期岗位技能线上培训班",
            "kind": "skill_upgrade",
            "head_count": str(head_count),
            "class_hours": str(class_hours),
            "mode": "own",
            "platform": "无锡创课",
            "trade_code": "6-18-01-01",
            "starts_on": CLASS_STARTS_ON,
            "ends_on": CLASS_ENDS_ON,
            "relevance": "本企业从事机械加工，培训数控车工岗位技能与安全操作。",
            "affected": "yes",
            "course_ids": _course_ids(page, course_titles),
        }
        page = done(self.browser.submit(page, form, values), "保存培训计划")
        people = page.form("roster_entry_ids")
        everyone = [value for value, _ in people.choices["roster_entry_ids"]]
        page = done(self.browser.submit(page, people, {"roster_entry_ids": everyone}), "保存参训名单")
        for told, paper in plan_papers(self.company.key):
            form = page.form("document_kind", "document")
            page = done(self.browser.submit(page, form, told, {"document": paper}), f"上传{paper[0]}")
        commitment = page.form("commitment", "signer")
        signed = {"signer": "经办人", "commitment": "yes"}
        page = done(self.browser.submit(page, commitment, signed), "签署并提交备案")
        self.plan = page.url
        self.class_code = _found(r"班级码 (\S+) 的二维码", page, "班级码")

    def claim(self, *, worth_submitting: bool) -> "ClaimSeen":
        """Compute the claim and, when it comes to anything, submit it."""
        page = done(self.browser.open(self.plan + "/claim"), "测算补贴")
        if not worth_submitting:
            return read_claim(page, "")
        page = done(self.browser.submit(page, page.form("key", action="/claim")), "提交补贴申领")
        return read_claim(page, page.url)

    def make_key(self) -> str:
        """A key for the enterprise's own personnel system."""
        return make_key(self.browser, self.home + "api-keys", "人事系统")


def make_key(browser: Browser, address: str, name: str) -> str:
    """Make an API key on a page of keys; its secret is shown once."""
    page = browser.open(address)
    page = done(browser.submit(page, page.form("name"), {"name": name}), "生成密钥")
    return _found(r'id="secret">([^<]+)<', page, "密钥")


def _course_ids(page: Page, titles: Sequence[str]) -> list[str]:
    """The check boxes of these courses, found by the text beside them."""
    found = []
    for title in titles:
        pattern = r'name="course_ids"\s+value="([^"]+)"[^>]*>\s*<span[^>]*>\s*' + re.escape(title)
        found.append(_found(pattern, page, f"课程“{title}”"))
    return found


def _found(pattern: str, page: Page, what: str) -> str:
    match = re.search(pattern, page.answer.text)
    if match is None:
        raise Broken(f"页面 {page.url} 上没有{what}：{page.summary()}")
    return match.group(1)


def upload_course(base_url: str, course: CourseFolder) -> str:
    """The author brings a course archive through the page; returns the page's address."""
    browser, page = sign_in(base_url, AUTHOR)
    form = page.form("package", "owner_name")
    archive = (f"{course.folder.name}.zip", course.archive())
    page = browser.submit(page, form, {"owner_name": "无锡职业技能提升演示中心"}, {"package": archive})
    return done(page, f"导入课程“{course.title}”").url


def approve_plan(base_url: str, plan_url: str) -> None:
    """A reviewer opens the plan from the queue and puts it on file."""
    browser, _ = sign_in(base_url, REVIEWER)
    _decide(browser, plan_url, "备案审核", {"relevant": "yes", "relevance_why": "培训内容与机械加工主业一致。"})


def approve_claim(base_url: str, claim: ClaimSeen) -> None:
    """Two reviewers, one after the other."""
    for username, what in ((REVIEWER, "申领初审"), (SECOND_REVIEWER, "申领复核")):
        browser, _ = sign_in(base_url, username)
        _decide(browser, claim.address, what)


def _decide(browser: Browser, address: str, what: str, more: Mapping[str, str] | None = None) -> None:
    """Finds the matter by its id in the queue, opens it and approves."""
    subject = address.rstrip("/").rsplit("/", 1)[1]
    queue = browser.open("/reviewer/")
    page = done(browser.open(queue.link(href=subject)), what)
    form = page.form("reason", action="/decision")
    given = {"reason": "材料齐全，符合要求。", **(more or {})}
    done(browser.submit(page, form, given, button="approve"), what)


@dataclass(frozen=True)
class AnswerSeen:
    """What the clerk's screen says of one worker."""

    masked_name: str
    has_priority: bool
    class_hours: int
    credits: int
    rank: int


class Counter:
    """The clerk at the training center's counter, with the worker's rotating code."""

    def __init__(self, base_url: str) -> None:
        self.browser, self.page = sign_in(base_url, CLERK)

    def look_up(self, code: str) -> AnswerSeen:
        page = done(self.browser.submit(self.page, self.page.form("code"), {"code": code}), "前台查询")
        pattern = r"(\S\*+\S?) (可优先|无优先) .*?已学课时 (\d+) 学分 (\d+) 排序 (\d+)"
        match = re.search(pattern, page.text)
        if match is None:
            raise Broken(f"前台没有得到回答：{page.summary()}")
        name, word, hours, credits, rank = match.groups()
        return AnswerSeen(name, word == "可优先", int(hours), int(credits), int(rank))

    def make_key(self) -> str:
        """A key for the center's own booking system."""
        return make_key(self.browser, "/training-center/api-keys", "实训预约系统")


class BookingSystem:
    """The training center's own system, which asks by API key instead of at the counter."""

    def __init__(self, base_url: str, key: str) -> None:
        self._connection = Connection(base_url)
        self._key = key

    def look_up(self, code: str) -> AnswerSeen:
        answer = self._connection.ask(json_call("POST", "/api/v1/partner/balance", {"code": code}, self._key))
        if not answer.ok:
            raise Broken(f"预约系统查询：{answer.describe()}")
        seen = answer.json()
        return AnswerSeen(
            str(seen["masked_name"]),
            bool(seen["has_priority"]),
            int(seen["learned_class_hours"]),
            int(seen["credits"]),
            int(seen["rank"]),
        )
