// The system check: each line gets one of three verdicts in words, with what to do. Nothing is sent but empty requests.

const GOOD = "go";
const DOUBT = "wait";
const BLOCKING = "stop";
const NAMES = { [GOOD]: "Bon", [DOUBT]: "À vérifier", [BLOCKING]: "Bloquant" };
const list = document.querySelector("[data-checks]");
const samples = Number(list.dataset.samples);
const verdicts = new Map();

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function say(id, tone, words) {
  verdicts.set(id, tone);
  const place = document.querySelector(`#${id} .verdict`);
  const state = document.createElement("span");
  state.className = `state ${tone}`;
  state.textContent = NAMES[tone];
  const advice = document.createElement("span");
  advice.className = "advice";
  advice.textContent = words;
  place.replaceChildren(state, " ", advice);
  sum();
}

function sum() {
  const needed = ["c-browser", "c-screen", "c-network"];
  if (!needed.every((id) => verdicts.has(id))) return;
  const tones = [...verdicts.values()];
  const overall = document.getElementById("overall");
  const text = tones.includes(BLOCKING)
    ? "Un point bloque : suivez ce que dit sa ligne avant le jour du test."
    : tones.includes(DOUBT)
      ? "Ce poste convient, avec un point à vérifier."
      : verdicts.size === list.children.length
        ? "Ce poste est prêt."
        : "Ce poste convient jusqu'ici. Essayez aussi les lignes qui attendent un bouton.";
  overall.hidden = false;
  overall.dataset.tone = tones.includes(BLOCKING) ? BLOCKING : tones.includes(DOUBT) ? DOUBT : GOOD;
  if (overall.textContent !== text) overall.textContent = text;
}

function browser() {
  if (!navigator.cookieEnabled) {
    return say("c-browser", BLOCKING, "Les cookies sont refusés : acceptez ceux de ce site.");
  }
  const old = !("IntersectionObserver" in window && "replaceChildren" in Element.prototype && CSS.supports("selector(:has(a))"));
  if (old) return say("c-browser", DOUBT, "Ce navigateur est ancien : mettez-le à jour si vous le pouvez.");
  const remote = navigator.mediaDevices?.getUserMedia && "RTCPeerConnection" in window;
  if (!remote) return say("c-browser", DOUBT, "Il convient dans un centre, mais pas pour une session à distance.");
  say("c-browser", GOOD, "À jour.");
}

function screenSize() {
  const [width, height] = [window.innerWidth, window.innerHeight];
  const size = `Fenêtre de ${width} × ${height}.`;
  if (width < 320) return say("c-screen", BLOCKING, `${size} Agrandissez la fenêtre ou réduisez le zoom.`);
  if (width < 1000 || height < 500) {
    return say("c-screen", DOUBT, `${size} C'est petit pour ouvrir un fichier à côté : agrandissez la fenêtre.`);
  }
  say("c-screen", GOOD, size);
}

async function timed(url) {
  const start = performance.now();
  const reply = await fetch(`${url}?${Math.random()}`, { cache: "no-store" });
  const bytes = (await reply.arrayBuffer()).byteLength;
  if (!reply.ok) throw new Error(String(reply.status));
  return { ms: performance.now() - start, bytes };
}

async function network() {
  const small = document.querySelector('link[rel="icon"]').href;
  const large = new URL("../vendor/opendyslexic/opendyslexic-latin-400-normal.woff2", import.meta.url).href;
  try {
    const trips = [];
    for (let n = 0; n < 7; n++) trips.push((await timed(small)).ms);
    const loads = [await timed(large), await timed(large), await timed(large)];
    const trip = Math.round(median(trips));
    const mbits = median(loads.map((load) => (load.bytes * 8) / load.ms / 1000));
    const told = `Aller-retour ${trip} ms, débit ${mbits.toFixed(mbits < 10 ? 1 : 0).replace(".", ",")} Mbit/s.`;
    if (trip > 1500 || mbits < 0.2) {
      return say("c-network", BLOCKING, `${told} Trop lent : essayez par câble ou sur un autre réseau.`);
    }
    if (trip > 400 || mbits < 2) {
      return say("c-network", DOUBT, `${told} Cela suffit pour répondre ; pour une session à distance, préférez le câble.`);
    }
    say("c-network", GOOD, told);
  } catch {
    say("c-network", BLOCKING, "Le serveur ne répond pas d'ici : vérifiez la connexion, puis revérifiez.");
  }
}

