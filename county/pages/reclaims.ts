// What the pages of all that is reclaimed share: the table of those that wait or took effect, one of them with its rows and what it would do,
// and the acts of who releases or withdraws it. county/book/reclaims.ts does each; the pages of a kind propose it.

import type { CountyBook } from '../book/county-book.ts';
import { personOf } from '../book/awards.ts';
import { type TakenBackLeft, takenBackLeft } from '../book/exposure.ts';
import { type RowFault, rowTold } from '../book/list-file.ts';
import type { Outlook } from '../book/reclaim-outlook.ts';
import type { ReclaimRow } from '../book/reclaim-rows.ts';
import {
  type Reclaim,
  type ReclaimKind,
  type ReclaimRefusal,
  type SeenReclaim,
  beginReclaim,
  findReclaim,
  reclaimReasonMax,
  reclaimsOf,
  seeReclaim,
  takenBy,
  waitingReclaims,
  withdrawReclaim,
} from '../book/reclaims.ts';
import { never } from '../../db/model/result.ts';
import type { ReadableDatabase } from '../../db/sqlite.ts';
import { numberSaid } from '../serve/command.ts';
import { countText, momentText, pointsText } from './amounts.ts';
import type { ClerkDeed } from './clerks.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import { againSeconds, soon } from './lists.ts';
import type { Act, Done, View, Visit } from './page.ts';
import { faultInChinese } from './words.ts';

/** A kind as its pages speak of it. */
export interface ReclaimPages<Row extends ReclaimRow = ReclaimRow> {
  readonly kind: ReclaimKind<Row>;
  /** What becomes of the points. */
  readonly word: '收回' | '到期';
  /** What is done: 收回赋分. */
  readonly name: string;
  /** One of them, in a sentence: 收回第 3 号. */
  titleOf(number: number): string;
  /** What it is of: 第 3 批. */
  aboutOf(reclaim: Reclaim): string;
  /** Heads: of what it is of, of its rows. */
  readonly aboutHead: string;
  readonly rowsHead: string;
  /** Head of the column by which people know a row; null: it has none. */
  readonly nameHead: string | null;
  /** Address of one, and of the page that it is on. */
  pathOf(number: number): string;
  homeOf(reclaim: Reclaim | null): { readonly path: string; readonly text: string };
  /** What else one of them says, above its rows. */
  alsoOf?(book: CountyBook, reclaim: Reclaim): Promise<Html | null>;
  /** Paths of the acts begin so. */
  readonly acts: string;
  readonly deeds: { readonly release: ClerkDeed; readonly withdraw: ClerkDeed };
}

/** The act of another person who releases one. */
export function releaseAct<Row extends ReclaimRow>(pages: ReclaimPages<Row>): Act {
  return {
    path: `${pages.acts}/release`,
    roles: ['releaser'],
    async run({ book }, { session: { clerk } }, sent) {
      const number = numberSaid(sent.text('number'));
      const begun = await beginReclaim(book, pages.kind, { number, by: clerk.name, shown: sent.text('list') });
      const to = pages.pathOf(number);
      if (!begun.ok) return { to, isGood: false, text: refusedReclaim[begun.code] };
      begun.value.end.catch(() => {}); // the next start or night goes on, and tells people
      const isPosted = (await soon(begun.value.end.then(() => true))) === true;
      const title = pages.titleOf(number);
      return {
        to,
        isGood: true,
        text: isPosted
          ? `${title}已放行：没分配的已经收回，在店里的下一夜去要；收到多少、欠多少，以后在这里看`
          : `${title}已放行，正在逐户入账；断电也不会丢，开机后接着入`,
        deed: { what: pages.deeds.release, about: `第 ${number} 号` },
      };
    },
  };
}

/** The act of who takes a proposal away: its proposer, or any releaser. */
export function withdrawAct<Row extends ReclaimRow>(pages: ReclaimPages<Row>): Act {
  return {
    path: `${pages.acts}/withdraw`,
    roles: ['clerk', 'releaser'],
    async run({ book }, { session: { clerk } }, sent) {
      const number = numberSaid(sent.text('number'));
      const to = pages.pathOf(number);
      const found = await book.read((db) => findReclaim(db, pages.kind, number));
      return withdrawn(found, clerk, {
        withdraw: () => withdrawReclaim(book, pages.kind, { number, by: clerk.name }),
        it: '这一份',
        done: { to, text: `${pages.titleOf(number)}已撤回，不会再放行`, deed: { what: pages.deeds.withdraw, about: `第 ${number} 号` } },
        elseTo: to,
      });
    },
  };
}

