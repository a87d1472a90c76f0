// What the gate found, in words: reason, what to do instead, source; and the release where a person may take it upon themselves.
const element = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text ?? "" });

function source(one, words) {
  const box = element("span", "faint");
  box.append(`${words.source} `);
  if (/^https?:/.test(one.source)) {
    const link = element("a", "", new URL(one.source).hostname);
    Object.assign(link, { href: one.source, target: "_blank", rel: "noopener noreferrer" });
    box.append(link);
  } else box.append(one.source);
  box.append(` · ${one.as_of}`);
  if (!["official", "own"].includes(one.sure)) {
    const mark = element("span", "chip", words.unsure);
    mark.dataset.tone = "warn";
    box.append(" ", mark);
  }
  return box;
}

function line(one, words) {
  const box = element("div", "finding");
  box.dataset.tone = one.verdict === "forbidden" ? "bad" : "warn";
  box.dataset.code = one.code;
  const said = element("div", "grow");
  said.append(element("b", "", one.reason));
  if (one.detail) said.append(" ", element("span", "mono", one.detail));
  if (one.instead) said.append(element("div", "", `${words.instead} ${one.instead}`));
  said.append(source(one, words));
  box.append(said);
  return box;
}

/** Several of one kind are one line that names each. */
function grouped(findings) {
  const kinds = new Map();
  for (const one of findings) {
    const known = kinds.get(one.code + one.reason);
    if (known) known.detail = [...new Set([...known.detail.split(" · "), one.detail])].filter(Boolean).join(" · ");
    else kinds.set(one.code + one.reason, { ...one });
  }
  return [...kinds.values()];
}

export function showFindings(form, findings, verdict, words, release) {
  const box = form.querySelector("#findings");
  const lines = grouped(findings).map((one) => line(one, words));
  if (verdict === "person") {
    const button = element("button", "button small", words.released);
    button.type = "button";
    button.dataset.release = "";
    button.addEventListener("click", release);
    lines.at(0)?.append(button);
  }
  box.replaceChildren(...lines);
}
