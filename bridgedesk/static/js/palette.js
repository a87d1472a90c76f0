// The command palette: typed words go to the server, arrows choose, Enter goes there or does it.
import { acts } from "./keys.js";

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const found = document.getElementById("palette-list");
const options = () => [...found.querySelectorAll("[role=option]")];
let before;

export function openPalette() {
  if (dialog.open) return;
  before = document.activeElement;
  input.value = "";
  dialog.showModal();
  htmx.trigger(input, "open");
}

function choose(option) {
  for (const other of options()) other.removeAttribute("aria-selected");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
}

function go(option) {
  const { press } = option.dataset;
  dialog.close();
  if (press) {
    before?.blur?.();
    acts[press]?.();
  } else location.assign(option.href);
}

found.addEventListener("htmx:afterSwap", () => choose(options()[0]));
found.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option) return;
  event.preventDefault();
  go(option);
});

input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(all.at((at + (event.key === "ArrowDown" ? 1 : -1)) % all.length));
  else if (event.key === "Enter" && all[at]) go(all[at]);
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => event.target.closest("[data-palette]") && openPalette());
