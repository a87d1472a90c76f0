// A list of cards with a current one: moved with keys, passed on when a card is settled and gone, and a word when there is news.
import { onLive, start } from "./live.js";

export function cardsIn(list, selector, { empty, settled = () => {}, news = [] }) {
  const cards = () => [...list.querySelectorAll(selector)];
  const current = () => list.querySelector('[aria-current="true"]');

  function choose(card) {
    for (const other of cards()) other.toggleAttribute("aria-current", false);
    card?.setAttribute("aria-current", "true");
  }

  function mark(card) {
    choose(card);
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
  }

  function move(by) {
    const all = cards();
    mark(all[Math.max(0, Math.min(all.length - 1, all.indexOf(current()) + by))]);
  }

  let place = -1;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.matches?.(selector)) place = cards().indexOf(event.detail.target);
  });
  function follow() {
    const all = cards();
    empty.hidden = all.length > 0;
    if (place >= 0 && all.length) mark(all[Math.min(place, all.length - 1)]);
    place = -1;
    settled();
  }
  document.addEventListener("htmx:afterSettle", () => place >= 0 && follow());
  document.addEventListener("settled", follow); // nothing came in its place

  let stale;
  onLive(({ kind }) => {
    if (![...news, "resync"].includes(kind) || stale) return;
    stale = setTimeout(() => {
      stale = undefined;
      document.getElementById("fresh").hidden = false;
    }, 1000);
  });
  start(list.dataset.live);

  const act = (name) => current()?.querySelector(`[data-do="${name}"]:not(:disabled)`)?.click();
  const keys = { j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1) };
  return { cards, current, choose, mark, act, keys };
}
