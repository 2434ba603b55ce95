// What is special about a parent's chat on personal WeChat: menus, taking back, pictures, links.

import { post } from "./api.js";
import { find, make, toast } from "./dom.js";
import { plain } from "./markdown.js";
import { isKf, ownerOf, store } from "./store.js";

const RECALL_MS = 2 * 60 * 1000;
const LONGEST_SIDE = 1280;
const QUALITY = 0.82;
const isUrl = (url) => /^https?:\/\//.test(url || "");

/** Returns a line between the bubbles. */
export const note = (text) => make("div", { class: "pause between", text });

/** Returns a menu (msgmenu). choose(option) is called with the id of the tapped option. */
export function menu(entry, choose) {
  const { head_content: head, list = [], tail_content: tail } = entry.card || {};
  const box = make("div", { class: "bubble menu" });
  if (head) box.append(make("p", {}, ...plain(head, (one) => one)));
  for (const item of list) box.append(option(item, choose));
  if (tail) box.append(make("p", { class: "tail" }, ...plain(tail, (one) => one)));
  return box;
}

function option(item, choose) {
  const part = item[item.type] || {};
  if (item.type === "view" && isUrl(part.url)) {
    return make("a", { class: "option", href: part.url, target: "_blank", rel: "noopener noreferrer", text: part.content });
  }
  if (item.type !== "click") return make("p", { class: "plain", text: part.content || "" });
  return make("button", {
    type: "button",
    class: "option",
    text: part.content,
    onclick: async (event) => {
      const button = event.currentTarget;
      button.disabled = true;
      await choose(part.id || "");
      setTimeout(() => { button.disabled = false; }, 1200);
    },
  });
}

/** Returns the button that takes a message back, or nothing once it is too late. */
export function recallButton(entry, recall) {
  if (new Date(store.now) - new Date(entry.at) > RECALL_MS) return "";
  return make("button", { type: "button", class: "quote-button", "aria-label": "撤回这条消息", text: "撤回", onclick: () => recall(entry) });
}

/** Shows the tools of a parent's chat, or hides them. */
export function showTools(chat) {
  document.querySelector(".chat").classList.toggle("wechat", isKf(chat));
  find("wechat-tools").hidden = !isKf(chat);
  const select = find("poster");
  if (isKf(chat) && select.childElementCount !== store.posters.length) {
    select.replaceChildren(...store.posters.map(({ scene, name }) => make("option", { value: scene, text: name })));
    if (store.posters.some(({ scene }) => scene === "S13")) select.value = "S13";
  }
}

/** Wires the tools. onHurry is called when an answer is expected soon. */
export function setUpTools(onHurry) {
  const act = async (path, body) => {
    try {
      await post(path, { chat: store.current, userid: ownerOf(store.current), ...body });
      onHurry();
    } catch (error) {
      toast(error.isRefusal ? error.message : "没有发出去，请再试一次");
    }
  };
  find("enter").addEventListener("click", () => act("api/kf/enter", { scene: find("poster").value }));
  find("pick-picture").addEventListener("click", () => find("picture").click());
  find("picture").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    try {
      await act("api/kf/show", { data: await shrunk(file) });
    } catch {
      toast("这个文件打不开，请换一张图片");
    }
  });
}

/** Returns the picture as base64 JPEG, no larger than a chat needs. */
async function shrunk(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = make("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // JPEG knows no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
}
