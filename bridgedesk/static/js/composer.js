// The composer: drafts, quick phrases, mentions, files, and the gate's word while one types.
import { copied, toast } from "./app.js";
import { complete } from "./completions.js";
import * as files from "./files.js";
import { showFindings } from "./findings.js";

let form;
let field;
let words = {};
let verdict = "allowed";
let lastKey = 0;
let checking;
let question;
let timer;

export const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
export const isTyping = () => Boolean(field?.value && form.dataset.mode === "answer" && Date.now() - lastKey < 15000);
const conversation = () => document.querySelector("[data-conversation]").dataset.conversation;
const mode = () => form.dataset.mode;

const takesFiles = () => form.querySelector("#attach") !== null; // an SMS takes none

export function mount(found) {
  if (!found || found === form) return;
  form = found;
  field = form.elements.text;
  words = JSON.parse(form.dataset.words);
  field.addEventListener("input", typed);
  field.addEventListener("compositionend", typed);
  field.addEventListener("scroll", () => (document.getElementById("marks").scrollTop = field.scrollTop));
  field.addEventListener("keydown", pressed);
  field.addEventListener("paste", (event) => takesFiles() && event.clipboardData.files.length && (event.preventDefault(), files.add(form, event.clipboardData.files, words, check)));
  form.elements.purpose.addEventListener("change", () => ((form.elements.released.value = ""), check()));
  form.addEventListener("submit", (event) => (event.preventDefault(), send()));
  form.querySelector("#attach")?.addEventListener("change", ({ target }) => (files.add(form, target.files, words, check), (target.value = "")));
  complete(form, field, words, insert);
  const early = field.value; // typed before this script was there
  turnTo("answer");
  if (early && !field.value) {
    field.value = early;
    typed({});
  }
  preset(form.querySelector("[data-preset]"));
}

/** What somebody came here to write, unless a draft is there already. */
function preset(asked) {
  if (!asked || field.value) return;
  if (asked.dataset.phrase) return insert(asked.dataset.phrase, { template: asked.dataset.template, purpose: asked.dataset.purpose });
  form.elements.purpose.value = asked.dataset.purpose;
}

function typed(event) {
  if (event.isComposing) return;
  lastKey = Date.now();
  keep();
  paint([]);
  clearTimeout(timer);
  timer = setTimeout(check, 250);
  document.dispatchEvent(new Event("typing"));
}

function pressed(event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    send({ close: event.shiftKey });
  } else if (event.key === "Tab" && !event.shiftKey && nextGap(field.selectionEnd)) event.preventDefault();
}

/** Select the next ⟦gap⟧ a template left, so that typing fills it; false when there is none. */
function nextGap(from) {
  const ahead = field.value.slice(from).search(/⟦[^⟧]*⟧/);
  const start = ahead < 0 ? field.value.search(/⟦[^⟧]*⟧/) : from + ahead;
  if (start >= 0) field.setSelectionRange(start, field.value.indexOf("⟧", start) + 1);
  return start >= 0;
}

// Drafts stay on this device, one for each conversation and mode, for two weeks.
const key = () => `bridgedesk:draft:${conversation()}:${mode()}`;

function keep() {
  const draft = { text: field.value, template: form.elements.template.value, rendered: form.elements.rendered.value, purpose: form.elements.purpose.value, at: Date.now() };
  if (field.value) localStorage.setItem(key(), JSON.stringify(draft));
  else localStorage.removeItem(key());
}

function recall() {
  const draft = JSON.parse(localStorage.getItem(key()) || "{}");
  field.value = draft.text ?? "";
  for (const name of ["template", "rendered"]) form.elements[name].value = draft[name] ?? "";
  if (draft.purpose && mode() === "answer") form.elements.purpose.value = draft.purpose;
}

for (const name of Object.keys(localStorage).filter((one) => one.startsWith("bridgedesk:draft:"))) {
  if (Date.now() - (JSON.parse(localStorage.getItem(name)).at ?? 0) > 14 * 86400e3) localStorage.removeItem(name);
}

function turnTo(next) {
  form.dataset.mode = next;
  for (const tab of form.querySelectorAll("[data-mode-to]")) tab.setAttribute("aria-selected", String(tab.dataset.modeTo === next));
  field.placeholder = next === "note" ? field.dataset.notePlaceholder : field.dataset.answerPlaceholder;
  form.elements.released.value = "";
  recall();
  check();
}

