// 结算: every settlement with its state, whether the county's own figures agree, and what was paid; and the bank's answer as a list. Pays
// nothing itself: county/book/payments.ts writes down what the bank did.

import { hash } from 'node:crypto';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from '../book/county-book.ts';
import { countysOwn } from '../book/adjustments.ts';
import { payables } from '../book/payable.ts';
import { type TakenPayment, takePayments } from '../book/payments.ts';
import { countText, pointsText, yuanText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import { draftMark, emptyFileText, faultTable, isOtherDraft, otherDraftText, refusalText, uploadForm } from './lists.ts';
import type { Act, Desk, Page, View, Visit } from './page.ts';
import { shopNames } from './shops.ts';

/** Where the list for the bank is fetched (bank-list.ts). */
export const bankListPath = 'settlements/to-pay.csv';

export const settlementsPage: Page = { path: 'settlements', name: '结算', show };

export const uploadPayments: Act = {
  path: 'settlements/upload',
  roles: ['clerk'],
  async run({ book }, { session }, sent) {
    const file = await sent.file('file');
    if (file === null) return { to: 'settlements', isGood: false, text: '没有选文件' };
    session.draft = null;
    if (file.bytes.length === 0) return { to: 'settlements', isGood: false, text: emptyFileText };
    session.draft = { kind: 'payments', ...file };
    if (!(await tried(book, file.bytes)).ok) return { to: 'settlements', isGood: false, text: `${file.name} 没有接收，原因在下面` };
    return { to: 'settlements', isGood: true, text: `已读取 ${file.name}，还没有入账：请核对后再确认` };
  },
};

export const takeThem: Act = {
  path: 'settlements/take',
  roles: ['clerk'],
  async run({ book }, { session }, sent) {
    const { draft } = session;
    if (draft !== null && isOtherDraft(draft, sent)) return { to: 'settlements', isGood: false, text: otherDraftText };
    session.draft = null;
    if (draft?.kind !== 'payments') return { to: 'settlements', isGood: false, text: '没有等待确认的付款表' };
    const sha = shaOf(draft.bytes);
    const taken = await takePayments(book, draft.bytes);
    if (!taken.ok) return { to: 'settlements', isGood: false, text: '这份表现在有不对的行，没有入账：请重新上传' };
    const { rows, fen } = taken.value;
    return {
      to: 'settlements',
      isGood: true,
      text: `已记下 ${countText(rows)} 笔付款，共 ${yuanText(fen)} 元；下一夜告诉各店`,
      deed: { what: 'import_payments', about: `${countText(rows)} 笔 ${yuanText(fen)} 元，表 ${sha}` },
    };
  },
};

export const dropThem: Act = {
  path: 'settlements/drop',
  roles: ['clerk'],
  run(_desk, { session }) {
    session.draft = null;
    return Promise.resolve({ to: 'settlements', isGood: true, text: '没有入账' });
  },
};

/** Short enough to read in the journal; nobody gains by making two lists alike. */
function shaOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex').slice(0, 16);
}

interface SettlementRow {
  readonly kiosk: string;
  readonly inc: number;
  readonly number: number;
  readonly merchant: string;
  readonly points: number;
  readonly owedFen: number;
  readonly isAgreed: number;
  readonly acceptedDay: string | null;
  readonly paidFen: number | null;
  readonly paidDay: string | null;
  readonly isAnswered: number;
}

const shown = 200;

