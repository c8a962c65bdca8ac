/** When a session has ended by itself, what it showed leaves the screen: the page is asked for anew. */
const LOOK_EVERY_MS = 10_000;
const MARGIN_MS = 5_000; // the node's clock begins a little later than this one

export function startEnds(): void {
  const idles_s = Number(document.body.dataset.idles);
  if (!idles_s) return;
  let asked_at = Date.now();
  document.addEventListener("htmx:afterRequest", () => {
    asked_at = Date.now();
  });
  const look = (): void => {
    if (Date.now() - asked_at > idles_s * 1000 + MARGIN_MS) location.replace(location.pathname + location.search);
  };
  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", look); // a machine that slept shows nothing first
}
