// p, then a number: the fact of that number is put into the answer.
const box = () => document.getElementById("goods");

export function wait() {
  if (box()?.querySelector("[data-fact]")) box().toggleAttribute("data-waiting", true);
}

/** What the key after p does; undefined when nobody waits for it. Any other key ends the waiting and means what it always means. */
export function taken(key) {
  if (!box()?.hasAttribute("data-waiting")) return undefined;
  box().removeAttribute("data-waiting");
  const fact = box().querySelector(`[data-fact="${CSS.escape(key)}"]`);
  return fact ? () => fact.click() : undefined;
}
