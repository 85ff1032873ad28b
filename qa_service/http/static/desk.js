// Asks before destructive steps, and before leaving a form that was changed. Pages work without it.

const dialog = document.getElementById("confirm");
let confirmed = null;

function ask(form, question) {
  dialog.querySelector("[data-question]").textContent = question;
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue === "yes") {
        confirmed = form;
        form.requestSubmit(form.confirmedBy ?? undefined);
      }
    },
    { once: true },
  );
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question || !dialog || confirmed === form) {
    confirmed = null;
    changed.delete(form);
    return;
  }
  event.preventDefault();
  form.confirmedBy = event.submitter;
  ask(form, question);
});

const changed = new Set();

for (const form of document.querySelectorAll("form[data-keep]")) {
  if (form.dataset.keep === "changed") {
    changed.add(form);
  }
  form.addEventListener("input", () => changed.add(form));
}

addEventListener("beforeunload", (event) => {
  if (changed.size > 0) {
    event.preventDefault();
  }
});

// A form that came back with errors starts at the first of them.
document.querySelector("[aria-invalid='true']")?.focus();
