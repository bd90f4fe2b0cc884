// What a row of a statement is called, for the clerk's page and the command line: the kind of act, where points lie, and the paper or the
// county's own act that it can be found by. Reads no book.

import type { OpenVoucher } from '../book/lapsed-vouchers.ts';
import type { StatementRow } from '../book/statement.ts';
import { pointsText } from './amounts.ts';

/** A kind that these words do not know yet is shown as it is, rather than hidden. */
export function actName(kind: string): string {
  return actNames[kind] ?? kind;
}

const actNames: Readonly<Record<string, string | undefined>> = {
  SALE: '兑换',
  RETURNED: '退货',
  CREDIT: '回收积分',
  CREDIT_REVERSED: '冲回回收积分',
  CREDIT_DISPUTED: '回收积分有异议',
  RIGHTS_RETURNED: '额度交回县里',
  VOUCHER_IN: '联网取用或积分凭证入账',
  DOWN_APPLIED: '终端收到县里文件',
  RESTORED: '终端从备份恢复',
  award: '赋分',
  take_back: '收回赋分',
  disallow: '收回回收积分',
  expire: '积分到期',
  not_expired: '到期的另有收回，退回',
  import: '接管时的余额',
  allocate: '分配额度',
  ask: '要求交回额度',
  voucher: '联网取用或发积分凭证',
  lapsed: '取用没用上，要回额度',
  home: '改归属店',
  release: '放行恢复的终端',
  lost_paper: '凭小票补录',
  paper_found: '补录冲回',
  county_batch: '县补结',
  taken_up: '县账放回后补记的文件',
  advanced: '县账放回时县里先垫',
  repaid: '还县里先垫的积分',
  written_off: '县里先垫的积分由县里承担，不用还',
};

/** A sale in cash by somebody whose card was read redeems nothing. */
export function rowName({ kind, moved, isDrawn }: StatementRow): string {
  if (isDrawn !== null && kind === 'voucher') return isDrawn ? '联网取用' : '发积分凭证';
  if (isDrawn !== null && kind === 'VOUCHER_IN') return isDrawn ? '取用入账' : '积分凭证入账';
  if (kind === 'written_off' && moved > 0) return '还过县里先垫的积分，退回';
  return kind === 'SALE' && moved === 0 ? '购物，没有用积分' : actName(kind);
}

type Part = StatementRow['parts'][number];

/** Where points lie or are owed, and at which shop, as `named` calls it. What was taken back, or expired, is owed at no shop. */
export function partName({ part, kiosk }: Pick<Part, 'part' | 'kiosk'>, named: (kiosk: string) => string): string {
  if (kiosk === '') return part === 'due' ? '收回待还' : partNames[part];
  return `${partNames[part]}${named(kiosk)}`;
}

/** Where so many points lie; what is owed is said as a debt. */
export function heldText({ part, kiosk, amount }: Part, named: (kiosk: string) => string): string {
  const where = partName({ part, kiosk }, named);
  return amount < 0 && part === 'overdraft' ? `欠 ${pointsText(-amount)} 积分（透支），以后的赋分先还` : `${where} ${pointsText(amount)}`;
}

const partNames: Readonly<Record<Part['part'], string>> = {
  main: '未分配',
  esc: '本店额度',
  due: '漫游待补',
  overdraft: '透支',
};

/** Why points lie at a shop that is not the account's own: a voucher that no till has used. */
export function openVoucherText({ number, amount, state }: OpenVoucher, shop: string): string {
  return state === 'waits'
    ? `联网取用或积分凭证第 ${number} 号（${shop}）${pointsText(amount)} 积分还没用：留在那家店，等它收下县里的下一份文件才作废`
    : `联网取用或积分凭证第 ${number} 号（${shop}）${pointsText(amount)} 积分没用上，已作废：正在向那家店要回，交回后的夜里归到归属店`;
}

/** 账户 QJ-02-000008: an account's number and a receipt's are told apart by nothing but the word. */
export function accountText(account: string): string {
  return `账户 ${account}`;
}

/** 小票 QJ-02-000008, or what else the paper of such an act is. */
export function paperText(kind: string, number: string): string {
  return `${paperNames[kind] ?? '小票'} ${number}`;
}

/** Of a credit that was taken back or is disputed it is the credit's ticket. */
const paperNames: Readonly<Record<string, string | undefined>> = {
  RETURNED: '退货单',
  CREDIT: '回收凭条',
  CREDIT_REVERSED: '回收凭条',
  CREDIT_DISPUTED: '回收凭条',
};

function withReason(what: string, words: readonly string[]): string {
  return words.length === 0 ? what : `${what}：${words.join(' ')}`;
}

/** What a person finds the act by: the number on the resident's paper, the county's batch, voucher or entry; '' where there is none. */
export function foundBy({ kind, paper, about }: StatementRow): string {
  if (paper !== null) return paperText(kind, paper);
  const words = about.split(' ');
  switch (kind) {
    case 'award':
      return withReason(`第 ${words[0]!} 批`, words.slice(2)); // the batch, the account, the reason where the book has it
    case 'take_back':
      return withReason(`第 ${words[0]!} 批`, words.slice(3)); // the batch, the account, the number, the reason
    case 'disallow':
      return withReason(paperText('CREDIT', words[0]!), words.slice(3)); // the ticket, the account, the number, the reason
    case 'expire':
      return withReason(`截至 ${words[0]!}`, words.slice(3)); // the date, the account, the number, the reason
    case 'not_expired':
      return `截至 ${words[0]!}`; // the date, the account, the number
    case 'voucher':
      return `第 ${words[2] ?? ''} 号`; // kiosk, account, number
    case 'home':
      return `${words[1] ?? ''} → ${words[2] ?? ''}`; // account, from, to
    case 'lost_paper':
    case 'paper_found': {
      const [kiosk = '', inc = '', seq = ''] = words[0]!.split('/');
      return `${kiosk} 第 ${inc} 代第 ${seq} 条凭证`;
    }
    default:
      return '';
  }
}
