// Nothing that the county raises or refuses reaches a clerk in the words of the program: every code, and every detail that its sources make,
// is said in Chinese. What only a technician can use stands in brackets that say so.

import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RaisedCode } from '../../county/book/exceptions.ts';
import { detailInChinese } from '../../county/pages/detail-words.ts';
import { faultInChinese, meaningOf } from '../../county/pages/words.ts';

const id = '019a0b1c-2222-7abc-8def-001122334455';
const key = 'A'.repeat(43);

/** What each code is raised about where that is no text of its own. A code that is missing does not compile. */
const details: Readonly<Record<RaisedCode, readonly string[]>> = {
  unknown_account: ['9', 'none'],
  denied_account: ['9'],
  beyond_rights: ['300 of 9'],
  unknown_voucher: ['9 7 of 5000'],
  after_restoration: ['300 of 9'],
  over_sale_cap: ['12050 of 10000'],
  over_roaming_line: ['12050 of 10000'],
  over_kiosk_roaming: ['12050 of 10000'],
  does_not_add_up: ['SALE', 'CREDIT_REVERSED'],
  id_twice: [id],
  return_without_sale: [id],
  return_beyond_sale: [id],
  reversal_without_credit: [id],
  over_credit_cap: [
    ...['credit', 'material', 'account', 'operator', 'kiosk'].map((cap) => `2026-11-22 ${cap}: 100 beyond, most 5100 of 5000 by 9`),
    ...['closed', 'early', 'ahead'].map((oddness) => `dates ${oddness}: 100 on 2, 2026-11-01 to 2026-11-02, told on 2026-11-22`),
  ],
  disputed_credit: [id],
  put_back: [
    'epoch 2: 4 files of kiosks, 1 to them and 0 lists of awards were taken up; 3 things are lost. Words of the clerk that reached no file are lost, too',
    '9 was given 500 hundredths at 9 and nothing in the book says why: do not award them again',
    'file 7 told 9 of 1000 hundredths for 2 accounts and nothing in the book says why (9 500, 8 500): the county advanced them; do again what was lost and award nothing for it, that repays them',
    'taking back 7 of awards 8 was found and not done again: less is left of 5 of them than it takes (9, 8, 7, …)',
    'disallowing 7 of credits was found and not done again: less is left of 1 of them than it takes (9-R000001)',
    'taking back 7 of awards 8 was found and not done again: people withdrew it (9)',
    'expiry 7 through 2026-12-31 was found and not done again: people withdrew it (9)',
    'taking back 7 of awards 8 was found and not done again: people proposed 5 of them anew after the loss (9, 8, 7, …)',
    'disallowing 7 of credits was found and not done again: people proposed 1 of them anew after the loss (9-R000001)',
    'disallowing 7 of credits was found and waits: 5 of its rows are of what is not in the book (9-R000001, 9-R000002, 9-R000003, …)',
    'expiry 7 through 2026-12-31 was found and not done again: less is left of 5 of them than it takes (9, 8, 7, …)',
    'expiry 7 through 2026-12-31 was found and waits: 1 of its rows are of what is not in the book (9)',
    'settlement 7 of 9 was paid 500 fen, and is not in the book',
    'settlement 7 of 9 was accepted, and is not in the book',
  ],
  repaid_by_list: [
    'awards 7 of before the loss repaid 1000 hundredths of 2 accounts (9 500, 8 500) that people had written off: if that was for another list, which nobody finds any more, award those points by a new list; if it is found, it gives them itself',
  ],
  unknown_down_file: [`7 ${key}`],
  other_key: [key],
  ended_key: ['signed with a key that is not in force: AAAAAAAA'],
  restored: [],
  restored_behind: [],
  settlement_differs: [
    '12',
    '12: share 150 of 2026-11-22',
    '12: event 9 of 2026-11-22',
    'last days: event 9',
    'last days: share 5 of 2026-11-22',
    'last days: 4 otherwise than told, 1500 hundredths and 130 fen: share 5 of 2026-11-22, event 9 of 2026-11-22, event 12, …',
  ],
  fork: [],
  out_of_balance: [
    'gives up another key than the one in force',
    'names no new key',
    'does not prove that the kiosk has its new key',
    'goes past its new key',
    'closing 9: 10 is next',
    'closing 9: begins with another event than its day',
    'closing 9: another tree head',
    'closing 9: figures: count',
    'closing 9: accounts',
    'closing 9: perpetual totals',
    'closing 9: redeemed',
    'the rights that are given up are beyond 2^53',
    'a counter would be 9 and 9',
    '1e+21 would be moved',
    'what the file grants with the vouchers taken is beyond 2^53',
    'the balance of esc would not stay within 2^53',
    'hashTotal',
    'body.day Invalid input',
    'SALE has no figures: RangeError: x',
  ].map((what) => `line 9: ${what}`),
  revoked: ['the key of this kiosk is revoked'],
  rejected: ['note: malformed', 'note: no_trusted_signature'],
  night_failed: ['file', 'finish', 'papers', 'release 9', 'take back 9', 'reclaim 9', 'settle 9', 'allocate 9', 'ask 9', 'lapsed 9'].map(
    (what) => `${what}: ENOSPC: no space left on device`,
  ),
  disk_full: ['files of kiosks found no room'],
  clock: ["the server's clock says 2031-01-01, and nothing that it knows is later than 2026-11-22: no night runs"],
  committee_key: ["log/committee/9 is another key than the committee's of the name 9"],
  committee_silent: [
    'the committee signed no root yet; for 9 days one of 2026-11-02 waits',
    'the committee signed last the root of 2026-11-01; for 9 days one of 2026-11-02 waits',
  ],
  book_untrue: ['R6 11: 9 at 9 holds 5', 'settlement 7: they are not what was given and used'],
  log_contradicted: [
    '9 is damaged or changed: the book does not know which root was signed there',
    '9 holds root 9 of 12 entries; the log ends at 11',
    '9 holds root 9 of 12 entries; the log has another root there',
  ],
};

