"""The play in its acts: papers, learning, claim, notice, payment, counter. What is due to each comes from their log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from demo import desk, notice_board, paying
from demo.calendar_loop import Calendar, Progress, run
from demo.cast import OBJECTED, Role
from demo.counting import count
from demo.desk import COMPANIES, Agent, AnswerSeen, ClaimSeen
from demo.documents import AnswerKey, CourseFolder, sums_of_csv, sums_of_xlsx
from demo.earned import Counted
from demo.honest import Place
from demo.log import CheckedIn
from demo.notice import Due, Facts, due
from demo.paying import Paid
from demo.people import masked
from demo.phone import Learner
from demo.proof import Proved, prove
from demo.schedule import CLAIM_DAY, NOTICE_OVER, PAYMENT_DAY, POSTED_ON
from demo.wire import Answer, Broken, Connection, Json, json_call

MINUTE = 60_000

Say = Callable[[str], None]
OnTick = Callable[[Progress, int], None]


@dataclass
class Outcome:
    """One person at the end: what the log says they should have, and what the system says they have."""

    role: Role
    learner: Learner
    counted: Counted
    dues: dict[str, Due]
    before: Json = field(default_factory=dict)
    held: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)
    claims: list[Json] = field(default_factory=list)
    center: AnswerSeen | None = None
    booking: AnswerSeen | None = None
    struck: bool = False

    @property
    def due_fen(self) -> int:
        return sum(due_there.amount_fen for due_there in self.dues.values())

    @property
    def paid_fen(self) -> int:
        """What reaches the enterprise for this person: nothing after an upheld objection."""
        return 0 if self.struck else self.due_fen

    @property
    def settled_seconds(self) -> int:
        return 0 if self.struck else self.held_seconds

    @property
    def held_seconds(self) -> int:
        return sum(due_there.held_seconds for due_there in self.dues.values())

    @property
    def system_fen(self) -> int:
        return sum(int(line["amount_fen"]) for line in self.claims)


@dataclass(frozen=True)
class HourReport:
    """What an enterprise's own system pulled: the rows, and (claimable, learned) seconds as the files sum up."""

    rows: list[Json]
    csv_sums: tuple[int, int]
    xlsx_sums: tuple[int, int]


