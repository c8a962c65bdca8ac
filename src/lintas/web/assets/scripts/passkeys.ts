/** Passkeys: the browser is asked for one, and its answer goes into the form, which is then sent as any other. */
export function startPasskeys(): void {
  // Without these the form stays hidden, and the page says what is missing.
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON || !PublicKeyCredential.prototype.toJSON) return;
  for (const hint of document.querySelectorAll<HTMLElement>("[data-no-passkey]")) hint.hidden = true;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = false;
    let isAsking = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (isAsking) return;
      isAsking = true;
      answer(form).then(
        (words) => {
          form.querySelector<HTMLInputElement>("[name=answer]")!.value = words;
          form.submit();
        },
        () => {
          isAsking = false;
          delete form.dataset["sent"];
          form.querySelector<HTMLElement>("[role=status]")!.textContent = form.dataset["cancelled"] ?? "";
        },
      );
    });
  }
}

async function answer(form: HTMLFormElement): Promise<string> {
  const asked = await fetch(form.dataset["ask"] ?? "", { method: "POST", headers: { Accept: "application/json" } });
  if (!asked.ok) throw new Error(asked.statusText);
  const options = await asked.json();
  const credential =
    form.dataset["passkey"] === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify((credential as PublicKeyCredential).toJSON());
}
