// What a figure is called in the page's language. Every fixed figure, every exception, every kind of event and every account has its
// words: one that lacks them does not compile.

import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import type { EventKind } from '../../db/model/event.ts';
import { type ExceptionName, type FixedFigure, exceptionNames, fixedFigures } from '../../db/model/figures.ts';
import type { AccountCode } from '../../db/model/postings.ts';

/** The name itself where this program has no words for it: a report of a newer one. */
export function useFigureLabel(): (name: string) => string {
  const { t } = useTranslation('period');
  return (name) => figureLabel(t, name);
}

/** What of an operator is summed up (figures.ts). */
const operatorFigures = [
  'saleCount',
  'saleFen',
  'salePoints',
  'cashFen',
  'creditCount',
  'creditPoints',
  'returnCount',
  'returnFen',
] as const;
const materialFigures = ['count', 'units', 'points'] as const;
const redeemedFigures = ['points', 'fen'] as const;

export function figureLabel(t: TFunction<'period'>, name: string): string {
  const fixed = member(fixedFigures, name);
  if (fixed !== null) return fixedLabel(t, fixed);
  const [set = '', ...rest] = name.split('/');
  const end = rest.at(-1) ?? '';
  switch (set) {
    case 'exception': {
      const exception = member(exceptionNames, end);
      return exception === null ? name : exceptionLabel(t, exception);
    }
    case 'kind':
      return kindLabel(t, end);
    case 'account':
      return accountLabel(t, rest.slice(0, -1).join('/'));
    case 'operator': {
      const figure = member(operatorFigures, end);
      return figure === null ? name : t(`operator.${figure}`);
    }
    case 'material': {
      const figure = member(materialFigures, end);
      return figure === null ? name : t(`material.${figure}`);
    }
    case 'redeemed': {
      const figure = member(redeemedFigures, end);
      return figure === null ? name : t(`redeemed.${figure}`);
    }
    default:
      return name;
  }
}

function fixedLabel(t: TFunction<'period'>, name: FixedFigure): string {
  return t(name);
}

function exceptionLabel(t: TFunction<'period'>, name: ExceptionName): string {
  return t(`exception.${name}`);
}

/** What an event is, as its row says. */
export function kindLabel(t: TFunction<'period'>, kind: string): string {
  return Object.hasOwn(kinds, kind) ? t(`kind.${kind as EventKind['kind']}`) : kind; // hasOwn just said so
}

/** Without its commodity: `cash/drawer`. */
function accountLabel(t: TFunction<'period'>, account: string): string {
  return Object.hasOwn(accountCodes, account) ? t(`account.${account as AccountCode}`) : account; // hasOwn just said so
}

const kinds: { readonly [kind in EventKind['kind']]: true } = {
  START: true,
  DOWN_APPLIED: true,
  OPERATOR_IN: true,
  OPERATOR_OUT: true,
  PIN_REFUSED: true,
  SHIFT_OPEN: true,
  SALE: true,
  LINE_REMOVED: true,
  REFUSED: true,
  DRAWER_OPENED: true,
  REPRINTED: true,
  APPROVED: true,
  CLOCK_STEP: true,
  CREDIT: true,
  CREDIT_REVERSED: true,
  CREDIT_DISPUTED: true,
  BAG_REMOVED: true,
  SCALE_SET: true,
  SCALE_CHECKED: true,
  HANDED_OVER: true,
  RETURNED: true,
  CASH_MOVED: true,
  NO_SALE: true,
  DRAWER_COUNTED: true,
  SHIFT_CLOSED: true,
  REPORT_PRINTED: true,
  DAY_CLOSED: true,
  SETTLED: true,
  VERIFIED: true,
  BACKED_UP: true,
  RESTORED: true,
  RIGHTS_RETURNED: true,
  VOUCHER_IN: true,
  KEY_ROTATED: true,
  NOTICE_TAKEN: true,
};

const accountCodes: { readonly [code in AccountCode]: true } = {
  issuance: true,
  recycling_issue: true,
  esc: true,
  roam: true,
  red: true,
  'cash/drawer': true,
  'cash/owner': true,
  'cash/sales': true,
  'cash/county-receivable': true,
  'cash/county-paid': true,
  'cash/merchant-share': true,
  'cash/adjustments': true,
  'cash/over-short': true,
  'cash/other-payments': true,
  'cash/rounding': true,
};

function member<Name extends string>(all: readonly Name[], name: string): Name | null {
  return all.find((each) => each === name) ?? null;
}
