// The list of conversations, and the picker that begins a new one.

import { avatar, find, make } from "./dom.js";
import { chatOf, isGroup, isMember, listed, messagesOf, nameOf, store, summary } from "./store.js";

const MOST_PEOPLE = 40;
const UNIT = /^.*?(小学|初中|中学|高中|学校|幼儿园|教学点)(?=\S)/; // the list has room for the role only

/** Draws both parts of the list; the button that had the focus keeps it. */
export function drawList(open) {
  const focused = document.activeElement?.dataset?.chat;
  const [sections, others] = listed();
  find("sections").replaceChildren(...sections.map((section) => part(section, open)));
  drawShortcuts(sections);
  find("others").hidden = !others.length;
  const unread = others.reduce((sum, key) => sum + (store.unread.get(key) || 0), 0);
  find("others-count").textContent = unread ? `（${others.length}，${unread} 条未读）` : `（${others.length}）`;
  find("more-chats").replaceChildren(...others.map((key) => row(key, open)));
  if (focused) document.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function part({ title, keys }, open) {
  const list = make("ul", { class: "chats" }, ...keys.map((key) => row(key, open)));
  return make("section", { "aria-label": title }, make("h3", { text: title }), list);
}

/** Draws the buttons that lead to a part of the list; each says how much is unread there. */
function drawShortcuts(sections) {
  const box = find("shortcuts");
  const shown = sections.map(({ title, keys }) => [title, keys.reduce((sum, key) => sum + (store.unread.get(key) || 0), 0)]);
  box.hidden = sections.length < 2;
  if (box.dataset.shown === JSON.stringify(shown)) return;
  box.dataset.shown = JSON.stringify(shown);
  const buttons = shown.map(([title, unread], index) =>
    make("button", { type: "button", "aria-label": `到${title}`, onclick: () => find("sections").children[index].scrollIntoView({ block: "start" }) },
      title.replace(/（.*）|与.*/, ""),
      unread ? make("span", { class: "badge" }, unread > 99 ? "99+" : String(unread), make("span", { class: "unseen", text: "条未读" })) : null));
  box.replaceChildren(...buttons);
}

function row(key, open) {
  const { kind, name, title } = chatOf(key);
  const last = messagesOf(key).at(-1);
  const unread = store.unread.get(key) || 0;
  const button = make(
    "button",
    { type: "button", "data-chat": key, "aria-current": key === store.current ? "true" : null, onclick: () => open(key) },
    avatar(kind, name),
    make("span", { class: "name" }, name, title ? make("small", { text: title.replace(UNIT, "") }) : null),
    make("span", { class: "when", text: last ? when(last.at) : "" }),
    make("span", { class: "last", text: last ? preview(key, last) : isGroup(key) ? `${store.groups.get(key).members.length} 人` : "还没有消息" }),
    unread ? make("span", { class: "badge" }, unread > 99 ? "99+" : String(unread), make("span", { class: "unseen", text: "条未读" })) : null,
  );
  return make("li", {}, button);
}

function when(at) {
  const isToday = at.slice(0, 10) === store.now.slice(0, 10);
  return isToday ? at.slice(11, 16) : `${Number(at.slice(5, 7))}-${at.slice(8, 10)}`;
}

function preview(key, entry) {
  return isGroup(key) && isMember(entry.sender) ? `${nameOf(entry.sender)}：${summary(entry)}` : summary(entry);
}

/** Lets the arrow keys move in the list. */
export function setUpList() {
  document.querySelector(".list").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const rows = [...document.querySelectorAll(".chats button")].filter((one) => one.offsetParent);
    const at = rows.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    rows[Math.min(rows.length - 1, Math.max(0, at + step))].focus();
  });
}

/** Wires the picker; open gets the key of the new conversation. */
export function setUpPicker(open) {
  const dialog = find("picker");
  const search = find("picker-search");
  const choose = (userid) => {
    const door = dialog.querySelector("[name=door]:checked").value === "robot" ? store.robot.door : store.app.door;
    const key = `${door}|${userid}`;
    store.opened.add(key);
    dialog.close();
    find("others").open = true;
    open(key);
  };
  const draw = () => {
    const words = search.value.trim().toLowerCase();
    const found = Object.entries(store.members).filter(([userid, member]) => `${member.name}${member.title}${userid}`.toLowerCase().includes(words));
    const rows = found.slice(0, MOST_PEOPLE).map(([userid, member]) =>
      make("li", {}, make("button", { type: "button", onclick: () => choose(userid) },
        avatar("person", member.name),
        make("span", {}, member.name, make("small", { text: member.title })))));
    if (!rows.length) rows.push(make("li", { class: "nothing", text: "没有找到" }));
    find("picker-people").replaceChildren(...rows);
  };
  search.addEventListener("input", draw);
  find("open-picker").addEventListener("click", () => {
    search.value = "";
    draw();
    dialog.showModal();
    search.focus();
  });
}
