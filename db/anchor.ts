// A second copy of the book's head, outside the database: a book older than its anchor was put back from an image.

import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface Head {
  readonly inc: number;
  readonly seq: number;
  /** base64url. */
  readonly leaf: string;
}

/** Each slot is one padded line; two of them alternate, so a torn write never costs both. */
const slotBytes = 128;

export interface Anchor {
  /** Remembers a committed head. Not synced: an anchor that is behind is harmless, and the commit before it is safe. */
  remember(head: Head): void;
  /** Why the newest head is not remembered, or null. */
  fault(): string | null;
  close(): void;
}

/**
 * An anchor that is written from now on, made if missing. Never throws: the sale is already in the book, and a stick that
 * was pulled must not stop a shop. It is tried again with every head.
 */
export function openAnchor(path: string): Anchor {
  let file: number | null = null;
  let fault: string | null = null;
  return {
    remember(head) {
      const line = `CP-ANCHOR ${head.inc} ${head.seq} ${head.leaf} .`.padEnd(slotBytes - 1) + '\n';
      try {
        file ??= openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
        writeSync(file, line, (head.seq % 2) * slotBytes, 'utf8');
        fault = null;
      } catch (error) {
        fault = String(error);
        forget();
      }
    },
    fault: () => fault,
    close: forget,
  };

  function forget(): void {
    if (file === null) return;
    const handle = file;
    file = null;
    try {
      closeSync(handle);
    } catch {
      // the disk is gone, and the handle with it
    }
  }
}

/** The newest head the anchor holds, of the newest incarnation, or null where it holds none that is whole. */
export function readAnchor(path: string): Head | null {
  if (!existsSync(path)) return null;
  const heads = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => /^\0*CP-ANCHOR (\d{1,9}) (\d{1,15}) ([A-Za-z0-9_-]{43}) \. *$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ inc: Number(match[1]), seq: Number(match[2]), leaf: match[3]! }));
  return heads.reduce<Head | null>((newest, head) => (newest === null || isAfter(head, newest) ? head : newest), null);
}

/** Whether a head came after another: a book that was put back goes on from an earlier number in a later incarnation. */
function isAfter(head: Head, other: Head): boolean {
  return head.inc === other.inc ? head.seq > other.seq : head.inc > other.inc;
}
