// The worklist of orders: keys, the order that is current, and fresh cards when something came.
import "./app.js";
import { onLive, start } from "./live.js";

const list = document.getElementById("checklist");
const cards = () => [...list.querySelectorAll(".check-card")];
const current = () => list.querySelector('[aria-current="true"]');

function mark(card) {
  for (const other of cards()) other.toggleAttribute("aria-current", false);
  if (!card) return;
  card.setAttribute("aria-current", "true");
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = cards();
  const at = all.indexOf(current());
  mark(all[Math.max(0, Math.min(all.length - 1, at + by))]);
}

const act = (name) => current()?.querySelector(`[data-do="${name}"]:not(:disabled)`)?.click();
const keys = { j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => act("fine"), x: () => act("ask"), c: () => act("correct"), h: () => act("hold") };
const inField = (target) => target.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && inField(event.target)) return current()?.focus();
  if (inField(event.target) || document.querySelector("dialog[open], .menu:popover-open")) return;
  if (event.key === "Enter" && event.target.closest?.("button, a, summary")) return;
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

list.addEventListener("click", (event) => {
  const card = event.target.closest(".check-card");
  if (card && card !== current()) {
    for (const other of cards()) other.toggleAttribute("aria-current", other === card);
    card.setAttribute("aria-current", "true");
  }
});

// The form for another address is fetched once; from then on its button opens and shuts it.
const opened = (slot, open) => {
  slot.hidden = !open;
  slot.closest(".check-card").querySelector('[data-do="correct"]').setAttribute("aria-expanded", String(open));
  if (open) slot.querySelector("input:not([type=hidden])").focus();
};
document.addEventListener("htmx:beforeRequest", (event) => {
  const slot = event.detail.elt.dataset.do === "correct" && event.detail.target;
  if (!slot?.childElementCount) return;
  event.preventDefault();
  opened(slot, slot.hidden);
});
document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target.matches(".check-slot") && opened(detail.target, true));

// A settled card is gone: the next one is current.
let place = -1;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.classList?.contains("check-card")) place = cards().indexOf(event.detail.target);
});
function follow() {
  const all = cards();
  document.getElementById("checked").hidden = all.length > 0;
  if (place >= 0 && all.length) mark(all[Math.min(place, all.length - 1)]);
  place = -1;
}
document.addEventListener("htmx:afterSettle", () => place >= 0 && follow());
document.addEventListener("settled", follow); // nothing came in its place

let stale;
onLive(({ kind }) => {
  if (!["orders", "order", "resync"].includes(kind) || stale) return;
  stale = setTimeout(() => {
    stale = undefined;
    document.getElementById("fresh").hidden = false;
  }, 1000);
});
start(list.dataset.live);
if (cards().length) mark(cards()[0]);
