/** Small services of form fields that also work without. */
export function startFields(): void {
  // A reason that was used before can be taken again.
  for (const choice of document.querySelectorAll<HTMLSelectElement>("select[data-fills]")) {
    choice.addEventListener("change", () => {
      const field = document.getElementById(choice.dataset["fills"] ?? "") as HTMLInputElement | null;
      if (field && choice.value) field.value = choice.value;
      field?.focus();
    });
  }
  // A form is sent once.
  for (const form of document.querySelectorAll<HTMLFormElement>("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset["sent"]) event.preventDefault();
      form.dataset["sent"] = "1";
    });
  }
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
  });
}
