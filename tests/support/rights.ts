// The county of tests asks rights back, grants and signs vouchers: its next file for a kiosk, and what a voucher of it says.

import { join } from 'node:path';
import type { DownOutcome } from '../../db/down.ts';
import { points } from '../../db/model/amounts.ts';
import type { DownHeader, DownLine } from '../../db/model/down-file.ts';
import { sealVoucher } from '../../db/model/voucher.ts';
import { incarnationLeaf, lastDown } from '../../db/reference.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import type { TestKiosk } from './book.ts';
import { apply, fileKey, header, shop, writeDown } from './county.ts';
import { today } from './sell.ts';

export interface VoucherOptions {
  readonly accountId?: string;
  readonly number?: number;
  readonly amount?: number;
  readonly kiosk?: string;
  readonly county?: string;
  readonly key?: typeof fileKey;
}

/** A voucher's text: number 1 for account a2 at this kiosk, of ten points, unless said otherwise. */
export function aVoucher({
  accountId = 'a2',
  number = 1,
  amount = 1_000,
  kiosk = shop.kiosk,
  county = shop.county,
  key = fileKey,
}: VoucherOptions = {}): string {
  return sealVoucher({ county, kiosk, accountId, number, amount: points(amount) }, key);
}

type Taking = Pick<TestKiosk, 'book'>;

/** Scans a voucher at the till. */
export function scanned({ book }: Taking, text: string): ReturnType<typeof takeVoucher> {
  return takeVoucher(book, { text, by: 'scan', op: 'op1', day: today });
}

/** The county's next file for a kiosk, which knows all of its events. */
export async function nextFile(
  { home, book }: Pick<TestKiosk, 'home' | 'book'>,
  lines: readonly DownLine[],
  change: Partial<DownHeader> = {},
): Promise<string> {
  const last = lastDown(book.db)!; // its first file brought the county
  const leaf = incarnationLeaf(book.db);
  const { inc } = book.head();
  const speaksTo = leaf === undefined ? {} : { inc, incLeaf: leaf };
  const head = header(last.downSeq + 1, last.sha256, { ...speaksTo, ackThrough: book.head(), ...change });
  return (await writeDown(join(home.directory, 'from-county'), head, lines)).path;
}

/** Has it applied. */
export async function told(
  kiosk: Pick<TestKiosk, 'home' | 'book'>,
  lines: readonly DownLine[],
  change: Partial<DownHeader> = {},
): Promise<DownOutcome> {
  return apply(kiosk.home, kiosk.book, await nextFile(kiosk, lines, change));
}
