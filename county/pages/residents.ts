// 居民: the statement of one account, with every act and where it happened (可查询、可追溯). Who looks at one is written down. Changes
// nothing of the county's business.

import { businessDate, localMinute } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { type OpenVoucher, openVouchersOf } from '../book/lapsed-vouchers.ts';
import { type MasterLine, everyKiosk, masterLine } from '../book/master.ts';
import { type FoundPaper, type Statement, type StatementRow, findPaper, statementOf } from '../book/statement.ts';
import { countText, momentText, pointsText } from './amounts.ts';
import { writeAct } from './clerks.ts';
import { type Html, html } from './html.ts';
import { table } from './layout.ts';
import type { Desk, Page, View, Visit } from './page.ts';
import { shopNames } from './shops.ts';
import { accountText, actName, foundBy, heldText, openVoucherText, paperText, partName, rowName } from './statement-words.ts';

export const residentsPage: Page = { path: 'residents', name: '居民', show };

type ResidentLine = Extract<MasterLine, { t: 'RESIDENT' }>;

/** More hits than these: the name is too common. */
const hitsMax = 30;
/** The newest acts; the command `statement` has them all. */
const rowsShown = 300;
const wantedMax = 40;

async function show({ book }: Desk, { session, query }: Visit): Promise<View> {
  const wanted = (query.get('q') ?? '').trim().slice(0, wantedMax);
  const account = (query.get('account') ?? '').slice(0, wantedMax);
  const names = await book.read(shopNames);
  const search = html`<form method="get" action="/clerk/residents" class="row" role="search">
    <label for="q">姓名、居民编号、账户号或小票号</label><input id="q" name="q" value="${wanted}" maxlength="${wantedMax}" /><button>
      查找
    </button>
  </form>`;
  if (account !== '') {
    const read = await book.read((db) => {
      const statement = statementOf(db, { account });
      if (!statement.ok) return null;
      return { statement: statement.value, people: peopleOf(db, statement.value.residents), vouchers: openVouchersOf(db, account) };
    });
    if (read === null)
      return {
        title: '居民',
        body: html`${search}
          <p class="notice bad">没有${accountText(account)}</p>`,
      };
    await book.transact(({ db }) => writeAct(db, { name: session.clerk.name, what: 'read_statement', about: account, at: book.wallMs() }));
    return { title: '居民账单', body: html`${search}${statementPart(read.statement, read, { names, now: book.wallMs() })}` };
  }
  const paper = wanted === '' ? null : await book.read((db) => findPaper(db, wanted));
  const hits = wanted === '' ? [] : await book.read((db) => found(db, wanted)); // a number may be a receipt's and an account's
  return {
    title: '居民',
    body: html`<p class="lead">查一户的每一笔：何时、在哪家店、哪张小票、动了多少、还剩多少。查看会记入操作记录。</p>
      ${search}
      ${wanted === '' ? html`<p class="empty">查到的居民和小票会列在这里。</p>` : paper !== null && hits.length === 0 ? null : hitTable(hits)}
      ${paper === null ? null : paperPart(paper, names)} ${hits.length < hitsMax ? null : html`<p>只显示前 ${hitsMax} 位，请写得更全。</p>`}`,
  };
}

function paperPart({ number, kind, day, kiosk, account }: FoundPaper, names: ReadonlyMap<string, string>): Html {
  return table({
    caption: '找到的小票',
    heads: ['小票、凭条或退货单', '事项', '办理日', '店', '账单'],
    rows: [
      html`<tr>
        <th scope="row" class="whole">${paperText(kind, number)}</th>
        <td>${account === null ? '购物，没有用积分' : actName(kind)}</td>
        <td class="whole">${day}</td>
        <td>${names.get(kiosk) ?? kiosk}</td>
        <td>
          ${account === null ? '没有刷卡，不属于哪一户' : html`<a href="/clerk/residents?account=${encodeURIComponent(account)}">看${accountText(account)} 的账单</a>`}
        </td>
      </tr>`,
    ],
    empty: '',
  });
}

function hitTable(hits: readonly ResidentLine['resident'][]): Html {
  return table({
    caption: '找到的居民',
    heads: ['姓名', '村', '居民编号', '账户', '账单'],
    rows: hits.map(
      ({ id, name, village, accountId }) =>
        html`<tr>
          <th scope="row">${name}</th>
          <td>${village}</td>
          <td>${id}</td>
          <td>${accountId}</td>
          <td><a href="/clerk/residents?account=${encodeURIComponent(accountId)}" aria-label="看账单：${name}">看账单</a></td>
        </tr>`,
    ),
    empty: '没有找到：姓名可以只写一部分，编号和小票号要写全。',
  });
}

