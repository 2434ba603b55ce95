// Small helpers to build elements without ever handing text to an HTML parser.

/** Returns an element: make("p", {class: "x", text: "…", onclick: f}, child, …). Null children are left out. */
export function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const find = (id) => document.getElementById(id);

const TONES = 6;

/** Returns the square picture of a person, group or door; the name gives people their colour. */
export function avatar(kind, name) {
  if (kind === "robot") {
    const image = make("img", { src: "/sandbox/static/icon.svg", alt: "" });
    return make("span", { class: "avatar robot", "aria-hidden": "true" }, image);
  }
  if (kind === "group" || kind === "push") {
    const path = kind === "group"
      ? "M8.5 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm7.5 0a3 3 0 1 0 0-6 3 3 0 0 0-1.4.35 5 5 0 0 1 0 5.3c.4.22.9.35 1.4.35zM1.8 19.5c0-3.6 3-6 6.7-6s6.7 2.4 6.7 6zm15.3 0h5.1c0-3-2.4-5-5.6-5.3a7.4 7.4 0 0 1 .5 5.3z"
      : "M4 10v4h3l6 5V5l-6 5H4zm12-2a5 5 0 0 1 0 8M18.5 5.5a9 9 0 0 1 0 13";
    return make("span", { class: `avatar ${kind}`, "aria-hidden": "true" }, icon(path, kind === "push"));
  }
  if (kind === "kf") {
    const path = "M12 4c-4.7 0-8.5 3.1-8.5 7 0 2.2 1.2 4.1 3.1 5.4L6 20l3.7-2.2c.7.1 1.5.2 2.3.2 4.7 0 8.5-3.1 8.5-7S16.7 4 12 4zm0 10.6-2.6-2.4a1.7 1.7 0 0 1 2.3-2.5l.3.3.3-.3a1.7 1.7 0 0 1 2.3 2.5z";
    return make("span", { class: "avatar kf", "aria-hidden": "true" }, icon(path, false));
  }
  let sum = 0;
  for (const letter of name) sum += letter.codePointAt(0);
  return make("span", { class: `avatar tone-${sum % TONES}`, "aria-hidden": "true", text: name.slice(-2) });
}

function icon(path, isLine) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  const shape = document.createElementNS(space, "path");
  shape.setAttribute("d", path);
  shape.setAttribute("fill", isLine ? "none" : "#fff");
  shape.setAttribute("stroke", isLine ? "#fff" : "none");
  shape.setAttribute("stroke-width", "2");
  shape.setAttribute("stroke-linejoin", "round");
  shape.setAttribute("stroke-linecap", "round");
  svg.append(shape);
  return svg;
}

let hideToast = 0;

/** Shows a short notice at the bottom. */
export function toast(text) {
  const box = find("toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(hideToast);
  hideToast = setTimeout(() => box.classList.remove("shown"), 2600);
}
