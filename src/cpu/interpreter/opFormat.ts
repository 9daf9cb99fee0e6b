/**
 * The decoded op: 8 bytes for each halfword of an executable guest page.
 *
 *     byte 0   handler: which arm of the interpreter's branch table
 *     byte 1   rd   x: ((rd + 31) & 31) * 8, so that x0's writes land in the sink after x31;  f: rd * 8
 *     byte 2   rs1 * 8
 *     byte 3   rs2 * 8
 *     4 … 7    hot handlers: the immediate, 32 bits; of branches and jumps: the displacement in *op* bytes (× 4);
 *              where the encoding has them: rs3 * 8 + rm in byte 4
 *     4 … 5    cold handlers: the immediate, 16 bits; or rs3 * 8 + rm in byte 4
 *     6 … 7    cold handlers: which arm of the cold function's branch table
 *
 * A guest byte is four op bytes, so op addresses and guest addresses differ by a shift and a constant within a page.
 */
export const opBytes = 8;
export const opShift = 2;
/** Bytes of the ops of one 4 KiB guest page; a sentinel op follows them. */
export const opPageBytes = 4096 << opShift;
/** Distance between two pages of ops. */
export const opPageStride = opPageBytes + 64;

/** A page that no op lies in: every jump from an op of its own leaves it. */
export const noPage = 0x4000_0000;

/** Handlers of the engine's own. Instructions follow from {@link firstInstruction} on. */
export const EngineOp = {
  /** Not decoded yet. */
  undecoded: 0,
  /** The end of a page of ops: look up the next page. */
  sentinel: 1,
  /** A 4-byte instruction whose second half lies on the next page. */
  straddle: 2,
  /** An instruction of the cold function, 4 or 2 bytes long. */
  cold4: 3,
  cold2: 4,
  /** The entry of a translated region; its number in bytes 4 … 7. */
  region: 5,
} as const;
export const firstInstruction = 6;

/** Number of handlers that a byte can name. */
export const handlerLimit = 256;
