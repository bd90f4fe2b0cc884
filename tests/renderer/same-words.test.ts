// What a figure is called on the screen it is called on the slip: a person finds it again by its words.

import { expect, test } from 'vitest';
import { languages } from '../../db/model/catalogue.ts';
import { exceptionNames } from '../../db/model/figures.ts';
import { type PaidWords, periodWords, shownAccounts } from '../../hardware/printer/period-text.ts';
import { sheetTexts } from '../../hardware/sheet/sheet-text.ts';
import { texts } from '../../renderer/languages/languages.ts';

type Paid = (typeof texts)['zh']['period']['sale'];

function paidOf({ count, fen, roundingFen, worthFen, cashFen, otherFen, points }: Paid): PaidWords {
  return { count, total: fen, rounding: roundingFen, worth: worthFen, cash: cashFen, other: otherFen, points };
}

test.each(languages)('in %s screen and slip of a period use the same words', (language) => {
  const own = periodWords[language];
  const { period, count } = texts[language];
  expect([own.sales, own.returns, own.byOperator, own.drawer]).toEqual([
    period.section_sales,
    period.section_returns,
    period.section_operators,
    period.section_drawer,
  ]);
  expect([own.sold, own.returned]).toEqual([paidOf(period.sale), paidOf(period.return)]);
  expect([own.cashNet, own.pointsTaken]).toEqual([period.operator.cashFen, period.operator.salePoints]);
  expect([own.expected, own.expected, own.counted, own.over, own.short, own.exact]).toEqual([
    period.drawer.closing,
    count.expected,
    count.counted,
    count.over,
    count.short,
    count.exact,
  ]);
  expect(own.reasons).toEqual({
    miscount: count.reason_miscount,
    wrong_change: count.reason_wrong_change,
    unknown: count.reason_unknown,
    other: count.reason_other,
  });
  expect(own.exceptions.startsWith(period.section_exceptions.replace(/།$/, ''))).toBe(true);
  expect(own.exceptionNames).toEqual(Object.fromEntries(exceptionNames.map((name) => [name, period.exception[name]])));
  expect(shownAccounts.map((name) => own.accountNames[name])).toEqual([
    period.account.red,
    period.account['cash/county-receivable'],
    period.account['cash/drawer'],
  ]);
  expect([own.checkpoint, own.checkpointCode, sheetTexts.spoken[language]]).toEqual([period.proofSize, period.spoken, period.spoken]);
});
