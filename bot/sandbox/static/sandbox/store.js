// What the page knows: members, conversations and their messages, and who speaks where.

export const store = {
  epoch: "",
  revision: 0,
  robot: { door: "", name: "" },
  app: { door: "", name: "" },
  members: {},
  kf: [],
  customers: {},
  posters: [],
  sections: [],
  groups: new Map(),
  featured: [],
  opened: new Set(), // private conversations begun on this page
  entries: new Map(),
  byChat: new Map(),
  unread: new Map(),
  speakers: new Map(),
  current: "",
  quote: null,
  now: "",
  weekday: "",
  jumps: [],
  scenes: [],
};

export function takeState(state) {
  const { epoch, robot, app, members, featured, kf, customers, posters, sections } = state;
  Object.assign(store, { epoch, robot, app, members, featured, kf, customers, posters, sections });
  store.groups = new Map(state.chats.map((chat) => [chat.key, chat]));
}

/** Takes new and changed messages in; returns the conversations that changed. counts: new ones become unread. */
export function takeEntries(entries, counts) {
  const touched = new Set();
  for (const entry of entries) {
    const isNew = !store.entries.has(entry.id);
    store.entries.set(entry.id, entry);
    const ids = store.byChat.get(entry.chat) || [];
    if (isNew) store.byChat.set(entry.chat, inOrder([...ids, entry.id]));
    if (isNew && counts && !isPerson(entry.sender) && entry.chat !== store.current) {
      store.unread.set(entry.chat, (store.unread.get(entry.chat) || 0) + 1);
    }
    touched.add(entry.chat);
  }
  return touched;
}

/** Sorts messages as they were said: a change may bring an older one later. */
const inOrder = (ids) => ids.sort((one, other) => store.entries.get(one).order - store.entries.get(other).order);

export const messagesOf = (chat) => (store.byChat.get(chat) || []).map((id) => store.entries.get(id));
export const isGroup = (chat) => store.groups.has(chat);
export const isMember = (sender) => Object.hasOwn(store.members, sender);
export const isCustomer = (sender) => Object.hasOwn(store.customers, sender);
export const isPerson = (sender) => isMember(sender) || isCustomer(sender);
export const isKf = (chat) => chat.startsWith("kf/");
export const isKnown = (chat) => !isKf(chat) || isCustomer(ownerOf(chat));
export const ownerOf = (chat) => chat.slice(chat.lastIndexOf("|") + 1);

export function nameOf(userid) {
  if (userid === "@all") return "所有人";
  return store.members[userid.toLowerCase()]?.name || userid;
}

/** Returns {kind, name, title} of whoever sent something. */
export function senderOf(sender) {
  if (isMember(sender)) return { kind: "person", ...store.members[sender] };
  if (isCustomer(sender)) return { kind: "person", ...store.customers[sender] };
  if (isKf(sender)) return { kind: "kf", name: accountOf(sender), title: "微信客服" };
  if (sender.startsWith("push/")) {
    const group = store.groups.get(sender.slice(5));
    return { kind: "push", name: group?.push || "督导通知", title: "消息推送" };
  }
  if (sender.startsWith("robot/")) return { kind: "robot", name: store.robot.name, title: "智能机器人" };
  return { kind: "robot", name: store.app.name, title: "工作台应用" };
}

const accountOf = (door) => store.kf.find((account) => account.door === door)?.name || "微信客服";

/** Returns {kind, name, title, note} of a conversation; only people have a title. */
export function chatOf(key) {
  const group = store.groups.get(key);
  if (group) return { kind: "group", name: group.name, note: `${group.members.length} 人 · 小督和“${group.push}”在群里` };
  if (isKf(key)) {
    const name = store.customers[ownerOf(key)]?.name || ownerOf(key);
    return { kind: "person", name, title: "", note: `个人微信 · 正在和“${accountOf(key.slice(0, key.indexOf("|")))}”聊天` };
  }
  const member = store.members[ownerOf(key)] || { name: ownerOf(key), title: "" };
  const door = key.startsWith("robot/") ? "智能机器人" : "工作台应用";
  return { kind: "person", name: member.name, title: member.title, note: `${member.title} · 与${store.robot.name}私聊（${door}）` };
}

/** Returns who speaks in a conversation: its owner, or whoever was chosen for the group. */
export function speakerOf(key) {
  const group = store.groups.get(key);
  if (!group) return ownerOf(key);
  if (!store.speakers.has(key)) {
    const people = store.featured.filter((one) => one.includes("|")).map(ownerOf);
    store.speakers.set(key, people.find((one) => group.members.includes(one)) || group.members[0]);
  }
  return store.speakers.get(key);
}

/** Returns the parts of the list, {title, keys}, and the keys of all other conversations. */
export function listed() {
  const shown = store.sections.flatMap((section) => section.keys);
  const rest = [...store.opened, ...store.groups.keys(), ...store.byChat.keys()];
  const others = [...new Set(rest)].filter((key) => !shown.includes(key));
  const lastRevision = (key) => messagesOf(key).at(-1)?.revision || 0;
  return [store.sections, others.sort((one, other) => lastRevision(other) - lastRevision(one))];
}

/** Returns one line that stands for a message. */
export function summary(entry) {
  const kinds = { template_card: "[卡片] ", image: "[图片]", file: "[文件]", video: "[视频]", voice: "[语音] " };
  if (entry.state === "recalled") return "撤回了一条消息";
  const title = entry.card?.main_title?.title || entry.card?.sub_title_text || "";
  const text = entry.content.replace(/<\/?font[^>]*>|[*#>`]|<@[^>]+>/g, "").replace(/\s+/g, " ").trim();
  if (entry.state === "streaming" && !text) return "正在输入…";
  return `${kinds[entry.type] || ""}${entry.type === "template_card" ? title : text}`;
}
