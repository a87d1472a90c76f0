// What shops were told fetches itself again when an act moved on.
import { onLive, start } from "./live.js";

const page = document.getElementById("pushes");
let waiting;
onLive(({ kind }) => {
  if (!["act", "order", "resync"].includes(kind)) return;
  waiting ??= setTimeout(() => ((waiting = undefined), htmx.trigger("#pushes", "stale")), 500);
});
start(page.dataset.live);
