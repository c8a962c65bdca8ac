/** Back keeps the place: the columns scroll by themselves, so the browser does not remember where they were. */
const COLUMNS = ["left", "thing", "why"];

export function startScroll(): void {
  const kept = (history.state as { scroll?: Record<string, number> } | null)?.scroll ?? {};
  for (const id of COLUMNS) {
    const column = document.getElementById(id);
    if (column && kept[id]) column.scrollTop = kept[id];
  }
  document.querySelector(".left [aria-current]")?.scrollIntoView({ block: "nearest" });
  addEventListener("pagehide", () => {
    const scroll = Object.fromEntries(COLUMNS.map((id) => [id, document.getElementById(id)?.scrollTop ?? 0]));
    history.replaceState({ scroll }, "");
  });
}
