// One live connection per browser: the tab that holds the lock listens and tells the others.
const channel = new BroadcastChannel("bridgedesk-live");
const listeners = new Set();

/** Call `listener({kind, shop, conversation, …})` for every event; kind "resync" asks to fetch everything again. */
export const onLive = (listener) => listeners.add(listener);

const hand = (event) => listeners.forEach((listener) => listener(event));
channel.addEventListener("message", ({ data }) => hand(data));

function tell(event) {
  hand(event);
  channel.postMessage(event);
}

function listen(url) {
  let source;
  let timer;
  const open = () => {
    source = new EventSource(url);
    source.addEventListener("message", ({ data }) => tell(JSON.parse(data)));
    source.addEventListener("error", () => {
      tell({ kind: "offline" });
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      clearTimeout(timer);
      timer = setTimeout(open, 4000 + Math.random() * 4000);
    });
  };
  open();
  return new Promise(() => {}); // holds the lock until the tab closes
}

/** `url` says since when this page knows; where another tab listens already, that moment has passed unheard. */
export function start(url) {
  if (!navigator.locks) return void listen(url);
  const inTurn = (options, act) => navigator.locks.request("bridgedesk-live", options, act).catch(() => {});
  inTurn({ ifAvailable: true }, (lock) => {
    if (lock) return listen(url);
    inTurn({}, () => listen(url));
    hand({ kind: "resync" });
  });
}
