// A link that would take the page away opens beside it: <a data-apart>. The other page knows nothing of this one.

for (const link of document.querySelectorAll("a[data-apart]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open(link.href, "_blank", "noopener,noreferrer");
  });
}