export function focus(next) {
  if (!form?.isConnected) return;
  if (mode() !== next) turnTo(next);
  field.focus();
}

export function giveBack(text) {
  if (mode() !== "answer") turnTo("answer");
  field.value = field.value ? `${text}\n\n${field.value}` : text;
  typed({});
  field.focus();
  toast(words.taken, "ok");
}

/** Put a phrase in: over the whole when the field is empty or holds a template nobody touched, else where the cursor (or `from`) is. */
export function insert(text, { template = "", purpose = "", from = field.selectionStart } = {}) {
  const untouched = template && form.elements.rendered.value && field.value === form.elements.rendered.value;
  const alone = untouched || !(field.value.slice(0, from) + field.value.slice(field.selectionEnd)).trim();
  if (alone) {
    field.value = text;
    form.elements.template.value = template;
    form.elements.rendered.value = template ? text : "";
    if (purpose) form.elements.purpose.value = purpose;
  } else field.setRangeText(text, from, field.selectionEnd, "end");
  field.focus();
  field.selectionStart = field.selectionEnd = alone ? text.length : field.selectionEnd;
  nextGap(alone ? 0 : from);
  typed({});
}

// The gate's word on what is there now. A newer question ends an older one.
function check() {
  return (question = askTheGate());
}

async function askTheGate() {
  if (!form?.isConnected) return;
  count(null);
  if (mode() === "note" || (!field.value.trim() && form.elements.purpose.value === "answer" && !files.any(form))) return rule({ verdict: "allowed", findings: [] });
  checking?.abort();
  checking = new AbortController();
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token() }, signal: checking.signal });
    if (answer.ok) rule(await answer.json());
  } catch (error) {
    if (error.name !== "AbortError") rule({ verdict: "allowed", findings: [] }); // the server decides when it is sent
  }
}

function rule(found) {
  verdict = found.verdict;
  const empty = !field.value.trim() && !files.any(form);
  const shown = empty ? found.findings.filter((one) => one.code !== "empty") : found.findings;
  showFindings(form, shown, verdict, words, () => {
    form.elements.released.value = "1";
    check();
  });
  paint(shown);
  count(found);
  for (const button of form.querySelectorAll("#send, [data-send-close]")) button.disabled = mode() === "answer" && verdict !== "allowed" && !empty;
}

function count(found) {
  const box = form.querySelector("#length");
  const n = [...field.value].length;
  const limit = Number(box.dataset.limit) || 0;
  const parts = found?.parts?.length > 1 ? ` · ${words.parts.replace("%s", found.parts.length)}` : "";
  box.textContent = n ? `${n}${limit ? ` / ${limit}` : ""}${parts}` : "";
  box.toggleAttribute("data-over", Boolean(limit && n > limit));
}

// The words behind the findings, marked under the text.
function paint(findings) {
  const marks = document.getElementById("marks");
  const spans = findings.filter((one) => one.start >= 0).sort((a, b) => a.start - b.start);
  const letters = [...field.value];
  const pieces = [];
  let at = 0;
  for (const { start, end, verdict: weight } of spans) {
    if (start < at) continue;
    pieces.push(letters.slice(at, start).join(""));
    const mark = document.createElement("mark");
    mark.dataset.verdict = weight;
    mark.textContent = letters.slice(start, end).join("");
    pieces.push(mark);
    at = end;
  }
  marks.replaceChildren(...pieces, letters.slice(at).join(""), "\n");
  marks.scrollTop = field.scrollTop;
}

let sending = false;

async function send({ close = false, anyway = false, byHand = false } = {}) {
  if (sending || !form?.isConnected || (!field.value.trim() && !files.any(form))) return;
  if (mode() === "answer" && !form.dataset.sends && !byHand) return handOver({ close, anyway });
  const from = form;
  const noted = mode() === "note";
  const body = new FormData(from);
  if (close) body.set("close", "1");
  if (anyway) body.set("anyway", "1");
  sending = true;
  from.classList.add("busy");
  try {
    const answer = await fetch(noted ? from.dataset.noteUrl : from.action, { method: "POST", body, headers: { "X-CSRFToken": token() } });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) await accepted(from, noted);
    else if (told.collision) collide(told.collision, close);
    else if (told.findings) rule(told);
    else toast(told.error || JSON.parse(document.body.dataset.words).failed, "bad");
  } catch {
    toast(JSON.parse(document.body.dataset.words).gone, "bad");
  } finally {
    sending = false;
    from.classList.remove("busy");
  }
}

