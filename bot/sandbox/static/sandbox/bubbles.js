// One message as it stands in a conversation.

import { avatar, make } from "./dom.js";
import { card } from "./card.js";
import { markdown, plain } from "./markdown.js";
import { menu, note, recallButton } from "./parent.js";
import { isGroup, isKf, nameOf, senderOf, store, summary } from "./store.js";

const LONG_PRESS = 450;

/** Returns a message. does: {quote(entry), press(entry, key, selected), choose(entry, option), recall(entry)}. */
export function bubble(entry, isMine, does) {
  if (entry.type === "note") return note(entry.content);
  if (entry.state === "recalled") return note(isMine ? "你撤回了一条消息" : "对方撤回了一条消息");
  const sender = senderOf(entry.sender);
  const item = make("div", { class: isMine ? "message mine" : "message", "data-id": entry.id });
  const who = make("p", { class: "who" }, make("b", { text: sender.name }));
  if (sender.title) who.append(make("span", { text: sender.title }));
  who.append(make("time", { datetime: entry.at, text: entry.at.slice(11, 16) }));
  const body = content(entry, does);
  const line = make("div", { class: "line" }, body);
  if (isGroup(entry.chat) && entry.state !== "streaming") {
    const label = `引用${sender.name}的消息`;
    line.append(make("button", { type: "button", class: "quote-button", "aria-label": label, text: "引用", onclick: () => does.quote(entry) }));
    onLongPress(body, () => does.quote(entry));
  }
  if (isKf(entry.chat) && isMine) line.append(recallButton(entry, does.recall));
  item.append(avatar(sender.kind, sender.name), make("div", { class: "what" }, who, line, quotation(entry), fate(entry)));
  return item;
}

function content(entry, does) {
  if (entry.type === "msgmenu") return menu(entry, (option) => does.choose(entry, option));
  if (entry.type === "template_card") return card(entry, (key, selected) => does.press(entry, key, selected));
  if (entry.type === "image") return picture(entry);
  if (entry.state === "streaming" && !entry.content) {
    return make("div", { class: "bubble", "aria-label": "正在输入" }, make("span", { class: "typing" }, make("i"), make("i"), make("i")));
  }
  const box = make("div", { class: "bubble" });
  if (entry.type.startsWith("markdown")) {
    box.append(markdown(entry.content, nameOf));
  } else {
    box.classList.add("plain");
    if (entry.type === "voice") box.append("🎤 ");
    if (entry.type === "file" || entry.type === "video") box.append("📄 ");
    box.append(...mentioned(entry.content));
    for (const userid of entry.mentions) box.append(" ", make("span", { class: "at", text: `@${nameOf(userid)}` }));
  }
  if (entry.type !== "file" && entry.type !== "voice") box.append(...entry.media.map(image));
  return box;
}

/** Marks the robot's name in plain text, and shows mentions and links. */
function mentioned(text) {
  const call = `@${store.robot.name}`;
  return text.split(call).flatMap((part, index) => {
    const nodes = plain(part, nameOf);
    return index ? [make("span", { class: "at", text: call }), ...nodes] : nodes;
  });
}

function image(mediaId) {
  return make("img", { src: `/sandbox/api/picture/${mediaId}`, alt: "图片" });
}

function picture(entry) {
  const [mediaId] = entry.media;
  const link = make("a", { href: `/sandbox/api/picture/${mediaId}`, target: "_blank", rel: "noopener", "aria-label": "打开图片" });
  link.append(image(mediaId));
  return make("div", { class: "bubble picture" }, link);
}

function quotation(entry) {
  const quoted = entry.quote && store.entries.get(entry.quote);
  if (!quoted) return null;
  return make("p", { class: "quoted" }, make("span", { text: `${senderOf(quoted.sender).name}：${summary(quoted)}` }));
}

function fate(entry) {
  if (entry.state === "sending") return make("p", { class: "fate turning", text: "发送中" });
  if (entry.state === "failed") return make("p", { class: "fate failed", text: "! 未送达：小督没有应答" });
  const isSilent = isGroup(entry.chat) && Object.hasOwn(store.members, entry.sender) && !entry.heard;
  return isSilent ? make("p", { class: "fate", text: `没有@${store.robot.name}，它听不到` }) : null;
}

function onLongPress(element, act) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") timer = setTimeout(act, LONG_PRESS);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove", "pointerleave"]) element.addEventListener(name, stop);
}
