// What every page needs: toasts, menus, dialogs, and a word when a request fails.
import "./clock.js";

export const words = JSON.parse(document.body.dataset.words || "{}");

export function toast(text, tone = "info", action) {
  const box = document.createElement("div");
  box.className = "notice toast";
  box.dataset.tone = tone;
  const said = box.appendChild(document.createElement("div"));
  said.textContent = text;
  if (action) box.appendChild(action);
  document.getElementById("toasts").append(box);
  fade(box, tone === "bad" ? 9000 : 5000);
  return box;
}

/** Copy the text of a field; also without the clipboard's interface, which browsers keep from pages without https. */
export async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

const fade = (box, after) => setTimeout(() => box.remove(), after);
for (const box of document.querySelectorAll("[data-toast]")) fade(box, 6000);

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const { verb, triggeringEvent } = event.detail.requestConfig;
  const asked = verb !== "get" || triggeringEvent?.type === "click";
  if (status === 401) location.reload();
  else if (!asked && status < 500) return; // a part that is not there for this agent stays empty
  else toast(decodeURIComponent(event.detail.xhr.getResponseHeader("X-Reason") || "") || (status === 403 || status === 404 ? words.denied : words.failed), "bad");
});
// Logged out meanwhile: the log-in page is not a part of this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!new URL(event.detail.xhr.responseURL || location.href).pathname.startsWith("/account/login")) return;
  event.detail.shouldSwap = false;
  location.reload();
});
document.addEventListener("htmx:sendError", () => toast(words.gone, "bad"));
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone)); // HX-Trigger: {"toast": {…}}

// On a phone a row of a table is a card: every cell but the first says the word of its column.
function label(root) {
  for (const table of root.querySelectorAll?.(".table") ?? []) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0]?.rows ?? []) {
      for (const [place, cell] of [...row.cells].entries()) {
        if (place && heads[place] && cell.colSpan === 1) cell.dataset.label = heads[place];
        cell.toggleAttribute("data-empty", !cell.textContent.trim() && !cell.querySelector("input, select, button, svg, img"));
      }
    }
  }
}
label(document);
document.addEventListener("htmx:load", ({ target }) => label(target.closest?.(".table-wrap") ?? target));

// Menus open under their button, above it where there is no room.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.(".menu[popover]") || event.newState !== "open") return;
  const opener = document.querySelector(`[popovertarget="${menu.id}"]`);
  if (opener) place(menu, opener.getBoundingClientRect());
  (menu.querySelector("[autofocus], input:not([type=hidden]), .menu-item") ?? menu).focus();
}, true);

export function place(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const below = anchor.bottom + 4 + height < innerHeight || anchor.top < height;
  const x = anchor.left + width > innerWidth - 8 ? anchor.right - width : anchor.left;
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, below ? Math.min(anchor.bottom + 4, innerHeight - height - 8) : anchor.top - height - 4)}px`;
}

// Arrow keys walk a menu.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu[popover]");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...menu.querySelectorAll(".menu-item:not([hidden])")];
  const at = items.indexOf(document.activeElement);
  items.at((at + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
  event.preventDefault();
});

document.addEventListener("submit", (event) => event.target.closest(".menu[popover]")?.hidePopover());

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) openDialog(opener);
  const dialog = event.target.closest("dialog");
  if (dialog && (event.target === dialog || event.target.closest("[data-close]"))) dialog.close();
  const item = event.target.closest(".menu[popover] .menu-item:not([data-stay])");
  if (item) item.closest(".menu").hidePopover();
});

// data-fill: what the opened dialog's fields should hold, by name.
function openDialog(opener) {
  const dialog = document.getElementById(opener.dataset.open);
  for (const [name, value] of Object.entries(JSON.parse(opener.dataset.fill ?? "{}"))) {
    const field = dialog?.querySelector(`[name="${name}"]`);
    if (field) field.value = value;
  }
  dialog?.showModal();
}

document.addEventListener("change", (event) => event.target.closest("form[data-autosubmit]")?.requestSubmit());
