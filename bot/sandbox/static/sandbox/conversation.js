// The open conversation: its messages and the place to write.

import { post } from "./api.js";
import { bubble } from "./bubbles.js";
import { find, make, toast } from "./dom.js";
import { setUpTools, showTools } from "./parent.js";
import { chatOf, isGroup, isKf, messagesOf, senderOf, speakerOf, store, summary } from "./store.js";

const GAP_MINUTES = 8;
const DELIVERED = ["text", "mixed", "image", "voice", "file", "video"]; // other quotes reach the robot without content
const WEEKDAYS = "日一二三四五六";
const HINTS = {
  group: ["8号到七成了，其他无变化", "T31 已完成", "更正 T08 是75%", "帮助"],
  school: ["台账 我校", "8号到七成了，其他无变化", "帮助"],
  bureau: ["台账 逾期", "帮助"],
  office: ["投诉", "台账 逾期", "帮助"],
  parent: ["孩子学校食堂的饭菜这周总是凉的，希望学校改进", "查询", "催办"],
};
const SCHOOL_TITLE = /学校|小学|中学|初中|高中|幼儿园|教学点|校长|园长/;
let hurry = () => {};

/** Wires the composer. onHurry is called when an answer is expected soon. */
export function setUp(onHurry) {
  hurry = onHurry;
  setUpTools(onHurry);
  find("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  const input = find("input");
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape" && store.quote) dropQuote();
  });
  input.addEventListener("input", grow);
  followEnd();
  find("drop-quote").addEventListener("click", dropQuote);
  find("speaker").addEventListener("change", (event) => {
    store.speakers.set(store.current, event.target.value);
    draw();
  });
}

/** Shows another conversation from its end. */
export function open(chat) {
  store.current = chat;
  store.unread.delete(chat);
  drawn.clear();
  const { name, note } = chatOf(chat);
  find("chat-name").textContent = name;
  find("chat-note").textContent = note;
  fillSpeakers(chat);
  fillHints(chat);
  showTools(chat);
  dropQuote();
  draw();
  prefill();
}

export function focusInput() {
  const input = find("input");
  input.focus({ preventScroll: true });
  input.setSelectionRange(input.value.length, input.value.length);
}

/** Draws the messages; stays where the reader is unless that is the end. Unchanged ones are left alone. */
export function draw() {
  const box = find("messages");
  const isSame = box.dataset.chat === store.current;
  const speaker = speakerOf(store.current);
  const items = [];
  let before = null;
  for (const entry of messagesOf(store.current)) {
    if (!before || isPause(before.at, entry.at)) items.push(item(`pause ${entry.id}`, () => make("div", { class: "pause", text: moment(entry.at) })));
    const isMine = entry.sender === speaker;
    items.push(item(`${entry.id} ${entry.revision} ${isMine}`, () => bubble(entry, isMine, { quote, press, choose, recall })));
    before = entry;
  }
  if (!items.length) items.push(item(`empty ${store.current}`, () => make("div", { class: "nothing", text: emptyText() })));
  items.forEach((one, index) => {
    if (box.children[index] !== one) box.insertBefore(one, box.children[index] || null);
  });
  while (box.children.length > items.length) box.lastElementChild.remove();
  if (isAtEnd || !isSame) toEnd(isSame ? "smooth" : "instant");
  box.dataset.chat = store.current;
}

let isAtEnd = true;

function toEnd(behavior) {
  isAtEnd = true;
  const box = find("messages");
  box.scrollTo({ top: box.scrollHeight, behavior });
}

/** Keeps the end in sight when the composer grows or a picture arrives. */
function followEnd() {
  const box = find("messages");
  let lastTop = 0;
  box.addEventListener("scroll", () => {
    const isBelow = box.scrollTop >= lastTop; // while gliding down the end is still the aim
    lastTop = box.scrollTop;
    isAtEnd = (isAtEnd && isBelow) || box.scrollHeight - box.scrollTop - box.clientHeight < 100;
  });
  new ResizeObserver(() => isAtEnd && toEnd("instant")).observe(box);
  box.addEventListener("load", () => isAtEnd && toEnd("instant"), true);
}

