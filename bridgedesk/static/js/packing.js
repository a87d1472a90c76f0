// The packing station. What is scanned is kept in this browser until the server has it, in order, under a key of its own:
// sent twice it counts once, and neither a reload nor a lost connection loses a scan.
import { toast, words } from "./app.js";
import { decoder, evidence } from "./camera.js";
import { onLive, start } from "./live.js";
import { sound } from "./sounds.js";

const station = document.getElementById("station");
const waiting = document.getElementById("waiting");
const field = () => document.getElementById("code");
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const header = () => ({ "X-CSRFToken": csrf(), "X-Station": "1" });

// A scanner types wherever the cursor is: on a button its Enter would press it, so the first sign goes to the field.
document.addEventListener("keydown", (event) => {
  const busy = event.target.closest?.("input:not([type=hidden], [type=file]), textarea, select, dialog[open]");
  if (busy || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
  field()?.focus();
});

if (station) {
  const shelf = `packing-${station.dataset.order}`;
  const said = JSON.parse(station.dataset.words);
  const kept = () => JSON.parse(localStorage.getItem(shelf) || "[]");
  const keep = (scans) => (scans.length ? localStorage.setItem(shelf, JSON.stringify(scans)) : localStorage.removeItem(shelf));
  let sending = false;
  let timer;

  function show(html, loud) {
    const typed = field()?.value;
    station.innerHTML = html;
    htmx.process(station);
    offer();
    if (field() && typed) field().value = typed;
    if (!document.querySelector("dialog[open]")) field()?.focus();
    if (loud) sound(station.querySelector(".verdict").dataset.tone);
  }

  const tell = () => {
    const count = kept().length;
    waiting.hidden = !count || sending === "first";
    waiting.textContent = said.waiting.replace("{}", count);
    station.querySelector(".verdict")?.classList.toggle("busy", count > 0);
  };

  async function drain() {
    if (sending) return;
    clearTimeout(timer);
    sending = "first";
    for (let scans = kept(); scans.length; scans = kept()) {
      tell();
      const answer = await ask(scans[0].url, new URLSearchParams(scans[0].fields));
      if (!answer) {
        timer = setTimeout(drain, 2000);
        break;
      }
      const sent = scans[0].fields.key;
      keep(kept().filter((scan) => scan.fields.key !== sent));
      if (answer.html) show(answer.html, true);
      sending = "more";
    }
    sending = false;
    tell();
  }

  /** The server's page for it, or null where it could not be reached and may be asked again. */
  async function ask(url, body) {
    const answer = await fetch(url, { method: "POST", body, headers: header() }).catch(() => null);
    if (!answer || answer.status >= 500 || answer.status === 429) return null;
    if (answer.redirected || answer.status === 401) location.reload();
    const text = await answer.text();
    if (answer.ok || answer.status === 409) return { html: text };
    let reason = "";
    try { reason = JSON.parse(text).error; } catch { /* not ours */ }
    toast(reason || (answer.status === 413 || answer.status >= 500 ? words.failed : words.denied), "bad");
    return {};
  }

  const verdict = () => station.querySelector(".verdict").dataset.verdict;
  const fresh = async () => {
    const answer = await fetch(location.href, { headers: { "X-Station": "1" } }).catch(() => null);
    if (!answer?.ok || kept().length) return;
    const before = verdict();
    show(await answer.text(), false);
    if (verdict() === "stop" && before !== "stop") sound("bad");
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.matches("[data-scan=article], [data-scan=hand]")) {
      event.preventDefault();
      const fields = Object.fromEntries(new FormData(form, event.submitter));
      if (!fields.want && !fields.code.trim()) return;
      delete fields.csrfmiddlewaretoken;
      fields.key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
      if (form.elements.code) form.elements.code.value = "";
      keep([...kept(), { url: form.getAttribute("action"), fields }]);
      tell();
      drain();
    } else if (form.matches("[data-act]")) {
      event.preventDefault();
      if (kept().length) return void toast(said.waiting.replace("{}", kept().length), "warn");
      const sent = new URLSearchParams(new FormData(form, event.submitter));
      if (form.elements.code) form.elements.code.value = "";
      const answer = await ask(form.getAttribute("action"), sent);
      if (!answer) toast(words.gone, "bad");
      else if (answer.html) show(answer.html, form.classList.contains("close-bar"));
    }
  });

  async function upload(files) {
    for (const file of files) {
      const body = new FormData();
      body.set("file", file, file.name || "packing");
      const answer = await ask(station.querySelector("[data-photos]").getAttribute("action"), body);
      if (!answer) toast(words.gone, "bad");
      else if (answer.html) show(answer.html, false);
    }
  }
  document.addEventListener("change", (event) => event.target.matches("[data-photos] input[type=file]") && upload([...event.target.files]));
  document.addEventListener("click", (event) => event.target.closest("[data-webcam]") && evidence((file) => upload([file])));
  addEventListener("online", drain);
  onLive(({ kind, order }) => (kind === "resync" || (kind === "order" && order === Number(station.dataset.order))) && !sending && fresh());
  start(station.dataset.live);
  drain();
} else {
  const list = document.getElementById("packing");
  let due;
  onLive(({ kind }) => {
    if (!["order", "resync"].includes(kind)) return;
    due ??= setTimeout(() => {
      due = undefined;
      htmx.trigger(list, "stale");
    }, 1000);
  });
  start(list.dataset.live);
}

function offer() {
  for (const button of document.querySelectorAll("[data-camera]")) button.hidden = !("BarcodeDetector" in window);
  for (const button of document.querySelectorAll("[data-webcam]")) button.hidden = !navigator.mediaDevices;
}
offer();
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-camera]")) return;
  decoder((code) => {
    field().value = code;
    field().form.requestSubmit();
  });
});
