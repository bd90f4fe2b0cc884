// 收件: of each kiosk the newest file, how long it is silent, what waits, and what to do about it. Changes nothing but to ask for files.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { type Silence, committeeSilence } from '../book/committee-silence.ts';
import { unheardKiosks } from '../book/put-back.ts';
import { isUnanswered } from '../book/unanswered.ts';
import { whyUnsigned } from '../log/unsigned.ts';
import { momentText, sinceText } from './amounts.ts';
import { unsignedPart } from './held-shops.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import type { Act, Desk, Page, Visit } from './page.ts';
import { shopNames } from './shops.ts';

export const inboxPage: Page = { path: 'inbox', name: '收件', show };

/** Asks a kiosk, or all of them, to exchange: at once where it waits to be called, else at its next question. */
export const askFiles: Act = {
  path: 'inbox/ask',
  roles: ['clerk', 'releaser', 'committee'],
  async run({ book, presence }, _visit, sent) {
    const wanted = sent.text('kiosk');
    const kiosks = (await book.read(rowsOf)).filter(({ kiosk, state }) => state === 'active' && (wanted === '' || wanted === kiosk));
    presence.ask(kiosks.map(({ kiosk }) => kiosk));
    return {
      to: 'inbox',
      isGood: kiosks.length > 0,
      text: kiosks.length === 0 ? '没有这个终端' : `已通知 ${kiosks.length} 个终端：在线的马上交换，其余的下次联网时交换`,
      ...(kiosks.length > 0 ? { deed: { what: 'ask_files', about: wanted === '' ? '全部' : wanted } as const } : {}),
    };
  },
};

interface InboxRow {
  readonly kiosk: string;
  readonly state: 'expected' | 'active' | 'quarantined' | 'revoked';
  readonly inc: number | null;
  readonly fileSeq: number | null;
  readonly receivedAt: number | null;
  /** Files that came before one that is missing. */
  readonly waiting: number;
  readonly missing: number | null;
  readonly exceptions: number;
  /** The book was put back, and nothing came from it since. */
  readonly isUnheard: boolean;
  /** The county has its key, and needs no code of it. */
  readonly isEnrolled: boolean;
  readonly downSeq: number | null;
}

/** A kiosk exchanges each night: after a day it is late, after a week somebody goes there (experience.md U16). */
const lateMs = 26 * 60 * 60_000;
const lostMs = 7 * 24 * 60 * 60_000;

export type InboxState = 'good' | 'late' | 'bad';

/** What a clerk does about a kiosk; the worst first. `isOnline`: it asked the server something since that started. */
export function whatToDo(
  row: Omit<InboxRow, 'downSeq' | 'inc' | 'fileSeq'>,
  now: number,
  isOnline = false,
): { readonly state: InboxState; readonly text: string } {
  const silentMs = row.receivedAt === null ? null : now - row.receivedAt;
  if (row.state === 'quarantined') return { state: 'bad', text: '已隔离：先由监督员处理“同一终端两段历史”，再让它发文件' };
  if (row.state === 'revoked') return { state: 'bad', text: '密钥已吊销：把它名下的账户迁到别的店，用新的终端号重新登记' };
  if (row.state === 'expected' && row.receivedAt === null) return { state: 'late', text: neverSentText(row, isOnline) };
  if (row.isUnheard) return { state: 'bad', text: '县账放回后还没联系上，暂时不给它文件：请店里上传，或用 U 盘送来' };
  if (row.missing !== null && row.waiting > 0)
    return { state: 'bad', text: `缺第 ${row.missing} 号文件，后面 ${row.waiting} 份在等：请店里重发，或用 U 盘送来` };
  if (silentMs === null) return { state: 'late', text: '还没收到过文件：问店里是否已开业、能否上网' };
  if (silentMs > lostMs) return { state: 'bad', text: '一周没有消息：打电话，用 U 盘取文件' };
  if (silentMs > lateMs) return { state: 'late', text: '昨夜没有来：问店里网络和电源' };
  if (row.exceptions > 0) return { state: 'late', text: `有 ${row.exceptions} 项异常待处理` };
  return { state: 'good', text: '没有要做的' };
}

function neverSentText({ isEnrolled }: Pick<InboxRow, 'isEnrolled'>, isOnline: boolean): string {
  if (isOnline) return '已联网，还没送来过文件：请店里按“现在上传”';
  return isEnrolled ? '还没发过文件：请店里开业后按“现在上传”' : '还没发过文件：新店先用一次性登记码登记';
}