async function show({ book }: Desk, visit: Visit): Promise<View> {
  const [rows, batches, names, due] = await book.read((db) => [settlements(db), countyBatches(db), shopNames(db), payables(db)] as const);
  const owed = due.reduce((sum, { payFen }) => sum + payFen, 0);
  const held = due.reduce((sum, { heldFen }) => sum + heldFen, 0);
  const differing = rows.filter(({ isAgreed, isAnswered }) => isAgreed === 0 && isAnswered === 0).length;
  return {
    title: '结算',
    body: html`<ul class="figures"><li><b>${countText(rows.length)}</b>张结算单</li><li><b>${yuanText(owed)}</b>元已受理未付</li>${
      held > 0 ? html`<li><b>${yuanText(held)}</b>元暂不付：恢复备份后重复结算，下一张结算单扣回</li>` : null
    }<li${differing > 0 ? html` class="bad"` : null}><b>${differing}</b>张与县账不符</li></ul>
${table({
  caption: '结算单，新的在前',
  heads: ['店', '结算单', '#积分', '#应付（元）', '与县账', '状态', '#已付（元）'],
  rows: rows.map((row) => line(row, names)),
  empty: '还没有结算单。店里日结后生成，随夜间文件上来。',
})}
${batches.length === 0 ? null : batchTable(batches, names)}
<h2>给银行的付款表</h2>
${
  owed > 0
    ? html`<p>
        <a href="/clerk/${bankListPath}" download>下载付款表</a>（CSV，共 ${yuanText(owed)}
        元）：银行付款以后，填上日期和流水号，在下面导入。
      </p>`
    : html`<p class="empty">现在没有要付的。</p>`
}
<h2>导入银行付款</h2>
${visit.session.clerk.role === 'clerk' ? await payments(book, visit) : html`<p class="empty">由经办导入。</p>`}`,
  };
}

function line(row: SettlementRow, names: ReadonlyMap<string, string>): Html {
  const { kiosk, inc, number, points, owedFen, isAgreed, isAnswered, acceptedDay, paidFen, paidDay } = row;
  const isPaid = paidFen !== null && paidFen >= owedFen;
  const [state, text] = isPaid
    ? ['good', `已付 ${paidDay ?? ''}`]
    : paidFen !== null
      ? ['late', '付了一部分']
      : acceptedDay !== null
        ? ['late', `已受理 ${acceptedDay}，等付款`]
        : isAgreed === 1 || isAnswered === 1
          ? ['late', '下一夜受理']
          : ['bad', '等人核定'];
  return html`<tr>
    <th scope="row">${names.get(kiosk) ?? row.merchant}<small>${kiosk}</small></th>
    <td>${inc === countysOwn.inc ? '县代结' : `第 ${number} 号`}${inc > 1 ? html`<small>第 ${inc} 代</small>` : null}</td>
    <td class="number">${pointsText(points)}</td>
    <td class="number">${yuanText(owedFen)}</td>
    <td>
      ${isAgreed === 1 ? html`<span class="state good">相符</span>` : html`<span class="state bad">不符</span>${isAnswered === 1 ? ' 已核定' : html` <a href="/clerk/exceptions">去处理</a>`}`}
    </td>
    <td><span class="state ${state}">${text}</span></td>
    <td class="number">${paidFen === null ? '—' : yuanText(paidFen)}</td>
  </tr>`;
}

interface BatchRow {
  readonly number: number;
  readonly kiosk: string;
  readonly points: number;
  readonly owedFen: number;
}

/** What kiosks forgot when they were put back: the bank pays it with a settlement of the kiosk, never by itself. */
function batchTable(batches: readonly BatchRow[], names: ReadonlyMap<string, string>): Html {
  return table({
    caption: '县补结：恢复备份时终端忘掉的销售，由终端下一张结算单一并付款',
    heads: ['店', '批次', '#积分', '#金额（元）'],
    rows: batches.map(
      ({ number, kiosk, points, owedFen }) =>
        html`<tr>
          <th scope="row">${names.get(kiosk) ?? kiosk}<small>${kiosk}</small></th>
          <td>第 ${number} 批</td>
          <td class="number">${pointsText(points)}</td>
          <td class="number">${yuanText(owedFen)}</td>
        </tr>`,
    ),
    empty: '没有',
  });
}

function countyBatches(db: ReadableDatabase): readonly BatchRow[] {
  return prepared<[number], BatchRow>(
    db,
    'SELECT number, kiosk, points, owed_fen AS "owedFen" FROM county_batch ORDER BY number DESC LIMIT ?',
  ).all(shown);
}

