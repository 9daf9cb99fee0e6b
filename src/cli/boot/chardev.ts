import { closeSync, openSync } from "node:fs";
import { descriptorWriter } from "../descriptor.ts";
import { systemFailure, usage } from "../failure.ts";
import type { Write } from "../terminal.ts";
import { settingsOf } from "./settings.ts";

/** What is at the other end of a console: the terminal, nothing, or a file that output is written to. */
export type Backend = "stdio" | "null" | { readonly file: string };

/** Settings of QEMU's that change nothing here, with the values that are so. */
const without: Readonly<Record<string, readonly string[]>> = { mux: ["on", "off"], signal: ["on", "off"] };

/** Reads `-chardev stdio,id=c0`, `null,id=c0` or `file,id=c0,path=F`. */
export function readChardev(text: string): { readonly id: string; readonly backend: Backend } {
  const about = `-chardev ${text}`;
  const { name, settings } = settingsOf(about, text);
  const id = settings.take("id");
  if (id === undefined) throw usage(about, "it needs an id, which a -device or -serial names");
  for (const [key, values] of Object.entries(without)) settings.takeOneOf(key, values);
  switch (name) {
    case "stdio":
    case "null":
      settings.end("chardevs");
      return { id, backend: name };
    case "file": {
      const path = settings.take("path");
      if (path === undefined) throw usage(about, "it needs a path: file,id=…,path=FILE");
      settings.end("chardevs");
      return { id, backend: { file: path } };
    }
    default:
      throw usage(about, `pagewalk has no such character device: stdio, null and file are there, no ${name}`);
  }
}

/** Reads what `-serial` says: what is at the other end of the UART. */
export function readSerial(text: string, chardev: (about: string, id: string) => Backend): Backend {
  const about = `-serial ${text}`;
  if (text === "mon:stdio" || text === "stdio") return "stdio";
  if (text === "none" || text === "null") return "null";
  const [, kind, rest] = /^(file|chardev):(.+)$/s.exec(text) ?? [];
  if (kind === "file") return { file: rest };
  if (kind === "chardev") return chardev(about, rest);
  throw usage(about, "there is no such line: mon:stdio, none, file:FILE or chardev:ID, or leave it out");
}

/** A {@link Backend} that output can be written to. */
export interface OpenBackend {
  readonly put: Write;
  close(): void;
}

/** Opens a backend. Throws a Failure if its file cannot be written. */
export function openBackend(backend: Backend, terminal: Write): OpenBackend {
  if (backend === "stdio") return { put: terminal, close() {} };
  if (backend === "null") return { put() {}, close() {} };
  const place = "writing the guest's output";
  try {
    const descriptor = openSync(backend.file, "w");
    const write = descriptorWriter(descriptor);
    return {
      put(bytes) {
        try {
          write(bytes);
        } catch (error) {
          throw systemFailure(backend.file, place, error);
        }
      },
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    throw systemFailure(backend.file, place, error);
  }
}