async function show({ book, presence, monoMs, nextNight }: Desk, { session }: Visit) {
  const now = book.wallMs();
  const [rows, names, silence, unsigned] = await book.read(
    (db) => [rowsOf(db), shopNames(db), committeeSilence(db, now), whyUnsigned(db)] as const,
  );
  const judged = rows
    .map((row) => ({ row, ...whatToDo(row, now, presence.of(row.kiosk) !== null) }))
    .toSorted((a, b) => urgency[b.state] - urgency[a.state]);
  const count = (state: InboxState): number => judged.filter((each) => each.state === state).length;
  const lines = judged.map(({ row, state, text }) => {
    const seen = presence.of(row.kiosk);
    return html`<tr>
      <th scope="row">${names.get(row.kiosk) ?? row.kiosk}<small>${row.kiosk}</small></th>
      <td>
        ${row.fileSeq === null ? '—' : html`第 ${row.fileSeq} 号${(row.inc ?? 1) > 1 ? html`<small>第 ${row.inc ?? 1} 代</small>` : null}`}
      </td>
      <td class="whole">
        ${row.receivedAt === null ? '—' : html`${sinceText(now - row.receivedAt)}<small>${momentText(row.receivedAt, now)}</small>`}
      </td>
      <td class="number">${row.waiting}</td>
      <td>${row.downSeq === null ? '—' : html`第 ${row.downSeq} 号`}</td>
      <td>${seen === null ? '—' : html`${sinceText(monoMs() - seen.atMs)}${seen.isAsked ? html`<small>已要求交换</small>` : null}`}</td>
      <td><span class="state ${state}">${stateNames[state]}</span> ${text}</td>
      <td>${row.state === 'active' ? askButton(session, row.kiosk) : null}</td>
    </tr>`;
  });
  return {
    title: '收件',
    body: html`<ul class="figures">
        <li><b>${count('good')}</b>正常</li>
        <li class="${count('late') > 0 ? 'late' : ''}"><b>${count('late')}</b>要留意</li>
        <li class="${count('bad') > 0 ? 'bad' : ''}"><b>${count('bad')}</b>要处理</li>
        <li><b class="text">${momentText(nextNight(), now)}</b>下次过夜</li>
      </ul>
      ${silence === null ? null : html`<p class="notice bad">${silenceText(silence)}</p>`} ${unsignedPart(unsigned, names)}
      ${form(session, { act: 'inbox/ask', body: html`<input type="hidden" name="kiosk" value="" /><button>让所有终端立即交换</button>` })}
      ${table({
        caption: '各终端的文件',
        heads: ['店', '最新送来', '收到', '#在等', '最新发去', '最近联网', '怎么办', '操作'],
        rows: lines,
        empty: '还没有终端。用 county -- enrol 登记第一个。',
      })}`,
  };
}

/** What verify would tell an outsider is told here first. */
function silenceText({ signedDay, days }: Silence): string {
  const last = signedDay === null ? '还没有签过' : `最近签的是 ${signedDay} 的根`;
  return `监督委员会已有 ${days} 天没有在县里的日志根上签名（${last}）：请监督委员会拿密钥来签。`;
}

/** The worst stands first; the rest by their ids. */
const urgency: Readonly<Record<InboxState, number>> = { good: 0, late: 1, bad: 2 };

const stateNames: Readonly<Record<InboxState, string>> = { good: '正常', late: '留意', bad: '处理' };

function askButton(session: Visit['session'], kiosk: string): Html {
  return form(session, {
    act: 'inbox/ask',
    body: html`<input type="hidden" name="kiosk" value="${kiosk}" /><button class="small" aria-label="让 ${kiosk} 立即交换">
        立即交换
      </button>`,
  });
}

function rowsOf(db: ReadableDatabase): readonly InboxRow[] {
  const kiosks = prepared<[], Pick<InboxRow, 'kiosk' | 'state'> & { readonly key: string | null }>(
    db,
    'SELECT kiosk, state, key FROM kiosk ORDER BY kiosk',
  ).all();
  const newest = prepared<[string], { inc: number; fileSeq: number; receivedAt: number }>(
    db,
    'SELECT inc, file_seq AS "fileSeq", received_at AS "receivedAt" FROM up_file WHERE kiosk = ? ORDER BY inc DESC, file_seq DESC LIMIT 1',
  );
  const posted = prepared<[string], { inc: number; fileSeq: number }>(
    db,
    'SELECT inc, file_seq AS "fileSeq" FROM chain WHERE kiosk = ? ORDER BY inc DESC LIMIT 1',
  );
  const after = prepared<[string, number, number], { n: number }>(
    db,
    `SELECT count(DISTINCT up_file.file_seq) AS n FROM up_file JOIN answer ON answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc
        AND answer.file_seq = up_file.file_seq AND answer.sha256 = up_file.sha256
      WHERE up_file.kiosk = ? AND up_file.inc = ? AND up_file.file_seq > ? AND verdict = 'GAP'`,
  );
  const raised = prepared<[string], { n: number }>(db, `SELECT count(*) AS n FROM exception WHERE kiosk = ? AND ${isUnanswered}`);
  const unheard = new Set(unheardKiosks(db));
  const down = prepared<[string], { downSeq: number | null }>(db, 'SELECT max(down_seq) AS "downSeq" FROM down_file WHERE kiosk = ?');
  return kiosks.map(({ kiosk, state, key }) => {
    const file = newest.get(kiosk);
    const chain = posted.get(kiosk);
    const inc = file?.inc ?? 1;
    const through = chain?.inc === inc ? chain.fileSeq : 0;
    const waiting = file === undefined ? 0 : after.get(kiosk, inc, through)!.n; // an aggregate has a row
    return {
      kiosk,
      state,
      inc: file?.inc ?? null,
      fileSeq: file?.fileSeq ?? null,
      receivedAt: file?.receivedAt ?? null,
      waiting,
      missing: waiting > 0 ? through + 1 : null,
      exceptions: raised.get(kiosk)!.n,
      isUnheard: unheard.has(kiosk),
      isEnrolled: key !== null,
      downSeq: down.get(kiosk)!.downSeq,
    };
  });
}
