// The files that were dropped, those in folders too, hidden ones left out.

/**
 * @typedef {import("./send-files.js").Named} Named
 * @typedef {{files: Named[], unreadable: string[]}} Found
 */

/** Between folder and file in a name; the server would cut it at a slash. */
const JOINT = " - ";
const LONGEST_NAME = 200;

/**
 * @param {(FileSystemEntry|File|null)[]} dropped
 * @returns {Promise<Found>}
 */
export async function filesOf(dropped) {
  /** @type {Found} */
  const found = { files: [], unreadable: [] };
  for (const item of dropped) {
    if (item instanceof File) found.files.push({ file: item, name: item.name });
    else if (item) await collect(item, [], found);
  }
  return found;
}

/** @param {FileSystemEntry} entry @param {string[]} folders @param {Found} found */
async function collect(entry, folders, found) {
  if (folders.length > 0 && entry.name.startsWith(".")) return;
  const path = [...folders, entry.name];
  try {
    if (entry.isDirectory) {
      const children = await readFolder(/** @type {FileSystemDirectoryEntry} */ (entry));
      for (const child of children) await collect(child, path, found);
    } else {
      found.files.push({ file: await readFile(/** @type {FileSystemFileEntry} */ (entry)), name: join(path) });
    }
  } catch {
    found.unreadable.push(join(path));
  }
}

/** Files of one name in different folders stay different documents. */
const join = (/** @type {string[]} */ path) => path.join(JOINT).slice(-LONGEST_NAME);

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
const readFile = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** @param {FileSystemDirectoryEntry} folder */
async function readFolder(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    // A folder is handed out in portions, the last of them empty.
    const some = await /** @type {Promise<FileSystemEntry[]>} */ (
      new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}
