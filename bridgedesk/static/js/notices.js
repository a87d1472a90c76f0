// The release list: keys, the notice that is current, and what is chosen for all at once.
import "./app.js";
import { cardsIn } from "./cards.js";

const list = document.getElementById("notices");
const bulk = document.getElementById("bulk");
const boxes = () => [...list.querySelectorAll("input[name=ids]:not(:disabled)")];
const { cards, current, choose, mark, act, keys: moves } = cardsIn(list, ".notice-card", { empty: document.getElementById("none"), settled: count, news: ["notices"] });

const keys = {
  ...moves, Enter: () => act("release"), e: () => act("edit"), d: () => act("dismiss"),
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

list.addEventListener("focusin", (event) => choose(event.target.closest(".notice-card")));

function count() {
  if (!bulk) return;
  bulk.hidden = !cards().length;
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

mark(list.querySelector(":target") ?? cards()[0]);
count();
