// The count sheet: a scanner types a code and Enter; the first scan of an article brings its line up, each further one counts a piece.
import "./app.js";

const scan = document.getElementById("scan");
const sheet = document.getElementById("sheet");
const said = document.getElementById("scan-said");

const pieces = (line) => line.querySelector("[name=pieces]");
const lineOf = (code) => [...sheet.children].find((line) => line.dataset.barcode === code || line.dataset.code === code.toLowerCase());

function step(line, by) {
  const field = pieces(line);
  if (!field) return;
  field.value = Math.max(0, (Number(field.value || field.placeholder) || 0) + by);
  touch(line);
}

function touch(line) {
  line.toggleAttribute("data-touched", true);
  line.removeAttribute("data-kept");
  line.querySelector(".kept")?.remove();
}

sheet.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) step(button.closest(".sheet-line"), Number(button.dataset.step));
});
sheet.addEventListener("input", (event) => touch(event.target.closest(".sheet-line")));

async function bring(code) {
  const answer = await fetch(`${scan.dataset.url}?${new URLSearchParams({ code })}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return void (said.textContent = `${scan.dataset.unknown} ${code}`);
  sheet.insertAdjacentHTML("afterbegin", await answer.text());
  const line = sheet.firstElementChild;
  htmx.process(line);
  return line;
}

scan.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = scan.elements.code;
  const code = field.value.trim();
  field.value = "";
  said.textContent = "";
  if (!code) return;
  const line = lineOf(code) ?? (await bring(code));
  if (!line) return;
  if (!line.hasAttribute("data-touched")) {
    pieces(line).value = "1";
    touch(line);
  } else step(line, 1);
  sheet.prepend(line);
  field.focus();
});

addEventListener("beforeunload", (event) => sheet.querySelector("[data-touched]") && event.preventDefault());
