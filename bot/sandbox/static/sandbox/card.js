// Template cards: what they show, and the buttons that call the bot.

import { make } from "./dom.js";

/** Returns a card. press(key, selected) is called when a button is pressed. */
export function card(entry, press) {
  const data = entry.card || {};
  const box = make("div", { class: "bubble card" });
  if (data.source?.desc) box.append(make("p", { class: "part source", text: data.source.desc }));
  box.append(face(data));
  const ask = questions(data);
  box.querySelector(".part:not(.source)").append(...ask.fields);
  const buttons = entry.replaced ? [] : pressable(data);
  if (entry.replaced) {
    box.append(make("div", { class: "buttons" }, make("p", { class: "done", text: entry.replaced })));
  } else if (buttons.length) {
    box.append(make("div", { class: "buttons" }, ...buttons.map((button) => key(button, box, ask, press))));
  } else if (entry.state === "updated") {
    box.append(make("p", { class: "updated", text: "已更新" }));
  }
  for (const jump of data.jump_list || []) if (isUrl(jump.url)) box.append(link(jump.url, jump.title));
  if (isUrl(data.card_action?.url)) box.append(link(data.card_action.url, "查看详情"));
  return box;
}

const isUrl = (url) => /^https?:\/\//.test(url || "");
const link = (url, text) => make("a", { class: "more", href: url, target: "_blank", rel: "noopener noreferrer", text });

function face(data) {
  const part = make("div", { class: "part" });
  const title = data.main_title || {};
  if (title.title) part.append(make("h3", { text: title.title }));
  if (title.desc) part.append(make("p", { class: "desc", text: title.desc }));
  if (data.emphasis_content?.title) {
    const { title: number, desc } = data.emphasis_content;
    part.append(make("p", { class: "big" }, make("b", { text: number }), make("span", { text: desc || "" })));
  }
  if (data.quote_area) {
    const text = [data.quote_area.title, data.quote_area.quote_text].filter(Boolean).join("\n");
    part.append(make("p", { class: "aside", text }));
  }
  if (data.sub_title_text) part.append(make("p", { class: "sub", text: data.sub_title_text }));
  const lines = data.horizontal_content_list || [];
  if (lines.length) {
    const list = make("dl");
    for (const line of lines) list.append(make("dt", { text: line.keyname }), make("dd", { text: line.value || "" }));
    part.append(list);
  }
  for (const line of data.vertical_content_list || []) {
    part.append(make("p", { class: "sub", text: [line.title, line.desc].filter(Boolean).join("\n") }));
  }
  return part;
}

/** Returns the card's questions as fields, and a function that reads the answers. */
function questions(data) {
  const fields = [];
  const readers = {};
  for (const one of [data.button_selection, ...(data.select_list || [])].filter(Boolean)) {
    const select = make("select", { disabled: Boolean(one.disable) });
    for (const option of one.option_list || []) select.append(make("option", { value: option.id, text: option.text }));
    if (one.selected_id) select.value = one.selected_id;
    fields.push(make("fieldset", {}, make("legend", { text: one.title || "" }), select));
    readers[one.question_key] = () => [select.value];
  }
  if (data.checkbox) {
    const { question_key: question, option_list: options = [], mode } = data.checkbox;
    const inputs = options.map((option) =>
      make("input", { type: mode ? "checkbox" : "radio", name: question, value: option.id, checked: Boolean(option.is_checked) }));
    const labels = options.map((option, index) => make("label", {}, inputs[index], option.text));
    fields.push(make("fieldset", {}, make("legend", { class: "unseen", text: data.main_title?.title || "选项" }), ...labels));
    readers[question] = () => inputs.filter((input) => input.checked).map((input) => input.value);
  }
  const read = () => Object.fromEntries(Object.entries(readers).map(([question, reader]) => [question, reader()]));
  return { fields, read };
}

function pressable(data) {
  const buttons = (data.button_list || []).filter((button) => button.type !== 1);
  return data.submit_button ? [...buttons, { ...data.submit_button, style: 1 }] : buttons;
}

function key(button, box, ask, press) {
  return make("button", {
    type: "button",
    class: `style-${[1, 2, 3, 4].includes(button.style) ? button.style : 1}`,
    text: button.text,
    onclick: async () => {
      const all = [...box.querySelectorAll(".buttons button")];
      all.forEach((one) => { one.disabled = true; });
      await press(button.key, ask.read());
      // The card itself is drawn anew when the bot replaces it; if it does not, it can be pressed again.
      setTimeout(() => all.forEach((one) => { one.disabled = false; }), 1500);
    },
  });
}
