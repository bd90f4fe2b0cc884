// 敞口: what the county stands to lose by offline roaming now, and the most it can be, kiosk by kiosk. county/book/exposure.ts computes it.

import { exposureOf, type KioskExposure, type TakenBackOpen } from '../book/exposure.ts';
import { openVoucherSums } from '../book/lapsed-vouchers.ts';
import { advancesPart, advancesView } from './advances.ts';
import { countText, momentText, pointsText, sinceText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { table } from './layout.ts';
import type { Desk, Page, View, Visit } from './page.ts';
import { shopNames } from './shops.ts';

export const exposurePage: Page = { path: 'exposure', name: '敞口', show };

async function show({ book }: Desk, visit: Visit): Promise<View> {
  const advanced = await advancesView(book, visit);
  if (advanced !== null) return advanced;
  const now = book.wallMs();
  const [exposure, names, vouchers] = await book.read((db) => [exposureOf(db, now), shopNames(db), openVoucherSums(db)] as const);
  const { kiosks, due, overdraft, unsettled, bound, linesMax, lineCap, oldestSilent, strandedRights, takenBack } = exposure;
  const named = (kiosk: string): string => names.get(kiosk) ?? kiosk;
  const never = kiosks.filter(({ heardAt, state }) => heardAt === null && state !== 'revoked').map(({ kiosk }) => named(kiosk));
  return {
    title: '敞口',
    body: html`<p class="lead">
        敞口是县里可能垫出去的积分。断网时居民可在外店用一点漫游额度：每户最多 ${linesMax} 家外店、每家 ${pointsText(lineCap)}
        积分。用掉的先记在县里，等归属店交还；归属店里已经没有的，就是漫游透支，由居民以后的积分还。照规矩，两样合起来不会超过公布的上限；超了的会列在“异常”里。
      </p>
      <ul class="figures">
        <li><b>${pointsText(due)}</b>积分漫游待补，等归属店交还</li>
        <li class="${overdraft > 0 ? 'late' : ''}"><b>${pointsText(overdraft)}</b>积分漫游透支，居民欠的</li>
        <li class="${takenBack.overdraft > 0 ? 'late' : ''}"><b>${pointsText(takenBack.overdraft)}</b>积分收回透支，居民欠的</li>
        <li><b>${pointsText(bound)}</b>积分，公布的上限</li>
        <li class="${strandedRights > 0 ? 'late' : ''}"><b>${pointsText(strandedRights)}</b>积分额度在失联或停用的终端，还没来过的不算</li>
      </ul>
      <p>
        ${meter({ value: unsettled, max: bound, label: '全县漫游待补与漫游透支占上限' })} 漫游待补与漫游透支合计 ${pointsText(unsettled)}
        积分，是上限的 ${percent(unsettled, bound)}
      </p>
      ${never.length === 0 ? null : html`<p>从来没有来过消息的终端有 ${never.length} 台：${never.slice(0, neverNamed).join('、')}${never.length > neverNamed ? '等' : ''}。</p>`}
      ${
        oldestSilent === null
          ? null
          : html`<p>
              来过消息的终端里，最久没有消息的：${named(oldestSilent.kiosk)}，${sinceText(now - oldestSilent.heardAt)}（${momentText(oldestSilent.heardAt, now)}）。
            </p>`
      }
      ${vouchersPart(vouchers)} ${takenBackPart(takenBack)} ${await advancesPart(book)}
      ${table({
        caption: '各终端的敞口',
        heads: ['店', '#漫游待补', '#漫游透支', '#上限', '合计占上限', '#开着的漫游', '#手里的额度', '最近消息'],
        rows: kiosks.map((each) => rowOf(each, { now, named })),
        empty: '还没有终端。登记以后，每台终端的漫游、透支和上限列在这里。',
      })}`,
  };
}

/** Not of roaming, and not within its bound. */
function takenBackPart({ due, overdraft }: TakenBackOpen): Html | null {
  if (due + overdraft === 0) return null;
  return html`<p>
    收回和到期的积分：${pointsText(due)} 积分正在向各店要回；<b>${pointsText(overdraft)}</b>
    积分已经用掉，记为收回透支，以后的赋分先还。都不算在漫游里，每户不超过收回和到期的数。
  </p>`;
}

/** Rights that lie at a shop for a voucher: nothing is lost of them, and nobody need wonder where they are. */
function vouchersPart({ waits, lapsed }: ReturnType<typeof openVoucherSums>): Html | null {
  if (waits.n === 0 && lapsed.n === 0) return null;
  return html`<p>
    联网取用和积分凭证，发出还没用的：<b>${countText(waits.n)}</b> 笔，${pointsText(waits.points)}
    积分，留在那家店，等它收下县里的下一份文件才作废（县里不凭钟作废：断网的店可能已经收了）。
    没用上、已作废：<b>${countText(lapsed.n)}</b> 笔，${pointsText(lapsed.points)} 积分，正在要回，交回后的夜里归到居民的归属店。
  </p>`;
}

/** The rest stand in the table. */
const neverNamed = 5;

function rowOf(
  { kiosk, due, unsettled, bound, lines, lineSum, overdraft, rights, heardAt, isSilent }: KioskExposure,
  { now, named }: { readonly now: number; readonly named: (kiosk: string) => string },
): Html {
  return html`<tr>
    <th scope="row">${named(kiosk)}<small>${kiosk}</small></th>
    <td class="number">${pointsText(due)}</td>
    <td class="number">${overdraft === 0 ? '—' : pointsText(overdraft)}</td>
    <td class="number">${pointsText(bound)}</td>
    <td>
      ${bound === 0 ? '—' : html`${meter({ value: unsettled, max: bound, label: `${named(kiosk)} 漫游待补与漫游透支占上限` })} ${percent(unsettled, bound)}`}
    </td>
    <td class="number">${countText(lines)} 户<small>${pointsText(lineSum)} 积分</small></td>
    <td class="number">${pointsText(rights)}</td>
    <td>${heardAt === null ? '从来没有' : sinceText(now - heardAt)}${isSilent ? html` <span class="state bad">失联</span>` : null}</td>
  </tr>`;
}

function meter({ value, max, label }: { readonly value: number; readonly max: number; readonly label: string }): Html {
  return html`<meter min="0" max="${Math.max(1, max)}" value="${value}" aria-label="${label}">${percent(value, max)}</meter>`;
}

/** Rounded up: what is little is not nothing, and not 1% either. */
export function percent(value: number, max: number): string {
  if (max === 0 || value === 0) return '0%';
  return value * 100 < max ? '不到 1%' : `${Math.ceil((value * 100) / max)}%`;
}
