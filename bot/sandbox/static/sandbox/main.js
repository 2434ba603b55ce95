// Starts the page and keeps it in step with the platform by asking once a second what changed.

import { get, post } from "./api.js";
import * as conversation from "./conversation.js";
import { find, toast } from "./dom.js";
import { drawList, setUpList, setUpPicker } from "./list.js";
import { drawClock, drawInbox, drawScenes, openInbox } from "./panels.js";
import { isKnown, store, takeEntries, takeState } from "./store.js";

const PERIOD = 1000;
const HURRY_PERIOD = 250;
const HURRY_TIME = 6000;
const narrow = matchMedia("(max-width: 700px)");
let hurryUntil = 0;
let wake = () => {};
let isFirst = true;

function hurry() {
  hurryUntil = Date.now() + HURRY_TIME;
  wake();
}

function openChat(chat, { focus = true } = {}) {
  conversation.open(chat);
  if (narrow.matches && document.body.dataset.view === "list") history.pushState({ chat }, "");
  document.body.dataset.view = "chat";
  drawList(openChat);
  conversation.draw();
  if (focus && !narrow.matches) conversation.focusInput();
  if (focus && narrow.matches) find("back").focus();
}

function showList() {
  document.body.dataset.view = "list";
  if (narrow.matches) {
    const last = store.current;
    store.current = "";
    drawList(openChat);
    document.querySelector(`[data-chat="${CSS.escape(last)}"]`)?.focus();
  }
}

async function start(scene) {
  closeGuide();
  try {
    Object.assign(store, await post("api/scene", { scene: scene.id }));
    const { chat, speaker } = store.scenes.find((one) => one.id === scene.id); // where it begins may be new
    await meet([chat]);
    if (speaker) store.speakers.set(chat, speaker);
    openChat(chat, { focus: false });
    drawScenes(start);
    hurry();
  } catch (error) {
    toast(error.isRefusal ? error.message : "场景没有开始，请再试一次");
  }
}

function closeGuide() {
  document.body.classList.remove("guide-open");
  find("open-guide").setAttribute("aria-expanded", "false");
}

/** Learns who somebody is who came after the page was opened. */
async function meet(chats) {
  if (!chats.every(isKnown)) takeState(await get("api/state"));
}

async function update() {
  const changes = await get(`api/changes?since=${store.revision}`);
  if (changes.epoch !== store.epoch) {
    location.reload(); // another service answers: nothing that is shown here is true any more
    return false;
  }
  await meet(changes.entries.map((entry) => entry.chat));
  const before = store.scenes;
  const { entries, more, revision, now, weekday, jumps, scenes } = changes;
  Object.assign(store, { revision, now, weekday, jumps, scenes });
  const touched = takeEntries(entries, !isFirst);
  drawClock(hurry);
  drawScenes(start);
  if (touched.size || isFirst) drawList(openChat);
  if (touched.has(store.current)) conversation.draw();
  follow(scenes, before);
  const ended = scenes.find((scene, index) => scene.state === "done" && before[index]?.state === "running");
  if (ended?.opens_inbox) await openInbox();
  if (scenes.some((scene) => scene.state === "running")) hurryUntil = Math.max(hurryUntil, Date.now() + 1000);
  if (!more) isFirst = false;
  return more;
}

/** Goes where the running scene goes on, once each time it moves. */
function follow(scenes, before) {
  const running = scenes.find((scene) => scene.state === "running");
  const last = before.find((scene) => scene.id === running?.id);
  if (running && last?.state === "running" && last.chat !== running.chat) openChat(running.chat, { focus: false });
}

async function keepUp() {
  for (;;) {
    let isBehind = false;
    try {
      isBehind = await update();
      await drawInbox();
      find("offline").hidden = true;
    } catch {
      find("offline").hidden = false;
    }
    const period = document.hidden ? PERIOD * 4 : Date.now() < hurryUntil ? HURRY_PERIOD : PERIOD;
    if (!isBehind) await Promise.race([new Promise((go) => setTimeout(go, period)), new Promise((go) => { wake = go; })]);
  }
}

function setUpDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  find("open-inbox").addEventListener("click", openInbox);
  find("open-guide").addEventListener("click", () => {
    const isOpen = document.body.classList.toggle("guide-open");
    find("open-guide").setAttribute("aria-expanded", String(isOpen));
    if (isOpen) find("close-guide").focus();
  });
  find("close-guide").addEventListener("click", () => {
    closeGuide();
    find("open-guide").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("guide-open")) closeGuide();
  });
}

async function begin() {
  takeState(await get("api/state"));
  conversation.setUp(hurry);
  setUpList();
  setUpPicker(openChat);
  setUpDialogs();
  find("back").addEventListener("click", () => (history.state?.chat ? history.back() : showList()));
  addEventListener("popstate", showList);
  narrow.addEventListener("change", () => { if (!narrow.matches && !store.current) openChat(store.featured[0], { focus: false }); });
  drawList(openChat);
  if (!narrow.matches) openChat(store.featured[1] || store.featured[0], { focus: false });
  keepUp();
}

begin().catch(() => { find("offline").hidden = false; });
