/** Where input for the guest comes from. */
export interface ConsoleInput {
  /** A person types: each key is to arrive at once, and is not echoed. */
  readonly isTerminal: boolean;
  /** Begins to read. `onBytes` gets pieces as they come, `onEnd` is called when there will be no more. */
  open(onBytes: (bytes: Uint8Array) => void, onEnd: () => void): void;
  /** Ends reading, and leaves the terminal as it was. */
  close(): void;
}

/** Standard input; a terminal is switched to raw. */
export function processInput(): ConsoleInput {
  const { stdin } = process;
  const isTerminal = stdin.isTTY === true;
  const restore = () => {
    stdin.setRawMode(false);
  };
  return {
    isTerminal,
    open(onBytes, onEnd) {
      if (isTerminal) {
        stdin.setRawMode(true);
        process.on("exit", restore);
      }
      stdin.on("data", onBytes);
      stdin.on("end", onEnd);
      stdin.on("error", onEnd);
    },
    close() {
      stdin.removeAllListeners();
      stdin.pause();
      // a pipe that nobody closes must not keep the process alive
      if ("unref" in stdin) stdin.unref();
      if (!isTerminal) return;
      restore();
      process.off("exit", restore);
    },
  };
}
