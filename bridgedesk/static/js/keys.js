// Keys. Nothing fires while an IME composes, nor in a field; with the palette or a menu open those rule.
import * as compose from "./composer.js";
import * as facts from "./facts.js";
import * as list from "./list.js";
import { openPalette } from "./palette.js";

const bench = document.getElementById("workbench");
const click = (selector) => document.querySelector(selector)?.click();
const menu = (id) => document.querySelector(`[popovertarget="${id}"]`)?.click();

export const acts = {
  j: () => list.move(1),
  k: () => list.move(-1),
  ArrowDown: () => list.move(1),
  ArrowUp: () => list.move(-1),
  o: () => list.open(),
  x: () => list.tick(),
  r: () => compose.focus("answer"),
  n: () => compose.focus("note"),
  a: () => menu("assign-menu"),
  s: () => menu("snooze-menu"),
  l: () => menu("tag-menu"),
  e: () => click('[data-key="e"]'),
  f: () => click('#more-menu form[hx-post*="follow"] button'),
  t: () => [...document.querySelectorAll("[data-translate]")].at(-1)?.click(),
  p: () => facts.wait(),
  "/": () => openPalette(),
  "?": () => document.getElementById("keys").showModal(),
};

function escape() {
  if (document.activeElement?.closest(".composer")) document.activeElement.blur();
  else if (bench.hasAttribute("data-aside")) bench.removeAttribute("data-aside");
  else if (document.querySelector(".pick input:checked")) list.unpick();
  else if (document.querySelector("[data-back]")?.offsetParent) click("[data-back]");
}

/** The playbook's branches are taken by their number. */
function branch(key) {
  const button = /^[1-9]$/.test(key) && document.querySelector(`#playbook [data-nth="${key}"]`);
  return button ? () => button.click() : undefined;
}

const inField = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openPalette();
  }
  if (document.querySelector("dialog[open], .menu:popover-open")) return;
  if (event.key === "Escape") return escape();
  if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
  if (event.target.closest?.("button, a:not(.entry-link), summary") && ["Enter", " "].includes(event.key)) return;
  const act = facts.taken(event.key) ?? acts[event.key] ?? branch(event.key);
  if (!act) return;
  event.preventDefault();
  act();
});
