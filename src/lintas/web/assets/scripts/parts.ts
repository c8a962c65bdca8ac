/** On a narrow screen the tab bar shows one of the four parts at a time. */
const NAMES = ["left", "thing", "why", "time"];

export function startParts(): void {
  const tabs = [...document.querySelectorAll<HTMLAnchorElement>(".tabs a")];
  const show = (name: string): void => {
    document.body.dataset["part"] = name;
    for (const tab of tabs) {
      if (tab.hash === `#${name}`) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  };
  const fromAddress = location.hash.slice(1);
  show(NAMES.includes(fromAddress) ? fromAddress : "thing");
  for (const tab of tabs) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      show(tab.hash.slice(1));
      scrollTo(0, 0);
    });
  }
}