@dataclass
class Play:
    base_url: str
    calendar: Calendar
    roles: Sequence[Role]
    say: Say
    agents: dict[str, Agent] = field(default_factory=dict)
    learners: dict[str, Learner] = field(default_factory=dict)
    class_ids: dict[str, str] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    claims: dict[str, ClaimSeen] = field(default_factory=dict)
    reports: dict[str, HourReport] = field(default_factory=dict)
    proofs: dict[str, Proved] = field(default_factory=dict)
    noticed: list[tuple[str, int, str]] = field(default_factory=list)
    paid: Paid | None = None

    # ── act one: papers ──

    def file_papers(self, courses: Sequence[CourseFolder]) -> None:
        for course in courses:
            self.say(f"课程作者上传“{course.title}”")
            desk.upload_course(self.base_url, course)
        hours = sum(course.lessons for course in courses)
        for company in COMPANIES:
            people = [role.person for role in self.roles if company.key in role.enterprises]
            if not people:
                continue
            agent = self.agents[company.key] = Agent(self.base_url, company)
            self.say(f"企业经办人导入花名册 {len(people)} 人，提交培训计划")
            agent.bring_roster(people)
            agent.file_plan(len(people), hours, [course.title for course in courses])
            if company.key != "unfiled":
                self.say("审核员审核备案")
                desk.approve_plan(self.base_url, agent.plan)

    # ── act two: learning ──

    def learn(self, answers: AnswerKey, on_tick: OnTick, *, in_flight: int) -> Progress:
        codes = {key: agent.class_code for key, agent in self.agents.items()}
        place = Place(self.base_url, self.calendar, codes, answers, self.class_ids)
        self.learners = {role.key: Learner(role.key, role.person) for role in self.roles}
        scripts = {role.key: role.act(place, self.learners[role.key]) for role in self.roles}
        return run(self.calendar, scripts, in_flight=in_flight, on_tick=on_tick)

    def expect(self) -> None:
        """What every log comes to, before anything is asked of the server."""
        filed = [class_id for key, class_id in self.class_ids.items() if key != "unfiled"]
        for role in self.roles:
            learner = self.learners[role.key]
            counted = count(learner.log, filed_classes=filed)
            dues = {}
            drawn = 0
            for key in role.enterprises:
                class_id = self.class_ids[key]
                facts = Facts(
                    claimable_seconds=counted.claimable.get(class_id, 0),
                    checked_in=any(
                        isinstance(event, CheckedIn) and event.class_id == class_id for event in learner.log
                    ),
                    quiz_passed=class_id in learner.quizzes_passed,
                    filed=key != "unfiled",
                    drawn_fen=drawn,
                )
                dues[key] = due(facts)
                drawn += dues[key].amount_fen
            self.outcomes.append(Outcome(role, learner, counted, dues))

    # ── act three: claim, notice, payment, counter ──

    def claim(self) -> None:
        """Certificates, accounts, claims, two reviewers each."""
        self.calendar.move(max(CLAIM_DAY, self.calendar.now))
        for outcome in self.outcomes:
            outcome.before = self._ask(outcome, "GET", "/credit")
        for key, agent in self._filed().items():
            self.say("企业经办人核发合格证书，填报银行账户，测算并提交补贴申领")
            notice_board.issue_certificates(agent)
            paying.name_account(self.base_url, agent, paying.FIRST_ACCOUNT)
            worth = any(outcome.dues[key].amount_fen for outcome in self._of(key))
            self.claims[key] = agent.claim(worth_submitting=worth)
        for outcome in self.outcomes:
            outcome.held = self._ask(outcome, "GET", "/credit")
        for claim in self.claims.values():
            if claim.address:
                self.say("审核员、复审员审核申领")
                desk.approve_claim(self.base_url, claim)

    def publish(self) -> None:
        """The public notice, one objection that is upheld, five working days."""
        self.say("审核员生成公示并登记发布")
        posted = notice_board.post_notice(self.base_url, POSTED_ON)
        self.noticed = [(name, hours, amount) for _, name, hours, amount in posted.rows]
        objected = next((outcome for outcome in self.outcomes if outcome.role.key == OBJECTED), None)
        if objected is not None:
            self.say("市民对一名人员提出异议，审核员核实后认定成立")
            objection = notice_board.object_to(self.base_url, posted, masked(objected.role.name))
            notice_board.uphold(self.base_url, objection)
            objected.struck = True
        self.calendar.move(NOTICE_OVER)

    def pay(self) -> None:
        """The month after: the fund, a batch of which one payment fails, and the batch that retries it."""
        self.calendar.move(PAYMENT_DAY)
        self.say("拨付经办登记预算、编批、放款，银行退回一笔，更正账户后重付")
        paying.fill_fund(self.base_url)
        self.paid = paying.pay(self.base_url, list(self._filed().values()))
        for outcome in self.outcomes:
            outcome.after = self._ask(outcome, "GET", "/credit")
            outcome.claims = self._ask(outcome, "GET", "/claims")["items"]

    def _filed(self) -> dict[str, Agent]:
        return {key: agent for key, agent in self.agents.items() if key != "unfiled"}

    def prove_claims(self) -> None:
        """Every paid claim's evidence is checked by the verifier alone, in a process that knows nothing of the house."""
        for key, claim in self.claims.items():
            if claim.address:
                self.say("下载申领的存证包，用独立的核验程序脱机核验")
                self.proofs[key] = prove(self.base_url, self.agents[key], claim)

    def report_hours(self) -> None:
        """The enterprises' own systems pull their hour reports with a key made in the console."""
        for key, agent in self.agents.items():
            self.say("企业人事系统拉取学时报告")
            self.reports[key] = pull_hour_report(self.base_url, agent.make_key())

    def ask_center(self) -> None:
        """Everybody shows a rotating code at the center's counter, and another to its booking system: one a minute."""
        counter = desk.Counter(self.base_url)
        booking = desk.BookingSystem(self.base_url, counter.make_key())
        self.say("培训中心逐人查询优先资格")
        for outcome in self.outcomes:
            self.calendar.move(self.calendar.now + MINUTE)
            outcome.center = counter.look_up(self._code(outcome))
            outcome.booking = booking.look_up(self._code(outcome))

    def _code(self, outcome: Outcome) -> str:
        return str(self._ask(outcome, "POST", "/credit/code")["code"])

    def _of(self, key: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if key in outcome.role.enterprises]

    def _ask(self, outcome: Outcome, method: str, path: str) -> Json:
        return outcome.learner.phones[0].ask(method, path)


def pull_hour_report(base_url: str, key: str) -> HourReport:
    """All pages of the hour report as JSON, and the sums of the same report as CSV and as XLSX."""
    connection = Connection(base_url)

    def pull(query: str) -> Answer:
        answer = connection.ask(json_call("GET", f"/api/v1/partner/hour-report?{query}", None, key))
        if not answer.ok:
            raise Broken(f"学时报告：{answer.describe()}")
        return answer

    rows: list[Json] = []
    cursor = ""
    while True:
        page = pull("format=json" + (f"&cursor={cursor}" if cursor else "")).json()
        rows += page["items"]
        cursor = str(page["next_cursor"] or "")
        if not cursor:
            break
    return HourReport(rows, sums_of_csv(pull("format=csv").content), sums_of_xlsx(pull("format=xlsx").content))
