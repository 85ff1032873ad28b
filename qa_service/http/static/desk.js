// Asks before destructive steps, and before leaving a form that was changed; keeps what was typed in a form whose
// sending led elsewhere, as when the session had ended. Pages work without it.

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
    if (form.dataset.keep !== undefined) {
      keep(form);
    }
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
    event.returnValue = "";
  }
});

// What is typed lies in this tab's storage from sending until the page that tells of success.
const KEPT = "kept:";
const NOT_TYPED = new Set(["csrf_token", "version"]);

function keep(form) {
  const typed = [...new FormData(form)].filter(([name]) => !NOT_TYPED.has(name));
  sessionStorage.setItem(KEPT + form.getAttribute("action"), JSON.stringify(typed));
}

function restore(form, typed) {
  for (const name of new Set(typed.map(([name]) => name))) {
    const values = typed.filter(([each]) => each === name).map(([, value]) => value);
    const fields = [...form.elements].filter((field) => field.name === name);
    for (let last = fields[fields.length - 1]; last && fields.length < values.length; ) {
      const row = last.closest(".row");
      if (!row) {
        break;
      }
      const another = row.cloneNode(true);
      row.after(another);
      last = another.querySelector(`[name="${name}"]`);
      fields.push(last);
    }
    fields.forEach((field, place) => {
      if (field.type === "checkbox") {
        field.checked = values.includes(field.value);
      } else if (place < values.length) {
        field.value = values[place];
      }
    });
  }
  changed.add(form);
}

if (new URLSearchParams(location.search).has("done")) {
  Object.keys(sessionStorage)
    .filter((key) => key.startsWith(KEPT))
    .forEach((key) => sessionStorage.removeItem(key));
}

for (const form of document.querySelectorAll("form[data-keep='']")) {
  const kept = sessionStorage.getItem(KEPT + form.getAttribute("action"));
  const offer = form.querySelector("[data-kept]");
  if (kept && offer) {
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", () => {
      restore(form, JSON.parse(kept));
      offer.hidden = true;
    });
  }
}

// A form that came back with errors starts at the first of them.
document.querySelector("[aria-invalid='true']")?.focus();
