// The worklist of orders: keys, the order that is current, and fresh cards when something came.
import "./app.js";
import { cardsIn } from "./cards.js";

const list = document.getElementById("checklist");
const { cards, current, choose, mark, act, keys: moves } = cardsIn(list, ".check-card", { empty: document.getElementById("checked"), news: ["orders", "order"] });
const keys = { ...moves, Enter: () => act("fine"), x: () => act("ask"), c: () => act("correct"), h: () => act("hold") };
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
  if (card && card !== current()) choose(card);
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

if (cards().length) mark(cards()[0]);