async function payments(book: CountyBook, visit: Visit): Promise<Html> {
  const { session } = visit;
  const { draft } = session;
  const upload = uploadForm(visit, { act: 'settlements/upload', label: '付款表', columns: '终端,代次,结算单,金额（元）,日期,流水号' });
  if (draft?.kind !== 'payments') return upload;
  const seen = await tried(book, draft.bytes);
  if (!seen.ok && seen.code === 'faulty') return html`${faultTable(seen.faults)}${upload}`;
  if (!seen.ok)
    return html`<p class="notice bad">${draft.name}：${refusalText(seen.code)}</p>
      ${upload}`;
  const { rows, fen } = seen.value;
  return html`<section class="card">
    <h3>${draft.name}：${countText(rows)} 笔，共 ${yuanText(fen)} 元</h3>
    ${paidTable(seen.value.payments, await book.read(shopNames))}
    <div class="row">
      ${form(session, { act: 'settlements/take', body: html`${draftMark(draft)}<button class="main">确认入账</button>` })}
      ${form(session, { act: 'settlements/drop', body: html`<button class="quiet">不要了</button>` })}
    </div>
  </section>`;
}

/** What is to be looked at before it is sent on: what is not paid in full stands first. */
function paidTable(payments: readonly TakenPayment[], names: ReadonlyMap<string, string>): Html {
  const inParts = payments.filter(({ leftFen }) => leftFen > 0);
  const first = [...inParts, ...payments.filter(({ leftFen }) => leftFen === 0)].slice(0, shown);
  return html`${inParts.length === 0 ? null : html`<p class="notice bad">有 ${countText(inParts.length)} 笔没有付足，先查清是银行少付还是表填错</p>`}${table(
    {
      caption: payments.length > shown ? `前 ${shown} 笔` : '逐笔核对',
      heads: ['店', '结算单', '#付款（元）', '付款日', '流水号', '#还差（元）'],
      rows: first.map(
        ({ kiosk, inc, number, fen, day, reference, leftFen }) =>
          html`<tr>
            <th scope="row">${names.get(kiosk) ?? kiosk}<small>${kiosk}</small></th>
            <td>${inc === countysOwn.inc ? '县代结' : `第 ${number} 号`}${inc > 1 ? html`<small>第 ${inc} 代</small>` : null}</td>
            <td class="number">${yuanText(fen)}</td>
            <td class="whole">${day}</td>
            <td>${reference}</td>
            <td class="number">${leftFen === 0 ? '付清' : html`<span class="state bad">${yuanText(leftFen)}</span>`}</td>
          </tr>`,
      ),
      empty: '',
    },
  )}`;
}

/** Leaves an act that must not stay in the book. */
class Untaken extends Error {}

/** What taking the list would do: it is taken, looked at, and rolled back. */
async function tried(book: CountyBook, bytes: Uint8Array): ReturnType<typeof takePayments> {
  const trial: CountyBook = {
    ...book,
    async transact(work) {
      let value: { readonly is: Awaited<ReturnType<typeof work>> } | null = null;
      try {
        return await book.transact(async (act) => {
          value = { is: await work(act) };
          throw new Untaken('only tried');
        });
      } catch (error) {
        if (!(error instanceof Untaken) || value === null) throw error;
        return (value as { readonly is: Awaited<ReturnType<typeof work>> }).is; // set just before it was thrown
      }
    },
  };
  return await takePayments(trial, bytes);
}

function settlements(db: ReadableDatabase): readonly SettlementRow[] {
  return prepared<[number], SettlementRow>(
    db,
    `SELECT s.kiosk AS kiosk, s.inc AS inc, s.number AS number, s.merchant AS merchant, s.points AS points, s.owed_fen AS "owedFen",
        s.is_agreed AS "isAgreed",
        (SELECT max(day) FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number AND w.state = 'accepted') AS "acceptedDay",
        (SELECT max(paid_fen) FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number AND w.state = 'paid') AS "paidFen",
        (SELECT max(day) FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number AND w.state = 'paid') AS "paidDay",
        CASE WHEN EXISTS (SELECT 1 FROM exception JOIN exception_answer ON exception_answer.exception = exception.number
              WHERE exception.kiosk = s.kiosk AND exception.inc = s.inc AND exception.seq = s.seq AND exception.code = 'settlement_differs')
          THEN 1 ELSE 0 END AS "isAnswered"
      FROM settlement AS s ORDER BY s.number DESC, s.kiosk LIMIT ?`,
  ).all(shown);
}
