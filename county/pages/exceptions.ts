// 异常: what a person must look at, in plain words, with whose it is; and the form that answers it, once. Judges nothing.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { type CountyException, answerException, openExceptions } from '../book/exceptions.ts';
import { actOfEvent } from '../book/statement.ts';
import { numberSaid } from '../serve/command.ts';
import { countText, momentText } from './amounts.ts';
import type { ClerkRole } from './clerks.ts';
import { detailInChinese } from './detail-words.ts';
import { disallowLink, disallowPart, disallowView } from './disallow.ts';
import { type Html, html } from './html.ts';
import { form, table, typedIn } from './layout.ts';
import type { Act, Desk, Page, View, Visit } from './page.ts';
import { shopNames } from './shops.ts';
import { accountText, actName, paperText } from './statement-words.ts';
import { meaningOf, roleNames } from './words.ts';

export const exceptionsPage: Page = { path: 'exceptions', name: '异常', show };

/** More at once are for another day: the oldest come first. */
const openShown = 100;
const answeredShown = 30;
const answerMax = 1_000;
const answerMin = 4;

export const answerIt: Act = {
  path: 'exceptions/answer',
  roles: ['clerk', 'committee'],
  async run({ book }, { session: { clerk } }, sent) {
    const number = numberSaid(sent.text('number'));
    const text = sent.text('text').trim();
    const raised = (await book.read(openExceptions)).find((each) => each.number === number);
    const wrong = (why: string) => ({ to: 'exceptions', isGood: false, text: why });
    if (raised === undefined) return wrong('这一项已经处理过了');
    if (!isTheirs(raised, clerk.role)) return wrong(`第 ${number} 项归${ownerName(raised.owner)}，您不能处理`);
    if (text.length < answerMin || text.length > answerMax) return wrong(`请写明怎么处理的（${answerMin} 到 ${answerMax} 字）`);
    const done = await answerException(book, { number, by: clerk.name, text });
    if (done.ok) return { to: 'exceptions', isGood: true, text: `第 ${number} 项已处理`, deed: { what: 'answer', about: String(number) } };
    return wrong(
      done.code === 'unheard'
        ? '县账放回备份以后，这台终端还没有重新联系上，额度可能已经发给过它：等它发来文件再处理'
        : '这一项已经处理过了',
    );
  },
};

function isTheirs({ owner }: CountyException, role: ClerkRole): boolean {
  return owner === 'committee' ? role === 'committee' : role === 'clerk';
}

/** Who a person calls the one that an exception is for. */
export function ownerName(owner: string): string {
  return owner === 'committee' ? roleNames.committee : roleNames.clerk;
}

async function show({ book }: Desk, visit: Visit): Promise<View> {
  const { session, query } = visit;
  const asked = query.get('disallow');
  if (asked !== null) return disallowView(book, visit, numberSaid(asked));
  const { open, shown, answered, names } = await book.read((db) => {
    const all = openExceptions(db);
    const first = all
      .slice(0, openShown)
      .map((each) => ({ ...each, raisedAt: raisedAt(db, each.number), act: each.seq === 0 ? null : actOfEvent(db, each) }));
    return { open: all, shown: first, answered: newestAnswers(db), names: shopNames(db) };
  });
  const now = book.wallMs();
  return {
    title: '异常',
    body: html`<p class="lead">
        已发生的事照样入账；这里是需要人看一眼、写明结果的。${open.length === 0 ? null : html`还有 <b>${countText(open.length)}</b> 项。`}
      </p>
      ${
        open.length === 0
          ? html`<p class="empty">没有待处理的异常。夜里记账、收文件时发现要人看的事，会列在这里。</p>`
          : html`<ol class="cards">
              ${shown.map((each) => card(each, { session, names, now }))}
            </ol>`
      }
      ${open.length > openShown ? html`<p>先处理最早的 ${openShown} 项，其余 ${open.length - openShown} 项随后显示。</p>` : null}
      ${await disallowPart(book, visit, query.get('ticket') ?? '')}
      <h2>最近处理过的</h2>
      ${table({
        caption: '最近处理过的异常',
        heads: ['#编号', '异常', '店', '处理结果', '处理人', '时间'],
        rows: answered.map(
          (each) =>
            html`<tr>
              <td class="number">${each.number}</td>
              <td>${meaningOf(each.code).name}</td>
              <td>${names.get(each.kiosk) ?? each.kiosk}</td>
              <td>${each.text}</td>
              <td>${each.by}</td>
              <td class="whole">${momentText(each.at, now)}</td>
            </tr>`,
        ),
        empty: '写明过结果的异常会列在这里。',
      })}`,
  };
}

