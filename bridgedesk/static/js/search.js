// The search page by keys: j and k walk the hits, Enter opens the link itself, / leads back to the box.
import "./app.js";

const box = document.getElementById("q");
const hits = () => [...document.querySelectorAll("[data-find]")];

function move(by) {
  const all = hits();
  const at = all.indexOf(document.activeElement);
  if (at + by < 0) box.focus();
  else all[Math.min(all.length - 1, at + by)]?.focus();
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  "/": () => box.select(),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open], .menu:popover-open")) return;
  const typing = event.target.closest?.("input, select, textarea");
  if (typing === box && event.key === "Escape") box.blur();
  if (typing && !(typing === box && event.key === "ArrowDown")) return;
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

box.setSelectionRange(box.value.length, box.value.length);