/** Takes away what waits to be released, by whoever may; null: nothing of that number was found. `it`: as people call what was proposed. */
export async function withdrawn(
  found: Pick<Reclaim, 'proposedBy'> | null,
  clerk: Visit['session']['clerk'],
  of: {
    readonly withdraw: () => ReturnType<typeof withdrawReclaim>;
    readonly it: string;
    readonly done: Omit<Done, 'isGood'>;
    readonly elseTo: string;
  },
): Promise<Done> {
  const refused = (text: string): Done => ({ to: of.elseTo, isGood: false, text });
  if (found !== null && !mayWithdraw(found, clerk)) return refused(`只有提交的人或复核能撤回${of.it}`);
  const done = await of.withdraw();
  if (done.ok) return { ...of.done, isGood: true };
  switch (done.code) {
    case 'unknown':
      return refused(`没有${of.it}`);
    case 'released':
      return refused(`${of.it}已经放行，不能撤回`);
    case 'withdrawn':
      return refused(`${of.it}已经撤回过`);
    case 'nobody':
      return refused('没有姓名，不能撤回');
    default:
      return never(done.code);
  }
}

/** Whoever proposed it, and every releaser. */
export function mayWithdraw({ proposedBy }: Pick<Reclaim, 'proposedBy'>, { name, role }: Visit['session']['clerk']): boolean {
  return role === 'releaser' || (role === 'clerk' && personOf(name) === personOf(proposedBy));
}

export const refusedReclaim: Readonly<Record<ReclaimRefusal, string>> = {
  unknown: '没有这一号',
  released: '这一号已经放行过',
  replaced: '同样的后来又提交了一份，这一份不能放行',
  withdrawn: '这一份已经撤回，不能放行',
  same_person: '提交的人不能自己放行',
  nobody: '没有姓名，不能放行',
  not_shown: '要放行的不是您刚才看的那一份，没有放行：请再看一遍',
  changed: '留下的文件被改过或不见了，没有收回：请保留现场并报告',
  busy: '正在读别的大表，请过一分钟再试',
  unfinished: '同样的另一次收回正在逐户入账，请等它做完',
  beyond: '现在已经没有这么多可收，没有放行：请重新提交',
};

/** Why nothing was proposed, of whatever kind. */
export const refusedProposal = {
  changed: refusedReclaim.changed,
  busy: refusedReclaim.busy,
  unfinished: refusedReclaim.unfinished,
  no_reason: `请写清原因，最多 ${reclaimReasonMax} 个字：居民在账单里看得到`,
  nobody: '没有姓名，不能提交',
} as const;

/** What is wrong with a list that was not proposed, as far as a sentence holds it. `isTyped`: it was no file, so nobody counts its one row. */
export function faultsText(faults: readonly RowFault[], { isTyped }: { readonly isTyped: boolean }): string {
  if (faults.length === 0) return '没有提交：刚才不对的，现在没有了，请再试一次';
  const named = faults.slice(0, faultsNamed).map((fault) => `${isTyped ? '' : `第 ${rowTold(fault)} 行 `}${faultInChinese(fault.what)}`);
  return `没有提交：${named.join('；')}${faults.length > faultsNamed ? `；还有 ${countText(faults.length - faultsNamed)} 处` : ''}`;
}

const faultsNamed = 3;

/** `left`: what is not settled of one that took effect; null: it did not. */
export interface ShownReclaim {
  readonly reclaim: Reclaim;
  /** What was taken, hundredths; of one that did not take effect 0. */
  readonly taken: number;
  readonly left: TakenBackLeft | null;
}

/** Each with what is not settled of it. */
export function withLeft(db: ReadableDatabase, { name }: Pick<ReclaimKind, 'name'>, reclaims: readonly Reclaim[]): readonly ShownReclaim[] {
  const of = name === 'awards' ? 'taken_back' : 'reclaimed';
  return reclaims.map((reclaim) => ({
    reclaim,
    taken: reclaim.state.is !== 'released' ? 0 : name === 'awards' ? reclaim.points : takenBy(db, reclaim.number).points,
    left: reclaim.state.is === 'released' ? takenBackLeft(db, { table: of, number: reclaim.number }) : null,
  }));
}