function found(db: ReadableDatabase, wanted: string): readonly ResidentLine['resident'][] {
  const byId = masterLine(db, { scope: everyKiosk, t: 'RESIDENT', key: wanted });
  if (byId !== null) return [byId.resident];
  const ofAccount = prepared<[string], { resident: string }>(db, 'SELECT resident FROM resident WHERE account = ? ORDER BY resident').all(
    wanted,
  );
  if (ofAccount.length > 0)
    return peopleOf(
      db,
      ofAccount.map(({ resident }) => resident),
    );
  const sought = wanted.replace(/[%_\\"]/g, '');
  if (sought === '') return [];
  return prepared<[string, string, number], { line: string }>(
    db,
    `SELECT line FROM master WHERE scope = ? AND t = 'RESIDENT' AND line LIKE ? ORDER BY key LIMIT ?`,
  )
    .all(everyKiosk, `%"name":"%${sought}%`, hitsMax)
    .map(({ line }) => (JSON.parse(line) as ResidentLine).resident) // putMaster wrote it
    .filter(({ name }) => name.includes(sought));
}

function peopleOf(db: ReadableDatabase, residents: readonly string[]): readonly ResidentLine['resident'][] {
  return residents
    .map((key) => masterLine(db, { scope: everyKiosk, t: 'RESIDENT', key })?.resident ?? null)
    .filter((each) => each !== null);
}

function statementPart(
  { account, home, closing, held, suspense, rows }: Statement,
  { people, vouchers }: { readonly people: readonly ResidentLine['resident'][]; readonly vouchers: readonly OpenVoucher[] },
  { names, now }: { readonly names: ReadonlyMap<string, string>; readonly now: number },
): Html {
  const named = (kiosk: string): string => names.get(kiosk) ?? kiosk;
  const inBrackets = (kiosk: string): string => `（${named(kiosk)}）`;
  const newest = rows.toReversed().slice(0, rowsShown);
  return html`<ul class="figures">
      <li>
        <b class="text">${people.length === 0 ? '没有登记的居民' : people.map(({ name }) => name).join('、')}</b>${accountText(account)}
      </li>
      <li><b>${pointsText(closing)}</b>积分，全县余额</li>
      <li><b class="text">${named(home)}</b>归属店</li>
      ${suspense === 0 ? null : html`<li class="late"><b>${pointsText(suspense)}</b>积分待处理，不在余额内</li>`}
    </ul>
    <p>积分现在放在：${held.length === 0 ? '没有' : held.map((each) => heldText(each, inBrackets)).join('；')}</p>
    ${vouchers.map((voucher) => html`<p class="hint">${openVoucherText(voucher, named(voucher.kiosk))}。</p>`)}
    ${table({
      caption: '账单，按办理的时间，新的在前',
      heads: ['办理', '入账', '事项', '小票或批次', '地点', '#积分变化', '#余额', '额度去向'],
      rows: newest.map((row) => rowOf(row, now, named)),
      empty: '还没有一笔。',
    })}
    ${rows.length > rowsShown ? html`<p>这里是最近 ${rowsShown} 笔，共 ${countText(rows.length)} 笔；全部用 statement 命令导出。</p>` : null}`;
}

function rowOf(row: StatementRow, now: number, named: (kiosk: string) => string): Html {
  const { day, doneAt, postedAt, at, isRoaming, moved, parts, balance } = row;
  const doneOn = businessDate(doneAt);
  const found = foundBy(row);
  const inBrackets = (kiosk: string): string => `（${named(kiosk)}）`;
  return html`<tr>
    <td class="whole">${localMinute(doneAt)}${doneOn === day ? null : html`<small>营业日 ${day}</small>`}</td>
    <td class="whole">${momentText(postedAt, now)}</td>
    <th scope="row">${rowName(row)}</th>
    <td class="${found.includes('：') ? 'words' : 'whole'}">${found}</td>
    <td class="words">${at === null ? '县里' : html`${at.shop}<small>第 ${at.seq} 条凭证${isRoaming ? '，漫游' : ''}</small>`}</td>
    <td class="number">${moved === 0 ? '—' : `${moved > 0 ? '+' : ''}${pointsText(moved)}`}</td>
    <td class="number">${pointsText(balance)}</td>
    <td class="words">
      ${parts
        .map(({ part, kiosk, amount }) => `${partName({ part, kiosk }, inBrackets)} ${amount > 0 ? '+' : ''}${pointsText(amount)}`)
        .join('；')}
    </td>
  </tr>`;
}
