import type { Dentry } from "./dentry.ts";
import type { Inode } from "./inode.ts";
import type { OpenFile } from "./openFile.ts";

/** What inotify tells, and what its callers ask for: `linux/inotify.h`. */
export const watchEvent = {
  IN_ACCESS: 0x1,
  IN_MODIFY: 0x2,
  IN_ATTRIB: 0x4,
  IN_CLOSE_WRITE: 0x8,
  IN_CLOSE_NOWRITE: 0x10,
  IN_OPEN: 0x20,
  IN_MOVED_FROM: 0x40,
  IN_MOVED_TO: 0x80,
  IN_CREATE: 0x100,
  IN_DELETE: 0x200,
  IN_DELETE_SELF: 0x400,
  IN_MOVE_SELF: 0x800,
  IN_Q_OVERFLOW: 0x4000,
  IN_IGNORED: 0x8000,
  IN_ISDIR: 0x4000_0000,
} as const;

const withoutIsDir = watchEvent.IN_DELETE_SELF | watchEvent.IN_MOVE_SELF;

/** What has happened: the event, where to, and what joins the two ends of a move. */
export interface WatchNews {
  readonly event: number;
  /** The name in the directory that is watched; undefined: it happened to what is watched. */
  readonly name?: string;
  /** The entry of that name has been taken away before. */
  readonly isUnlinked?: boolean;
  readonly cookie?: number;
}

/** Somebody who wants to know what happens to a file. */
export interface Watch {
  tell(news: WatchNews): void;
  /** The file is gone, and so is the watch. */
  end(): void;
}

/** Something has happened to a file, or to a name in a directory. */
export function tellInode(inode: Inode, { event, ...news }: WatchNews, isDirectory = inode.isDirectory): void {
  if (inode.watches === undefined) return;
  const told = isDirectory && (event & withoutIsDir) === 0 ? event | watchEvent.IN_ISDIR : event;
  for (const watch of [...inode.watches]) watch.tell({ event: told, ...news });
}

/** Something has happened to a file that was come to by a name: the directory hears of it, and the file. */
export function tellDentry(dentry: Dentry, event: number): void {
  const { inode, parent, name } = dentry;
  if (parent !== dentry && dentry.covers === undefined && parent.inode.watches !== undefined) {
    tellInode(parent.inode, { event, name, isUnlinked: dentry.isDeleted }, inode.isDirectory);
  }
  tellInode(inode, { event });
}

/** The same for an open file; one of no tree, and one that O_PATH has opened, tell nobody. */
export function tellFile(file: OpenFile, event: number): void {
  if (file.dentry !== undefined && !file.isPath) tellDentry(file.dentry, event);
}

/** A file whose last name is gone ends for those who watch it, once nobody has it open any more. */
export function tellIfGone(inode: Inode): void {
  if (inode.watches === undefined || !inode.hasNoName || inode.openFiles > 0) return;
  tellInode(inode, { event: watchEvent.IN_DELETE_SELF });
  for (const watch of [...inode.watches]) watch.end();
}
