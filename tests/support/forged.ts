// A kiosk's file as somebody makes it who has the kiosk's key and no scruples: events told otherwise, all of it chained and signed again,
// with a trailer that adds up.

import { createHash, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Upload } from '../../county/book/intake.ts';
import { leafOf } from '../../db/book.ts';
import { type Home, readSigner } from '../../db/home.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { checkpointText, fileNoteText, parseFileNote, signNote } from '../../db/model/note.ts';
import { growTree } from '../../db/tree.ts';
import { newSums, upFilePath } from '../../db/up-files.ts';
import { temporary } from './county.ts';

type Members = { [name: string]: Plain };
/** An event as JSON has it, to be changed at will. */
export type Loose = Members & { kind: string; body: Members };

const linesOf = (path: string): readonly string[] => gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');

/** The file with the events that `tell` makes of its own; counters are left out, as a file of a backlog does. */
export function forged(
  onTestFinished: Parameters<typeof temporary>[0],
  home: Home,
  upload: Upload,
  tell: (events: Loose[]) => void,
): Upload {
  const { kiosk, inc, fileSeq } = upload;
  const { privateKey } = readSigner(home)!; // a home has its key
  const tree = growTree();
  for (let n = 1; n < fileSeq; n += 1)
    for (const line of linesOf(upFilePath(home, { inc, fileSeq: n }, 'jsonl.gz'))) if (line.includes('"kind":')) tree.add(leafOf(line));
  const [header, ...rest] = linesOf(upload.data);
  const tail = rest.findIndex((line) => !line.startsWith('"') && !line.includes('"kind":'));
  const events = rest.slice(0, tail).flatMap((line) => (line.startsWith('"') ? [] : [JSON.parse(line) as Loose]));
  tell(events);
  const { fromSeq } = JSON.parse(header!) as { fromSeq: number };
  const sums = newSums();
  let prev = (JSON.parse(header!) as { prevLeaf: string }).prevLeaf;
  const signed = events.flatMap((event, i) => {
    const line = canonical({ ...event, seq: fromSeq + i, prev });
    const leaf = leafOf(line);
    const told = JSON.parse(line) as BookEvent; // as far as it is one
    const text = signedText(told, leaf.toString('base64url'));
    prev = leaf.toString('base64url');
    tree.add(leaf);
    try {
      sums.add(told);
    } catch {
      // beyond counting: whoever takes it in says so before it comes to the trailer
    }
    return [line, JSON.stringify(sign(null, Buffer.from(text), privateKey).toString('base64url'))];
  });
  const size = tree.size();
  const root = tree.root().toString('base64url');
  const lines = [canonical({ ...(JSON.parse(header!) as Members), toSeq: fromSeq + events.length - 1 }), ...signed];
  const trailer = { t: 'T', lines: lines.length, ...sums.totals(), size, root, headLeaf: prev };
  const bytes = Buffer.from(`${[...lines, canonical(trailer as unknown as Plain)].join('\n')}\n`);
  const data = join(temporary(onTestFinished, 'jifen-forged-'), 'data.gz');
  writeFileSync(data, gzipSync(bytes));
  const name = `civicpos/540525/${kiosk}/${inc}`;
  const before = parseFileNote(`${upload.note.split('\n').slice(0, 8).join('\n')}\n`);
  if (!before.ok) throw new Error(before.code);
  const sha256 = createHash('sha256').update(bytes).digest('base64url');
  return {
    ...upload,
    data,
    note: signNote(fileNoteText({ ...before.value, sha256 }), { name, privateKey }),
    checkpoint: signNote(checkpointText(name, { size, root }), { name, privateKey }),
  };
}
