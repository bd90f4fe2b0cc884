// 过夜: when the county's night is due and what the last ones did; in a demo the night at the press of a button, with a picture of what
// moved. Runs nothing itself.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { DemoNight, DemoNightState } from '../serve/demo-night.ts';
import type { Moved } from '../serve/moved.ts';
import { momentText, pointsText, secondText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import { downWords, filesText, movesPoints, nightPicture, upWords } from './night-picture.ts';
import type { Act, Desk, Page, View, Visit } from './page.ts';
import { shopNames } from './shops.ts';

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
const nightsShown = 14;
const downShown = 40;

async function show({ book, demoNight, nextNight, presence }: Desk, visit: Visit): Promise<View> {
  const [names, nights] = await book.read((db) => [shopNames(db), newestNights(db)] as const);
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
      ${demoNight === null ? null : await demoPart(demoNight, state, { visit, names, hasFile })}
      <h2>最近几夜</h2>
      ${table({
        caption: '最近几夜',
        heads: ['日期', '完成时间', '上一夜以来送来文件的店', '#发下去的文件'],
        rows: nights.map(
          ({ about, at, shops, files }) =>
            html`<tr>
              <th scope="row" class="whole">${about}</th>
              <td class="whole">${secondText(at, now)}</td>
              <td>${shopsText(shops, names)}</td>
              <td class="number">${files}</td>
            </tr>`,
        ),
        empty: '还没有过过夜。',
      })}`,
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
  return html`${button}${whatMovedPart(state.moved, { names, named, hasFile })}`;
}

function whatMovedPart(
  moved: Moved,
  of: {
    readonly names: ReadonlyMap<string, string>;
    readonly named: (kiosk: string) => string;
    readonly hasFile: (kiosk: string, downSeq: number) => boolean;
  },
): Html {
  const { up, down, accounts, more } = moved;
  const written = down.filter(({ downSeq }) => downSeq !== null);
  const label = `${up.length} 家店送来文件，县里给 ${written.length} 个终端发了文件，动了 ${accounts.length + more} 户的积分。详情见下面的表。`;
  const moving = written.filter(movesPoints);
  const idle = written.length - moving.length;
  return html`<h2>这一夜动了什么</h2>
    ${nightPicture(moved, { names: of.names, label })}
    <h2>居民前后</h2>
    ${table({
      caption: '动过积分的户，过夜前后',
      heads: ['户', '#上一夜之后', '#现在', '#变化', '额度在哪里', '#漫游未结清'],
      rows: accounts.map(
        ({ account, name, before, after, rights, due }) =>
          html`<tr>
            <th scope="row">${name ?? account}<small>${account}</small></th>
            <td class="number">${pointsText(before)}</td>
            <td class="number">${pointsText(after)}</td>
            <td class="number">${after > before ? '+' : ''}${pointsText(after - before)}</td>
            <td>${rights.length === 0 ? '—' : rights.map(({ kiosk, amount }) => `${of.named(kiosk)} ${pointsText(amount)}`).join('；')}</td>
            <td class="number">${due === 0 ? '—' : pointsText(due)}</td>
          </tr>`,
      ),
      empty: '没有一户的积分动过。',
    })}
    ${more > 0 ? html`<p>另有 ${more} 户。</p>` : null}
    ${accounts.some(({ due }) => due > 0) ? html`<p class="hint">漫游未结清：在外店用掉、归属店还没还回来的积分，已从“现在”里扣掉；归属店交回后，再过一夜就结清。</p>` : null}
    <h2>送上来的</h2>
    ${table({
      caption: '各店送上来的',
      heads: ['店', '文件', '#凭证', '内容'],
      rows: up.map(
        (each) =>
          html`<tr>
            <th scope="row">${of.named(each.kiosk)}</th>
            <td>${filesText(each.files)}</td>
            <td class="number">${each.events}</td>
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
            <td class="number">${each.lines}</td>
            <td>${downWords(each).join('；')}</td>
            <td>${of.hasFile(each.kiosk, each.downSeq ?? 0) ? html`<span class="state good">已取走</span>` : '等终端来取'}</td>
          </tr>`,
      ),
      empty: written.length === 0 ? '没有文件。' : '没有一份文件动了积分。',
    })}
    ${idle > 0 ? html`<p>另有 ${idle} 个终端的文件没有动积分。</p>` : null}
    ${moving.length > downShown ? html`<p>另有 ${moving.length - downShown} 个终端。</p>` : null}`;
}

interface PastNight {
  readonly entry: number;
  /** Its business date. */
  readonly about: string;
  /** When it was done, epoch ms. */
  readonly at: number;
}

/** With the kiosks whose files were taken in since the night before, and how many files it made for them. */
function newestNights(db: ReadableDatabase): readonly (PastNight & { readonly shops: readonly string[]; readonly files: number })[] {
  const nights = prepared<[number], PastNight>(db, `SELECT entry, about, at FROM act WHERE kind = 'night' ORDER BY entry DESC LIMIT ?`).all(
    nightsShown + 1,
  );
  const files = prepared<[number], { entry: number }>(
    db,
    `SELECT down_file.entry AS entry FROM down_file JOIN act ON act.entry = down_file.entry
      WHERE tells = 1 AND act.kind = 'down' AND down_file.entry > ?`,
  ).all(nights[nightsShown]?.entry ?? 0);
  const taken = prepared<[number], { kiosk: string; at: number }>(
    db,
    `SELECT kiosk, at FROM answer WHERE verdict = 'ACCEPTED' ORDER BY number DESC LIMIT ?`,
  ).all(takenLooked);
  return nights.slice(0, nightsShown).map((night, i) => {
    const before = nights[i + 1];
    const isOf = (at: number): boolean => at <= night.at && at > (before?.at ?? 0);
    return {
      ...night,
      shops: [...new Set(taken.filter(({ at }) => isOf(at)).map(({ kiosk }) => kiosk))].toSorted(),
      files: files.filter(({ entry }) => entry < night.entry && entry > (before?.entry ?? 0)).length,
    };
  });
}

/** Some weeks of a large county's files: what is older has no row here. */
const takenLooked = 5_000;
const shopsNamed = 3;

function shopsText(kiosks: readonly string[], names: ReadonlyMap<string, string>): string {
  if (kiosks.length === 0) return '没有';
  const first = kiosks.slice(0, shopsNamed).map((kiosk) => names.get(kiosk) ?? kiosk);
  return `${first.join('、')}${kiosks.length > shopsNamed ? ` 等 ${kiosks.length} 家` : ''}`;
}
