// Files of a draft: uploaded at once, shown as they will go out, thrown away with a click.
import { toast } from "./app.js";

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const strip = (form) => form.querySelector("#drafts");
export const any = (form) => strip(form).childElementCount > 0;

export function add(form, list, words, changed) {
  for (const file of list) upload(form, file, words).then(changed);
}

export function clear(form) {
  strip(form).replaceChildren();
}

async function upload(form, file, words) {
  const item = strip(form).appendChild(shown(file, words));
  const body = new FormData();
  body.set("file", file, file.name || "picture.png");
  const answer = await fetch(form.dataset.upload, { method: "POST", body, headers: { "X-CSRFToken": csrf() } }).catch(() => null);
  const told = await answer?.json().catch(() => ({}));
  if (!answer?.ok) {
    item.remove();
    return void toast(told?.error || JSON.parse(document.body.dataset.words).failed, "bad");
  }
  item.classList.remove("busy");
  item.append(Object.assign(document.createElement("input"), { type: "hidden", name: "files", value: told.token }));
  item.querySelector("button").addEventListener("click", () => fetch(`${form.dataset.upload}/${told.token}`, { method: "DELETE", headers: { "X-CSRFToken": csrf() } }));
}

function shown(file, words) {
  const item = Object.assign(document.createElement("li"), { className: "file busy", title: file.name });
  if (file.type.startsWith("image/")) {
    const image = Object.assign(new Image(), { alt: "", src: URL.createObjectURL(file) });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    item.append(image);
  }
  item.append(Object.assign(document.createElement("span"), { className: "cut", textContent: file.name }));
  const remove = Object.assign(document.createElement("button"), { type: "button", className: "button ghost small square", textContent: "×" });
  remove.setAttribute("aria-label", `${words.remove} ${file.name}`);
  remove.addEventListener("click", () => item.remove());
  item.append(remove);
  return item;
}
