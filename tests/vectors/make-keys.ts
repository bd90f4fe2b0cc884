// Makes the second golden county (docs/files.md, "Test vectors"): a kiosk that changes its key twice, once in a life that a backup undid,
// and a county whose log a committee signs, which loses its key, and one file of which says of it what is not so. `node tests/vectors/make-keys.ts DIR`; the same bytes every time. Its keys are worthless.

import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeDownFile } from '../../county/down-writer.ts';
import { publicText } from '../../county/keys.ts';
import type { Book } from '../../db/book.ts';
import { applyDownFile, notePathOf } from '../../db/down.ts';
import { writeFileDurably } from '../../db/files.ts';
import { type Home, makeHome, readHome } from '../../db/home.ts';
import { rotateOwnKey } from '../../db/kiosk-keys.ts';
import { ackText } from '../../db/model/ack.ts';
import { points } from '../../db/model/amounts.ts';
import { type Committee, memberText } from '../../db/model/committee.ts';
import type { DownHeader, DownLine } from '../../db/model/down-file.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { privateKeyFromSeed } from '../../db/model/keys.ts';
import type { LogRoot } from '../../db/model/log-root.ts';
import { addSignature, signNote } from '../../db/model/note.ts';
import { hashPin } from '../../db/model/pin.ts';
import { openNotices, takeNotice } from '../../db/notices.ts';
import { createBook, openRestored } from '../../db/open-book.ts';
import { incarnationLeaf } from '../../db/reference.ts';
import { cutUpFile, fileNumber, upFilePath } from '../../db/up-files.ts';
import { withSignIns } from '../support/at-work.ts';
import { goods, handClock, resident, scheme, shop } from '../support/county.ts';
import { aLog, entries } from '../support/county-log.ts';
import { type SellOptions, sell } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';
import { makeGolden } from './golden-maker.ts';

const county = '540526';
const countyName = `civicpos/${county}`;
const kiosk = 'qj-05';
const day = '2026-11-24';
const keyOf = (seed: number) => privateKeyFromSeed(Buffer.alloc(32, seed));
const countyKey = keyOf(61);
const cardKey = keyOf(62);
const kioskKeys = [keyOf(63), keyOf(64), keyOf(65)] as const;
const members = [keyOf(66), keyOf(67), keyOf(68)] as const;
const names = ['committee', 'committee-2', '县监督委员会'] as const;
const log = aLog(entries('golden', 30), county);

/** What the county says of its log: the root at `size` to who holds it at `from`. */
const rootAt = (size: number, from: number): LogRoot => log.carried(size, from, countyKey);
const memberAt = (n: 0 | 1 | 2) => ({ name: names[n], key: publicText(members[n]) });
const one: Committee = [{ ...memberAt(0), word: '' }];
const two: Committee = [
  ...one,
  { ...memberAt(1), word: signNote(memberText(county, memberAt(1)), { name: names[0], privateKey: members[0] }) },
];
/** The second one lost its key. */
const three: Committee = [...two, { ...memberAt(2), word: '', notice: true }];
const cosignedAt = (n: 0 | 1 | 2, size: number, to: number, privateKey = members[n]): LogRoot => ({
  note: addSignature(rootAt(size, 0).note, { name: names[n], privateKey }),
  proof: rootAt(to, size).proof,
});

interface Machine {
  readonly home: Home;
  readonly book: Book;
}
const clock = handClock(Date.parse(`${day}T09:00:00+08:00`));

