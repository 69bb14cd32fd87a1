// What is typed or chosen survives a reload, a pause and a crash of the page, on this tab, until it is sent.

const form = document.getElementById("reply");
const key = `palier:${form.dataset.draft}`;
const OURS = new Set(["csrf_token", "answer_id", "item"]);

for (const other of Object.keys(sessionStorage)) {
  if (other.startsWith("palier:") && other !== key) sessionStorage.removeItem(other);
}
restore(JSON.parse(sessionStorage.getItem(key) ?? "null"));
form.addEventListener("input", save);

function save() {
  const entries = [...new FormData(form)].filter(([name]) => !OURS.has(name));
  sessionStorage.setItem(key, JSON.stringify(entries));
}

function restore(entries) {
  if (!entries) return;
  for (const field of form.elements) {
    if (!field.name || OURS.has(field.name) || field.tagName === "BUTTON") continue;
    const values = entries.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
}