/** Those of a kind that wait, and the newest of all others. */
export function waitingAndEnded(
  db: ReadableDatabase,
  kind: ReclaimKind,
): { readonly waiting: readonly ShownReclaim[]; readonly ended: readonly ShownReclaim[] } {
  const waiting = waitingReclaims(db, kind);
  const isWaiting = new Set(waiting.map(({ number }) => number));
  const newest = reclaimsOf(db, kind, { most: endedShown + waiting.length });
  const ended = newest.filter(({ number }) => !isWaiting.has(number));
  return { waiting: withLeft(db, kind, waiting), ended: withLeft(db, kind, ended) };
}

const endedShown = 30;

/** Those that wait, or took effect; `empty` where there is none. */
export function reclaimTable<Row extends ReclaimRow>(
  pages: ReclaimPages<Row>,
  reclaims: readonly ShownReclaim[],
  { now, empty }: { readonly now: number; readonly empty: string },
): Html {
  return table({
    caption: pages.name,
    heads: [pages.word, pages.aboutHead, `#${pages.rowsHead}`, '#积分', '原因', '提交人', '结果', '明细'],
    rows: reclaims.map(
      ({ reclaim: each, taken, left }) =>
        html`<tr>
          <th scope="row">第 ${each.number} 号</th>
          <td>${pages.aboutOf(each)}</td>
          <td class="number">${countText(each.rows)}</td>
          <td class="number">${pointsText(each.points)}</td>
          <td>${each.reason}</td>
          <td>${each.proposedBy}</td>
          <td>${stateText({ reclaim: each, taken, left }, now)}</td>
          <td><a href="/clerk/${pages.pathOf(each.number)}" aria-label="${pages.titleOf(each.number)}：明细">明细</a></td>
        </tr>`,
    ),
    empty,
  });
}

function stateText({ reclaim: { state }, taken, left }: ShownReclaim, now: number): Html {
  if (state.is === 'waiting') return html`<span class="state late">等待放行</span>`;
  if (state.is === 'replaced') return html`<span class="state bad">已被后一份代替</span>`;
  if (state.is === 'withdrawn') return html`<span class="state bad">已撤回</span> ${state.by} ${momentText(state.at, now)}`;
  const who = `${state.by} ${momentText(state.at, now)} 放行`;
  return state.is === 'releasing'
    ? html`<span class="state late">正在入账</span> 已入 ${countText(state.rows)} 行，${who}`
    : html`${left === null ? null : leftText(taken, left)} ${who}`;
}

/** Where more was taken of the same accounts, what is open is of all of it together. */
function leftText(points: number, { due, overdraft, isAlone }: TakenBackLeft): Html {
  if (due + overdraft === 0) return html`<span class="state good">已收回</span>`;
  const state = due > 0 ? html`<span class="state late">正在收回</span>` : html`<span class="state late">已收完，有欠</span>`;
  const open = `${due > 0 ? `正在向店里要 ${pointsText(due)}，` : ''}欠 ${pointsText(overdraft)}`;
  return isAlone
    ? html`${state} 收回 ${pointsText(points - due - overdraft)}，${open}；`
    : html`${state} 这些户的几次收回合在一起：${open}；`;
}

