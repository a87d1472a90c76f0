// The workbench: panes, the live connection, presence, what to do when a conversation opens.
import { copied, toast, words } from "./app.js";
import { tick } from "./clock.js";
import * as compose from "./composer.js";
import "./keys.js";
import * as list from "./list.js";
import "./alerts.js";
import { onLive, start } from "./live.js";
import "./palette.js";
import { refreshThread, showNamed, watchThread } from "./thread.js";

const bench = document.getElementById("workbench");
const own = JSON.parse(bench.dataset.words);
const title = document.title;

function opened() {
  list.highlight();
  const entry = document.getElementById(`entry-${list.openId()}`);
  if (entry) list.mark(entry, false);
  compose.mount(document.getElementById("composer"));
  watchThread();
  tick();
}

// Conversations heard of since the pane was last asked for: what it brings may be older than that.
const lately = new Set();
document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target.id === "conversation" && lately.clear());

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  tick(detail.target);
  if (detail.target.id !== "conversation") return;
  bench.dataset.shows = "conversation";
  opened();
  look();
  if (lately.has(list.openId())) again("#thread", "#talk-head");
});
document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target.id === "rows" && list.highlight());

// On a phone one pane shows at a time.
document.addEventListener("click", (event) => {
  const back = event.target.closest("[data-back]");
  if (back) {
    event.preventDefault();
    leave();
    bench.dataset.shows = "list";
    history.pushState(null, "", back.getAttribute("href"));
  }
  if (event.target.closest("[data-context]")) bench.toggleAttribute("data-aside");
  if (event.target.matches(".workbench[data-aside] > .scrim")) bench.removeAttribute("data-aside");
  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy.dataset.copy);
  const night = event.target.closest("a[data-night]");
  if (night && !confirm(night.dataset.night)) event.preventDefault();
});

async function copyText(text) {
  const field = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" }));
  if (await copied(field)) toast(text, "ok");
  field.remove();
}

// Acts answer with nothing to swap: fetch again what may have changed.
document.addEventListener("changed", ({ detail }) => {
  const id = list.openId();
  list.refresh(id);
  again("#talk-head", "#playbook");
  refreshThread(detail?.said ? "said" : "acted");
  list.unpick();
});

// An open menu is not taken from under the hand, nor a field while it is used, nor a form while its answer is on the way.
const inUse = (box) => box.querySelector(":popover-open, .htmx-request, :is(input, select, textarea):focus");
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (requestConfig.elt !== target || !target.matches("#talk-head, #aside, #playbook") || !inUse(target)) return; // only a refresh waits
  event.detail.shouldSwap = false;
  soon(`#${target.id}`, 500);
});

function again(...parts) {
  for (const part of parts) {
    const box = document.querySelector(part);
    if (part === "#thread") refreshThread();
    else if (box && inUse(box)) soon(part, 500);
    else if (box) htmx.trigger(box, "refresh");
    if (part === "#aside") document.querySelectorAll("#thread .chips:empty").forEach((chips) => htmx.trigger(chips, "triage"));
  }
}

const debounced = new Map();
function soon(part, after = 80) {
  if (debounced.has(part)) return;
  debounced.set(part, setTimeout(() => (debounced.delete(part), again(part)), after));
}

// A blink of the connection is not worth a word; three seconds without are.
let silent;
function connected(is) {
  if (is) {
    clearTimeout(silent);
    silent = undefined;
    offline(false);
  } else silent ??= setTimeout(offline, 3000, true);
}

function offline(is) {
  if (document.body.hasAttribute("data-offline") === is) return;
  document.body.toggleAttribute("data-offline", is);
  const box = document.querySelector("[data-offline-words]");
  box.textContent = is ? box.dataset.offlineWords : "";
  if (!is) toast(words.back, "ok");
}

onLive((event) => {
  connected(event.kind !== "offline");
  if (event.kind === "resync") {
    list.refresh();
    again("#talk-head", "#thread", "#presence", "#aside", "#playbook");
  } else if (["conversation", "message", "counters"].includes(event.kind)) {
    list.refresh(event.conversation);
    lately.add(String(event.conversation));
    if (String(event.conversation) !== list.openId()) return;
    soon("#thread");
    soon("#talk-head");
    soon("#aside", 300); // the first look comes a moment after the message
    soon("#playbook", 300);
  } else if (event.kind === "presence" && String(event.conversation) === list.openId()) soon("#presence");
});
start(bench.dataset.live);

// Presence: say so while somebody looks, every 20 s; say that one left.
let looking;
let typingSaid = false;

function post(url, method, body) {
  return fetch(url, { method, body, keepalive: true, headers: { "X-CSRFToken": compose.token() } }).catch(() => {});
}

function look() {
  const talk = document.querySelector("[data-presence]");
  if (looking && looking !== talk?.dataset.presence) leave();
  looking = talk?.dataset.presence;
  if (!looking || document.hidden) return;
  typingSaid = compose.isTyping();
  post(looking, "POST", new URLSearchParams({ typing: typingSaid ? "1" : "" }));
}

function leave() {
  if (looking) post(looking, "DELETE");
  looking = undefined;
}

setInterval(look, 20000);
document.addEventListener("typing", () => compose.isTyping() !== typingSaid && look());
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : look()));

// The tab says how many wait; sound and notification are each agent's own choice on this browser.
const chosen = (name) => localStorage.getItem(`bridgedesk:${name}`) === "1";
for (const name of ["sound", "notify"]) {
  const box = document.getElementById(name);
  box.checked = chosen(name);
  box.addEventListener("change", () => {
    localStorage.setItem(`bridgedesk:${name}`, box.checked ? "1" : "");
    if (name === "notify" && box.checked) Notification.requestPermission();
  });
}

function badge(counts) {
  const n = Number(counts.overdue) + Number(counts.risk);
  document.title = n ? `(${n}) ${title}` : title;
  navigator.setAppBadge?.(n).catch(() => {});
}
document.addEventListener("counted", ({ detail }) => badge(detail));

document.addEventListener("due", ({ target, detail }) => {
  const who = target.closest(".entry")?.querySelector(".who")?.textContent ?? "";
  const text = `${detail.tone === "bad" ? own.over : own.due} · ${who.trim()}`;
  if (chosen("sound")) beep();
  if (chosen("notify") && document.hidden && Notification.permission === "granted") new Notification("Bridgedesk", { body: text, tag: "due" });
});

function beep() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0.06, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.4);
  tone.frequency.value = 660;
  tone.connect(gain).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.4);
}

badge(document.getElementById("counters").dataset);
opened();
look();
showNamed();
