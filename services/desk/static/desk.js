// What a page cannot do without a script: post an act that survives a dead net, and switch light and dark.
// Every act carries its id: sent twice, it is done once.
"use strict";
const QUEUE = "anxin-acts";
const say = (text) => { document.getElementById("say").textContent = text; };
const waiting = () => JSON.parse(localStorage.getItem(QUEUE) || "[]");
const keep = (acts) => localStorage.setItem(QUEUE, JSON.stringify(acts));

async function post(act) {
  const answer = await fetch(act.url, { method: "POST", body: new URLSearchParams(act.body), headers: { "X-Requested-With": "desk" }, redirect: "follow" });
  if (answer.status >= 500) throw new Error(String(answer.status));
  return answer;
}

async function flush() {
  for (const act of waiting()) {
    try { await post(act); } catch { return; }
    keep(waiting().filter((one) => one.id !== act.id));
    say("已补交：" + act.name);
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-act]") || event.defaultPrevented) return;
  event.preventDefault();
  const body = [...new FormData(form)];
  const button = form.querySelector("button");
  const act = { id: form.elements.command_id.value, url: form.action, body, name: button.textContent.trim() };
  button.disabled = true;
  say("正在提交");
  try {
    const answer = await post(act);
    location.assign(answer.url);
  } catch {
    keep([...waiting().filter((one) => one.id !== act.id), act]);
    button.disabled = false;
    const told = document.createElement("p");
    told.className = "note";
    told.textContent = "网络不通，已记在手机上，恢复后自动补交。";
    form.append(told);
    say(told.textContent);
  }
});
window.addEventListener("online", flush);
document.addEventListener("DOMContentLoaded", flush);
