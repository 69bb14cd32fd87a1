// What is typed or chosen and not validated yet: kept in this browser at once and by the server within two seconds, so
// that a reload, a crash or another machine shows it again.

import { ask, page } from "./server.js";
import * as store from "./store.js";

const OURS = new Set(["csrf_token", "answer_id", "item", "page", "action"]);
const SOON = 1000;

export const fieldsOf = (form) => [...new FormData(form)].filter(([name]) => !OURS.has(name));

export function fill(form, fields) {
  for (const field of form.elements) {
    if (!field.name || OURS.has(field.name) || field.tagName === "BUTTON") continue;
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
  }
}

// Whether something stands in the form that the server did not put there.
function isTouched(form) {
  return [...form.elements].some((field) => {
    if (!field.name || OURS.has(field.name) || field.tagName === "BUTTON") return false;
    if (field.tagName === "SELECT") {
      const given = [...field.options].findIndex((option) => option.defaultSelected);
      return field.selectedIndex !== Math.max(0, given);
    }
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  });
}

export class Draft {
  constructor(form, tell) {
    Object.assign(this, { form, tell, sitting: form.dataset.sitting, item: form.dataset.item });
    // Drafts are numbered: of what the server has and what this browser has, the higher number is the newer one.
    this.acknowledged = this.number = Number(form.dataset.draftNumber);
    Object.assign(this, { timer: 0, busy: false, stopped: false });
  }

  get unsent() {
    return this.number > this.acknowledged;
  }

  // The page shows the server's draft. What this browser kept may be newer, unless another one wrote since.
  async begin() {
    const shown = this.number;
    this.form.addEventListener("input", () => this.changed());
    if (isTouched(this.form)) this.changed(); // before this script was there
    const [kept] = await store.ofSitting("drafts", this.sitting);
    if (this.number > shown) {
      // What is being typed is newer than anything that was kept.
    } else if (kept && kept.item !== this.item) await store.remove("drafts", this.sitting);
    else if (kept && kept.number > this.number && this.form.dataset.draft !== "other") {
      fill(this.form, kept.fields);
      this.number = kept.number;
      this.soon();
    }
    addEventListener("pagehide", () => this.save(true));
    document.addEventListener("visibilitychange", () => document.hidden && this.save(true));
  }

  changed() {
    if (this.stopped) return;
    this.number += 1;
    store.put("drafts", { sitting: this.sitting, item: this.item, fields: fieldsOf(this.form), number: this.number });
    this.soon();
  }

  soon() {
    this.timer ||= setTimeout(() => this.save(), SOON);
  }

  async save(leaving = false) {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.stopped || !this.unsent || (this.busy && !leaving)) return;
    this.busy = true;
    const number = this.number;
    const fields = [...fieldsOf(this.form), ["item", this.item], ["page", page], ["number", number]];
    const reply = await ask(this.form.dataset.drafts, fields, { keepalive: leaving });
    this.busy = false;
    if (this.stopped) return;
    if (reply?.ok && reply.said.drafted === number) {
      this.acknowledged = Math.max(number, this.acknowledged);
      if (this.unsent) this.soon();
      this.tell.drafted(reply.said.at);
    } else if (!reply || reply.ok || !reply.said.code) this.tell.unheard();
    else this.tell.refused(reply.said.code);
  }

  // The server is heard again.
  nudge() {
    if (this.unsent) this.save();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  go() {
    this.stopped = false;
    this.changed();
  }

  async forget() {
    this.stop();
    await store.remove("drafts", this.sitting);
  }
}
