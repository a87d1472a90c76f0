// The server's clock (which may run fast in the sandbox), and the badges that count down by it.
const body = document.body.dataset;
const start = { server: Number(body.now) * 1000, wall: Date.now(), speed: Number(body.speed) || 1 };

export const now = () => start.server + (Date.now() - start.wall) * start.speed;

/** "2h 05m", "−40m" once past: the same words as the server's `left` filter. */
export function left(until) {
  const total = Math.trunc((until - now()) / 60000);
  const sign = total < 0 ? "−" : "";
  const minutes = Math.abs(total);
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (d) return `${sign}${d}d ${h}h`;
  return h ? `${sign}${h}h ${String(m).padStart(2, "0")}m` : `${sign}${m}m`;
}

function tone(badge, due) {
  if (due < now()) return "bad";
  return badge.dataset.warn && Date.parse(badge.dataset.warn) < now() ? "warn" : "calm";
}

export function tick(root = document) {
  for (const badge of root.querySelectorAll("[data-clock]")) {
    const due = Date.parse(badge.dataset.clock);
    const fresh = tone(badge, due);
    if (badge.dataset.tone === "calm" && fresh !== "calm") badge.dispatchEvent(new CustomEvent("due", { bubbles: true, detail: { tone: fresh } }));
    badge.dataset.tone = fresh;
    badge.querySelector("[data-left]").textContent = left(due);
  }
}

setInterval(tick, Math.max(1000, 20000 / start.speed));