function tried() {
  const done = JSON.parse(sessionStorage.getItem("palier-tried") ?? "[]").length;
  if (!done) return;
  if (done < samples) return say("c-samples", DOUBT, `${done} façons de répondre essayées sur ${samples}.`);
  say("c-samples", GOOD, `Les ${samples} façons de répondre sont essayées.`);
}

const REFUSED = {
  NotAllowedError: "L'accès est refusé : autorisez-le dans la barre d'adresse, puis essayez de nouveau.",
  NotFoundError: "Aucun appareil trouvé : branchez-le, puis essayez de nouveau.",
  NotReadableError: "Un autre logiciel l'utilise : fermez-le, puis essayez de nouveau.",
};

function refused(id, error) {
  say(id, BLOCKING, REFUSED[error.name] ?? "Cela n'a pas marché : essayez un autre navigateur.");
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

async function camera() {
  const video = document.getElementById("preview");
  try {
    if (video.srcObject) stop(video.srcObject);
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const { width, height } = stream.getVideoTracks()[0].getSettings();
    const told = `Image de ${width} × ${height}. Votre visage doit être net et éclairé.`;
    say("c-camera", width >= 480 ? GOOD : DOUBT, told);
  } catch (error) {
    video.hidden = true;
    refused("c-camera", error);
  }
}

async function microphone() {
  const level = document.getElementById("level");
  const HEARD = 0.04;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const wave = new Float32Array(analyser.fftSize);
    document.getElementById("level-line").hidden = false;
    const until = performance.now() + 10_000;
    let heard = false;
    const listen = () => {
      analyser.getFloatTimeDomainData(wave);
      const loud = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
      level.value = Math.min(1, loud * 4);
      if (loud > HEARD && !heard) {
        heard = true;
        say("c-microphone", GOOD, "On vous entend.");
      }
      if (performance.now() < until) return requestAnimationFrame(listen);
      stop(stream);
      context.close();
      level.value = 0;
      if (!heard) say("c-microphone", DOUBT, "Rien entendu en dix secondes : vérifiez le réglage du son, puis essayez encore.");
    };
    listen();
  } catch (error) {
    refused("c-microphone", error);
  }
}

async function sharing() {
  if (!navigator.mediaDevices?.getDisplayMedia) {
    return say("c-sharing", BLOCKING, "Ce navigateur ne sait pas partager l'écran : prenez un ordinateur, pas un téléphone.");
  }
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { displaySurface: "monitor" } });
    const { displaySurface } = stream.getVideoTracks()[0].getSettings();
    stop(stream);
    if (displaySurface && displaySurface !== "monitor") {
      return say("c-sharing", DOUBT, "Vous avez partagé une fenêtre : le jour du test, choisissez l'écran entier.");
    }
    say("c-sharing", GOOD, "L'écran entier peut être partagé. Le partage est arrêté.");
  } catch (error) {
    refused("c-sharing", error);
  }
}

const TRIES = { camera, microphone, sharing };
for (const button of document.querySelectorAll("[data-try]")) {
  button.addEventListener("click", () => TRIES[button.dataset.try]());
}

function all() {
  browser();
  screenSize();
  network();
  tried();
  const at = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeStyle: "short" }).format(new Date());
  document.getElementById("machine").textContent = `Bilan du ${at}. ${navigator.userAgent}`;
}

document.getElementById("again").addEventListener("click", all);
document.getElementById("print").addEventListener("click", () => window.print());
addEventListener("pagehide", () => {
  const stream = document.getElementById("preview").srcObject;
  if (stream) stop(stream);
});
all();
