/** The magic number of a frame, and of one to be skipped, whose last digit is free (RFC 8878, 3.1). */
const magic = { frame: 0xfd2f_b528, skippable: 0x184d_2a50 } as const;
/** Bits of the frame header descriptor (3.1.1.1.1). */
const descriptor = { dictionary: 3, checksum: 4, singleSegment: 32, contentSizeShift: 6 } as const;
const blockType = { rle: 1, reserved: 3 } as const;
const dictionaryBytes = [0, 1, 2, 4] as const;

/**
 * What is wrong with the frames of a Zstandard file, and where, or undefined. Only the blocks' lengths are looked at, which
 * tells whether a part is missing. What follows the frames is no matter.
 */
export function zstdProblem(bytes: Uint8Array): { readonly at: number; readonly reason: string } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const word = view.getUint32(at, true);
    let next: number | undefined;
    if ((word & ~15) >>> 0 === magic.skippable) next = at + 8 + view.getUint32(at + 4, true);
    else if (word === magic.frame) next = endOfFrame(view, at + 4);
    else return undefined;
    if (next === undefined) return { at, reason: "a block of this frame is of no type that there is: it is damaged" };
    if (next > bytes.length)
      return { at, reason: `the frame goes on after the file's ${bytes.length} bytes: it is cut off` };
    at = next;
  }
  return undefined;
}

/** Where a frame ends, or would end at least if the file were longer; undefined: it is damaged. */
function endOfFrame(view: DataView, at: number): number | undefined {
  const flags = view.getUint8(at);
  const isSingle = (flags & descriptor.singleSegment) !== 0;
  const size = flags >> descriptor.contentSizeShift;
  const sizeBytes = size === 0 ? Number(isSingle) : 1 << size;
  at += 1 + (isSingle ? 0 : 1) + dictionaryBytes[flags & descriptor.dictionary] + sizeBytes;
  for (;;) {
    if (at + 3 > view.byteLength) return at + 3;
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const type = (header >> 1) & 3;
    if (type === blockType.reserved) return undefined;
    at += 3 + (type === blockType.rle ? 1 : header >> 3);
    if (header & 1) return at + (flags & descriptor.checksum ? 4 : 0);
  }
}