async function accepted(from, noted) {
  if (!noted && !from.dataset.sends) toast(words.marked, "ok");
  localStorage.removeItem(key());
  for (const name of ["text", "template", "rendered", "released"]) from.elements[name].value = "";
  files.clear(from);
  if (noted) turnTo("answer");
  else check();
  document.dispatchEvent(new CustomEvent("changed", { detail: { said: true } }));
}

/** A channel that does not send: the text is copied, and marked as sent once the agent says that it is. */
async function handOver(how) {
  if (!(await allowed())) return;
  const box = document.getElementById("byhand");
  const text = box.querySelector("textarea");
  const tool = box.querySelector("[data-tool]");
  text.value = field.value;
  tool.hidden = !form.dataset.tool;
  tool.href = form.dataset.tool;
  const copy = async () => (box.querySelector("[data-said]").textContent = (await copied(text)) ? words.byhand : words.uncopied);
  box.querySelector("[data-copy-again]").onclick = copy;
  box.querySelector("[data-sent]").onclick = () => (box.close(), send({ ...how, byHand: true }));
  box.showModal();
  await copy();
}

async function allowed() {
  check();
  for (let known; known !== question; ) await (known = question); // what was typed meanwhile has asked again
  return verdict === "allowed";
}

function collide({ asked, text }, close) {
  const box = document.getElementById("collision");
  box.querySelector("h2").textContent = asked;
  box.querySelector("blockquote").textContent = text;
  box.querySelector("[data-anyway]").onclick = () => (box.close(), send({ close, anyway: true, byHand: true }));
  box.showModal();
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-mode-to]");
  if (tab) turnTo(tab.dataset.modeTo), field.focus();
  const phrase = event.target.closest("[data-phrase]");
  if (phrase && form?.isConnected) {
    if (mode() !== "answer") turnTo("answer");
    insert(phrase.dataset.phrase, { template: phrase.dataset.template, purpose: phrase.dataset.purpose });
  }
  if (event.target.closest("[data-send-close]")) send({ close: true });
  if (event.target.closest("[data-phrases-open]")) {
    field.focus();
    field.setRangeText(field.value && !/\s$/.test(field.value) ? " /" : "/", field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
  }
  const translate = event.target.closest("[data-translate-draft]");
  if (translate) translateDraft(translate);
});

// A step of a playbook that was just taken puts its message in.
document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target.id === "playbook" && detail.target.querySelector("[data-now]")?.click());

async function translateDraft(button) {
  if (!field.value.trim()) return;
  const body = new URLSearchParams({ text: field.value, target: button.dataset.target, conversation: conversation() });
  button.disabled = true;
  const answer = await fetch(button.dataset.translateDraft, { method: "POST", body, headers: { "X-CSRFToken": token() } }).catch(() => null);
  const told = await answer?.json().catch(() => ({}));
  button.disabled = false;
  if (!told?.text) return void toast(told?.error || JSON.parse(document.body.dataset.words).failed, "bad");
  field.value = told.text;
  form.elements.template.value = form.elements.rendered.value = "";
  if (told.warning) toast(told.warning, "warn");
  typed({});
}

// Pictures and files may be dropped anywhere on the conversation.
const pane = document.getElementById("conversation");
const carries = (event) => form?.isConnected && takesFiles() && event.dataTransfer?.types.includes("Files");
for (const kind of ["dragenter", "dragover"]) {
  pane.addEventListener(kind, (event) => carries(event) && (event.preventDefault(), pane.classList.add("dropping")));
}
pane.addEventListener("dragleave", (event) => event.target === pane && pane.classList.remove("dropping"));
pane.addEventListener("drop", (event) => {
  pane.classList.remove("dropping");
  if (!carries(event)) return;
  event.preventDefault();
  files.add(form, event.dataTransfer.files, words, check);
});
