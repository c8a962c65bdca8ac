/** The keyboard. Off in text fields; can be switched off as a whole (WCAG 2.1.4). */
import { move, open, select } from "./rows";

const OFF = "lintas-keys-off";
let isGoing = false;

export function startKeys(): void {
  const sheet = document.querySelector<HTMLDialogElement>("#all-keys");
  const off = document.querySelector<HTMLInputElement>("#keys-off");
  if (off) {
    off.checked = localStorage.getItem(OFF) !== null;
    off.addEventListener("change", () => {
      if (off.checked) localStorage.setItem(OFF, "1");
      else localStorage.removeItem(OFF);
    });
  }
  for (const button of document.querySelectorAll("[data-show-keys]")) {
    button.addEventListener("click", () => sheet?.showModal());
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    if (localStorage.getItem(OFF) !== null || document.querySelector("[data-keys=off]") || sheet?.open) return;
    if (act(event.key, sheet)) event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement;
  return element.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") ?? false;
}

function act(key: string, sheet: HTMLDialogElement | null): boolean {
  if (isGoing) {
    isGoing = false;
    return follow(`[data-go="${CSS.escape(key)}"]`);
  }
  switch (key) {
    case "/": {
      const box = [...document.querySelectorAll<HTMLInputElement>("input[name=q]")].find((b) => b.offsetParent !== null);
      box?.select();
      box?.focus();
      return true;
    }
    case "g":
      isGoing = true;
      return true;
    case "?":
      sheet?.showModal();
      return true;
    case "j":
      return follow('[data-key="j"]') || (move(1), true);
    case "k":
      return follow('[data-key="k"]') || (move(-1), true);
    case "x":
      select();
      return true;
    case "o":
      open();
      return true;
    default:
      return follow(`[data-key="${CSS.escape(key)}"]`);
  }
}

/** Click or choose what carries the key; false when nothing does. */
function follow(selector: string): boolean {
  const all = [...document.querySelectorAll<HTMLInputElement>(selector)];
  const found = all.find((one) => !one.disabled && !one.closest("[hidden], details:not([open])"));
  if (!found) return false;
  found.click();
  if (found.matches("[data-key]:is(input[type=radio])")) {
    found.closest("form")?.querySelector<HTMLElement>("[data-then]")?.focus();
  }
  return true;
}