async function make(out: string, work: string): Promise<void> {
  const root = join(out, 'civicpos', county);
  const down = newDown(root);
  const lost = aKiosk(join(work, 'lost'));
  const newKeyFor = publicText(kioskKeys[0]);
  await down.send(lost, await firstLines(), {});
  await down.send(lost, [], { countyRoot: rootAt(5, 0), committee: one });
  sold(lost, { resident: '1', goods: [['1', 1]], chosenPoints: 1_000 });
  await cut(root, lost);
  await down.send(lost, [], { countyRoot: rootAt(9, 5), committee: one, cosigned: cosignedAt(0, 5, 9), newKeyFor });
  const backup = join(work, 'backup');
  lost.book.db.pragma('wal_checkpoint(TRUNCATE)');
  cpSync(lost.home.directory, backup, { recursive: true });

  // the life that is lost: it changes its key as the county asked, sells, and sends both files
  rotate(lost, kioskKeys[1]);
  sold(lost, { resident: '1', goods: [['1', 1]], chosenPoints: 500 });
  await cut(root, lost);
  await cut(root, lost);

  // the backup knows nothing of that key: it goes on with the first one, by a person's leave, and changes to a third
  const found = readHome(backup);
  if (!found.ok) throw new Error(found.detail);
  const put = openRestored(found.home, clock, createHash('sha256').update('golden').digest('base64url'));
  if (!put.ok) throw new Error(put.detail);
  const back: Machine = { home: found.home, book: withSignIns(put.book) };
  sold(back, { goods: [['1', 1]] });
  await cut(root, back);
  await down.send(back, [{ t: 'GRANT', a: 'a1', g: points(30_000) }], {
    countyRoot: rootAt(20, 9),
    committee: two,
    cosigned: cosignedAt(1, 14, 20),
    newKeyFor,
  });
  rotate(back, kioskKeys[2]);
  sold(back, { resident: '1', goods: [['1', 1]], chosenPoints: 300 });
  await cut(root, back);
  await cut(root, back);

  // a person takes the committee's new key by the printed notice, and a file without the signature that it falsely bears
  await down.send(back, [], { countyRoot: rootAt(24, 20), committee: three, cosigned: cosignedAt(2, 20, 24) });
  await take(back);
  await cut(root, back);
  await down.send(back, [], { countyRoot: rootAt(26, 24), committee: three, cosigned: cosignedAt(2, 24, 26) });
  const isFalse = { countyRoot: rootAt(28, 26), committee: three, cosigned: cosignedAt(2, 26, 28, countyKey) };
  await down.send(back, [{ t: 'GRANT', a: 'a1', g: points(40_000) }], isFalse, () => take(back));
  sold(back, { resident: '1', goods: [['1', 1]], chosenPoints: 200 });
  await cut(root, back);

  writeFileSync(join(out, 'receipts.txt'), receipts([lost, back]));
  writeFileSync(
    join(out, 'keys.json'),
    `${JSON.stringify({ county, countyKeyName: countyName, countyKeys: [publicText(countyKey)], kiosks: { [kiosk]: [publicText(kioskKeys[0])] } }, null, 2)}\n`,
  );
  for (const { home, book } of [lost, back]) {
    book.close();
    const verdict = await verdictOn(home.directory);
    if (verdict.kind !== 'true') throw new Error(JSON.stringify(verdict)); // a golden county that lies is none
  }
}

function aKiosk(directory: string): Machine {
  const home = makeHome(directory, {
    enrolment: { county, store: shop.store, kiosk, countyKey: publicText(countyKey), countyKeyName: countyName },
    diskReserveBytes: 0,
  });
  writeFileDurably(home.key, kioskKeys[0].export({ format: 'pem', type: 'pkcs8' }), 0o600); // instead of the one just made
  return { home, book: withSignIns(createBook(home, clock, 'golden 2')) };
}

async function firstLines(): Promise<readonly DownLine[]> {
  const pinHash = await hashPin('258036', Buffer.alloc(16, 8));
  return [
    { t: 'SCHEME', scheme },
    { t: 'SHOP', shop: { ...shop, county, kiosk } },
    { t: 'KEY', kid: 1, use: 'card', key: publicText(cardKey), active: true },
    { t: 'KEY', kid: 1, use: 'file', key: publicText(countyKey), active: true },
    { t: 'OPERATOR', operator: { id: 'op1', name: '卓玛', role: 'cashier', pinHash, active: true } },
    { t: 'GOODS', goods: goods('1') },
    { t: 'RESIDENT', resident: resident('1', { name: '格桑卓玛' }) },
    { t: 'BAL', a: 'a1', balance: points(20_000) },
    { t: 'GRANT', a: 'a1', g: points(20_000) },
  ];
}

function rotate({ book, home }: Machine, next: (typeof kioskKeys)[number]): void {
  clock.turn(60_000);
  const done = rotateOwnKey(book, home, 'county', () => next);
  if (!done.ok) throw new Error(done.code);
}

