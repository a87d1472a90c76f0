// Rows that are chosen for one act together: the box for all, and a button that waits for the first choice.
for (const form of document.querySelectorAll("form[data-chosen]")) {
  const all = form.querySelector("[data-all]");
  const boxes = () => [...form.elements].filter((field) => field.name === "ids");
  const count = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    for (const button of form.querySelectorAll("[data-act]")) button.disabled = !chosen;
    if (!all) return;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && chosen < boxes().length;
  };
  document.addEventListener("change", ({ target }) => {
    if (target === all) for (const box of boxes()) box.checked = all.checked;
    if (target.form === form) count();
  });
  count();
}
