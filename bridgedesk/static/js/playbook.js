// The editor of playbooks: facts put into a condition, steps and branches moved by Alt and an arrow, what was open stays open.
import "./app.js";

const form = document.getElementById("playbook-form");
let condition = null;

form.addEventListener("focusin", ({ target }) => target.name?.endsWith("-when") && (condition = target));

form.addEventListener("click", ({ target }) => {
  const put = target.closest("[data-put]");
  if (!put) return;
  if (!condition?.isConnected) condition = form.querySelector("details[open] [name$=-when]") ?? form.querySelector("[name$=-when]");
  if (!condition) return;
  condition.closest("details")?.setAttribute("open", "");
  condition.focus();
  const before = condition.value.slice(0, condition.selectionStart);
  const joined = /\S\s*$/.test(before) && !/(\(|\b(and|or|not))\s*$/.test(before) ? `${/\s$/.test(before) ? "" : " "}and ` : "";
  condition.setRangeText(joined + put.dataset.put, condition.selectionStart, condition.selectionEnd, "end");
  condition.dispatchEvent(new Event("input", { bubbles: true }));
});

form.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const row = event.target.closest("[data-branch]") ?? event.target.closest("[data-step]")?.querySelector("summary");
  const button = row?.querySelector(event.key === "ArrowUp" ? "[data-up]" : "[data-down]");
  if (!button) return;
  event.preventDefault();
  button.click();
});

// A field of a closed step cannot be gone to: open what a link or a button leads to.
function open(id) {
  const found = document.getElementById(id);
  if (!found?.closest("summary")) found?.closest("details")?.setAttribute("open", "");
  return found;
}

document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[href^='#step-']");
  if (link) open(link.getAttribute("href").slice(1))?.focus();
});

form.addEventListener("toggle", ({ target }) => {
  const kept = target.matches("[data-step]") && target.querySelector("[data-opened]");
  if (kept) kept.value = target.open ? "1" : "";
}, true);

document.addEventListener("focus-on", ({ detail }) => open(detail.value)?.focus());

// Who leaves with unsaved words is asked.
let changed = form.dataset.dirty === "1";
form.addEventListener("input", () => (changed = true));
form.addEventListener("htmx:afterRequest", ({ detail }) => detail.requestConfig.path.endsWith("/edit") && (changed = true));
form.addEventListener("submit", () => (changed = false));
addEventListener("beforeunload", (event) => changed && event.preventDefault());