const drawn = new Map();

function item(key, build) {
  if (!drawn.has(key)) drawn.set(key, build());
  return drawn.get(key);
}

const emptyText = () =>
  isKf(store.current)
    ? "还没有消息。扫学校门口的二维码进入，或者直接写。"
    : isGroup(store.current)
    ? `还没有消息。在群里说话要@${store.robot.name}，它才听得到。`
    : `还没有消息。直接写给${store.robot.name}就行。`;

function isPause(before, after) {
  return before.slice(0, 10) !== after.slice(0, 10) || Math.abs(new Date(after) - new Date(before)) > GAP_MINUTES * 60000;
}

function moment(at) {
  const [year, month, day] = at.slice(0, 10).split("-").map(Number);
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  return `${month}月${day}日 星期${weekday} ${at.slice(11, 16)}`;
}

function fillSpeakers(chat) {
  find("speaker-box").hidden = !isGroup(chat);
  if (!isGroup(chat)) return;
  const options = store.groups.get(chat).members.map((userid) => {
    const { name, title } = store.members[userid] || { name: userid, title: "" };
    return make("option", { value: userid, text: `${name} · ${title}` });
  });
  find("speaker").replaceChildren(...options);
  find("speaker").value = speakerOf(chat);
}

function fillHints(chat) {
  const isSchool = SCHOOL_TITLE.test(store.members[speakerOf(chat)]?.title || "");
  const isOffice = store.sections.some(({ title, keys }) => title === "投诉经办" && keys.includes(chat));
  const hints = HINTS[isKf(chat) ? "parent" : isGroup(chat) ? "group" : isSchool ? "school" : isOffice ? "office" : "bureau"];
  find("hints").replaceChildren(
    ...hints.map((text) =>
      make("button", {
        type: "button",
        text,
        onclick: () => {
          find("input").value = isGroup(chat) ? `@${store.robot.name} ${text}` : text;
          grow();
          focusInput();
        },
      })),
  );
}

function prefill() {
  find("input").value = isGroup(store.current) ? `@${store.robot.name} ` : "";
  grow();
}

function grow() {
  const input = find("input");
  input.style.height = "auto";
  input.style.height = `${Math.min(132, Math.max(40, input.scrollHeight + 2))}px`;
}

function quote(entry) {
  store.quote = entry;
  const warning = DELIVERED.includes(entry.type) ? "" : `（${store.robot.name}看不到这类引用的内容）`;
  find("quoting-text").textContent = `引用 ${senderOf(entry.sender).name}${warning}：${summary(entry)}`;
  find("quoting").hidden = false;
  focusInput();
}

function dropQuote() {
  store.quote = null;
  find("quoting").hidden = true;
}

async function send() {
  const input = find("input");
  const text = input.value.trim();
  if (!text || text === `@${store.robot.name}`) {
    focusInput();
    return;
  }
  find("send").disabled = true;
  try {
    const quoted = store.quote?.id || "";
    await post("api/say", { chat: store.current, userid: speakerOf(store.current), text, quote: quoted });
    prefill();
    dropQuote();
    hurry();
  } catch (error) {
    toast(error.isRefusal ? error.message : "没有发出去，请再试一次");
  }
  find("send").disabled = false;
  focusInput();
}

async function choose(entry, option) {
  await act("api/kf/choose", { entry: entry.id, userid: speakerOf(store.current), option });
}

async function recall(entry) {
  await act("api/kf/recall", { entry: entry.id });
}

async function press(entry, key, selected) {
  await act("api/click", { entry: entry.id, userid: speakerOf(store.current), key, selected });
}

async function act(path, body) {
  try {
    await post(path, body);
    hurry();
  } catch (error) {
    toast(error.isRefusal ? error.message : "没有送达，请再试一次");
  }
}
