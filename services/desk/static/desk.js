// What a page cannot do without a script: an act that survives a dead net, a closed tab and an ended session.
// It is written down before it is sent and struck out once the case page answers; every act carries its id, so sent
// twice it is done once. What is refused stays, with the reason, until a person strikes it out.
"use strict";
const QUEUE = "anxin-acts";
const AGAIN_MS = 60_000;
const meta = (name) => document.querySelector(`meta[name="anxin-${name}"]`)?.content || "";
const say = (text) => { document.getElementById("say").textContent = text; };
const all = () => JSON.parse(localStorage.getItem(QUEUE) || "[]");
const save = (acts) => { localStorage.setItem(QUEUE, JSON.stringify(acts)); show(); };
const strike = (id) => save(all().filter((one) => one.id !== id));
const write = (act) => save(all().some((one) => one.id === act.id) ? all().map((one) => (one.id === act.id ? act : one)) : [...all(), act]);
const sending = new Set();

// What became of it. Only the case page after a redirect means that the broker has the command.
async function send(act) {
  const body = new URLSearchParams(act.body);
  body.set("csrf", meta("csrf")); // of the session of now, not of the one in which it was written
  body.set("waited_s", Math.max(0, Math.floor((Date.now() - act.at) / 1000)));
  sending.add(act.id);
  try {
    const answer = await fetch(act.url, { method: "POST", body, headers: { "X-Requested-With": "desk" } });
    if (new URL(answer.url).pathname === "/login") return { kind: "later", text: "登录已结束，重新登录后自动补交" };
    if (answer.ok && answer.redirected) return { kind: "done", url: answer.url };
    const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const text = (main?.querySelector("h1, .bad")?.textContent || `服务器答复 ${answer.status}`).trim();
    const later = answer.status >= 500 || [408, 409, 429].includes(answer.status); // 409: the page is of another session
    return later ? { kind: "later", text } : { kind: "refused", text: main?.querySelector(".note.bad")?.textContent.trim() || text, form: answer.status === 422 && main };
  } catch {
    return { kind: "later", text: "网络不通" };
  } finally {
    sending.delete(act.id);
  }
}

// Of one case in the order in which it was done; of one person only what is their own.
async function flush() {
  const held = new Set();
  for (const act of all()) {
    const place = act.url.split("/actions/")[0];
    if (act.who !== meta("who") || act.refused || sending.has(act.id) || held.has(place)) continue;
    const got = await send(act);
    if (got.kind === "done") strike(act.id), say(`已补交：${act.name}`);
    if (got.kind === "refused") write({ ...act, refused: got.text }), say(`没有办成：${act.name}，${got.text}`);
    if (got.kind === "later") held.add(place);
  }
}
const alone = () => (navigator.locks ? navigator.locks.request(QUEUE, { ifAvailable: true }, (lock) => lock && flush()) : flush());

function show() {
  const acts = all().filter((one) => !sending.has(one.id));
  const kept = document.getElementById("kept");
  kept.hidden = acts.length === 0;
  kept.replaceChildren(...acts.map(line));
}

function line(act) {
  const own = act.who === meta("who");
  const row = document.createElement("p");
  row.className = act.refused ? "note bad" : "note";
  row.append(act.refused ? `没有办成：${act.name}。${act.refused}` : own ? `待补交：${act.name}。已记在手机上，恢复后自动补交。` : `待补交：${act.name}。是另一位同事办的，由其本人登录后补交。`);
  if (!own) return row;
  const place = document.createElement("a");
  place.href = act.url.split("/actions/")[0];
  place.textContent = "看案件";
  row.append(" ", place);
  if (act.refused) row.append(" ", button("再交一次", () => (write({ ...act, refused: "" }), alone())), " ", button("知道了，删除", () => strike(act.id)));
  return row;
}

function button(text, does) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn calm";
  made.textContent = text;
  made.addEventListener("click", does);
  return made;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-act]") || event.defaultPrevented) return;
  event.preventDefault();
  const pressed = form.querySelector("button");
  const act = { id: form.elements.command_id.value, who: meta("who"), url: form.action, body: [...new FormData(form)], name: pressed.textContent.trim(), at: Date.now() };
  pressed.disabled = true;
  say("正在提交");
  sending.add(act.id); // not told as waiting while it is on its way
  write(act);
  const got = await send(act);
  if (got.kind === "done") return strike(act.id), location.assign(got.url);
  pressed.disabled = false;
  if (got.kind === "later") return show(), say(`${got.text}。已记在手机上，恢复后自动补交。`);
  strike(act.id); // the person is here and sees why
  if (got.form) document.querySelector("main").replaceWith(got.form);
  else form.append(Object.assign(document.createElement("p"), { className: "note bad", textContent: got.text }));
  say(`没有办成：${got.text}`);
});
window.addEventListener("online", alone);
document.addEventListener("DOMContentLoaded", () => { show(); alone(); setInterval(alone, AGAIN_MS); });
