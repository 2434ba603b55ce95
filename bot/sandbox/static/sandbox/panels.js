// The clock and its jumps, the guided scenes, and the inbox.

import { get, post } from "./api.js";
import { find, make, toast } from "./dom.js";
import { store } from "./store.js";

const STATES = {
  new: ["待处理", "wait"],
  open: ["待处理", "wait"],
  pending: ["待处理", "wait"],
  received: ["待处理", "wait"],
  handling: ["处理中", "wait"],
  handled: ["已处理", "good"],
  done: ["已处理", "good"],
  ignored: ["不用处理", ""],
  failed: ["失败", "bad"],
};

/** Draws the time and, once, the buttons. afterJump is called when the clock has moved. */
export function drawClock(afterJump) {
  const [year, month, day] = store.now.slice(0, 10).split("-").map(Number);
  find("time").textContent = store.now.slice(11, 16);
  find("time").dateTime = store.now;
  find("date").textContent = `${year}年${month}月${day}日 ${store.weekday}`;
  const box = find("jumps");
  if (box.childElementCount !== store.jumps.length) {
    const buttons = store.jumps.map((jump, index) => make("button", { type: "button", text: jump.label, onclick: () => go(index, afterJump) }));
    box.replaceChildren(...buttons);
  }
}

async function go(index, afterJump) {
  const buttons = [...find("jumps").children];
  const bar = document.querySelector(".bar");
  buttons.forEach((button) => { button.disabled = true; });
  bar.classList.add("moving");
  try {
    Object.assign(store, await post("clock", { now: store.jumps[index].target }));
    drawClock(afterJump);
    toast(`已到 ${store.weekday} ${store.now.slice(11, 16)}`);
    afterJump();
  } catch (error) {
    toast(error.isRefusal ? error.message : "时间没有推进，请再试一次");
  }
  bar.classList.remove("moving");
  buttons.forEach((button) => { button.disabled = false; });
}

/** Draws the scenes and the caption above the chat. start(scene) begins one. */
export function drawScenes(start) {
  const isRunning = store.scenes.some((scene) => scene.state === "running");
  const shown = JSON.stringify(store.scenes);
  const box = find("scenes");
  if (box.dataset.shown !== shown) {
    box.replaceChildren(...store.scenes.map((scene) => sceneBox(scene, isRunning, start)));
    box.dataset.shown = shown;
  }
  const running = store.scenes.find((scene) => scene.state === "running");
  const step = running && running.steps[Math.min(running.done, running.steps.length - 1)];
  const caption = find("caption");
  caption.hidden = !running;
  if (running) {
    const count = `${Math.min(running.done + 1, running.steps.length)}/${running.steps.length}`;
    caption.replaceChildren(make("b", { text: count }), step);
  }
}

function sceneBox(scene, isRunning, start) {
  const steps = scene.steps.map((hint, index) => {
    const isCurrent = scene.state === "running" && index === scene.done;
    const mark = index < scene.done ? "done" : isCurrent ? "current" : null;
    return make("li", { class: mark, "aria-current": isCurrent ? "step" : null }, make("span", { text: hint }));
  });
  const notes = { done: scene.note || "演示完成", failed: scene.note, running: "正在演示…" };
  const label = ["done", "failed"].includes(scene.state) ? "再演示一次" : "演示";
  return make("li", { class: `scene ${scene.state}` },
    make("h3", { text: scene.title }),
    make("p", { class: "intro", text: scene.intro }),
    make("ol", { class: "steps" }, ...steps),
    make("div", { class: "foot" },
      make("button", { type: "button", class: "play", "data-scene": scene.id, disabled: isRunning, "aria-label": `${label}:${scene.title}`, text: label, onclick: () => start(scene) }),
      make("span", { class: "note", role: "status", text: notes[scene.state] || "" })));
}

let seen = new Set();

/** Opens the inbox; rows that came since it was open last are marked. */
export async function openInbox() {
  const dialog = find("inbox");
  if (!dialog.open) dialog.showModal();
  await drawInbox();
}

/** Draws the inbox if it is open. */
export async function drawInbox() {
  if (!find("inbox").open) return;
  const { rows } = await get("api/inbox");
  find("inbox-rows").replaceChildren(...rows.map(inboxRow));
  find("inbox-empty").hidden = rows.length > 0;
  seen = new Set(rows.map((row) => String(row.id)));
}

function inboxRow(row) {
  const [label, tone] = STATES[row.state] || [row.state, ""];
  const marks = [row.repeats > 0 ? "repeated" : "", seen.size && !seen.has(String(row.id)) ? "fresh" : ""];
  return make("tr", { class: marks.join(" ").trim() || null },
    make("td", { class: "id", text: row.id, title: row.id }),
    make("td", { class: "door", text: doorName(row.door) }),
    make("td", { class: "state" }, make("span", { class: `pill ${tone}`, text: label })),
    make("td", { class: "received", "data-label": "收到", text: clockText(row.received) }),
    make("td", { class: "handled", "data-label": "处理完", text: clockText(row.handled) }),
    make("td", { class: "repeats", "data-label": "重复" }, make("span", { class: row.repeats > 0 ? "pill twice" : "", text: row.repeats > 0 ? `+${row.repeats}` : "0" })));
}

const doorName = (door) => String(door).replace(/^app\//, "应用 · ").replace(/^robot\//, "机器人 · ").replace(/^kf\//, "客服 · ");
const clockText = (value) => (value ? `${String(value).slice(5, 10)} ${String(value).slice(11, 19)}` : "—");
