/** A sign-in link: what stands behind # goes into the field and out of the address; who opened it presses the button. */
export function startLinks(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-link]");
  const secret = new URLSearchParams(location.hash.slice(1)).get("link");
  if (!form || !secret) return;
  history.replaceState(null, "", location.pathname + location.search);
  form.querySelector<HTMLInputElement>("[name=link]")!.value = secret;
  form.querySelector("button")!.focus();
}
