// What this browser keeps of a sitting until the server has it: in IndexedDB, or in memory where there is none.
// "outbox": validated replies, by their id. "drafts": what stands in the form of the item on screen, one a sitting.

const KEYS = { outbox: "answer_id", drafts: "sitting" };
const memory = { outbox: new Map(), drafts: new Map() };
const database = open();

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

// Resolves once the change is on the disk, not only in a buffer of the browser.
async function change(name, work) {
  const base = await database;
  if (!base) throw new Error("no IndexedDB");
  await new Promise((resolve, reject) => {
    const transaction = base.transaction(name, "readwrite", { durability: "strict" });
    work(transaction.objectStore(name));
    transaction.oncomplete = resolve;
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export async function put(name, value) {
  memory[name].set(value[KEYS[name]], value);
  await change(name, (store) => store.put(value)).catch(() => {});
}

export async function remove(name, key) {
  memory[name].delete(key);
  await change(name, (store) => store.delete(key)).catch(() => {});
}

export async function ofSitting(name, sitting) {
  const base = await database;
  const found = new Map(memory[name]);
  if (base) {
    const stored = await new Promise((resolve) => {
      const asked = base.transaction(name).objectStore(name).getAll();
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => resolve([]);
    });
    for (const value of stored) found.set(value[KEYS[name]], value);
  }
  return [...found.values()].filter((value) => value.sitting === sitting);
}