type Shown = CountyException & { readonly raisedAt: number; readonly act: ReturnType<typeof actOfEvent> };

/** When people were told first, epoch ms. */
function raisedAt(db: ReadableDatabase, number: number): number {
  return prepared<[number], { at: number }>(db, 'SELECT raised_at AS at FROM exception WHERE number = ?').get(number)!.at; // it was listed just before
}

function card(
  each: Shown,
  { session, names, now }: { readonly session: Visit['session']; readonly names: ReadonlyMap<string, string>; readonly now: number },
): Html {
  const act = 'exceptions/answer';
  const { name, what, remedy } = meaningOf(each.code);
  const detail = detailInChinese(each);
  const isOwn = isTheirs(each, session.clerk.role);
  const where = `${names.get(each.kiosk) ?? ''} ${each.kiosk}`.trim();
  const places = [
    momentText(each.raisedAt, now),
    where,
    each.fileSeq === 0 ? '' : `第 ${each.fileSeq} 号文件`,
    each.seq === 0 ? '' : `第 ${each.seq} 条凭证`,
  ].filter((text) => text !== '');
  return html`<li class="card">
    <h2><span class="number">${each.number}</span> ${name}<span class="owner">${ownerName(each.owner)}</span></h2>
    <p>${what}</p>
    <p><b>怎么办：</b>${remedy}</p>
    ${each.act === null ? null : actPart(each.act)}
    ${each.act?.paper != null && ofCredits.includes(each.act.kind) ? disallowLink({ session }, each.act.paper) : null}
    <p class="detail">
      ${places.join(' · ')}${detail === '' ? null : detail === each.detail ? html` · <code>${detail}</code>` : ` · ${detail}`}
    </p>
    ${
      isOwn
        ? form(session, {
            act,
            body: html`<input type="hidden" name="number" value="${each.number}" /><label for="text-${each.number}">处理结果</label>
              <textarea id="text-${each.number}" name="text" rows="2" minlength="${answerMin}" maxlength="${answerMax}" required>
${typedIn(session, act, 'number') === String(each.number) ? typedIn(session, act, 'text') : ''}</textarea
              ><button>写明并结束</button>`,
          })
        : html`<p class="detail">等${ownerName(each.owner)}处理</p>`
    }
  </li>`;
}

/** Events whose paper is the ticket of a credit that stands. */
const ofCredits: readonly string[] = ['CREDIT', 'CREDIT_DISPUTED'];

/** What it was, by the paper that the shop and the resident have, and whose. */
function actPart({ kind, day, paper, account }: NonNullable<Shown['act']>): Html {
  return html`<p>
    ${day}
    ${actName(kind)}${paper === null ? null : html`，<b>${paperText(kind, paper)}</b>`}${
      account === null ? null : html`，<a href="/clerk/residents?account=${encodeURIComponent(account)}">${accountText(account)} 的账单</a>`
    }
  </p>`;
}

interface Answer {
  readonly number: number;
  readonly code: string;
  readonly kiosk: string;
  readonly by: string;
  readonly text: string;
  readonly at: number;
}

function newestAnswers(db: ReadableDatabase): readonly Answer[] {
  return prepared<[number], Answer>(
    db,
    `SELECT exception.number AS number, code, kiosk, exception_answer.by AS by, exception_answer.text AS text, at
       FROM exception_answer JOIN exception ON exception.number = exception_answer.exception ORDER BY exception_answer.number DESC LIMIT ?`,
  ).all(answeredShown);
}
