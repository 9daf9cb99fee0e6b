import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import { decodePath } from "./fileName.ts";
import { fileType, type Inode } from "./inode.ts";
import type { SocketFile } from "./socket.ts";

const socketMode = fileType.S_IFSOCK | 0o777;

/** Names without a path are known by their bytes, for each type of socket its own. */
const keyOf = (type: number, name: Uint8Array): string => `${type}:${String.fromCharCode(...name)}`;

/** Which socket has which name: those that begin with a zero are in no tree, others are the paths of special files. */
export class SocketNames {
  readonly #abstract = new Map<string, SocketFile>();
  readonly #files = new WeakMap<Inode, SocketFile>();
  #nextName = 0;

  /** A name that no other has, as Linux makes them: a zero and five hexadecimal digits. */
  freeName(type: number): Uint8Array {
    for (;;) {
      const text = `\0${(this.#nextName++).toString(16).padStart(5, "0")}`;
      const name = Uint8Array.from(text, (character) => character.charCodeAt(0));
      if (!this.#abstract.has(keyOf(type, name))) return name;
    }
  }

  /** Whether there is a file of that name. */
  isTaken(task: Task, name: Uint8Array): boolean {
    if (name.length === 0 || name[0] === 0) return false;
    return task.system.files.tree.end(task, { path: decodePath(name) }, { follow: false }).dentry !== undefined;
  }

  /** Gives a socket its name. Throws EADDRINUSE, and what making a file throws. */
  bind(task: Task, socket: SocketFile, name: Uint8Array): void {
    if (name[0] === 0) {
      const key = keyOf(socket.type, name);
      if (this.#abstract.has(key)) throw new LinuxError("EADDRINUSE");
      this.#abstract.set(key, socket);
      socket.onRelease = () => this.#abstract.delete(key);
    } else {
      const { tree } = task.system.files;
      const path = decodePath(name);
      try {
        tree.make(task, { path }, { mode: socketMode & ~task.place.umask });
      } catch (error) {
        if (error instanceof LinuxError && error.message === "EEXIST") throw new LinuxError("EADDRINUSE");
        throw error;
      }
      const { inode } = tree.find(task, { path });
      this.#files.set(inode, socket);
      socket.onRelease = () => this.#files.delete(inode);
    }
    socket.name = name;
  }

  /** The socket of a name. Throws ECONNREFUSED, and what finding a file throws. */
  find(task: Task, type: number, name: Uint8Array): SocketFile {
    const found =
      name[0] === 0
        ? this.#abstract.get(keyOf(type, name))
        : this.#files.get(task.system.files.tree.find(task, { path: decodePath(name) }).inode);
    if (found === undefined) throw new LinuxError("ECONNREFUSED");
    return found;
  }
}
