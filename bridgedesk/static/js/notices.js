// The release list: keys, the notice that is current, and what is chosen for all at once.
import "./app.js";
import { onLive, start } from "./live.js";

const list = document.getElementById("notices");
const bulk = document.getElementById("bulk");
const cards = () => [...list.querySelectorAll(".notice-card")];
const current = () => list.querySelector('[aria-current="true"]');
const boxes = () => [...list.querySelectorAll("input[name=ids]:not(:disabled)")];

function mark(card) {
  for (const other of cards()) other.toggleAttribute("aria-current", false);
  if (!card) return;
  card.setAttribute("aria-current", "true");
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = cards();
  mark(all[Math.max(0, Math.min(all.length - 1, all.indexOf(current()) + by))]);
}

const act = (name) => current()?.querySelector(`[data-do="${name}"]`)?.click();
const keys = {
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  Enter: () => act("release"), e: () => act("edit"), d: () => act("dismiss"),
  x: () => current()?.querySelector("input[name=ids]:not(:disabled)")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open], .menu:popover-open")) return;
  if (event.key === "Enter" && event.target.closest?.("button, a, summary")) return;
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

list.addEventListener("focusin", (event) => {
  const card = event.target.closest(".notice-card");
  for (const other of cards()) other.toggleAttribute("aria-current", false);
  card?.setAttribute("aria-current", "true");
});

function count() {
  if (!bulk) return;
  const chosen = boxes().filter((box) => box.checked).length;
  for (const button of bulk.querySelectorAll("button")) button.disabled = !chosen;
  const all = bulk.querySelector("[data-all]");
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && chosen < boxes().length;
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
  count();
});

// What is settled is gone: the next one is current.
let place = -1;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.classList?.contains("notice-card")) place = cards().indexOf(event.detail.target);
});
function follow() {
  const all = cards();
  document.getElementById("none").hidden = all.length > 0;
  if (bulk) bulk.hidden = !all.length;
  if (place >= 0 && all.length) mark(all[Math.min(place, all.length - 1)]);
  place = -1;
  count();
}
document.addEventListener("htmx:afterSettle", () => place >= 0 && follow());
document.addEventListener("settled", follow); // nothing came in its place

let stale;
onLive(({ kind }) => {
  if (!["notices", "resync"].includes(kind) || stale) return;
  stale = setTimeout(() => {
    stale = undefined;
    document.getElementById("fresh").hidden = false;
  }, 1000);
});
start(list.dataset.live);
mark(list.querySelector(":target") ?? cards()[0]);
count();
