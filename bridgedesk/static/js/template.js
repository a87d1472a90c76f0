// The template editor: tabs of languages, variables put in at the cursor, marks on tabs after each look of the server.
import "./app.js";

const form = document.getElementById("template");
const more = document.getElementById("more-tongues");
const tab = (tongue) => document.getElementById(`tab-${tongue}`);
const text = () => form.elements[`text-${form.elements.language.value}`];

function show(tongue, focus = true) {
  form.elements.language.value = tongue;
  for (const other of form.querySelectorAll("[role=tab]")) {
    const mine = other.dataset.tongue === tongue;
    other.setAttribute("aria-selected", mine);
    other.tabIndex = mine ? 0 : -1;
    document.getElementById(`panel-${other.dataset.tongue}`).hidden = !mine;
  }
  tab(tongue).hidden = false;
  tab(tongue).scrollIntoView({ block: "nearest", inline: "nearest" });
  if (focus) text().focus();
  htmx.trigger(form, "look");
}

function marks() {
  const states = JSON.parse(document.getElementById("looked").dataset.states);
  for (const each of form.querySelectorAll("[role=tab]")) each.dataset.state = states[each.dataset.tongue] ?? "missing";
}

form.addEventListener("click", (event) => {
  const named = event.target.closest("[data-tongue]");
  if (named) show(named.dataset.tongue);
  const put = event.target.closest("[data-put]");
  if (!put) return;
  const field = text();
  field.focus();
  field.setRangeText(put.dataset.put, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

form.addEventListener("keydown", (event) => {
  if (event.isComposing || !["ArrowLeft", "ArrowRight"].includes(event.key) || event.target.role !== "tab") return;
  const all = [...form.querySelectorAll("[role=tab]:not([hidden])")];
  const next = all.at((all.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1)) % all.length);
  event.preventDefault();
  show(next.dataset.tongue, false);
  next.focus();
});

more?.addEventListener("change", (event) => {
  event.stopPropagation();
  if (!more.value) return;
  show(more.value);
  more.selectedOptions[0].remove();
  more.value = "";
});

// Who leaves with unsaved words is asked.
let changed = false;
form.addEventListener("input", () => (changed = true));
form.addEventListener("submit", () => (changed = false));
addEventListener("beforeunload", (event) => changed && event.preventDefault());
document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target.id === "looked" && marks());
