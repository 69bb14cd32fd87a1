// The comfort menu: what is chosen shows at once and is kept by the server; without scripts the form does the same.

for (const menu of document.querySelectorAll("[data-comfort]")) {
  const form = menu.querySelector("form");
  const summary = menu.querySelector("summary");

  form.addEventListener("change", () => {
    show(form);
    fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      keepalive: true, // also when the page is left at once
    }).catch(() => {}); // offline: it shows here all the same
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    summary.focus();
  });
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  // A keyboard that moves on leaves nothing open over what it moves to.
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}

function show(form) {
  const page = document.documentElement;
  for (const group of form.querySelectorAll("fieldset")) {
    const [plain, ...others] = group.querySelectorAll("input[type=radio]");
    for (const radio of [plain, ...others]) {
      const name = radio.name === "timer" ? "hide-timer" : `${radio.name}-${radio.value}`;
      if (radio !== plain) page.classList.toggle(name, radio.checked);
    }
  }
}

// How high the sticky bar is, so that nothing that has the focus comes to lie below it.
const bar = document.querySelector(".exam-bar");
if (bar) {
  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
}
