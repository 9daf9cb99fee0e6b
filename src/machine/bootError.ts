/** A file that takes part in booting: its name for messages, and what is in it. */
export interface BootFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What is wrong with a file that is to be booted: its name, the place in it and the reason with the way out, one line. */
export class BootError extends Error {
  override readonly name = "BootError";
  readonly file: string;
  readonly place: string;
  readonly reason: string;

  constructor(file: string, place: string, reason: string) {
    super(`${file}: ${place}: ${reason}`);
    this.file = file;
    this.place = place;
    this.reason = reason;
  }
}
