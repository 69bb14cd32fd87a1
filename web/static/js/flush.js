// On pages around the test: a reply that still waits in this browser is sent, and what is no longer needed is forgotten.

import { Outbox } from "./outbox.js";
import * as store from "./store.js";

const { sitting, over } = document.querySelector("[data-sitting]").dataset;
const told = document.getElementById("kept");
const outbox = new Outbox(sitting, "/candidat/test/reponse", { recorded: show, gone: show, handedBack: show, unheard: show, held: show });

async function show() {
  const waiting = (await outbox.entries()).length;
  if (told) {
    told.textContent = waiting ? "Une réponse est gardée sur ce poste ; elle part dès que possible. Ne fermez pas cette page." : "";
  }
  if (over !== undefined && !waiting) await store.remove("drafts", sitting);
}

outbox.nudge().then(show);
