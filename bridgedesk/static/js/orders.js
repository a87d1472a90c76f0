// The list of orders and an order's page fetch themselves again when something changed, unless a field is in use.
import { tick } from "./clock.js";
import { onLive, start } from "./live.js";

const page = () => document.querySelector("#order, #orders");
const inUse = (box) => box.querySelector("details[open], :is(input, select, textarea):focus");

let waiting;
function refresh() {
  waiting ??= setTimeout(() => {
    waiting = undefined;
    if (inUse(page())) refresh();
    else htmx.trigger(page(), "stale");
  }, 1000);
}

onLive(({ kind, order }) => {
  const own = page().dataset.order;
  if (kind === "resync" || (kind === "order" && (!own || own === String(order)))) refresh();
});
document.addEventListener("htmx:afterSwap", () => tick());
tick();
start(page().dataset.live);