const technical = /（给技术人员：[^]*）$/;

/** Of a text for clerks: letters, but those of what was asked about, and of keys and digests. */
function foreignIn(told: string): string {
  return told.replace(technical, '').replaceAll(/A{8,}|log\/committee|down(?= 目录)/g, '');
}

test.each(Object.entries(details))('%s has a name, says what a person does, and every detail of it is Chinese', (code, all) => {
  const { name, what, remedy } = meaningOf(code);
  for (const text of [name, what, remedy]) expect(text).toMatch(/[\u4e00-\u9fff]/);
  expect(name).not.toMatch(/[a-z_]/);
  for (const said of all) {
    const told = detailInChinese({ code: code as RaisedCode, detail: said });
    expect([said, foreignIn(told)]).toEqual([said, expect.not.stringMatching(/[A-Za-z]{2}/) as string]);
  }
});

const verdictCode = { REJECTED: 'rejected', OUT_OF_BALANCE: 'out_of_balance', FORK: 'fork', GAP: 'unknown_down_file' } as const;

/** Of a source, what it gives to a call: the code and the text, with a value where it has a blank. */
function textsOf(file: string, call: RegExp): readonly (readonly [code: string, text: string])[] {
  const source = readFileSync(new URL(`../../county/book/${file}`, import.meta.url), 'utf8');
  return [...source.matchAll(call)].map(([, code = '', plain, template = '']) => {
    const text = plain ?? template.replaceAll(/\$\{(?:of\.)?place\}/g, 'line 9').replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '9');
    return [code, text];
  });
}

const text = String.raw`(?:'((?:[^'\\\n]|\\.)*)'|"[^"\n]*"|\`([^\`]*)\`)`;
const refused = new RegExp(String.raw`new (?:BadFile|LostDownFile)\(\s*'(\w+)',\s*${text}`, 'g');
const raised = new RegExp(String.raw`raise\(\s*[\w.]+,\s*'(\w+)',\s*${text}`, 'g');

/** Intake is in pieces. */
const intake = readdirSync(new URL('../../county/book', import.meta.url)).filter((name) => /^intake.*\.ts$/.test(name));

const ofKey = new RegExp(String.raw`new OtherKey\(\s*'(\w+)',\s*${text}`, 'g');

test('every reason for which intake refuses a file, and every figure that it raises, is known to these words', () => {
  const refusals = [...intake, 'read-up.ts', 'unpack.ts'].flatMap((file) => textsOf(file, refused));
  const figures = [...intake, 'fold.ts', 'settling.ts'].flatMap((file) => textsOf(file, raised));
  expect(refusals.length).toBeGreaterThan(40);
  expect(figures.length).toBeGreaterThan(10);
  const untold: string[] = [];
  const judge = (code: string, detail: string): void => {
    const told = detailInChinese({ code: code as RaisedCode, detail });
    if (told === detail || /[A-Za-z]{2}/.test(foreignIn(told))) untold.push(`${code}: ${detail} -> ${told}`);
  };
  for (const [verdict, said] of refusals) judge(verdictCode[verdict as keyof typeof verdictCode], said);
  for (const [, said] of intake.flatMap((file) => textsOf(file, ofKey))) judge('other_key', said);
  for (const [code, said] of figures) judge(code, said);
  expect(untold).toEqual([]);
});

test('every fault of a row that a page shows is known to these words', () => {
  const what = new RegExp(String.raw`()what:(?:[^,;{}\n]*\? )?\s*${text}`, 'g');
  const faults = ['list-file.ts', 'awards.ts', 'take-backs.ts', 'disallowed.ts', 'payments.ts']
    .flatMap((file) => textsOf(file, what))
    .filter(([, said]) => said !== 'release 9' && said !== 'take back 9');
  expect(faults.length).toBeGreaterThan(9);
  for (const [, said] of faults) expect([said, faultInChinese(said)]).toEqual([said, expect.not.stringMatching(/[a-z]{2}/) as string]);
});
