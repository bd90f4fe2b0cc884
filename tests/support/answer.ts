// Answers as the test county signs them: right ones of a file, and any that a test changes.

import type { Book } from '../../db/book.ts';
import type { KeyObject } from 'node:crypto';
import { ackText } from '../../db/model/ack.ts';
import { signNote } from '../../db/model/note.ts';
import type { Ack } from '../../db/model/up-file.ts';
import type { UpFile } from '../../db/up-files.ts';
import { countyName, fileKey, shop } from './county.ts';

/** What a county that posted the file says of it. */
export function rightAck(book: Book, file: UpFile): Ack {
  const { leaf } = book.db.prepare<[number], { leaf: Buffer }>('SELECT leaf FROM event WHERE seq = ?').get(file.toSeq)!;
  return {
    county: shop.county,
    kiosk: shop.kiosk,
    inc: file.inc,
    fileSeq: file.fileSeq,
    sha256: file.sha256,
    verdict: 'ACCEPTED',
    posted: { toSeq: file.toSeq, headLeaf: leaf.toString('base64url') },
    want: null,
    exceptions: 0,
    detail: '',
  };
}

/** The answer, signed. */
export function answerTo(book: Book, file: UpFile, change: Partial<Ack> = {}, privateKey: KeyObject = fileKey): string {
  return signNote(ackText({ ...rightAck(book, file), ...change }), { name: countyName, privateKey });
}
