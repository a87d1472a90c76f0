// The sync page fetches itself again when something came in, at most once a second.
import { onLive, start } from "./live.js";

let waiting;
function refresh() {
  waiting ??= setTimeout(() => {
    waiting = undefined;
    htmx.trigger("#sync", "stale");
  }, 1000);
}

onLive(({ kind }) => ["sync", "resync"].includes(kind) && refresh());
start(document.getElementById("sync").dataset.live);
