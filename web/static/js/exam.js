// The page of an item: what is filled in and validated reaches the server or stays here, and the page always says which.

import * as countdown from "./countdown.js";
import { Draft, fieldsOf, fill } from "./draft.js";
import { Outbox } from "./outbox.js";
import { beat, onNews, onRefusal, onSilence } from "./presence.js";
import * as saving from "./saving.js";
import { forgetOthers } from "./store.js";

const form = document.getElementById("reply");
const foot = document.getElementById("foot");
const notice = document.getElementById("notice");
const { item, sitting } = form.dataset;
const WAITS = "Votre réponse est gardée sur ce poste ; la suite s'affichera au retour du réseau.";
const WAITED_FOR = new Set(["is_paused", "item_blocked"]);
const STOPPED = {
  other_page: {
    title: "Le test continue dans un autre onglet",
    text: "Une seule page écrit à la fois, pour que chaque réponse compte une fois. Rien n'est perdu.",
    link: ["/candidat/test", "Continuer ici"],
  },
  other_device: {
    title: "Votre test continue sur un autre appareil",
    text: "Ici, plus rien n'est enregistré. Pour revenir sur ce poste, appelez votre surveillant.",
    link: ["/candidat/ici", "Revenir à l'accueil du test"],
  },
  not_entered: {
    title: "Identifiez-vous de nouveau",
    text: "Ce navigateur ne vous reconnaît plus. Vous retrouverez la même question.",
    link: ["/candidat", "S'identifier"],
  },
};
let sent = false;
let ringing = false;
let stopped = false;
let silent = false; // the server is not heard
let held = false; // it is heard, and waits for somebody
let leaving = false;

forgetOthers(sitting);
const draft = new Draft(form, {
  drafted: (at) => sent || saving.rest("draft", `Brouillon enregistré à ${at}`),
  unheard: () => sent || lost(),
  refused: (code) => (code in STOPPED ? stop(code) : beat()),
});

const outbox = new Outbox(sitting, form.getAttribute("action"), { // its buttons are named "action" and hide the property
  sending: () => silent || held || saving.sending(),
  unheard: lost,
  recorded(entry, said) {
    if (entry.item === item) draft.forget().finally(onwards);
    else saving.rest("saved", `Enregistré à ${said.at}`);
  },
  handedBack(entry, sentence) {
    if (entry.bell) return document.getElementById("bell").submit();
    if (entry.item !== item) return;
    fill(form, entry.fields);
    unlock();
    saving.online();
    complain(sentence);
  },
  gone(entry) {
    if (entry.item === item) onwards();
  },
  held(entry, code, sentence) {
    if (code in STOPPED) stop(code);
    else if (WAITED_FOR.has(code)) onwards(); // that page tells what is waited for, and this one comes back after it
    else {
      held = true;
      saving.rest("held", "1 réponse gardée sur ce poste");
      tell(sentence);
    }
  },
  // Time was given since the bell rang here: the question goes on.
  async isBellOff() {
    const news = await beat();
    if (!news || news.state !== "running" || news.item !== item || news.seconds_left <= 0) return false;
    ringing = false;
    unlock();
    return true;
  },
});

onSilence(lost);
onRefusal((code) => (code in STOPPED ? stop(code) : lost()));
onNews((news) => {
  silent = false;
  if (news.device === "other") return stop("other_device");
  if (news.page === "other") return stop("other_page");
  if (stopped) return;
  outbox.nudge(); // also what another page of this browser left
  if (sent) return;
  if (news.item !== item || news.state !== "running") return onwards();
  countdown.setLeft(news.seconds_left);
  saving.online();
  draft.nudge();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (stopped) return;
  if (sent) return outbox.nudge(); // pressed again while it waits: try at once
  validate(event.submitter?.value ?? "valider");
});

async function validate(action, bell = false) {
  const fields = [...fieldsOf(form), ["action", action]];
  lock();
  await outbox.add({ answer_id: form.elements.answer_id.value, item, fields, bell });
}

// At the bell the page asks; what stands in the form is sent as it is; the server alone closes the test.
async function ring() {
  if (ringing || sent || stopped) return;
  ringing = true;
  const news = await beat();
  if ((news && news.seconds_left > 0) || sent || stopped) { // the beat may tell that another tab or device writes now
    ringing = false;
    return;
  }
  countdown.say("Le temps est écoulé.");
  await validate("valider", true);
}

function lock() {
  sent = true;
  draft.stop();
  complain("");
  form.dataset.waits = ""; // its buttons stay alive: pressed again, they try again
  for (const field of form.elements) field.disabled = field.type !== "hidden" && field.type !== "submit";
}

function unlock() {
  sent = held = false;
  notice.hidden = true;
  delete form.dataset.waits;
  for (const field of form.elements) field.disabled = false;
  draft.go();
}

// Not heard: by the network, a proxy, a server that is down. Nothing is lost, and the page says where things are.
async function lost() {
  silent = true;
  if (stopped || leaving) return;
  const waiting = (await outbox.entries()).length;
  saving.offline(waiting, draft.unsent);
  if (waiting) tell(ringing ? `Le temps est écoulé. ${WAITS}` : WAITS);
}

function tell(words) {
  if (notice.textContent !== words) notice.textContent = words;
  notice.hidden = false;
}

function complain(sentence) {
  document.querySelector("#contenu > .message.problem")?.remove();
  if (!sentence) return;
  const told = document.createElement("p");
  told.className = "message problem";
  told.setAttribute("role", "alert");
  told.textContent = sentence;
  form.before(told);
  told.scrollIntoView({ block: "center" });
}

// Another page or another machine writes: this one stands still and says so.
function stop(why) {
  if (stopped) return;
  stopped = true;
  outbox.stop();
  draft.stop();
  const { title, text, link } = STOPPED[why];
  const card = document.createElement("div");
  card.className = "card";
  card.dataset.stopped = why;
  const heading = Object.assign(document.createElement("h2"), { textContent: title, tabIndex: -1 });
  const way = Object.assign(document.createElement("a"), { className: "button", href: link[0], textContent: link[1] });
  const actions = Object.assign(document.createElement("div"), { className: "actions" });
  actions.append(way);
  card.append(heading, Object.assign(document.createElement("p"), { textContent: text }), actions);
  form.replaceWith(card);
  foot.hidden = notice.hidden = true;
  if (!document.hidden) heading.focus();
}

function onwards() {
  leaving = true;
  location.replace("/candidat/test");
}

addEventListener("pagehide", () => (leaving = true));
addEventListener("pageshow", (event) => event.persisted && location.reload());

await draft.begin();
const waiting = await outbox.entries();
for (const entry of waiting.filter((one) => one.bell && countdown.left() > 0)) {
  await outbox.drop(entry); // the bell rang, and time was given since: what stood in the form is a draft again
  if (entry.item === item) fill(form, entry.fields);
}
// After the drafts: the order is made of the menus. Cut off before it has come, the menus stay, and the clock must run.
await import("./ordering.js").catch(() => {});
if ((await outbox.entries()).some((entry) => entry.item === item)) lock();
countdown.start(ring);
outbox.nudge();
navigator.serviceWorker?.register("/candidat/secours.js").catch(() => {}); // needs https; without it a reload in a cut waits
