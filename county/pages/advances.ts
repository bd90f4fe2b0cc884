// 先垫: points that the county took upon itself when its book was put back, shop by shop, and how they are written off: a clerk proposes it and
// a releaser who sees the same does it. county/book/advances.ts and repairs.ts do it.

import type { ReadableDatabase } from '../../db/sqlite.ts';
import { type Repayable, everyRepayable, repayableAt, shownRepayable } from '../book/advances.ts';
import type { CountyBook } from '../book/county-book.ts';
import {
  type DoneWriteOff,
  type ReleaseRefusal,
  type Repair,
  type WaitingRepair,
  awaitedKiosks,
  doneWriteOffs,
  proposeRepair,
  releaseRepair,
  strandedKiosks,
  waitingRepairs,
  withdrawRepair,
} from '../book/repairs.ts';
import { numberSaid } from '../serve/command.ts';
import { countText, momentText, pointsText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { form, table, typedIn } from './layout.ts';
import type { Act, View, Visit } from './page.ts';
import { mayWithdraw, withdrawn } from './reclaims.ts';
import { shopNames, shopsText } from './shops.ts';
import { accountText } from './statement-words.ts';

type WriteOff = Repair & { readonly kind: 'write_off' };

const pathOf = (kiosk: string): string => `exposure?advances=${encodeURIComponent(kiosk)}`;

export const proposeWriteOff: Act = {
  path: 'exposure/write-off',
  roles: ['clerk'],
  async run({ book }, { session: { clerk } }, sent) {
    const [kiosk, account] = [sent.text('kiosk'), sent.text('account').trim()];
    const repair: WriteOff = { kind: 'write_off', kiosk, account: account === '' ? null : account };
    const kept = await proposeRepair(book, { repair, by: clerk.name });
    const to = pathOf(kiosk);
    if (!kept.ok) return { to, isGood: false, text: await refusedText(book, kept.code, repair) };
    return {
      to,
      isGood: true,
      text: `核销第 ${kept.value} 号已提交，还没有核销：等另一个人放行`,
      deed: { what: 'propose_write_off', about: `第 ${kept.value} 号，终端 ${kiosk}${account === '' ? '' : ' 的一户'}` },
    };
  },
};

export const releaseWriteOff: Act = {
  path: 'exposure/release-write-off',
  roles: ['releaser'],
  async run({ book }, { session: { clerk } }, sent) {
    const number = numberSaid(sent.text('number'));
    const found = await waitingOne(book, number);
    if (found === null) return notWaiting;
    const { repair } = found;
    const to = pathOf(repair.kiosk);
    const done = await releaseRepair(book, { number, kind: 'write_off', by: clerk.name, shown: sent.text('shown') });
    if (!done.ok) return { to, isGood: false, text: await refusedText(book, done.code, repair) };
    return {
      to,
      isGood: true,
      text: `核销第 ${number} 号已放行：没还的由县里承担；还过的，下一夜回到居民的店`,
      deed: { what: 'release_write_off', about: `第 ${number} 号，终端 ${repair.kiosk}` },
    };
  },
};

/** Its proposer, or any releaser. */
export const withdrawWriteOff: Act = {
  path: 'exposure/withdraw-write-off',
  roles: ['clerk', 'releaser'],
  async run({ book }, { session: { clerk } }, sent) {
    const number = numberSaid(sent.text('number'));
    const found = await waitingOne(book, number);
    if (found === null) return notWaiting;
    const { kiosk } = found.repair;
    const deed = { what: 'withdraw_write_off', about: `第 ${number} 号，终端 ${kiosk}` } as const;
    return withdrawn(found, clerk, {
      withdraw: () => withdrawRepair(book, { number, kind: 'write_off', by: clerk.name }),
      it: '这一份',
      done: { to: pathOf(kiosk), text: `核销第 ${number} 号已撤回，不会再放行`, deed },
      elseTo: pathOf(kiosk),
    });
  },
};

const notWaiting = { to: 'exposure', isGood: false, text: '没有这一号在等放行' } as const;

/** With the shops that it is about. */
async function refusedText(book: CountyBook, code: ReleaseRefusal, repair: WriteOff): Promise<string> {
  const [names, awaited, stranded] = await book.read((db) => [shopNames(db), awaitedKiosks(db), strandedKiosks(db, repair)] as const);
  switch (code) {
    case 'no_advance':
      return '那里没有先垫的积分，或已经核销过';
    case 'waits':
      return '没有提交：同样的户已有一份在等放行，先放行或撤回它';
    case 'unheard':
      return `没有核销：这些店可能还有县账放回以前的文件要送，送来就会还上：${shopsText(awaited, names, shopsNamed)}。每家都要上传，收下那一夜以后的文件，再上传一次；来不了的，请技术人员把它吊销或放弃（revoke、release-kiosk）`;
    case 'stranded':
      return `没有核销：这些户在不再回来的店里还有额度，可能就是同一笔积分：${shopsText(stranded, names, shopsNamed)}。先请技术人员放弃这些店（release-kiosk），额度回来就会还上`;
    case 'same_person':
      return '提交的人不能自己放行';
    case 'released':
      return '这一号已经放行过';
    case 'withdrawn':
      return '这一号已经撤回';
    case 'not_shown':
      return '积分数在您看过以后变了，没有放行：请再看一遍';
    default:
      return '没有核销：请告诉技术人员';
  }
}

const shopsNamed = 12;

const isWriteOff = (each: WaitingRepair): each is WaitingRepair & { readonly repair: WriteOff } => each.repair.kind === 'write_off';

function waitingOf(db: ReadableDatabase): readonly (WaitingRepair & { readonly repair: WriteOff })[] {
  return waitingRepairs(db).filter(isWriteOff);
}

function sumsOf(advances: readonly Repayable[]): { readonly open: number; readonly repaid: number } {
  const sum = (of: (each: Repayable) => number): number => advances.reduce((total, each) => total + of(each), 0);
  return { open: sum(({ open }) => open), repaid: sum(({ repaid }) => repaid) };
}

async function waitingOne(book: CountyBook, number: number): Promise<(WaitingRepair & { readonly repair: WriteOff }) | null> {
  return (await book.read((db) => waitingOf(db).find((each) => each.number === number))) ?? null;
}

/** On the page of what the county stands to lose; null: nothing was ever advanced, or it is repaid. */
export async function advancesPart(book: CountyBook): Promise<Html | null> {
  const [advances, waiting, done, names] = await book.read(
    (db) => [everyRepayable(db), waitingOf(db), doneWriteOffs(db), shopNames(db)] as const,
  );
  const kiosks = new Set([...advances.keys(), ...waiting.map(({ repair }) => repair.kiosk), ...done.map(({ kiosk }) => kiosk)]);
  if (kiosks.size === 0) return null;
  return html`<h2>县里先垫的积分</h2>
    <p>
      县账从备份放回时，店里已经听说、县账里却找不到来由的积分，县里先垫着。把丢了的操作重做一遍，就会还上；再也不会有人重做的，由两个人核销。
    </p>
    ${table({
      caption: '县里先垫的积分',
      heads: ['店', '#户数', '#垫着没还', '#已经还上', '核销', '明细'],
      rows: [...kiosks].toSorted().map((kiosk) => {
        const own = advances.get(kiosk) ?? [];
        const { open, repaid } = sumsOf(own);
        const name = names.get(kiosk) ?? kiosk;
        return html`<tr>
          <th scope="row">${name}<small>${kiosk}</small></th>
          <td class="number">${countText(own.length)}</td>
          <td class="number">${pointsText(open)}</td>
          <td class="number">${pointsText(repaid)}</td>
          <td>${writeOffState({ kiosk, isOpen: own.length > 0 }, waiting, done)}</td>
          <td><a href="/clerk/${pathOf(kiosk)}" aria-label="${name}：先垫的积分明细">明细</a></td>
        </tr>`;
      }),
      empty: '',
    })}`;
}

function writeOffState(
  { kiosk, isOpen }: { readonly kiosk: string; readonly isOpen: boolean },
  waiting: ReturnType<typeof waitingOf>,
  done: readonly DoneWriteOff[],
): Html | string {
  if (waiting.some(({ repair }) => repair.kiosk === kiosk)) return html`<span class="state late">等待放行</span>`;
  if (!done.some((each) => each.kiosk === kiosk)) return '—';
  return isOpen ? html`<span class="state late">核销过一部分</span>` : html`<span class="state good">已核销</span>`;
}

/** The advances of one shop, with what may be done about them. Null: none was asked for. */
export async function advancesView(book: CountyBook, { session, query }: Visit): Promise<View | null> {
  const kiosk = query.get('advances');
  if (kiosk === null) return null;
  const { advances, waiting, done, names } = await book.read((db) => {
    const all = repayableAt(db, { kiosk, account: null });
    return {
      advances: all,
      waiting: waitingOf(db)
        .filter(({ repair }) => repair.kiosk === kiosk)
        .map((each) => {
          const own = all.filter(({ account }) => each.repair.account === null || account === each.repair.account);
          return { ...each, advances: own, shown: shownRepayable(own) };
        }),
      done: doneWriteOffs(db).filter((each) => each.kiosk === kiosk),
      names: shopNames(db),
    };
  });
  const { open, repaid } = sumsOf(advances);
  const now = book.wallMs();
  return {
    title: `${names.get(kiosk) ?? kiosk}：县里先垫的积分`,
    body: html`<p><a href="/clerk/exposure">回到敞口</a></p>
      <ul class="figures">
        <li><b>${countText(advances.length)}</b>户</li>
        <li class="${open > 0 ? 'late' : ''}"><b>${pointsText(open)}</b>积分垫着没还</li>
        <li><b>${pointsText(repaid)}</b>积分已经还上</li>
      </ul>
      <p class="hint">
        核销以后：垫着没还的，由县里承担，居民手里的不动；已经还上的，是居民后来自己得的积分，还给居民。只有丢了的操作再也不会重做、还上的也不是它，才能核销；不然居民会得两份。
      </p>
      ${waiting.map(
        (each) =>
          html`<p>
              核销第 ${each.number}
              号${each.repair.account === null ? '，全部户' : `，${accountText(each.repair.account)}`}：${each.proposedBy}
              ${momentText(each.at, now)} 提交，<span class="state late">等待放行</span>。县里承担 ${pointsText(sumsOf(each.advances).open)}
              积分，还给居民 ${pointsText(sumsOf(each.advances).repaid)} 积分。
            </p>
            ${session.clerk.role === 'releaser' && each.advances.length > 0 ? releaseForm(session, each) : null}
            ${mayWithdraw(each, session.clerk) ? withdrawalForm(session, each.number) : null}`,
      )}
      ${session.clerk.role === 'clerk' && advances.length > 0 ? proposalForm(session, kiosk) : null}
      ${table({
        caption: '逐户',
        heads: ['账户', '#垫着没还', '#已经还上'],
        rows: advances.slice(0, rowsShown).map(
          ({ account, ...each }) =>
            html`<tr>
              <th scope="row">${account}</th>
              <td class="number">${pointsText(each.open)}</td>
              <td class="number">${pointsText(each.repaid)}</td>
            </tr>`,
        ),
        empty: '这家店没有先垫的积分，或已经核销。',
      })}
      ${done.map(
        ({ number, account, proposedBy, releasedBy, at }) =>
          html`<p>
            核销第 ${number} 号${account === null ? '，全部户' : `，${accountText(account)}`}：${proposedBy} 提交，${releasedBy}
            ${momentText(at, now)} 放行，<span class="state good">已核销</span>
          </p>`,
      )}
      ${advances.length > rowsShown ? html`<p>只显示前 ${rowsShown} 户；全部用 check --json 命令列出。</p>` : null}`,
  };
}

const rowsShown = 300;

function proposalForm(session: Visit['session'], kiosk: string): Html {
  const act = 'exposure/write-off';
  return form(session, {
    act,
    body: html`<input type="hidden" name="kiosk" value="${kiosk}" />
      <div class="row">
        <label for="account">只核销这一户</label
        ><input id="account" name="account" value="${typedIn(session, act, 'account')}" maxlength="40" />
        <button>提交核销</button>
      </div>
      <p class="hint">不写账户，就是这家店的全部户。提交后不会马上核销，要另一个人放行。</p>`,
  });
}

function releaseForm(session: Visit['session'], { number, shown }: { readonly number: number; readonly shown: string }): Html {
  return form(session, {
    act: 'exposure/release-write-off',
    body: html`<input type="hidden" name="number" value="${number}" /><input type="hidden" name="shown" value="${shown}" />
      <button class="main">放行核销第 ${number} 号</button>`,
  });
}

function withdrawalForm(session: Visit['session'], number: number): Html {
  return form(session, {
    act: 'exposure/withdraw-write-off',
    body: html`<input type="hidden" name="number" value="${number}" /><button class="quiet">撤回核销第 ${number} 号</button>`,
  });
}
