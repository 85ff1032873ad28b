// The hotline desk: keys, typing ahead, copying an answer. Everything works, less conveniently, without it.

const box = document.getElementById("q");
const form = document.getElementById("ask-form");
const results = document.getElementById("results");
let composing = false;
let asking = false;
let asked = null;

function state() {
  return new URLSearchParams(
    [...new FormData(form)].filter(([name]) => name !== "csrf_token"),
  ).toString();
}

// While an input method is composing there is no question yet; and what is being asked and recorded, or was
// just now, must not be replaced by the preview of the same words, which would hide its receipt.
box.addEventListener("compositionstart", () => (composing = true));
box.addEventListener("compositionend", () => (composing = false));
form.addEventListener("htmx:confirm", (event) => {
  if (event.detail.verb === "post") {
    asking = true;
    asked = state();
  } else if (composing || asking || state() === asked) {
    event.preventDefault();
  } else {
    asked = null;
  }
});
form.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.verb === "post") {
    asking = false;
  }
});

// The question to hand on follows the question asked, until somebody rewords it.
box.addEventListener("input", () => {
  const handedOn = document.getElementById("escalate-question");
  if (handedOn && !handedOn.dataset.reworded) {
    handedOn.value = box.value;
  }
});
document.addEventListener("input", (event) => {
  if (event.target.id === "escalate-question") {
    event.target.dataset.reworded = "yes";
  }
});

function summaries() {
  return [...results.querySelectorAll("summary")];
}

function step(by) {
  const all = summaries();
  const at = all.indexOf(document.activeElement);
  const next = at + by;
  if (next < 0) {
    box.focus();
  } else if (next < all.length) {
    all[next].focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const typing = event.target.matches("input, textarea, select");
  const moving = event.target === box || event.target.matches("summary");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "ArrowDown" && moving) {
    event.preventDefault();
    step(1);
  } else if (event.key === "ArrowUp" && moving) {
    event.preventDefault();
    step(-1);
  } else if (event.key === "Escape" && event.target.matches("summary")) {
    box.focus();
    box.select();
  }
});

async function copy(text) {
  if (navigator.clipboard && isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // An intranet address without HTTPS has no clipboard interface.
  const aside = document.createElement("textarea");
  aside.value = text;
  aside.className = "unseen";
  document.body.append(aside);
  aside.select();
  document.execCommand("copy");
  aside.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) {
    return;
  }
  const label = button.textContent;
  try {
    await copy(button.dataset.copy);
    button.textContent = "已复制";
  } catch {
    button.textContent = "复制失败，请手工选取";
  }
  setTimeout(() => (button.textContent = label), 2000);
});
