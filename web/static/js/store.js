// What this browser keeps of a sitting until the server has it: in IndexedDB, or in memory where there is none.
// "outbox": validated replies, by their id. "drafts": what stands in the form of the item on screen, one a sitting.

const KEYS = { outbox: "answer_id", drafts: "sitting" };
const memory = { outbox: new Map(), drafts: new Map() };
const FORGOTTEN_AFTER = 24 * 3600 * 1000;
const LATER = 3000;
const PATIENCE = 1500; // a disk that does not answer must not keep a reply from being sent
const database = within(open());

function within(work) {
  return Promise.race([work, new Promise((resolve) => setTimeout(resolve, PATIENCE, null))]);
}

function open() {
  return new Promise((resolve) => {
    try {
      const asked = indexedDB.open("palier", 1);
      asked.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(KEYS)) asked.result.createObjectStore(name, { keyPath });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = asked.onblocked = () => resolve(null);
    } catch {
      resolve(null); // forbidden here
    }
  });
}

// Resolves once the change is kept; of a validated reply, once it is on the disk and not only in a buffer of the browser.
async function change(name, work) {
  const base = await database;
  if (!base) return;
  const durability = name === "outbox" ? "strict" : "relaxed";
  await within(
    new Promise((resolve) => {
      const transaction = base.transaction(name, "readwrite", { durability });
      work(transaction.objectStore(name));
      transaction.commit(); // at once, so that a page that goes away takes nothing with it
      transaction.oncomplete = transaction.onerror = transaction.onabort = resolve;
    }),
  );
}

export async function put(name, value) {
  const kept = { ...value, kept_at: Date.now() };
  memory[name].set(kept[KEYS[name]], kept);
  await change(name, (store) => store.put(kept));
}

// What an earlier candidate left on a shared machine: a day later their session is over, and nobody comes back for it.
// Later: what is being typed comes first.
export async function forgetOthers(sitting) {
  await new Promise((resolve) => setTimeout(resolve, LATER));
  const base = await database;
  if (!base) return;
  for (const name of Object.keys(KEYS)) {
    base.transaction(name, "readwrite").objectStore(name).openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      const { sitting: whose, kept_at: at = 0 } = cursor.value;
      if (whose !== sitting && Date.now() - at > FORGOTTEN_AFTER) cursor.delete();
      cursor.continue();
    };
  }
}

export async function remove(name, key) {
  memory[name].delete(key);
  await change(name, (store) => store.delete(key));
}

export async function ofSitting(name, sitting) {
  const base = await database;
  const found = new Map(memory[name]);
  if (base) {
    const stored = await within(
      new Promise((resolve) => {
        const asked = base.transaction(name).objectStore(name).getAll();
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => resolve([]);
      }),
    );
    for (const value of stored ?? []) found.set(value[KEYS[name]], value);
  }
  return [...found.values()].filter((value) => value.sitting === sitting);
}
