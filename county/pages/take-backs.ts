// 收回: points of a list that took effect are taken back, the whole list or some rows. A clerk proposes it and sees what it will do, and a
// releaser who sees the same does it (reclaims.ts). county/book/take-backs.ts makes the rows.

import type { CountyBook } from '../book/county-book.ts';
import { hundredths } from '../book/list-file.ts';
import { reclaimReasonMax, reclaimsOf, waitingReclaims } from '../book/reclaims.ts';
import { type Wanted, previewTakeBack, proposeTakeBack, takingBack } from '../book/take-backs.ts';
import { numberSaid } from '../serve/command.ts';
import { countText, pointsText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { form, typedIn } from './layout.ts';
import { emptyFileText, noPointsText, refusalText } from './lists.ts';
import type { Act, Form, View, Visit } from './page.ts';
import {
  type ReclaimPages,
  faultsText,
  reclaimTable,
  reclaimView,
  refusedProposal,
  releaseAct,
  withLeft,
  withdrawAct,
} from './reclaims.ts';

const pages: ReclaimPages = {
  kind: takingBack,
  word: '收回',
  name: '收回赋分',
  titleOf: (number) => `收回第 ${number} 号`,
  aboutOf: ({ about }) => `第 ${about} 批`,
  aboutHead: '批次',
  rowsHead: '户数',
  nameHead: null,
  pathOf: (number) => `awards?back=${number}`,
  homeOf: (reclaim) =>
    reclaim === null
      ? { path: 'awards', text: '回到赋分' }
      : { path: `awards?batch=${reclaim.about}`, text: `回到赋分第 ${reclaim.about} 批` },
  acts: 'awards/take-back',
  deeds: { release: 'release_take_back', withdraw: 'withdraw_take_back' },
};

export const releaseBack = releaseAct(pages);
export const withdrawBack = withdrawAct(pages);

export const proposeBack: Act = {
  path: 'awards/take-back',
  roles: ['clerk'],
  async run({ book }, { session: { clerk } }, sent) {
    const batch = numberSaid(sent.text('batch'));
    const wrong = (text: string) => ({ to: `awards?batch=${batch}`, isGood: false, text });
    const wanted = await wantedOf(sent);
    if (typeof wanted === 'string') return wrong(wanted);
    const kept = await proposeTakeBack(book, { batch, wanted, reason: sent.text('reason'), by: clerk.name });
    if (!kept.ok) return wrong(kept.code === 'faulty' ? await faultText(book, { batch, wanted }) : proposalText(kept.code));
    const { number, rows, points } = kept.value;
    return {
      to: pages.pathOf(number),
      isGood: true,
      text: `收回第 ${number} 号已提交，还没有收：请核对，等另一个人放行`,
      deed: { what: 'propose_take_back', about: `第 ${number} 号，赋分第 ${batch} 批 ${countText(rows)} 户 ${pointsText(points)} 积分` },
    };
  },
};

/** A text: what was sent makes no sense together. */
async function wantedOf(sent: Form): Promise<Wanted | string> {
  const file = await sent.file('file');
  const [account, points] = [sent.text('account').trim(), sent.text('points').trim()];
  if (file !== null && account + points !== '') return '交了表，就不要再写账户和积分';
  if (file !== null) return file.bytes.length === 0 ? emptyFileText : { is: 'list', list: file.bytes };
  if (points === '') return account === '' ? { is: 'all' } : '只收一户，要写收回多少积分';
  const amount = hundredths(points);
  if (amount === null || amount === 0) return noPointsText(points);
  return account === '' ? { is: 'each', points: amount } : { is: 'list', list: `account,points\n${account},${points}\n` };
}

async function faultText(book: CountyBook, of: { readonly batch: number; readonly wanted: Wanted }): Promise<string> {
  const seen = await previewTakeBack(book, of);
  const { wanted } = of;
  return faultsText(seen.ok ? seen.value.faults : [], { isTyped: wanted.is === 'list' && typeof wanted.list === 'string' });
}

function proposalText(code: Exclude<Extract<Awaited<ReturnType<typeof proposeTakeBack>>, { ok: false }>['code'], 'faulty'>): string {
  switch (code) {
    case 'unknown':
      return '没有这一批';
    case 'not_released':
      return '这一批还没有全部入账，不能收回';
    case 'nothing':
      return '这一批已经没有可以收回的积分';
    case 'changed':
    case 'busy':
    case 'unfinished':
    case 'no_reason':
    case 'nobody':
      return refusedProposal[code];
    default:
      return refusalText(code);
  }
}

/** Below a list that took effect: what was taken back of it, and the form of a clerk who wants more back. */
export async function backPart(book: CountyBook, { session }: Visit, batch: number): Promise<Html> {
  const backs = await book.read((db) => withLeft(db, takingBack, reclaimsOf(db, takingBack, { about: String(batch) })));
  const now = book.wallMs();
  return html`<h2>收回</h2>
    ${reclaimTable(pages, backs, { now, empty: '没有收回过。' })} ${session.clerk.role === 'clerk' ? backForm(session, batch) : null}`;
}

/** Those that wait for a releaser, over all lists; nothing where none waits. */
export async function waitingBacks(book: CountyBook): Promise<Html | null> {
  const waiting = await book.read((db) => withLeft(db, takingBack, waitingReclaims(db, takingBack)));
  return waiting.length === 0
    ? null
    : html`<h2>等待放行的收回</h2>
        ${reclaimTable(pages, waiting, { now: book.wallMs(), empty: '' })}`;
}

function backForm(session: Visit['session'], batch: number): Html {
  const act = 'awards/take-back';
  const hadFile = typedIn(session, act, 'file') !== ''; // no browser chooses it again, and without one the form is for the whole batch
  const typed = (field: string): string => (hadFile ? '' : typedIn(session, act, field));
  return form(session, {
    act,
    isUpload: true,
    body: html`<input type="hidden" name="batch" value="${batch}" />
      <div class="row">
        <label for="points">每户收回多少积分</label
        ><input id="points" name="points" value="${typed('points')}" inputmode="decimal" maxlength="12" />
        <label for="account">只收这一户</label><input id="account" name="account" value="${typed('account')}" maxlength="40" />
      </div>
      <div class="row">
        <label for="file">或按表收回</label><input id="file" name="file" type="file" accept=".csv,.xlsx" /> <label for="reason">原因</label
        ><input id="reason" name="reason" value="${typed('reason')}" maxlength="${reclaimReasonMax}" required />
        <button>提交收回</button>
      </div>
      <p class="hint">
        积分和账户都不写，就是整批全部收回；写了每户多少，这一批给得不够多的户按原数收。表的第一行是表头：<code>账户,积分</code>。原因会写进居民的账单。提交后不会马上收，要另一个人放行。
      </p>`,
  });
}

/** One taking back, with what it would do, above what may be done with it. */
export function backView(book: CountyBook, visit: Visit, number: number): Promise<View> {
  return reclaimView(pages, book, visit, number);
}
