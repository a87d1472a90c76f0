// The list: which row is current, which are ticked, and fetching rows again when something changed.
import { toast } from "./app.js";

const bench = document.getElementById("workbench");
const rows = document.getElementById("rows");
const bulk = document.getElementById("bulk");
const words = JSON.parse(bench.dataset.words);

export const entries = () => [...rows.querySelectorAll(".entry")];
export const current = () => rows.querySelector('.entry[aria-current="true"]');
export const openId = () => document.querySelector("[data-conversation]")?.dataset.conversation;

export function mark(entry, focus = true) {
  for (const other of entries()) other.toggleAttribute("aria-current", false);
  if (!entry) return;
  entry.setAttribute("aria-current", "true");
  entry.scrollIntoView({ block: "nearest" });
  if (focus) entry.querySelector(".entry-link").focus({ preventScroll: true });
}

export function move(by) {
  const all = entries();
  const at = all.indexOf(current() ?? document.getElementById(`entry-${openId()}`));
  mark(all[Math.max(0, Math.min(all.length - 1, at + by))] ?? all[0]);
}

export const open = (entry = current()) => entry?.querySelector(".entry-link").click();

export function tick(entry = current()) {
  const box = entry?.querySelector(".pick input");
  if (!box) return;
  box.checked = !box.checked;
  picked();
}

// By thumb, rows are ticked from the first on: `picking` outlives fresh rows, and ends with the last tick taken away.
const pick = (on) => rows.classList.toggle("picking", on);
const ticks = () => rows.querySelectorAll(".pick input:checked").length;

export function picked() {
  pick(ticks() > 0);
  count();
}

function count() {
  const n = ticks();
  bulk.hidden = n === 0;
  bulk.querySelector("[data-picked]").textContent = words.picked.replace("%s", n);
}

export function unpick() {
  for (const box of rows.querySelectorAll(".pick input:checked")) box.checked = false;
  picked();
}

// The pane fetches, not the row: a row may be replaced by a fresh one while the answer is on its way.
rows.addEventListener("click", (event) => {
  const link = event.target.closest(".entry-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const entry = link.closest(".entry");
  if (rows.classList.contains("picking") && matchMedia("(hover: none)").matches) return tick(entry);
  for (const other of entries()) other.classList.toggle("open", other === entry);
  htmx.ajax("GET", link.getAttribute("href"), { source: "#conversation", target: "#conversation", swap: "innerHTML" });
});

rows.addEventListener("change", picked);
document.querySelector("[data-pick]")?.addEventListener("click", () => (ticks() ? unpick() : pick()));
bulk.querySelector("[data-unpick]").addEventListener("click", unpick);
bulk.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.target.name !== "tag") return;
  event.preventDefault();
  bulk.querySelector('[value="tag"]').click();
});

// What changed is collected for a moment and fetched in one go; a hidden tab waits until it is looked at.
const stale = new Set();
let everything = false;
let timer;

export function refresh(id) {
  if (id) stale.add(String(id));
  else everything = true;
  if (document.hidden) return;
  timer ??= setTimeout(fetchRows, 60 + Math.random() * 180);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && (stale.size || everything)) refresh(everything ? undefined : [...stale][0]);
});

async function fetchRows() {
  const ids = everything || stale.size > 60 ? null : [...stale];
  stale.clear();
  everything = false;
  const query = new URLSearchParams(bench.dataset.query.replace(/^\?/, ""));
  if (ids) query.set("ids", ids.join(","));
  try {
    const answer = await fetch(`${bench.dataset.rows}?${query}`, { headers: { "HX-Request": "true" } });
    if (answer.redirected || answer.status === 401) return location.reload();
    if (answer.ok) take(ids, await answer.text());
  } catch {
    /* offline: the live connection says so and asks again */
  } finally {
    timer = undefined;
    if (stale.size || everything) refresh([...stale][0]);
  }
}

function take(ids, text) {
  const found = document.createElement("template");
  found.innerHTML = text;
  const counters = found.content.querySelector("#counters");
  if (counters) document.getElementById("counters").replaceWith(counters);
  counters?.removeAttribute("hx-swap-oob");
  if (ids) mend(ids, found.content);
  else replaceAll(found.content);
  htmx.process(rows);
  highlight();
  document.dispatchEvent(new CustomEvent("counted", { detail: document.getElementById("counters").dataset }));
}

function mend(ids, fresh) {
  const focused = document.activeElement?.closest?.(".entry")?.id;
  const kept = new Map(entries().map((entry) => [entry.dataset.id, entry]));
  const selected = current()?.id;
  for (const id of ids) {
    const old = kept.get(id);
    const entry = fresh.getElementById(`entry-${id}`);
    const ticked = old?.querySelector(".pick input")?.checked;
    old?.remove();
    if (!entry) continue;
    if (ticked) entry.querySelector(".pick input").checked = true;
    if (!old) entry.classList.add("fresh");
    place(entry);
  }
  if (selected) document.getElementById(selected)?.setAttribute("aria-current", "true");
  if (focused) document.getElementById(focused)?.querySelector(".entry-link").focus({ preventScroll: true });
  rows.querySelector(".none")?.toggleAttribute("hidden", entries().length > 0);
  if (!entries().length && !rows.querySelector(".none")) refresh();
  count();
}

const due = (entry) => Number(entry.dataset.due || Infinity);
const before = (a, b) => (due(a) !== due(b) ? due(a) < due(b) : Number(a.dataset.last) > Number(b.dataset.last));

function place(entry) {
  const byNewest = /state=(closed|snoozed|all)|sort=newest/.test(bench.dataset.query);
  const first = byNewest ? (other) => Number(entry.dataset.last) > Number(other.dataset.last) : (other) => before(entry, other);
  const next = entries().find(first);
  if (next) next.before(entry);
  else if (rows.querySelector(".more")) rows.querySelector(".more").before(entry);
  else rows.append(entry);
}

function replaceAll(fresh) {
  const ticked = new Set([...rows.querySelectorAll(".pick input:checked")].map((box) => box.value));
  const selected = current()?.id;
  rows.replaceChildren(...fresh.children);
  for (const box of rows.querySelectorAll(".pick input")) box.checked = ticked.has(box.value);
  if (selected) document.getElementById(selected)?.setAttribute("aria-current", "true");
  count();
}

/** The row of the conversation that is open. */
export function highlight() {
  const id = openId();
  for (const entry of entries()) entry.classList.toggle("open", entry.dataset.id === id);
}

export const say = (key, tone) => toast(words[key], tone);
