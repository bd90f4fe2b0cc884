// 收回: points of a list that took effect are taken back, the whole list or some rows. A clerk proposes it and sees what it will do, and a
// releaser who sees the same does it. county/book/take-backs.ts does each.

import type { CountyBook } from '../book/county-book.ts';
import { personOf } from '../book/awards.ts';
import { type TakenBackLeft, takenBackLeft } from '../book/exposure.ts';
import { hundredths } from '../book/list-file.ts';
import {
  type BackPreview,
  type BackReleaseRefusal,
  type TakeBack,
  type Wanted,
  backReasonMax,
  previewTakeBack,
  proposeTakeBack,
  releaseTakeBack,
  seeTakeBack,
  takeBacksOf,
  waitingTakeBacks,
} from '../book/take-backs.ts';
import type { ReadableDatabase } from '../../db/sqlite.ts';
import { momentText, pointsText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import { refusalText } from './lists.ts';
import type { Act, Form, View, Visit } from './page.ts';
import { accountText } from './statement-words.ts';
import { faultInChinese } from './words.ts';

export const proposeBack: Act = {
  path: 'awards/take-back',
  roles: ['clerk'],
  async run({ book }, { session: { clerk } }, sent) {
    const batch = numberOf(sent.text('batch'));
    const wrong = (text: string) => ({ to: `awards?batch=${batch}`, isGood: false, text });
    const wanted = await wantedOf(sent);
    if (wanted === null) return wrong('要收回的积分没有写对：只收一户要写账户和积分；交了表就不要再写');
    const kept = await proposeTakeBack(book, { batch, wanted, reason: sent.text('reason'), by: clerk.name });
    if (!kept.ok) return wrong(kept.code === 'faulty' ? await faultText(book, { batch, wanted }) : proposalText(kept.code));
    const { number, rows, points } = kept.value;
    return {
      to: `awards?back=${number}`,
      isGood: true,
      text: `收回第 ${number} 号已提交，还没有收：请核对，等另一个人放行`,
      deed: { what: 'propose_take_back', about: `第 ${number} 号，赋分第 ${batch} 批 ${rows} 户 ${pointsText(points)} 积分` },
    };
  },
};

/** Null: what was sent makes no sense together. */
async function wantedOf(sent: Form): Promise<Wanted | null> {
  const [account, points] = [sent.text('account').trim(), sent.text('points').trim()];
  const file = await sent.file('file');
  if (file !== null) return account === '' && points === '' ? { is: 'list', list: file.bytes } : null;
  if (points === '') return account === '' ? { is: 'all' } : null;
  const amount = hundredths(points);
  if (amount === null || amount === 0) return null;
  return account === '' ? { is: 'each', points: amount } : { is: 'list', list: `account,points\n${account},${points}\n` };
}

async function faultText(book: CountyBook, of: { readonly batch: number; readonly wanted: Wanted }): Promise<string> {
  const seen = await previewTakeBack(book, of);
  const faults = seen.ok ? seen.value.faults : [];
  const named = faults.slice(0, faultsNamed).map(({ row, what }) => `第 ${row} 行 ${faultInChinese(what)}`);
  return `没有提交：${named.join('；')}${faults.length > faultsNamed ? `；还有 ${faults.length - faultsNamed} 处` : ''}`;
}

const faultsNamed = 3;

function proposalText(code: Exclude<Extract<Awaited<ReturnType<typeof proposeTakeBack>>, { ok: false }>['code'], 'faulty'>): string {
  switch (code) {
    case 'unknown':
      return '没有这一批';
    case 'not_released':
      return '这一批还没有全部入账，不能收回';
    case 'changed':
    case 'busy':
    case 'unfinished':
      return refusedBack[code];
    case 'nothing':
      return '这一批已经没有可以收回的积分';
    case 'no_reason':
      return `请写清原因，最多 ${backReasonMax} 个字：居民在账单里看得到`;
    case 'nobody':
      return '没有姓名，不能提交';
    default:
      return refusalText(code);
  }
}

export const releaseBack: Act = {
  path: 'awards/take-back/release',
  roles: ['releaser'],
  async run({ book }, { session: { clerk } }, sent) {
    const number = numberOf(sent.text('number'));
    const done = await releaseTakeBack(book, { number, by: clerk.name, shown: sent.text('list') });
    const to = `awards?back=${number}`;
    if (!done.ok) return { to, isGood: false, text: refusedBack[done.code] };
    return {
      to,
      isGood: true,
      text: `收回第 ${number} 号已放行：没分配的已经收回，在店里的下一夜去要；收到多少、欠多少，以后在这里看`,
      deed: { what: 'release_take_back', about: `第 ${number} 号` },
    };
  },
};

const refusedBack: Readonly<Record<BackReleaseRefusal, string>> = {
  unknown: '没有这一号',
  released: '这一号已经放行过',
  replaced: '同一批后来又提交了一份，这一份不能放行',
  same_person: '提交的人不能自己放行',
  nobody: '没有姓名，不能放行',
  not_shown: '要放行的不是您刚才看的那一份，没有放行：请再看一遍',
  changed: '留下的文件被改过或不见了，没有收回：请保留现场并报告',
  busy: '正在读别的大表，请过一分钟再试',
  unfinished: '这一批的另一次收回正在逐户入账，请等它做完',
  beyond: '这些赋分已经没有这么多可收，没有放行：请重新提交',
};

/** A number as a form or an address says it; 0, which nothing has, where it is none. */
function numberOf(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** Below a list that took effect: what was taken back of it, and the form of a clerk who wants more back. */
export async function backPart(book: CountyBook, { session }: Visit, batch: number): Promise<Html> {
  const backs = await book.read((db) => withLeft(db, takeBacksOf(db, batch)));
  const now = book.wallMs();
  return html`<h2>收回</h2>
    ${backTable(backs, now, '没有收回过。')} ${session.clerk.role === 'clerk' ? backForm(session, batch) : null}`;
}

/** Those that wait for a releaser, over all lists; nothing where none waits. */
export async function waitingBacks(book: CountyBook): Promise<Html | null> {
  const waiting = await book.read((db) => withLeft(db, waitingTakeBacks(db)));
  return waiting.length === 0
    ? null
    : html`<h2>等待放行的收回</h2>
        ${backTable(waiting, book.wallMs(), '')}`;
}

/** `left`: what is not settled of one that took effect; null: it did not. */
interface Shown {
  readonly back: TakeBack;
  readonly left: TakenBackLeft | null;
}

function withLeft(db: ReadableDatabase, backs: readonly TakeBack[]): readonly Shown[] {
  return backs.map((back) => ({ back, left: back.state.is === 'released' ? takenBackLeft(db, back.number) : null }));
}

function backTable(backs: readonly Shown[], now: number, empty: string): Html {
  return table({
    caption: '收回赋分',
    heads: ['收回', '批次', '#户数', '#积分', '原因', '提交人', '结果', '明细'],
    rows: backs.map(
      ({ back: each, left }) =>
        html`<tr>
          <th scope="row">第 ${each.number} 号</th>
          <td>第 ${each.batch} 批</td>
          <td class="number">${each.rows}</td>
          <td class="number">${pointsText(each.points)}</td>
          <td>${each.reason}</td>
          <td>${each.proposedBy}</td>
          <td>${stateText({ back: each, left }, now)}</td>
          <td><a href="/clerk/awards?back=${each.number}" aria-label="收回第 ${each.number} 号：明细">明细</a></td>
        </tr>`,
    ),
    empty,
  });
}

function stateText({ back: { state, points }, left }: Shown, now: number): Html {
  if (state.is === 'waiting') return html`<span class="state late">等待放行</span>`;
  if (state.is === 'replaced') return html`<span class="state bad">已被后一份代替</span>`;
  const who = `${state.by} ${momentText(state.at, now)} 放行`;
  return state.is === 'releasing'
    ? html`<span class="state late">正在入账</span> 已入 ${state.rows} 户，${who}`
    : html`${left === null ? null : leftText(points, left)} ${who}`;
}

/** Where more was taken back of the same accounts, what is open is of all of it together. */
function leftText(points: number, { due, overdraft, isAlone }: TakenBackLeft): Html {
  if (due + overdraft === 0) return html`<span class="state good">已收回</span>`;
  const state = due > 0 ? html`<span class="state late">正在收回</span>` : html`<span class="state late">已收完，有欠</span>`;
  const open = `${due > 0 ? `正在向店里要 ${pointsText(due)}，` : ''}欠 ${pointsText(overdraft)}`;
  return isAlone
    ? html`${state} 收回 ${pointsText(points - due - overdraft)}，${open}；`
    : html`${state} 这些户的几次收回合在一起：${open}；`;
}

function backForm(session: Visit['session'], batch: number): Html {
  return form(session, {
    act: 'awards/take-back',
    isUpload: true,
    body: html`<input type="hidden" name="batch" value="${batch}" />
      <div class="row">
        <label for="points">每户收回多少积分</label><input id="points" name="points" inputmode="decimal" maxlength="12" />
        <label for="account">只收这一户</label><input id="account" name="account" maxlength="40" />
      </div>
      <div class="row">
        <label for="file">或按表收回</label><input id="file" name="file" type="file" accept=".csv,.xlsx" /> <label for="reason">原因</label
        ><input id="reason" name="reason" maxlength="${backReasonMax}" required />
        <button>提交收回</button>
      </div>
      <p class="hint">
        积分和账户都不写，就是整批全部收回。表的第一行是表头：<code>账户,积分</code>。原因会写进居民的账单。提交后不会马上收，要另一个人放行。
      </p>`,
  });
}

/** One taking back, with what it would do, above what may be done with it. */
export async function backView(book: CountyBook, { session }: Visit, number: number): Promise<View> {
  const found = await seeTakeBack(book, number);
  const shown = found === null ? [] : await book.read((db) => withLeft(db, [found.back]));
  if (found === null)
    return {
      title: '收回赋分',
      body: html`<p class="notice bad">没有这一号</p>
        <p><a href="/clerk/awards">回到赋分</a></p>`,
    };
  const { back, seen } = found;
  const now = book.wallMs();
  const isOwn = personOf(session.clerk.name) === personOf(back.proposedBy);
  return {
    title: `收回第 ${back.number} 号`,
    body: html`<p><a href="/clerk/awards?batch=${back.batch}">回到赋分第 ${back.batch} 批</a></p>
      <ul class="figures">
        <li><b>${back.rows}</b>户</li>
        <li><b>${pointsText(back.points)}</b>积分要收回</li>
        <li><b class="text">${back.proposedBy}</b>${momentText(back.at, now)} 提交</li>
      </ul>
      <p>原因：${back.reason}</p>
      ${shown.map((each) => html`<p>${stateText(each, now)}</p>`)}
      ${seen.ok ? seenPart(back, seen.value) : html`<p class="notice bad">${refusedBack[seen.code]}</p>`}
      <p class="hint">提交时留下的表，指纹 <code>${back.sha256}</code></p>
      ${back.state.is === 'waiting' ? stepPart(session, back, isOwn || !seen.ok) : null}`,
  };
}

function seenPart({ state }: TakeBack, { rows, outlook, first }: Omit<BackPreview, 'faults'>): Html {
  const { unallocated, home, elsewhere, spent } = outlook;
  return html`${
    state.is === 'waiting'
      ? html`<h3>放行后会怎样（按县里现在听到的）</h3>
          <ul class="figures">
            <li><b>${pointsText(unallocated)}</b>积分没分配，当时收回</li>
            <li><b>${pointsText(home)}</b>积分在归属店，下一夜去要</li>
            <li><b>${pointsText(elsewhere)}</b>积分在别的店，归属店不够时去要</li>
            <li class="${spent > 0 ? 'late' : ''}"><b>${pointsText(spent)}</b>积分可能已经用掉，记为透支，以后的赋分先还</li>
          </ul>
          <p class="hint">店里收到的钱不受影响。归属店交回以前居民还可能在那里用掉，所以最后的透支可能多一些，但不会超过要收回的积分。</p>`
      : null
  }
  ${table({
    caption: '逐户明细',
    heads: ['账户', '姓名', '#收回积分'],
    rows: first.map(
      ({ account, names, points }) =>
        html`<tr>
          <th scope="row">${accountText(account)}</th>
          <td>${names === '' ? '—' : names}</td>
          <td class="number">${pointsText(points)}</td>
        </tr>`,
    ),
    empty: '表里没有一行。',
  })}
  ${rows > first.length ? html`<p>这里是前 ${first.length} 户，还有 ${rows - first.length} 户没有显示。</p>` : null}`;
}

function stepPart(session: Visit['session'], { number, sha256 }: TakeBack, isBarred: boolean): Html {
  if (session.clerk.role !== 'releaser') return html`<p>等复核放行。要改的话，在这一批里重新提交一份，这一份就作废。</p>`;
  if (isBarred) return html`<p>您不能放行这一份。</p>`;
  return form(session, {
    act: 'awards/take-back/release',
    body: html`<input type="hidden" name="number" value="${number}" /><input type="hidden" name="list" value="${sha256}" /><button
        class="main"
      >
        放行收回第 ${number} 号
      </button>`,
  });
}
