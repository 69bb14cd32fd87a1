// Remembers on this tab which items were tried, for the line of the system check; nothing is sent.

const tried = document.querySelector("[data-tried]");
if (tried) {
  const known = new Set(JSON.parse(sessionStorage.getItem("palier-tried") ?? "[]"));
  known.add(Number(tried.dataset.tried));
  sessionStorage.setItem("palier-tried", JSON.stringify([...known]));
}
