/** Times are written in UTC; on hover they are told in the zone of this machine. */
export function startTimes(): void {
  const format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });
  const zone = new Intl.DateTimeFormat(document.documentElement.lang || "en", { timeZoneName: "short" });
  const tell = (root: ParentNode): void => {
    for (const time of root.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (time.dateTime.length < 16 || Number.isNaN(at.getTime())) continue;
      const name = zone.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
      time.title = `${format.format(at)} ${name}`;
    }
  };
  tell(document);
  document.addEventListener("htmx:afterSettle", (event) => tell(event.target as HTMLElement));
}
