// What is saved and what is not, always in view, in a place of fixed size. It is said aloud only when it changes in kind:
// saved, draft, sending, offline.

const box = document.getElementById("saving");
const text = document.getElementById("saved");
const said = document.getElementById("saving-said");
let atRest = { kind: box.dataset.kind, words: text.textContent };

export function rest(kind, words) {
  atRest = { kind, words };
  show(kind, words, kind === "draft" ? "Brouillon enregistré." : words);
}

export function sending() {
  show("sending", "Envoi en cours…", "Envoi en cours.");
}

export function offline(answers, draft) {
  const kept = answers ? `${answers} réponse${answers > 1 ? "s" : ""} gardée${answers > 1 ? "s" : ""}` : draft ? "votre brouillon est gardé" : "";
  const words = kept ? `Hors connexion : ${kept} sur ce poste` : "Hors connexion : vous pouvez continuer cette question";
  show("offline", words, `${words}.`);
}

// The network is back and nothing waits.
export function online() {
  if (box.dataset.kind === "offline") show(atRest.kind, atRest.words, "Connexion rétablie.");
}

function show(kind, words, aloud) {
  if (text.textContent !== words) text.textContent = words;
  if (box.dataset.kind === kind) return;
  box.dataset.kind = kind;
  said.textContent = aloud;
}
