/** Rows one can move through: the whole row can be clicked, one row is current, boxes select. */
const CURRENT = "data-now";
const STAYS_MS = 120; // who runs past a row has not looked at it, and the log shall not say so
let asking = 0;

export function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.offsetParent !== null);
}

export function currentRow(): HTMLElement | undefined {
  return document.querySelector<HTMLElement>(`[data-row][${CURRENT}]`) ?? undefined;
}

export function move(step: number): void {
  const all = rows();
  if (all.length === 0) return;
  const now = currentRow();
  const at = now ? all.indexOf(now) : -1;
  makeCurrent(all[Math.min(all.length - 1, Math.max(0, at + step))]);
}

export function makeCurrent(row: HTMLElement | undefined): void {
  if (!row || row === currentRow()) return;
  currentRow()?.removeAttribute(CURRENT);
  row.setAttribute(CURRENT, "");
  tell(row);
  row.scrollIntoView({ block: "nearest" });
  clearTimeout(asking);
  asking = setTimeout(() => row.dispatchEvent(new CustomEvent("lintas:now", { bubbles: false })), STAYS_MS);
  row.querySelector<HTMLElement>("a.main")?.focus({ preventScroll: true });
}

/** Why a row is here, where the row itself carries it. */
function tell(row: HTMLElement): void {
  const why = row.querySelector<HTMLTemplateElement>("template[data-why]");
  const place = document.getElementById("why-now");
  if (why && place) place.replaceChildren(why.content.cloneNode(true));
}

export function open(): void {
  currentRow()?.querySelector<HTMLElement>("a.main")?.click();
}

export function select(): void {
  currentRow()?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
}

export function startRows(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>("[data-row]");
    if (!row || target.closest("a, input, button, label, summary") || getSelection()?.toString()) return;
    row.querySelector<HTMLElement>("a.main")?.click();
  });
  const all = document.querySelector<HTMLInputElement>("[data-select-all]");
  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    count();
  });
  document.addEventListener("change", (event) => {
    if ((event.target as HTMLElement).matches("[data-row] input[type=checkbox]")) count();
  });
  count();
  const first = currentRow();
  if (first) tell(first);
}

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("[data-row] input[type=checkbox]")];
}

/** The bulk bar says how many are chosen, in the words of the page's own language. */
function count(): void {
  const bar = document.querySelector<HTMLElement>("[data-bulk]");
  if (!bar) return;
  const n = boxes().filter((box) => box.checked).length;
  bar.hidden = n === 0;
  for (const part of bar.querySelectorAll<HTMLElement>("[data-one]")) {
    const words = (n === 1 ? part.dataset["one"] : part.dataset["many"]) ?? "";
    part.textContent = words.replace("%n", String(n));
  }
}
