// 核对: what kiosks said, what the county's book has and what merchants were told, line by line, with the cause of each difference. Compares
// nothing itself: county/book/three-way.ts does, when somebody asks.

import type { CountyBook } from '../book/county-book.ts';
import { type Amounts, type Cause, type Compared, threeWay } from '../book/three-way.ts';
import { momentText, pointsText, yuanText } from './amounts.ts';
import { whatInChinese, whyInChinese } from './check-words.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import type { Act, Desk, Page, View, Visit } from './page.ts';
import { shopNames } from './shops.ts';

export const checkPage: Page = { path: 'check', name: '核对', show };

/** The newest check of each book, as long as the server runs. */
const checks = new WeakMap<CountyBook, { readonly at: number; readonly rows: readonly Compared[] }>();
const running = new WeakSet<CountyBook>();
const shown = 300;

export const runCheck: Act = {
  path: 'check/run',
  roles: ['clerk', 'releaser', 'committee'],
  async run({ book }) {
    if (running.has(book)) return { to: 'check', isGood: false, text: '正在核对，请稍候再看' };
    running.add(book);
    try {
      checks.set(book, { at: book.wallMs(), rows: await threeWay(book) });
      return { to: 'check', isGood: true, text: '核对完了', deed: { what: 'check', about: '' } };
    } finally {
      running.delete(book);
    }
  },
};

async function show({ book }: Desk, { session }: Visit): Promise<View> {
  const names = await book.read(shopNames);
  const check = checks.get(book);
  const button = form(session, { act: 'check/run', body: html`<button class="main">现在核对</button>` });
  const lead = html`<p class="lead">
    终端签过的、县账里的、给商户的：三边逐日、逐张对到每一分钱、每一积分。每处差别都有原因；说不出原因的要有人查。
  </p>`;
  if (check === undefined)
    return {
      title: '三方核对',
      body: html`${lead}${button}
        <p class="empty">服务器这次启动以来还没有核对过。点“现在核对”，有差别的项和原因会列在这里。</p>`,
    };
  const unnamed = check.rows.filter(({ outcome }) => outcome.kind === 'unnamed');
  const differing = check.rows.filter(({ outcome }) => outcome.kind === 'differs');
  const agreed = check.rows.length - unnamed.length - differing.length;
  return {
    title: '三方核对',
    body: html`${lead}
      <ul class="figures">
        <li><b>${agreed}</b>项相符</li>
        <li class="${differing.length > 0 ? 'late' : ''}"><b>${differing.length}</b>项有差别，知道原因</li>
        <li class="${unnamed.length > 0 ? 'bad' : ''}"><b>${unnamed.length}</b>项要查</li>
        <li><b class="text">${momentText(check.at, book.wallMs())}</b>核对于</li>
      </ul>
      ${button}
      ${table({
        caption: '有差别的项',
        heads: ['店', '核对什么', '#终端', '#县账', '#商户', '原因'],
        rows: [...unnamed, ...differing].slice(0, shown).map((each) => rowOf(each, names)),
        empty: '三边全部相符。',
      })}
      ${unnamed.length + differing.length > shown ? html`<p>只显示前 ${shown} 项；全部用 check 命令列出。</p>` : null}`,
  };
}

function rowOf({ kiosk, inc, what, kioskSays, countyHas, merchantHas, outcome }: Compared, names: ReadonlyMap<string, string>): Html {
  const cause =
    outcome.kind === 'unnamed'
      ? html`<span class="state bad">要查</span> <span>${whyInChinese(outcome.why)}</span
          ><small>给技术人员：<code>${outcome.bytes.slice(0, 120)}</code></small>`
      : outcome.kind === 'differs'
        ? html`<span class="state late">${causeNames[outcome.cause]}</span><small>${whyInChinese(outcome.why)}</small>`
        : html``;
  return html`<tr>
    <th scope="row">${kiosk === '' ? '县里' : (names.get(kiosk) ?? kiosk)}${inc > 1 ? html`<small>第 ${inc} 代</small>` : null}</th>
    <td>${whatInChinese(what)}</td>
    <td class="number">${amountsText(kioskSays)}</td>
    <td class="number">${amountsText(countyHas)}</td>
    <td class="number">${amountsText(merchantHas)}</td>
    <td>${cause}</td>
  </tr>`;
}

function amountsText(amounts: Amounts | null): string {
  if (amounts === null) return '—';
  const { points, fen } = amounts;
  const parts = [points === null ? null : `${pointsText(points)} 积分`, fen === null ? null : `${yuanText(fen)} 元`].filter(
    (each) => each !== null,
  );
  return parts.length === 0 ? '—' : parts.join(' ');
}

const causeNames: Readonly<Record<Cause, string>> = {
  unsent: '还没送到',
  duplicate: '重复，只算一次',
  refused: '来了但没入账',
  roaming_due: '漫游待补',
  taken_back: '积分已收回',
  clock: '终端时钟错',
  restored: '终端恢复过',
  quarantined: '隔离中',
  adjusted: '县里调整过',
  not_settled: '还没结算',
  not_paid: '还没付',
};