/** One, with what it would do, above what may be done with it. */
export async function reclaimView<Row extends ReclaimRow>(
  pages: ReclaimPages<Row>,
  book: CountyBook,
  { session }: Visit,
  number: number,
): Promise<View> {
  const found = await seeReclaim(book, pages.kind, number);
  const shown = found === null ? [] : await book.read((db) => withLeft(db, pages.kind, [found.reclaim]));
  const { path, text } = pages.homeOf(found?.reclaim ?? null);
  const back = html`<p><a href="/clerk/${path}">${text}</a></p>`;
  if (found === null)
    return {
      title: pages.name,
      body: html`<p class="notice bad">没有这一号</p>
        ${back}`,
    };
  const { reclaim, seen } = found;
  const now = book.wallMs();
  return {
    title: pages.titleOf(reclaim.number),
    ...(reclaim.state.is === 'releasing' ? { refreshSeconds: againSeconds } : {}),
    body: html`${back}
      <ul class="figures">
        <li><b>${countText(reclaim.rows)}</b>${pages.rowsHead}</li>
        <li><b>${pointsText(reclaim.points)}</b>积分要${pages.word}</li>
        <li><b class="text">${reclaim.proposedBy}</b>${momentText(reclaim.at, now)} 提交</li>
      </ul>
      <p>原因：${reclaim.reason}</p>
      ${shown.map((each) => html`<p>${stateText(each, now)}</p>`)} ${(await pages.alsoOf?.(book, reclaim)) ?? null}
      ${seen.ok ? seenPart(pages, seen.value) : html`<p class="notice bad">${refusedReclaim[seen.code]}</p>`}
      <p class="hint">提交时留下的表，指纹 <code>${reclaim.sha256}</code></p>
      ${reclaim.state.is === 'waiting' ? stepPart(pages, session, reclaim, seen.ok) : null}`,
  };
}

function seenPart<Row extends ReclaimRow>({ word, nameHead, rowsHead }: ReclaimPages<Row>, { rows, outlook, first }: SeenReclaim): Html {
  return html`${outlook === null ? null : outlookPart(outlook)}
  ${table({
    caption: '逐户明细',
    heads: [...(nameHead === null ? [] : [nameHead]), '账户', '姓名', `#${word}积分`],
    rows: first.map(
      ({ account, names, points, reason }) =>
        html`<tr>
          ${nameHead === null ? null : html`<td>${reason}</td>`}
          <th scope="row">${account}</th>
          <td>${names === '' ? '—' : names}</td>
          <td class="number">${pointsText(points)}</td>
        </tr>`,
    ),
    empty: '表里没有一行。',
  })}
  ${
    rows > first.length
      ? html`<p>
          这里是前 ${first.length} ${rowsHead.replace('数', '')}，还有 ${countText(rows - first.length)}
          ${rowsHead.replace('数', '')}没有显示。
        </p>`
      : null
  }`;
}

function outlookPart({ unallocated, home, elsewhere, spent, expired }: Outlook): Html {
  return html`<h3>放行后会怎样（按县里现在听到的）</h3>
    <ul class="figures">
      <li><b>${pointsText(unallocated)}</b>积分没分配，当时收回</li>
      <li><b>${pointsText(home)}</b>积分在归属店，下一夜去要</li>
      <li><b>${pointsText(elsewhere)}</b>积分在别的店，归属店不够时去要</li>
      <li class="${spent > 0 ? 'late' : ''}"><b>${pointsText(spent)}</b>积分可能已经用掉，记为透支，以后的赋分先还</li>
      ${expired > 0 ? html`<li><b>${pointsText(expired)}</b>积分已经到期，不再收第二次</li>` : null}
    </ul>
    <p class="hint">店里收到的钱不受影响。归属店交回以前居民还可能在那里用掉，所以最后的透支可能多一些，但不会超过要收回的积分。</p>`;
}

function stepPart<Row extends ReclaimRow>(pages: ReclaimPages<Row>, session: Visit['session'], reclaim: Reclaim, isWhole: boolean): Html {
  const { clerk } = session;
  const { number, sha256 } = reclaim;
  const isOwn = personOf(clerk.name) === personOf(reclaim.proposedBy);
  const withdrawal = mayWithdraw(reclaim, clerk)
    ? form(session, {
        act: `${pages.acts}/withdraw`,
        body: html`<input type="hidden" name="number" value="${number}" /><button class="quiet">撤回，不再放行</button>`,
      })
    : null;
  if (clerk.role !== 'releaser')
    return html`<p>等复核放行。要改的话，重新提交一份，或者撤回这一份。</p>
      ${withdrawal}`;
  if (isOwn || !isWhole)
    return html`<p>您不能放行这一份。</p>
      ${withdrawal}`;
  return html`${form(session, {
    act: `${pages.acts}/release`,
    body: html`<input type="hidden" name="number" value="${number}" /><input type="hidden" name="list" value="${sha256}" /><button
        class="main"
      >
        放行${pages.titleOf(number)}
      </button>`,
  })}${withdrawal}`;
}
