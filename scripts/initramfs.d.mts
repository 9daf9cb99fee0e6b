/** See initramfs.mjs. */
export function initramfs(options: {
  readonly guests: string;
  readonly init?: string;
  readonly modules?: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}): Uint8Array;
