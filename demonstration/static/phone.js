// A worker's phone for the demonstration. It only says where the video stands; the server decides what counted.
const BEAT_SECONDS = 10;
const main = document.getElementById("main");
const noticeLine = document.getElementById("notice");
const state = { token: null, device: `window-${crypto.randomUUID().slice(0, 8)}`, me: null, klass: null };

function element(tag, text, options = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  Object.assign(made, options);
  return made;
}

function section(title, ...children) {
  const made = element("section");
  if (title) made.append(element("h2", title));
  made.append(...children);
  return made;
}

function button(text, work, big = false) {
  const made = element("button", text, { className: big ? "big" : "" });
  made.addEventListener("click", async () => {
    made.disabled = true;
    try { await work(); } catch (error) { say(error.message, true); } finally { made.disabled = false; }
  });
  return made;
}

function show(...parts) { main.replaceChildren(...parts); window.scrollTo(0, 0); }
function say(text, bad = false) { noticeLine.textContent = text; noticeLine.className = bad ? "bad" : ""; }
const minutes = (seconds) => `${Math.floor(seconds / 60)}分${seconds % 60}秒`;

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (state.token) headers.Authorization = `Bearer ${state.token}`;
  const answer = await fetch(`/api/v1/phone${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const content = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) {
    const faults = (content.errors ?? []).map((fault) => fault.detail).filter(Boolean).join("；");
    throw new Error(`${content.detail}${faults ? `（${faults}）` : ""}`);
  }
  return content;
}

async function hashOfBeat(session, beat) {
  const text = `{"position_ms":${beat.position_ms},"prev":"${beat.prev}","seq":${beat.seq},"session":"${session}"}`;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function signInPage() {
  const name = element("input", undefined, { value: "my-phone", autocomplete: "off" });
  const label = element("label", "微信号（演示：任意字母数字，每个代表一个微信）");
  label.append(name);
  show(section("登录", label, button("微信登录", async () => {
    const code = `code-${name.value.trim() || "my-phone"}-${Date.now()}`;
    const signedIn = await call("POST", "/login", { code, device_id: state.device });
    state.token = signedIn.token;
    say("");
    await home();
  }, true)));
}

async function home() {
  state.me = await call("GET", "/me");
  if (!state.me.consented) return consentPage();
  if (!state.me.identified) return identityPage();
  document.getElementById("who").textContent = `${state.me.masked_name}　${state.me.masked_id_number}`;
  const [classes, credit, courses] = await Promise.all([call("GET", "/classes"), call("GET", "/credit"), call("GET", "/courses")]);
  const bank = section("学分银行",
    row("可申领", minutes(credit.claimable_seconds)), row("申领冻结中", minutes(credit.held_seconds)),
    row("已核销", minutes(credit.settled_seconds)), row("累计已学", minutes(credit.learned_seconds)),
    row("课时", `${credit.class_hours}`), button("给培训中心看的动态码", showCode));
  const joined = classes.items.map((klass) => section(klass.title,
    element("p", `${klass.enterprise_name}${klass.filed ? "" : "　尚未备案，学时只记入学分"}`, { className: "quiet" }),
    button("进入班级", () => classPage(klass))));
  const code = element("input", undefined, { placeholder: "班级码", autocomplete: "off" });
  const join = section("加入培训班", code, button("加入", async () => { await call("POST", "/classes/join", { class_code: code.value.trim() }); await home(); }));
  const own = section("自己学（不属于企业，只记入学分）", ...courses.items.map((course) => button(course.title, () => coursePage(course.course_id, null))));
  show(...joined, join, bank, own);
  return undefined;
}

function row(left, right) {
  const made = element("p", undefined, { className: "row" });
  made.append(element("span", left), element("b", right));
  return made;
}

function consentPage() {
  show(section("隐私保护指引", element("p", "为了核对实名、记录学时和发放补贴，我们需要您的姓名、身份证号和手机号。号码加密保存，页面上只显示一部分。您可以随时撤回同意。"),
    button("同意并继续", async () => { await call("PUT", "/me/consent", { version: "2020-03" }); await home(); }, true)));
}

function identityPage() {
  const name = element("input", undefined, { placeholder: "姓名", autocomplete: "off" });
  const number = element("input", undefined, { placeholder: "18位身份证号", autocomplete: "off" });
  show(section("实名登记", name, number, button("提交", async () => {
    await call("PUT", "/me/identity", { name: name.value, id_number: number.value });
    say("");
    await home();
  }, true)));
}

async function showCode() {
  const code = await call("POST", "/credit/code");
  say(`动态码 ${code.code}，一分钟内出示给前台`);
}

async function classPage(klass) {
  show(section(klass.title, element("p", klass.enterprise_name, { className: "quiet" }),
    button("今天签到", async () => {
      await call("POST", "/check-ins", { class_id: klass.class_id, device_id: state.device, method: "tap" });
      say("已签到，现在开始的学习可以计入申领");
    }, true),
    ...klass.courses.map((course) => button(course.title, () => coursePage(course.course_id, klass))),
    button("参加考试", () => quizPage({ class_id: klass.class_id, course_id: null })),
    button("返回", home)));
}

async function coursePage(courseId, klass) {
  const course = await call("GET", `/courses/${courseId}`);
  const lessons = course.lessons.map((lesson) => {
    const length = `${Math.round(lesson.media_ms / 60000)}分钟`;
    return button(`${lesson.title}　${length}`, () => lessonPage(lesson, course, klass));
  });
  const back = button("返回", () => (klass ? classPage(klass) : home()));
  const extra = klass ? [] : [button("参加考试", () => quizPage({ class_id: null, course_id: courseId }))];
  show(section(course.title, ...lessons, ...extra, back));
}

class Study {
  constructor(opened, lesson) {
    this.id = opened.session_id;
    this.prev = opened.prev;
    this.seq = opened.next_seq;
    this.lesson = lesson;
    this.position = opened.resume_at_ms ?? 0;
    this.counted = 0;
    this.ended = false;
  }

  async beat(path = "beats") {
    const beat = { seq: this.seq, position_ms: Math.min(Math.floor(this.position), this.lesson.media_ms), prev: this.prev };
    const answer = await call("POST", `/sessions/${this.id}/${path}`, { beats: [beat] });
    this.seq += 1;
    this.prev = await hashOfBeat(this.id, beat);
    if (answer.moved_to) {
      this.id = answer.moved_to.session_id;
      this.seq = answer.moved_to.next_seq;
      this.prev = answer.moved_to.prev;
    }
    return answer;
  }
}

async function lessonPage(lesson, course, klass) {
  const opened = await call("POST", "/sessions", { lesson_id: lesson.lesson_id, class_id: klass ? klass.class_id : null, device_id: state.device });
  const study = new Study(opened, lesson);
  const status = element("p", opened.check_in_required ? "今天还没有签到：学习只记入学分，签到后才可申领" : "", { className: "quiet" });
  const counted = element("b", "0分0秒");
  const line = element("p", undefined, { className: "row" });
  line.append(element("span", "本次已计入"), counted);
  const player = playerOf(lesson, study);
  let timer = 0;

  async function leave() {
    if (study.ended) return;
    study.ended = true;
    clearInterval(timer);
    study.position = player.position();
    player.stop();
    const closed = await study.beat("close");
    const lost = (closed.uncounted ?? []).map((span) => span.sentence).filter(Boolean);
    say(`本次计入${minutes(closed.counted_seconds)}，其中可申领${minutes(closed.claimable_seconds)}。${lost.join("")}`);
    await coursePage(course.course_id, klass);
  }

  async function tick() {
    if (study.ended || !player.playing()) return;
    study.position = player.position();
    try {
      const answer = await study.beat();
      counted.textContent = minutes(answer.counted_seconds);
      status.textContent = (answer.uncounted ?? []).map((reason) => `${reason.sentence}${reason.next_step ?? ""}`).join(" ");
      if (answer.resume_at_ms !== null && answer.resume_at_ms !== undefined) player.seek(answer.resume_at_ms);
      if (answer.presence_check) askPresence(study, answer.presence_check);
      if (answer.closed) { study.ended = true; clearInterval(timer); player.stop(); say(answer.closed.sentence, true); }
    } catch (error) {
      status.textContent = error.message;
    }
  }

  timer = setInterval(tick, (opened.beat_interval_seconds ?? BEAT_SECONDS) * 1000);
  show(section(lesson.title, player.view, line, status, button("结束学习并保存", leave, true)));
  if (opened.presence_check) askPresence(study, opened.presence_check);
}

function playerOf(lesson, study) {
  if (lesson.media_url && lesson.kind === "video") {
    const video = element("video", undefined, { src: lesson.media_url, controls: true, playsInline: true });
    video.addEventListener("loadedmetadata", () => { video.currentTime = study.position / 1000; }, { once: true });
    return {
      view: video,
      position: () => video.currentTime * 1000,
      playing: () => !video.paused || video.ended,
      seek: (at) => { video.currentTime = at / 1000; },
      stop: () => video.pause(),
    };
  }
  const view = element("div");
  const text = lesson.text ?? (lesson.steps ?? []).map((step, index) => `${index + 1}. ${step.title ?? ""} ${step.text ?? ""}`).join("\n\n");
  view.append(element("p", text || lesson.title, { className: "text" }));
  let since = performance.now();
  let start = study.position;
  const now = () => (document.hidden ? start : Math.min(start + performance.now() - since, lesson.media_ms));
  document.addEventListener("visibilitychange", () => { if (document.hidden) start = now(); else since = performance.now(); });
  return { view, position: now, playing: () => !document.hidden, seek: (at) => { start = at; since = performance.now(); }, stop: () => {} };
}

function askPresence(study, check) {
  const dialog = document.getElementById("check");
  if (dialog.open) return;
  const reply = document.getElementById("reply");
  const question = document.getElementById("question");
  question.hidden = reply.hidden = !check.question;
  question.textContent = check.question ?? "";
  reply.value = "";
  let left = 60;
  document.getElementById("seconds").textContent = left;
  navigator.vibrate?.([200, 100, 200]);
  const countdown = setInterval(() => { left -= 1; document.getElementById("seconds").textContent = Math.max(0, left); }, 1000);
  document.getElementById("here").onclick = async () => {
    clearInterval(countdown);
    dialog.close();
    try {
      const answer = await call("POST", `/sessions/${study.id}/presence-checks/${check.check_id}`, { answer: check.question ? reply.value : null });
      if (!answer.confirmed) say("答案不对，请在下一次提示时再试", true);
    } catch (error) { say(error.message, true); }
  };
  dialog.showModal();
}

async function quizPage(subject) {
  const attempt = await call("POST", "/quizzes", subject);
  const blocks = attempt.questions.map((question, index) => {
    const box = element("fieldset");
    box.append(element("legend", `${index + 1}. ${question.stem}${question.kind === "multiple" ? "（多选）" : ""}`));
    for (const option of question.options) {
      const line = element("label");
      line.append(element("input", undefined, { type: question.kind === "multiple" ? "checkbox" : "radio", name: question.question_id, value: option.key }), element("span", option.text));
      box.append(line);
    }
    return box;
  });
  const hand = button("交卷", async () => {
    const answers = attempt.questions.map((question) => ({
      question_id: question.question_id,
      keys: [...document.getElementsByName(question.question_id)].filter((input) => input.checked).map((input) => input.value),
    }));
    const result = await call("POST", `/quizzes/${attempt.attempt_id}/submit`, { answers });
    say(`得分${result.score}，${result.passed ? "合格" : `不合格，还可补考${result.resits_left}次`}`, !result.passed);
    await home();
  }, true);
  show(section("考试", ...blocks, hand));
}

signInPage();
