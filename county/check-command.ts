// Two commands on a county's book: `check` looks at the whole of it and compares it with the kiosks' files and a merchant's sheet, `voucher`
// gives one. Says what was found; mends nothing.

import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import QRCode from 'qrcode';
import { writeFileDurably } from '../db/files.ts';
import { localMinute } from '../db/model/time.ts';
import { type Advance, openAdvances } from './book/advances.ts';
import type { CountyBook } from './book/county-book.ts';
import { type Exposure, exposureOf } from './book/exposure.ts';
import { checkBook, checkLine, pointsText } from './book/invariants.ts';
import { type ListRefusal, hundredths, whyNoList } from './book/list-file.ts';
import { type MerchantSheet, readMerchantSheet } from './book/merchant-sheet.ts';
import { noAccount } from './book/statement.ts';
import { comparedLine, threeWay } from './book/three-way.ts';
import { type VoucherRefusal, issueVoucher } from './book/vouchers.ts';
import type { Terminal } from './log/commands.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const checkUsage = `       npm run county -- check --data DIR [--merchant SHEET.csv] [--json]     reads every event again in one turn: others wait meanwhile, minutes in a large county
       npm run county -- voucher --data DIR --account ID --kiosk ID --points N --by NAME [--out FILE.png]
`;

export const checkCommands: Readonly<Record<'check' | 'voucher', BookCommand>> = { check, voucher };

/** Exit 1: a rule is broken, or a difference has no cause. */
async function check(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const sheet = await sheetOf(options.merchant, terminal);
  if (sheet === 'refused') return 2;
  const checks = await checkBook(book, 'whole');
  const compared = await threeWay(book, { sheet });
  const exposure = await book.read((db) => exposureOf(db, book.wallMs()));
  const advances = await book.read(openAdvances);
  const isTrue = checks.every(({ place }) => place === null) && compared.every(({ outcome }) => outcome.kind !== 'unnamed');
  if (options.json !== undefined) terminal.say(`${JSON.stringify({ isTrue, checks, compared, exposure, advances }, null, 2)}\n`);
  else {
    for (const each of checks) terminal.say(`${checkLine(each)}\n`);
    terminal.say('\n');
    for (const each of compared) terminal.say(`${comparedLine(each)}\n`);
    terminal.say(`\n${exposureText(exposure)}${advancesText(advances)}${truth(isTrue, advances)}\n`);
  }
  return isTrue ? 0 : 1;
}

function truth(isTrue: boolean, advances: readonly Advance[]): string {
  if (!isTrue) return 'the book is NOT true';
  return advances.length === 0 ? 'the book is true' : 'the book is true, but for points that the county advanced when it was put back';
}

/** '' where nothing is advanced. */
function advancesText(advances: readonly Advance[]): string {
  if (advances.length === 0) return '';
  const sum = advances.reduce((total, { amount }) => total + amount, 0);
  const lines = advances.slice(0, advancesShown).map(({ account, kiosk, amount }) => `  ${account} at ${kiosk} ${pointsText(amount)}\n`);
  const rest = advances.length - lines.length;
  return `advanced when the book was put back, for nothing in it says why kiosks were told so: ${pointsText(sum)} points of ${advances.length} accounts
${lines.join('')}${rest > 0 ? `  and ${rest} others (--json has all)\n` : ''}`;
}

const advancesShown = 20;

async function sheetOf(path: string | undefined, { complain }: Terminal): Promise<MerchantSheet | null | 'refused'> {
  if (path === undefined) return null;
  const bytes = await readFile(path).catch(() => null);
  if (bytes === null) {
    complain(`${path} is not there\n`);
    return 'refused';
  }
  const read = await readMerchantSheet(bytes);
  if (read.ok) return read.value;
  complain(`${path} is no settlement sheet of a shop: ${sheetReason(read.code)}\n`);
  return 'refused';
}

function sheetReason(code: ListRefusal | 'formula' | 'not_a_sheet'): string {
  switch (code) {
    case 'formula':
      return 'it has cells that a spreadsheet would run';
    case 'not_a_sheet':
    case 'not_a_list':
      return 'a till writes one under 结算单, as XLSX or CSV';
    default:
      return whyNoList(code, []);
  }
}

function exposureText({ due, unsettled, bound, overdraft, takenBack, linesMax, lineCap, strandedRights, oldestSilent }: Exposure): string {
  const silent = oldestSilent === null ? '' : `; ${oldestSilent.kiosk} has been silent longest, since ${localMinute(oldestSilent.heardAt)}`;
  return `roaming that home shops are to give back ${pointsText(due)} points, overdrawn by roaming ${pointsText(overdraft)}; together ${pointsText(unsettled)}, at most ${pointsText(bound)} (${linesMax} lines of ${pointsText(lineCap)} an account)
taken back or expired: shops are asked for ${pointsText(takenBack.due)} points, overdrawn ${pointsText(takenBack.overdraft)}
rights at quarantined, revoked or silent kiosks ${pointsText(strandedRights)}${silent}
`;
}

const refusals: Readonly<Record<Exclude<VoucherRefusal, 'unknown_account'>, string>> = {
  denied_account: 'nobody of the account may spend',
  struck: 'the account owes what it roamed: its awards repay that first',
  nothing: 'nothing of the account lies unallocated beyond what is due: its rights are at its home shop',
  unknown_kiosk: 'there is no such kiosk',
  quarantined: 'two histories of the kiosk came: the committee answers that first',
  revoked: 'the key of the kiosk is revoked',
  restored: 'the kiosk was put back from a backup: somebody answers that first',
};

async function voucher(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const { account, kiosk, by } = options;
  const want = hundredths(options.points ?? '');
  if (account === undefined || kiosk === undefined || by === undefined || by === '' || want === null || want === 0) {
    terminal.complain(`usage:\n${checkUsage}`);
    return 2;
  }
  const issued = await issueVoucher(book, { account, kiosk, want, by });
  if (!issued.ok) {
    const why = issued.code === 'unknown_account' ? await book.read((db) => noAccount(db, account)) : refusals[issued.code];
    terminal.complain(`no voucher: ${why}\n`);
    return 1;
  }
  const { number, amount, text } = issued.value;
  const path = options.out ?? join(book.folder.directory, 'vouchers', `${kiosk}-${account}-${number}.png`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileDurably(path, await QRCode.toBuffer(text, { errorCorrectionLevel: 'M' }), 0o600); // M is what cards have, and a screen shows it whole
  terminal.say(`voucher ${number} of ${account} at ${kiosk}: ${pointsText(amount)} points\n${text}\n${path}\n`);
  return 0;
}
