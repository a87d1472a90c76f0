// The page of what cannot be had fetches itself again when an order changed, unless a field is in use.
import { tick } from "./clock.js";
import { onLive, start } from "./live.js";

const page = () => document.getElementById("stockouts");
const inUse = () => page().querySelector(":is(input, select, textarea):focus");

let waiting;
function refresh() {
  waiting ??= setTimeout(() => {
    waiting = undefined;
    if (inUse()) refresh();
    else htmx.trigger("#stockouts", "stale");
  }, 1000);
}

onLive(({ kind }) => ["order", "message", "product", "resync"].includes(kind) && refresh());
document.addEventListener("htmx:afterSwap", () => tick());
tick();
start(page().dataset.live);
