// 过夜: when the county's night is due and what the last ones did; in a demo the night at the press of a button, with a picture of what
// moved. Runs nothing itself.

import { whyUnsigned } from '../log/unsigned.ts';
import type { DemoNight, DemoNightState, Since } from '../serve/demo-night.ts';
import type { Moved } from '../serve/moved.ts';
import { countText, momentText, pointsText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { heldKiosks, heldPart, unsignedPart } from './held-shops.ts';
import { form, table } from './layout.ts';
import { downWords, filesText, movesPoints, nightPicture, upWords } from './night-picture.ts';
import type { Act, Desk, Page, View, Visit } from './page.ts';
import { pastNights, pastNightsTable } from './past-nights.ts';
import { shopNames } from './shops.ts';
import { accountText } from './statement-words.ts';

export const nightPage: Page = { path: 'night', name: '过夜', show };

export const pressNight: Act = {
  path: 'night/press',
  roles: ['clerk', 'releaser', 'committee'],
  run({ demoNight }) {
    if (demoNight === null) return Promise.resolve({ to: 'night', isGood: false, text: '只有演示县能这样过夜' });
    demoNight.press();
    return Promise.resolve({ to: 'night', isGood: true, text: '开始过夜', deed: { what: 'demo_night', about: '' } });
  },
};

/** While it goes on, and until the kiosks that are there have their files, the page looks again. */
const againSeconds = 2;
/** A kiosk that has not taken its file by then is not looked for any more. */
const takenMs = 60_000;
/** Until a kiosk is there. */
const aloneSeconds = 5;
const downShown = 40;
const sincePutBackText =
  '县账从备份放回过：这里只有放回以后收到的。放回时补收的见下面“最近几夜”；店里这次重送的旧文件，丢了的那几夜里可能已经算过。';

async function show({ book, demoNight, nextNight, presence }: Desk, visit: Visit): Promise<View> {
  const [names, nights, held, unsigned] = await book.read(
    (db) => [shopNames(db), pastNights(db), heldKiosks(db), whyUnsigned(db)] as const,
  );
  const now = book.wallMs();
  const state = demoNight?.state() ?? null;
  const isGoingOn = state?.kind === 'waiting' || state?.kind === 'running';
  const hasFile = (kiosk: string, downSeq: number): boolean => (presence.of(kiosk)?.next ?? 0) > downSeq;
  const online = demoNight === null ? [] : await demoNight.online();
  const isAlone = demoNight !== null && online.length === 0;
  const isBeingTaken =
    state?.kind === 'done' &&
    now - state.at < takenMs &&
    state.moved.down.some(({ kiosk, downSeq }) => online.includes(kiosk) && downSeq !== null && !hasFile(kiosk, downSeq));
  return {
    title: '过夜',
    ...(isGoingOn || isBeingTaken ? { refreshSeconds: againSeconds } : isAlone ? { refreshSeconds: aloneSeconds } : {}),
    body: html`<p class="lead">
        每天夜里，县里把各店送来的文件记完账，补足额度，受理结算，再给每个终端做一份文件。下次：<b>${momentText(nextNight(), now)}</b>。
      </p>
      ${unsignedPart(unsigned, names)} ${demoNight === null ? null : await demoPart(demoNight, state, { visit, names, hasFile })}
      ${heldPart(held, names)}
      <h2>最近几夜</h2>
      ${pastNightsTable(nights, { names, now })}`,
  };
}

async function demoPart(
  demoNight: DemoNight,
  state: DemoNightState | null,
  {
    visit,
    names,
    hasFile,
  }: { readonly visit: Visit; readonly names: ReadonlyMap<string, string>; readonly hasFile: (kiosk: string, downSeq: number) => boolean },
): Promise<Html> {
  const online = await demoNight.online();
  const named = (kiosk: string): string => names.get(kiosk) ?? kiosk;
  if (state?.kind === 'waiting')
    return html`<section class="card" aria-live="polite">
      <h2>等终端交换文件…</h2>
      ${
        state.kiosks.length === 0
          ? html`<p>没有终端在线。</p>`
          : html`<ul>
              ${state.kiosks.map(({ kiosk, hasSent }) => html`<li>${named(kiosk)}：${hasSent ? '已送到' : '等待中'}</li>`)}
            </ul>`
      }
    </section>`;
  if (state?.kind === 'running')
    return html`<section class="card" aria-live="polite">
      <h2>正在过夜…</h2>
      <p>记账、补额度、做文件。</p>
    </section>`;
  const button = html`<div class="row">
    ${form(visit.session, { act: 'night/press', body: html`<button class="main big">现在过夜</button>` })}
    <p class="hint">在线的终端：${online.length === 0 ? '没有' : online.map(named).join('、')}。先让它们交换文件，再过夜。</p>
  </div>`;
  if (state === null) return button;
  if (state.kind === 'failed')
    return html`<p class="notice bad">过夜没有完成，服务器日志里有原因。可以再试一次。</p>
      ${button}`;
  return html`${button}${whatMovedPart(state, { names, named, hasFile })}`;
}

function whatMovedPart(
  { moved, since }: { readonly moved: Moved; readonly since: Since },
  of: {
    readonly names: ReadonlyMap<string, string>;
    readonly named: (kiosk: string) => string;
    readonly hasFile: (kiosk: string, downSeq: number) => boolean;
  },
): Html {
  const { up, down, accounts, more } = moved;
  const written = down.filter(({ downSeq }) => downSeq !== null);
  if (up.length === 0 && written.length === 0)
    return html`<h2>这一夜动了什么</h2>
      <p class="empty">上一夜以来没有新文件，也没有给任何终端发文件。${since === 'put_back' ? sincePutBackText : null}</p>`;
  const label = `${up.length} 家店送来文件，县里给 ${written.length} 个终端发了文件，动了 ${countText(accounts.length + more)} 户的积分。详情见下面的表。`;
  const moving = written.filter(movesPoints);
  const idle = written.length - moving.length;
  return html`<h2>这一夜动了什么</h2>
    ${since === 'put_back' ? html`<p class="hint">${sincePutBackText}</p>` : null} ${nightPicture(moved, { names: of.names, label })}
    <h2>居民前后</h2>
    ${table({
      caption: '动过积分的户，过夜前后',
      heads: ['户', '#上一夜之后', '#现在', '#变化', '额度在哪里', '#漫游待补', '#收回待还'],
      rows: accounts.map(
        ({ account, name, before, after, rights, due, takenBackDue }) =>
          html`<tr>
            <th scope="row">${name ?? '没有登记的居民'}<small>${accountText(account)}</small></th>
            <td class="number">${pointsText(before)}</td>
            <td class="number">${pointsText(after)}</td>
            <td class="number">${after > before ? '+' : ''}${pointsText(after - before)}</td>
            <td>${rights.length === 0 ? '—' : rights.map(({ kiosk, amount }) => `${of.named(kiosk)} ${pointsText(amount)}`).join('；')}</td>
            <td class="number">${due === 0 ? '—' : pointsText(due)}</td>
            <td class="number">${takenBackDue === 0 ? '—' : pointsText(takenBackDue)}</td>
          </tr>`,
      ),
      empty: '没有一户的积分动过。',
    })}
    ${more > 0 ? html`<p>另有 ${countText(more)} 户。</p>` : null}
    ${accounts.some(({ due }) => due > 0) ? html`<p class="hint">漫游待补：在外店用掉、归属店还没还回来的积分，已从“现在”里扣掉；归属店交回后，再过一夜就结清。</p>` : null}
    ${accounts.some(({ takenBackDue }) => takenBackDue > 0) ? html`<p class="hint">收回待还：收回和到期的积分里还在店里的额度，正在要，已从“现在”里扣掉；店里交回后，再过一夜就结清，交不回来的记为透支。</p>` : null}
    <h2>送上来的</h2>
    ${table({
      caption: '各店送上来的',
      heads: ['店', '文件', '#凭证', '内容'],
      rows: up.map(
        (each) =>
          html`<tr>
            <th scope="row">${of.named(each.kiosk)}</th>
            <td>${filesText(each.files)}</td>
            <td class="number">${countText(each.events)}</td>
            <td>${upWords(each).join('；')}</td>
          </tr>`,
      ),
      empty: '上一夜以来没有新文件。',
    })}
    <h2>发下去的</h2>
    ${table({
      caption: '县里发下去的',
      heads: ['店', '文件', '#行数', '内容', '取走'],
      rows: moving.slice(0, downShown).map(
        (each) =>
          html`<tr>
            <th scope="row">${of.named(each.kiosk)}</th>
            <td>第 ${each.downSeq} 号</td>
            <td class="number">${countText(each.lines)}</td>
            <td>${downWords(each).join('；')}</td>
            <td>${of.hasFile(each.kiosk, each.downSeq ?? 0) ? html`<span class="state good">已取走</span>` : '等终端来取'}</td>
          </tr>`,
      ),
      empty: written.length === 0 ? '没有文件。' : '没有一份文件动了积分。',
    })}
    ${idle > 0 ? html`<p>另有 ${idle} 个终端的文件没有动积分。</p>` : null}
    ${moving.length > downShown ? html`<p>另有 ${moving.length - downShown} 个终端。</p>` : null}`;
}
