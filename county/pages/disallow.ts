// 收回回收积分: points of recycling credits that the county does not allow, by the ticket that the resident holds. On the page of exceptions,
// since those lead here: a disputed credit, or one over its caps. county/book/disallowed.ts makes the rows.

import type { CountyBook } from '../book/county-book.ts';
import { type WantedCredits, disallowing, previewDisallowing, proposeDisallowing } from '../book/disallowed.ts';
import { hundredths } from '../book/list-file.ts';
import { reclaimReasonMax } from '../book/reclaims.ts';
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
  waitingAndEnded,
  withdrawAct,
} from './reclaims.ts';
import { paperText } from './statement-words.ts';

const pages: ReclaimPages<Parameters<typeof disallowing.nameOf>[0]> = {
  kind: disallowing,
  word: '收回',
  name: '收回回收积分',
  titleOf: (number) => `收回回收积分第 ${number} 号`,
  aboutOf: ({ about }) => (about === '' ? '按表' : paperText('CREDIT', about)),
  aboutHead: '凭条',
  rowsHead: '笔数',
  nameHead: '回收凭条',
  pathOf: (number) => `exceptions?disallow=${number}`,
  homeOf: () => ({ path: 'exceptions', text: '回到异常' }),
  acts: 'exceptions/disallow',
  deeds: { release: 'release_disallow', withdraw: 'withdraw_disallow' },
};

export const releaseCredits = releaseAct(pages);
export const withdrawCredits = withdrawAct(pages);

export const proposeCredits: Act = {
  path: 'exceptions/disallow',
  roles: ['clerk'],
  async run({ book }, { session: { clerk } }, sent) {
    const ticket = sent.text('ticket').trim();
    const wrong = (text: string) => ({ to: formPath(ticket), isGood: false, text });
    const wanted = await wantedOf(sent, ticket);
    if (typeof wanted === 'string') return wrong(wanted);
    const kept = await proposeDisallowing(book, { wanted, reason: sent.text('reason'), by: clerk.name });
    if (!kept.ok) return wrong(kept.code === 'faulty' ? await faultText(book, wanted) : proposalText(kept.code));
    const { number, rows, points } = kept.value;
    return {
      to: pages.pathOf(number),
      isGood: true,
      text: `收回回收积分第 ${number} 号已提交，还没有收：请核对，等另一个人放行`,
      deed: { what: 'propose_disallow', about: `第 ${number} 号，${countText(rows)} 笔 ${pointsText(points)} 积分` },
    };
  },
};

/** A text: what was sent makes no sense together. */
async function wantedOf(sent: Form, ticket: string): Promise<WantedCredits | string> {
  const points = sent.text('points').trim();
  const file = await sent.file('file');
  if (file !== null && ticket + points !== '') return '交了表，就不要再写凭条和积分';
  if (file !== null) return file.bytes.length === 0 ? emptyFileText : { is: 'list', list: file.bytes };
  if (ticket === '') return '没有写凭条的编号，也没有选表';
  const amount = points === '' ? null : hundredths(points);
  if (points !== '' && (amount === null || amount === 0)) return noPointsText(points);
  return { is: 'one', ticket, points: amount };
}

async function faultText(book: CountyBook, wanted: WantedCredits): Promise<string> {
  const seen = await previewDisallowing(book, wanted);
  return faultsText(seen.ok ? seen.value.faults : [], { isTyped: wanted.is === 'one' });
}

function proposalText(code: Exclude<Extract<Awaited<ReturnType<typeof proposeDisallowing>>, { ok: false }>['code'], 'faulty'>): string {
  switch (code) {
    case 'nothing':
      return '表里没有一张凭条';
    case 'busy':
    case 'unfinished':
    case 'no_reason':
    case 'nobody':
      return refusedProposal[code];
    default:
      return refusalText(code);
  }
}

/** Where the form is, filled with a ticket. */
function formPath(ticket: string): string {
  return ticket === '' ? 'exceptions' : `exceptions?ticket=${encodeURIComponent(ticket)}`;
}

/** Leads from an exception about a credit to the form. */
export function disallowLink({ session: { clerk } }: Pick<Visit, 'session'>, ticket: string): Html | null {
  if (clerk.role !== 'clerk') return null;
  return html`<p><a href="/clerk/${formPath(ticket)}#disallow">不认这笔，收回它的积分</a></p>`;
}

/** Below the exceptions: what waits or took effect, and the form of a clerk; `ticket`: what it is filled with. */
export async function disallowPart(book: CountyBook, { session }: Visit, ticket: string): Promise<Html> {
  const { waiting, ended } = await book.read((db) => waitingAndEnded(db, disallowing));
  const now = book.wallMs();
  return html`<h2 id="disallow">收回回收积分</h2>
    ${waiting.length === 0 ? null : reclaimTable(pages, waiting, { now, empty: '' })}
    ${session.clerk.role === 'clerk' ? creditForm(session, ticket) : null} ${reclaimTable(pages, ended, { now, empty: '没有收回过。' })}`;
}

function creditForm(session: Visit['session'], ticket: string): Html {
  const typed = (field: string): string => typedIn(session, 'exceptions/disallow', field);
  return form(session, {
    act: 'exceptions/disallow',
    isUpload: true,
    body: html`<div class="row">
        <label for="ticket">回收凭条编号</label><input id="ticket" name="ticket" value="${ticket}" maxlength="60" />
        <label for="points">收回多少积分</label
        ><input id="points" name="points" value="${typed('points')}" inputmode="decimal" maxlength="12" />
      </div>
      <div class="row">
        <label for="file">或按表收回</label><input id="file" name="file" type="file" accept=".csv,.xlsx" /> <label for="reason">原因</label
        ><input id="reason" name="reason" value="${typed('reason')}" maxlength="${reclaimReasonMax}" required />
        <button>提交收回</button>
      </div>
      <p class="hint">
        积分不写，就是这笔剩下的全部；店里自己冲回过的不再收。表的第一行是表头：<code>回收凭条,积分</code>。原因会写进居民的账单。提交后不会马上收，要另一个人放行。
      </p>`,
  });
}

/** One of them, with what it would do, above what may be done with it. */
export function disallowView(book: CountyBook, visit: Visit, number: number): Promise<View> {
  return reclaimView(pages, book, visit, number);
}
