// The platform's markdown, built as elements: whatever is not known stays text.

import { make } from "./dom.js";

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "\\*\\*([^*\\n]+)\\*\\*",
    "<font color=[\"']?(info|comment|warning)[\"']?>(.*?)</font>",
    "<@([^>\\s]+)>",
    "\\[([^\\]\\n]+)\\]\\((https?://[^\\s)]+)\\)",
    "<a href=[\"'](https?://[^\"'\\s>]+)[\"']>(.*?)</a>",
    "(?<![\\w*])\\*([^*\\s][^*\\n]*)\\*(?![\\w*])",
  ].join("|"),
);
const PLAIN = /<@([^>\s]+)>|<a href=["'](https?:\/\/[^"'\s>]+)["']>(.*?)<\/a>/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** Returns the nodes of one line. nameOf gives the name for a user id. */
export function inline(text, nameOf) {
  const nodes = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index) nodes.push(document.createTextNode(rest.slice(0, found.index)));
    nodes.push(span(found, nameOf));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) nodes.push(document.createTextNode(rest));
  return nodes;
}

/** Returns the nodes of a plain text: mentions and links only. */
export function plain(text, nameOf) {
  const nodes = [];
  let rest = text;
  for (let found = PLAIN.exec(rest); found; found = PLAIN.exec(rest)) {
    const [all, userid, href, label] = found;
    nodes.push(document.createTextNode(rest.slice(0, found.index)));
    nodes.push(userid === undefined ? link(href, label) : make("span", { class: "at", text: `@${nameOf(userid)}` }));
    rest = rest.slice(found.index + all.length);
  }
  nodes.push(document.createTextNode(rest));
  return nodes;
}

function span(found, nameOf) {
  const [, code, bold, color, colored, userid, label, url, href, anchor, italic] = found;
  if (code !== undefined) return make("code", { text: code });
  if (bold !== undefined) return make("strong", {}, ...inline(bold, nameOf));
  if (color !== undefined) return make("span", { class: color }, ...inline(colored, nameOf));
  if (userid !== undefined) return make("span", { class: "at", text: `@${nameOf(userid)}` });
  if (url !== undefined) return link(url, label);
  if (href !== undefined) return link(href, anchor);
  return make("em", {}, ...inline(italic, nameOf));
}

const link = (url, label) => make("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: label });

/** Returns an element with the blocks of a markdown text. */
export function markdown(text, nameOf) {
  const lines = text.replace(/<think>[\s\S]*?(<\/think>|$)/g, "").trim().split("\n");
  const box = make("div", { class: "md" });
  let at = 0;
  while (at < lines.length) at = block(box, lines, at, nameOf);
  return box;
}

function block(box, lines, at, nameOf) {
  const line = lines[at];
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (!line.trim()) return at + 1;
  if (line.startsWith("```")) return fence(box, lines, at);
  if (heading) {
    const level = Math.min(5, heading[1].length + 2);
    box.append(make(`h${level}`, {}, ...inline(heading[2], nameOf)));
    return at + 1;
  }
  if (/^\s*([-*_])\1{2,}\s*$/.test(line)) {
    box.append(make("hr"));
    return at + 1;
  }
  if (line.includes("|") && TABLE_RULE.test(lines[at + 1] || "")) return table(box, lines, at, nameOf);
  if (line.startsWith(">")) return gather(box, lines, at, /^>+\s?/, () => make("blockquote"), nameOf);
  const bullet = /^\s*[-*+]\s+/;
  const number = /^\s*\d+[.)]\s+/;
  if (bullet.test(line)) return list(box, lines, at, bullet, "ul", nameOf);
  if (number.test(line)) return list(box, lines, at, number, "ol", nameOf);
  return paragraph(box, lines, at, nameOf);
}

function fence(box, lines, at) {
  let end = at + 1;
  while (end < lines.length && !lines[end].startsWith("```")) end += 1;
  box.append(make("pre", { text: lines.slice(at + 1, end).join("\n") }));
  return end + 1;
}

function gather(box, lines, at, mark, makeBox, nameOf) {
  const inner = makeBox();
  let end = at;
  for (; end < lines.length && mark.test(lines[end]); end += 1) {
    if (end > at) inner.append(make("br"));
    inner.append(...inline(lines[end].replace(mark, ""), nameOf));
  }
  box.append(inner);
  return end;
}

function list(box, lines, at, mark, tag, nameOf) {
  const first = parseInt(lines[at], 10);
  const inner = make(tag, { start: tag === "ol" && first > 1 ? first : null });
  let end = at;
  for (; end < lines.length && mark.test(lines[end]); end += 1) {
    inner.append(make("li", {}, ...inline(lines[end].replace(mark, ""), nameOf)));
  }
  box.append(inner);
  return end;
}

function paragraph(box, lines, at, nameOf) {
  const inner = make("p");
  let end = at;
  for (; end < lines.length && lines[end].trim() && (end === at || !/^(#{1,6}\s|>|```|\s*[-*+]\s|\s*\d+[.)]\s)/.test(lines[end])); end += 1) {
    if (end > at) inner.append(make("br"));
    inner.append(...inline(lines[end], nameOf));
  }
  box.append(inner);
  return end;
}

function table(box, lines, at, nameOf) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  const sides = cells(lines[at + 1]).map((rule) => (rule.endsWith(":") ? (rule.startsWith(":") ? "center" : "right") : ""));
  const row = (line, tag) =>
    make("tr", {}, ...cells(line).map((cell, index) => make(tag, { class: sides[index] || null }, ...inline(cell, nameOf))));
  const body = make("tbody");
  let end = at + 2;
  for (; end < lines.length && lines[end].includes("|"); end += 1) body.append(row(lines[end], "td"));
  box.append(make("div", { class: "table" }, make("table", {}, make("thead", {}, row(lines[at], "th")), body)));
  return end;
}
