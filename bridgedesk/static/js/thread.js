// The thread: undo countdowns, laid-out mails, pictures large, rude words marked.
import { toast } from "./app.js";
import { now } from "./clock.js";
import * as compose from "./composer.js";

const undoing = () => document.querySelectorAll("[data-undo-until]");

function countDown() {
  for (const box of undoing()) {
    const rest = Math.ceil((Date.parse(box.dataset.undoUntil) - now()) / 1000);
    const left = box.querySelector("[data-undo-left]");
    left.textContent = rest > 0 ? left.dataset.undoLeft.replace("{seconds}", rest) : "";
    box.parentElement.querySelector("[data-withdraw]").hidden = rest <= 0;
  }
}
setInterval(countDown, 500);

// A fresh copy of the thread: only messages that changed are replaced, so that folds, translations and frames stay as they are.
const source = new WeakMap();
const remember = (root) => root.querySelectorAll("[data-message]").forEach((article) => source.has(article) || source.set(article, article.outerHTML));

// Answers may overtake each other: one that was asked for earlier than what is shown is dropped.
let asked = 0;
let shown = 0;

/** `act`: "" something came in, "acted" the agent did something, "said" the agent wrote. Who reads old messages is left there until they write. */
export async function refreshThread(act = "") {
  const thread = document.getElementById("thread");
  const apart = thread?.querySelector(":scope > .newer");
  if (apart && !act) return;
  const url = thread && thread.dataset.url + (apart && act !== "said" ? `?at=${thread.dataset.at}` : "");
  const turn = ++asked;
  const answer = thread && (await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null));
  if (answer?.redirected) return location.reload();
  if (!answer?.ok || !thread.isConnected) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  if (turn < shown || !thread.isConnected) return;
  shown = turn;
  remember(fresh.content);
  mend(thread, [...fresh.content.children]);
  watchThread();
}

function mend(thread, wanted) {
  const first = wanted.find((node) => node.dataset.message);
  let cursor = (first && document.getElementById(first.id)) ?? thread.firstElementChild;
  const older = cursor?.previousElementSibling;
  if (first && older) {
    wanted = wanted.slice(wanted.indexOf(first)); // what was loaded before it stays
  }
  for (const node of wanted) {
    const known = node.id && document.getElementById(node.id);
    const kept = known && source.get(known) === source.get(node) ? known : node;
    if (known && kept !== known) {
      if (known === cursor) cursor = cursor.nextElementSibling;
      known.remove();
    }
    if (kept === cursor) cursor = cursor.nextElementSibling;
    else {
      thread.insertBefore(kept, cursor);
      if (kept === node) htmx.process(node);
    }
  }
  while (cursor) {
    const next = cursor.nextElementSibling;
    cursor.remove();
    cursor = next;
  }
}

/** The message the address names (#m-12) is shown in the middle. */
export function showNamed() {
  const named = /^#m-\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (named) named.scrollIntoView({ block: "center" });
}

export function watchThread() {
  remember(document);
  countDown();
  markEvidence();
}

document.addEventListener("click", async (event) => {
  const undo = event.target.closest("[data-withdraw]");
  if (undo) await withdraw(undo);
  const picture = event.target.closest("[data-lightbox]");
  if (picture && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    enlarge(picture);
  }
  const images = event.target.closest("[data-images]");
  if (images) frame(images.closest("[data-frame]"), "?images=1");
});

async function withdraw(button) {
  button.disabled = true;
  const answer = await fetch(button.dataset.withdraw, { method: "POST", headers: { "X-CSRFToken": compose.token() } }).catch(() => null);
  if (answer?.ok) {
    compose.giveBack((await answer.json()).text);
    refreshThread("acted");
  } else toast(answer ? await answer.text() : "", "bad");
}

function enlarge(link) {
  const box = document.getElementById("lightbox");
  box.querySelector("img").src = link.href;
  box.querySelector("img").alt = link.dataset.lightbox;
  box.querySelector("[data-name]").textContent = link.dataset.lightbox;
  box.querySelector("[data-save]").href = link.href;
  box.showModal();
}

// A mail as it was laid out stands in a frame without scripts; its height follows its content.
document.addEventListener("toggle", (event) => {
  const fold = event.target;
  if (fold.matches?.("details[data-frame]") && fold.open && !fold.querySelector("iframe")) frame(fold, "");
}, true);

function frame(fold, query) {
  const inner = document.createElement("iframe");
  inner.sandbox = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";
  inner.title = fold.querySelector("summary").textContent.trim();
  inner.src = fold.dataset.frame + query;
  inner.addEventListener("load", () => {
    inner.style.blockSize = `${Math.min(inner.contentDocument.documentElement.scrollHeight + 4, 900)}px`;
  });
  fold.querySelector(".framed").replaceChildren(inner);
  if (query) fold.querySelector("[data-images]").hidden = true;
}

/** Marks what chips call evidence: [data-evidence='[[start, end, kind], …]' data-of=message], in characters of the message. */
function markEvidence() {
  if (!globalThis.CSS?.highlights) return;
  const ranges = [];
  for (const chip of document.querySelectorAll("[data-evidence]")) {
    const words = document.querySelector(`[data-words-of="${chip.dataset.of}"]`);
    if (!words) continue;
    for (const [start, end] of JSON.parse(chip.dataset.evidence)) {
      const range = rangeOf(words, start, end);
      if (range) ranges.push(range);
    }
  }
  CSS.highlights.set("evidence", new Highlight(...ranges));
}
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.closest?.("#thread, .chips")) watchThread();
});

function rangeOf(box, start, end) {
  const text = box.textContent;
  const units = (n) => [...text].slice(0, n).join("").length; // characters as Python counts them, to UTF-16
  const [from, to] = [point(box, units(start)), point(box, units(end))];
  if (!from || !to) return null;
  const range = new Range();
  range.setStart(...from);
  range.setEnd(...to);
  return range;
}

function point(box, offset) {
  const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (offset <= node.length) return [node, offset];
    offset -= node.length;
  }
  return null;
}
