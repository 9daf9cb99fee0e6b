import type { Task } from "../task.ts";
import type { OpenFile } from "./openFile.ts";
import { SocketFile } from "./socket.ts";

/**
 * Files that are on their way through sockets. A socket that was sent through itself, or two through each other, keep each
 * other open though no program can ever come to them: those are found when files become rare (Linux's `unix_gc`).
 */
export class CarriedFiles {
  /** Sockets that have been sent, and may be open by nothing else. */
  readonly #sent = new Set<SocketFile>();

  sending(files: readonly OpenFile[]): void {
    for (const file of files) if (file instanceof SocketFile) this.#sent.add(file);
  }

  /** Closes what nobody can come to any more. */
  collect(tasks: Iterable<Task>): void {
    const reached = new Set<OpenFile>();
    const left: OpenFile[] = [];
    const reach = (file: OpenFile) => {
      if (reached.has(file)) return;
      reached.add(file);
      left.push(file);
    };
    for (const { files } of tasks) for (const fd of files) reach(files.get(fd));
    for (let file = left.pop(); file !== undefined; file = left.pop()) {
      if (file instanceof SocketFile) for (const other of file.carried()) reach(other);
    }
    for (const socket of [...this.#sent]) {
      if (socket.references > 0 && reached.has(socket)) continue;
      this.#sent.delete(socket);
      if (socket.references > 0) socket.forgetCarried();
    }
  }
}
