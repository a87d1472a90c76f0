// Tables fetch themselves again while they are taken, at most once a second, unless somebody mends a row.
import { onLive, start } from "./live.js";

const page = () => document.querySelector("#imports");
const inUse = () => page().querySelector("details[open], :is(input:not([type=hidden]), select):focus");

let waiting;
function refresh() {
  waiting ??= setTimeout(() => {
    waiting = undefined;
    if (inUse()) refresh();
    else htmx.trigger(page(), "stale");
  }, 1000);
}

onLive(({ kind, table }) => {
  const own = page().dataset.table;
  if (kind === "resync" || (kind === "import" && (!own || own === String(table)))) refresh();
});
start(page().dataset.live);
