// Letters between two browsers that set up a view: one exchange with the server at a time, quicker while there is news.

const QUICK = 1_000;
const CALM = 3_000;
const STAY_QUICK = 15_000;
const MOST = 40; // letters a trip
// The personal code gives the browser another name: a trip that set out under the one before is refused, however long
// the page with the new one takes to come.
const RENAMING = 10_000;

export class Line {
  // `state()` goes along with every trip, `onReply(reply)` and `onLetter(letter)` take what comes back,
  // `onTrouble(status, sentence)` hears of what went wrong: status 0 is a network that is gone.
  constructor(root, handlers) {
    this.address = root.dataset.exchange;
    this.settings = root.dataset.settings;
    this.handlers = handlers;
    this.page = crypto.randomUUID();
    this.token = document.querySelector('meta[name="csrf-token"]').content;
    this.queue = [];
    this.quickUntil = 0;
    this.running = false;
    this.timer = 0;
    this.iceServers = [];
    this.hasLearnt = false;
    this.refusedSince = null;
  }

  open() {
    this.running = true;
    this.quicken();
  }

  // How browsers meet, and a token that is good now.
  async learn() {
    const reply = await fetch(this.settings, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!reply.ok) return;
    const told = await reply.json();
    this.iceServers = told.iceServers;
    this.hasLearnt = true;
    this.token = told.token ?? this.token;
  }

  send(to, mail) {
    const last = this.queue.at(-1);
    if (mail.type === "paths" && last?.to === to && last.mail.type === "paths" && last.mail.call === mail.call) {
      last.mail.paths.push(...mail.paths);
    } else this.queue.push({ to, mail });
    this.quicken(150); // what is written in the same moment travels together
  }

  quicken(after = 0) {
    this.quickUntil = performance.now() + STAY_QUICK;
    this.plan(after);
  }

  plan(after) {
    clearTimeout(this.timer);
    if (this.running) this.timer = setTimeout(() => this.trip(), after);
  }

  async trip() {
    if (this.travelling) return this.plan(100);
    this.travelling = true;
    const outgoing = this.queue.splice(0, MOST);
    try {
      if (!this.hasLearnt) await this.learn();
      const reply = await this.post(outgoing);
      if (reply.redirected) return location.reload();
      const told = await reply.json().catch(() => ({}));
      const isOther = told.code === "other_device";
      this.refusedSince = isOther ? (this.refusedSince ?? performance.now()) : null;
      if (reply.ok) this.take(told);
      else if (isOther && performance.now() - this.refusedSince < RENAMING) this.keep(outgoing);
      else {
        if (reply.status === 400) await this.learn();
        this.handlers.onTrouble?.(reply.status, told.error ?? "");
      }
    } catch {
      this.keep(outgoing);
      this.handlers.onTrouble?.(0, "");
    } finally {
      this.travelling = false;
    }
    const every = performance.now() < this.quickUntil ? QUICK : CALM;
    this.plan(this.queue.length && this.refusedSince === null ? 150 : every * (0.9 + 0.2 * Math.random()));
  }

  // For the next trip.
  keep(outgoing) {
    this.queue.unshift(...outgoing);
    this.queue.length = Math.min(this.queue.length, 2 * MOST);
  }

  take(told) {
    this.handlers.onReply?.(told);
    if (told.incoming.length) this.quickUntil = performance.now() + STAY_QUICK;
    for (const letter of told.incoming) this.handlers.onLetter(letter);
  }

  post(outgoing, more = {}, keepalive = false) {
    return fetch(this.address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token, Accept: "application/json" },
      body: JSON.stringify({ page: this.page, ...this.handlers.state(), ...more, outgoing }),
      cache: "no-store",
      keepalive,
    });
  }

  // The last word of a page that goes away.
  leave(outgoing, more = {}) {
    this.running = false;
    clearTimeout(this.timer);
    this.post(outgoing.slice(0, MOST), more, true).catch(() => {});
  }
}

// What a peer writes may come before what it belongs to: paths wait for the description.
export class Peer {
  constructor(line, to, call) {
    this.line = line;
    this.to = to;
    this.call = call;
    this.waiting = [];
    this.connection = new RTCPeerConnection({ iceServers: line.iceServers });
    this.connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.candidate) this.write({ type: "paths", paths: [candidate.toJSON()] });
    });
  }

  write(mail) {
    this.line.send(this.to, { ...mail, call: this.call });
  }

  async describe(description) {
    await this.connection.setRemoteDescription(description);
    for (const path of this.waiting.splice(0)) await this.reach(path);
  }

  async reach(path) {
    if (!this.connection.remoteDescription) return this.waiting.push(path);
    await this.connection.addIceCandidate(path).catch(() => {}); // one way less; others remain
  }

  close() {
    this.connection.close();
  }
}
