// 积分到期: points that nobody used of a year and before expire, at the office's word. A clerk proposes a date and sees who and how much, what
// is left out, and which shops were not heard; a releaser who sees the same lets it happen. county/book/expiry.ts does both.

import type { CountyBook } from '../book/county-book.ts';
import { type LeftOut, expiry, leftOutOf, proposeExpiry, unheardNow } from '../book/expiry.ts';
import { type Reclaim, reclaimReasonMax, takenBy, waitingReclaims } from '../book/reclaims.ts';
import type { Progress } from '../book/slices.ts';
import { never } from '../../db/model/result.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { numberSaid } from '../serve/command.ts';
import { countText, pointsText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { form, table, typedIn } from './layout.ts';
import { againSeconds, progressPart, soon } from './lists.ts';
import type { Act, View, Visit } from './page.ts';
import {
  type ReclaimPages,
  reclaimTable,
  reclaimView,
  refusedProposal,
  releaseAct,
  waitingAndEnded,
  withLeft,
  withdrawAct,
} from './reclaims.ts';

const path = 'awards?expiry';

const pages: ReclaimPages = {
  kind: expiry,
  word: '到期',
  name: '积分到期',
  titleOf: (number) => `积分到期第 ${number} 号`,
  aboutOf: ({ about }) => about,
  aboutHead: '截至',
  rowsHead: '户数',
  nameHead: null,
  pathOf: (number) => `${path}=${number}`,
  homeOf: () => ({ path, text: '回到积分到期' }),
  alsoOf: besides,
  acts: 'awards/expiry',
  deeds: { release: 'release_expiry', withdraw: 'withdraw_expiry' },
};

export const releaseExpired = releaseAct(pages);
export const withdrawExpired = withdrawAct(pages);

/** A proposal that is being reckoned: one of a book at a time. */
interface Reckoned {
  readonly through: string;
  progress: Progress;
}
const reckoning = new WeakMap<CountyBook, Reckoned>();

export const proposeExpired: Act = {
  path: 'awards/expiry',
  roles: ['clerk'],
  async run({ book }, { session }, sent) {
    const through = sent.text('through').trim();
    const wrong = (text: string) => ({ to: path, isGood: false, text });
    if (reckoning.has(book)) return wrong('已经有一份正在计算，请等它算完');
    const far: Reckoned = { through, progress: { step: 'checking', done: 0, of: 1 } };
    reckoning.set(book, far);
    const work = proposeExpiry(book, { through, reason: sent.text('reason'), by: session.clerk.name }, (progress) => {
      far.progress = progress;
    }).finally(() => reckoning.delete(book));
    const going = `正在逐户计算截至 ${through} 的积分，算完列在下面，还没有到期`;
    // who does not wait for it hears of it on the next page, in place of that it is going on
    const late = (text: string): void => {
      if (session.notice === null || session.notice.text === going) session.notice = { isGood: false, text };
    };
    work.then(
      (done) => done.ok || late(refusedText(done, { through, now: book.wallMs() })),
      () => late('没有算成，什么也没有提交：请告诉技术人员'),
    );
    const kept = await soon(work);
    const deed = { what: 'propose_expiry', about: `截至 ${through}` } as const;
    if (kept === null) return { to: path, isGood: true, text: going, deed };
    if (!kept.ok) return wrong(refusedText(kept, { through, now: book.wallMs() }));
    return {
      to: pages.pathOf(kept.value.number),
      isGood: true,
      text: `积分到期第 ${kept.value.number} 号已提交，还没有到期：请核对，等另一个人放行`,
      deed,
    };
  },
};

type Refused = Extract<Awaited<ReturnType<typeof proposeExpiry>>, { ok: false }>;

function refusedText(refused: Refused, { through, now }: { readonly through: string; readonly now: number }): string {
  switch (refused.code) {
    case 'not_over':
      return `截至的那一天要已经过去：最晚 ${businessDate(now - dayMs)}`;
    case 'nothing':
      return `截至 ${through}，没有一户有没用完又可以到期的积分`;
    case 'left_out':
      return `没有提交：${onlyLeftOutText(refused.leftOut, through)}`;
    case 'unfinished':
    case 'no_reason':
    case 'nobody':
      return refusedProposal[refused.code];
    default:
      return never(refused);
  }
}

const shopsNamed = 5;
/** Nobody waits for such a shop any more once its rights came home. */
const goneText = '不再回来的，先请技术人员放弃（release-kiosk）';

function onlyLeftOutText({ accounts, points, shops }: LeftOut, through: string): string {
  const named = shops.slice(0, shopsNamed).map(({ kiosk }) => kiosk);
  const who = `${named.join('、')}${shops.length > shopsNamed ? ` 等 ${shops.length} 家店` : ''}`;
  return `截至 ${through} 没用完的有 ${countText(accounts)} 户 ${pointsText(points)} 积分，但 ${who} 还没有上传那一天以后的账，居民可能已经在那里用掉，所以都先不算。请这些店上传，${goneText}，再提交一次`;
}

/** The page, or one of them. Null: neither was asked for. */
export async function expiryView(book: CountyBook, visit: Visit): Promise<View | null> {
  const asked = visit.query.get('expiry');
  if (asked === null) return null;
  return asked === '' ? allView(book, visit) : reclaimView(pages, book, visit, numberSaid(asked));
}

async function allView(book: CountyBook, { session }: Visit): Promise<View> {
  const now = book.wallMs();
  const { waiting, ended } = await book.read((db) => waitingAndEnded(db, expiry));
  const far = reckoning.get(book);
  const isGoingOn = far !== undefined || ended.some(({ reclaim: { state } }) => state.is === 'releasing');
  return {
    title: '积分到期',
    ...(isGoingOn ? { refreshSeconds: againSeconds } : {}),
    body: html`<p><a href="/clerk/awards">回到赋分</a></p>
      <p class="lead">到某一天为止给的积分，没有用掉的到期收回。先得的先用：用掉的和欠着的，都先算最早得的积分；那一天以后得的不动。</p>
      ${far === undefined ? null : progressPart(`截至 ${far.through}，正在逐户计算`, far.progress)}
      <h2>等待放行</h2>
      ${reclaimTable(pages, waiting, { now, empty: '没有等待放行的到期。' })}
      ${session.clerk.role === 'clerk' && far === undefined ? proposalForm(session, now) : null}
      <h2>已放行和已撤回</h2>
      ${reclaimTable(pages, ended, { now, empty: '积分没有到期过。' })}`,
  };
}

function proposalForm(session: Visit['session'], now: number): Html {
  const act = 'awards/expiry';
  const through = typedIn(session, act, 'through', `${Number(businessDate(now).slice(0, 4)) - 1}-12-31`);
  const reason = typedIn(session, act, 'reason', '年度积分到期');
  return form(session, {
    act,
    body: html`<div class="row">
        <label for="through">截至</label><input id="through" name="through" type="date" value="${through}" required />
        <label for="reason">原因</label><input id="reason" name="reason" value="${reason}" maxlength="${reclaimReasonMax}" required />
        <button>计算并提交</button>
      </div>
      <p class="hint">那一天当天也算在内。原因会写进居民的账单。提交后不会马上到期，要另一个人放行；再提交一份，前一份就作废。</p>`,
  });
}

/** Above the rows of one: who is left out and why, and what residents may come to owe; once it took effect, what really expired. */
async function besides(book: CountyBook, reclaim: Reclaim): Promise<Html | null> {
  const { state, about: through, number, rows, points } = reclaim;
  if (state.is === 'waiting')
    return html`${leftOutPart(leftOutOf(reclaim), through, await unheardNow(book, through))}
      <p class="hint">
        放行时县里已经收到的消费，不再到期。居民用掉而县里那时还没有收到的，不论在放行以前还是以后（归属店下一夜才知道，它交回以前还能用），都记为欠，以后的赋分先还；最多欠他到期的那么多。请各店先上传再放行，欠的就少。
      </p>`;
  if (state.is !== 'released') return null;
  const taken = await book.read((db) => takenBy(db, number));
  if (taken.rows === rows && taken.points === points) return null;
  return html`<p>
    放行时实际到期 ${countText(taken.rows)} 户 ${pointsText(taken.points)} 积分：其余的在放行以前已经用掉，或者那时在等没有上传的店。
  </p>`;
}

function leftOutPart({ accounts, points, shops }: LeftOut, through: string, unheard: readonly string[]): Html {
  const now = unheard.length === 0 ? '现在各店都已上传到那一天以后。' : `现在还没有上传到那一天以后的店：${unheard.join('、')}。`;
  if (accounts === 0) return html`<p>没有一户因为店没有上传而留下。${now}</p>`;
  return html`<h3>这次留下不算的</h3>
    <ul class="figures">
      <li class="late"><b>${countText(accounts)}</b>户</li>
      <li class="late"><b>${pointsText(points)}</b>积分本来到期</li>
    </ul>
    <p>
      这些户在下面的店里有额度、漫游或未了的事，而这些店提交时还没有上传 ${through}
      以后的账：居民可能已经在那里用掉，所以先不算。店上传以后，再提交一次就会算到；${goneText}。${now}
    </p>
    ${table({
      caption: '在等的店',
      heads: ['终端', '#户数'],
      rows: shops.map(
        (each) =>
          html`<tr>
            <th scope="row">${each.kiosk}</th>
            <td class="number">${countText(each.accounts)}</td>
          </tr>`,
      ),
      empty: '',
    })}`;
}

/** On the page of awards: the way here, and what waits. */
export async function expiryPart(book: CountyBook): Promise<Html> {
  const waiting = await book.read((db) => withLeft(db, expiry, waitingReclaims(db, expiry)));
  return html`<h2>积分到期</h2>
    ${waiting.length === 0 ? null : reclaimTable(pages, waiting, { now: book.wallMs(), empty: '' })}
    <p><a href="/clerk/${path}">一年没有用的积分到期</a></p>`;
}
