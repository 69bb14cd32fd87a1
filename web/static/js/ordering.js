// Ordering with buttons instead of numbers; the number menus stay underneath and carry the reply.

for (const group of document.querySelectorAll("[data-ordering]")) enhance(group);

function enhance(group) {
  const list = group.querySelector("ol");
  const announce = group.querySelector("[data-announce]");
  const rows = [...list.children];
  const given = rows.map((row) => Number(menu(row).value));
  if (given.every(Boolean)) {
    rows.sort((a, b) => menu(a).value - menu(b).value).forEach((row) => list.append(row));
  }
  group.querySelector("legend").textContent =
    "Mettez les propositions dans l'ordre, de la première à la dernière, avec les boutons ou en les faisant glisser.";
  for (const row of list.children) {
    menu(row).hidden = true;
    row.prepend(make("span", "rank"));
    const moves = make("div", "moves");
    moves.append(button(row, -1, "Monter", "↑"), button(row, 1, "Descendre", "↓"));
    row.append(moves);
    row.draggable = true;
    row.addEventListener("dragstart", () => row.classList.add("dragged"));
    row.addEventListener("dragend", () => {
      row.classList.remove("dragged");
      touched();
    });
  }
  list.addEventListener("dragover", (event) => {
    event.preventDefault();
    const dragged = list.querySelector(".dragged");
    const over = event.target.closest("li");
    if (!dragged || !over || over === dragged) return;
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
    number();
  });
  number();

  function button(row, step, name, sign) {
    const made = make("button");
    made.type = "button";
    made.textContent = sign;
    made.setAttribute("aria-label", `${name} : ${row.querySelector("span[id]").textContent}`);
    made.addEventListener("click", () => {
      const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other) return;
      step < 0 ? other.before(row) : other.after(row);
      touched();
      made.focus();
      announce.textContent = `Place ${[...list.children].indexOf(row) + 1} sur ${list.children.length}.`;
    });
    return made;
  }

  // The order that is shown first is nobody's reply: until something moves, nothing is filled in.
  function touched() {
    number();
    [...list.children].forEach((row, n) => (menu(row).value = String(n + 1)));
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function number() {
    [...list.children].forEach((row, n) => (row.querySelector(".rank").textContent = `${n + 1}`));
  }
}

function menu(row) {
  return row.querySelector("select");
}

function make(tag, name = "") {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}
