// A bad review came in: said at once on every page that listens, with the way to it.
import { toast, words } from "./app.js";
import { onLive, start } from "./live.js";

onLive(({ kind, stars }) => {
  if (kind !== "review") return;
  const way = document.createElement("a");
  way.href = "/reviews?show=low";
  way.textContent = words.look;
  toast(words.review.replace("{stars}", stars), "bad", way);
  document.body.dispatchEvent(new Event("review-news"));
});

const page = document.querySelector("[data-alerts]");
if (page) start(page.dataset.alerts);