/** The notice that waits, by its number as the paper has it. */
async function take({ book, home }: Machine): Promise<void> {
  clock.turn(60_000);
  const [open] = await openNotices(book, home);
  const taken = await takeNotice(book, home, { number: open?.number ?? '', by: '扎西' });
  if (!taken.ok) throw new Error(taken.code);
}

function sold({ book }: Machine, options: SellOptions): void {
  clock.turn(60_000);
  const sale = sell(book, { ...options, day });
  if (typeof sale === 'string') throw new Error(sale);
}

/** The county's files to the kiosk, one row through both lives. */
function newDown(root: string) {
  let before = { seq: 0, sha256: '' };
  const directory = join(root, 'down', kiosk);
  mkdirSync(directory, { recursive: true });
  return {
    /** `excuse`: what has to be done before the file is taken. */
    async send(
      { home, book }: Machine,
      lines: readonly DownLine[],
      change: Partial<DownHeader>,
      excuse?: () => Promise<void>,
    ): Promise<void> {
      clock.turn(60_000);
      const { inc } = book.head();
      const seq = before.seq + 1;
      const incLeaf = incarnationLeaf(book.db);
      const header: DownHeader = {
        t: 'H',
        fmt: 'civicpos-down-v1',
        county,
        kiosk,
        ...(incLeaf === undefined ? {} : { inc, incLeaf }),
        downSeq: seq,
        prevDownSha: before.sha256,
        serverEpoch: 1,
        asOf: clock.wallMs() - 30_000,
        snapshot: false,
        ackThrough: null,
        ...change,
      };
      const { sha256 } = await writeDownFile(directory, header, lines, { name: countyName, privateKey: countyKey });
      const path = join(directory, `${fileNumber(seq)}.jsonl.gz`);
      if (excuse !== undefined) {
        for (const each of [path, notePathOf(path)]) copyFileSync(each, join(home.inbox, basename(each)));
        await excuse();
      }
      const outcome = await applyDownFile(book, home, path, day, () => {});
      if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
      before = { seq, sha256 };
    },
  };
}

/** Cuts the next file, lays it where a stick carries it, and answers it as the county does. */
async function cut(root: string, { home, book }: Machine): Promise<void> {
  const file = await cutUpFile(book, home, { software: 'golden 2', idle: () => Promise.resolve() });
  if (file === null) throw new Error('there was nothing to cut');
  const { inc, fileSeq, sha256, toSeq } = file;
  const directory = join(root, 'up', kiosk, String(inc));
  mkdirSync(directory, { recursive: true });
  for (const ending of ['jsonl.gz', 'checkpoint', 'note'] as const)
    copyFileSync(upFilePath(home, file, ending), join(directory, `${fileNumber(fileSeq)}.${ending}`));
  const { leaf } = book.db.prepare<[number], { leaf: Buffer }>('SELECT leaf FROM event WHERE seq = ?').get(toSeq)!;
  const posted = { toSeq, headLeaf: leaf.toString('base64url') };
  const text = ackText({ county, kiosk, inc, fileSeq, sha256, verdict: 'ACCEPTED', posted, want: null, exceptions: 0, detail: '' });
  const answers = join(root, 'ack', kiosk, String(inc));
  mkdirSync(answers, { recursive: true });
  writeFileSync(join(answers, `${fileNumber(fileSeq)}.ack`), signNote(text, { name: countyName, privateKey: countyKey }));
}

/** The codes of every receipt, of both lives. */
function receipts(machines: readonly Machine[]): string {
  const codes = machines.flatMap(
    ({ book }) =>
      book.db
        .prepare<[], { line: string; leaf: Buffer; sig: Buffer }>(`SELECT line, leaf, sig FROM event WHERE kind = 'SALE'`)
        .all()
        .map(
          ({ line, leaf, sig }) =>
            `${signedText(JSON.parse(line) as BookEvent, leaf.toString('base64url'))}|${sig.toString('base64url')}\n`,
        ), // the book's own line
  );
  return [...new Set(codes)].join('');
}

await makeGolden('golden keys', make);
