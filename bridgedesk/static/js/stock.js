// Differences: choose all of the page; the button says nothing while nothing is chosen.
import "./app.js";

const form = document.getElementById("push");
const boxes = () => [...form.querySelectorAll("[name=listing]")];

function show() {
  const chosen = boxes().filter((box) => box.checked).length;
  const button = form.querySelector("[data-push]");
  if (button) button.disabled = !chosen;
}

form?.addEventListener("change", ({ target }) => {
  if (target.matches("[data-all]")) boxes().forEach((box) => (box.checked = target.checked));
  show();
});
if (form) show();
