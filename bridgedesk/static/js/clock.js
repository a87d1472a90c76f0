// The server's clock (which may run fast in the sandbox), and the badges that count down by it.
const body = document.body.dataset;
const words = JSON.parse(body.left);
const start = { server: Number(body.now) * 1000, wall: Date.now(), speed: Number(body.speed) || 1 };

export const now = () => start.server + (Date.now() - start.wall) * start.speed;

/** "2h 05m"; once past its largest unit, "overdue 25d": the same words as the server's `left` filter. */
export function left(until) {
  const total = Math.trunc((until - now()) / 60000);
  const all = Math.abs(total);
  const [days, hours, minutes] = [Math.floor(all / 1440), Math.floor((all % 1440) / 60), all % 60];
  const unit = days ? "day" : hours ? "hour" : "minutes";
  const shape = total < 0 ? unit : { day: "days", hour: "hours" }[unit] ?? unit;
  const parts = { days, hours, minutes: hours ? String(minutes).padStart(2, "0") : minutes };
  const time = words[shape].replace(/\{(\w+)\}/g, (_, name) => parts[name]);
  return total < 0 ? words.over.replace("{time}", time) : time;
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
