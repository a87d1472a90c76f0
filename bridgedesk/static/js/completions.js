// What follows "/" (quick phrases) or "@" in a note (colleagues), chosen with arrows and Enter.
const PHRASE = /(?:^|\s)\/([^\s/]*)$/u;
const MENTION = /@([\p{L}\p{N}_.-]*)$/u;

export function complete(form, field, words, insert) {
  const box = form.querySelector("#completions");
  const colleagues = JSON.parse(form.dataset.colleagues);
  let options = [];
  let at = 0;
  let asked = 0;

  const close = () => {
    box.hidden = true;
    options = [];
  };

  function show(found, none) {
    options = found;
    at = 0;
    box.replaceChildren(...found.map(row));
    if (!found.length && none) box.append(Object.assign(document.createElement("p"), { className: "faint", textContent: none }));
    box.hidden = !found.length && !none;
    select(0);
  }

  function row(option, index) {
    const item = Object.assign(document.createElement("div"), { className: "menu-item", role: "option" });
    item.append(Object.assign(document.createElement("b"), { className: "nowrap", textContent: option.name }));
    if (option.hint) item.append(Object.assign(document.createElement("span"), { className: "faint cut", textContent: option.hint, lang: option.language ?? "" }));
    if (option.warning) {
      const chip = Object.assign(document.createElement("span"), { className: "chip push nowrap", textContent: option.warning });
      chip.dataset.tone = "warn";
      item.append(chip);
    }
    item.addEventListener("mousedown", (event) => (event.preventDefault(), take(index)));
    return item;
  }

  function select(next) {
    at = (next + options.length) % (options.length || 1);
    [...box.children].forEach((item, index) => item.setAttribute?.("aria-selected", String(index === at)));
    box.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function take(index) {
    const option = options[index];
    close();
    field.setSelectionRange(option.from, field.selectionEnd);
    insert(option.text, option);
  }

  async function look() {
    const before = field.value.slice(0, field.selectionEnd);
    const phrase = form.dataset.mode === "answer" && before.match(PHRASE);
    const mention = form.dataset.mode === "note" && before.match(MENTION);
    if (phrase) await phrases(phrase[1], before.length - phrase[1].length - 1);
    else if (mention) mentions(mention[1].toLowerCase(), before.length - mention[1].length - 1);
    else close();
  }

  async function phrases(query, from) {
    const turn = ++asked;
    const answer = await fetch(`${form.dataset.phrases}?q=${encodeURIComponent(query)}`).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    const { phrases: found } = await answer.json();
    show(found.map((one) => ({ name: one.name, hint: one.text, language: one.language, text: one.text, template: one.pk, purpose: one.purpose, warning: one.fallback && words.fallback, from })), words.empty);
  }

  function mentions(query, from) {
    const fits = ({ name, username }) => name.toLowerCase().startsWith(query) || username.toLowerCase().startsWith(query);
    show(colleagues.filter(fits).slice(0, 8).map((one) => ({ name: one.name, hint: `@${one.username}`, text: `@${one.username} `, from })));
  }

  field.addEventListener("input", (event) => event.isComposing || look());
  field.addEventListener("compositionend", look);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || box.hidden) return;
    if (event.key === "ArrowDown") select(at + 1);
    else if (event.key === "ArrowUp") select(at - 1);
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") options.length ? take(at) : close();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
}
