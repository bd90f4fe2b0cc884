// 赋分: a list is uploaded, looked at row by row, proposed, and released by another person who was shown the same rows; or withdrawn.
// county/book/awards.ts does each. What took effect is taken back on the same pages (take-backs.ts).

import {
  type AwardRow,
  type Batch,
  type ReleaseRefusal,
  beginRelease,
  findBatch,
  newestBatches,
  personOf,
  previewAwards,
  proposeAwards,
  seeBatch,
  withdrawAwards,
} from '../book/awards.ts';
import type { Twin } from '../book/award-twins.ts';
import type { CountyBook } from '../book/county-book.ts';
import type { Progress } from '../book/slices.ts';
import { numberSaid } from '../serve/command.ts';
import { countText, momentText, pointsText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { expiryPart, expiryView } from './expiry.ts';
import { form, table } from './layout.ts';
import {
  againSeconds,
  draftMark,
  emptyFileText,
  faultTable,
  isOtherDraft,
  otherDraftText,
  progressPart,
  refusalText,
  soon,
  uploadForm,
} from './lists.ts';
import type { Act, Desk, Page, View, Visit } from './page.ts';
import { mayWithdraw, withdrawn } from './reclaims.ts';
import type { Draft } from './sessions.ts';
import { accountText } from './statement-words.ts';
import { backPart, backView, waitingBacks } from './take-backs.ts';

export const awardsPage: Page = { path: 'awards', name: '赋分', show };

export const uploadAwards: Act = {
  path: 'awards/upload',
  roles: ['clerk'],
  async run({ book }, { session }, sent) {
    const file = await sent.file('file');
    if (file === null) return { to: 'awards', isGood: false, text: '没有选文件' };
    session.draft = null;
    if (file.bytes.length === 0) return { to: 'awards', isGood: false, text: emptyFileText };
    const draft = draftFrom(book, file);
    session.draft = draft;
    const seen = await soon(draft.seen);
    if (seen === null) return { to: 'awards', isGood: true, text: `正在读取 ${file.name}，还没有提交` };
    if (!seen.ok || seen.value.rows === 0 || seen.value.faults.length > 0 || seen.value.known !== null)
      return { to: 'awards', isGood: false, text: `${file.name} 没有接收，原因在下面` };
    return { to: 'awards', isGood: true, text: `已读取 ${file.name}，还没有提交：请核对` };
  },
};

function draftFrom(book: CountyBook, file: { readonly name: string; readonly bytes: Uint8Array }): Draft & { readonly kind: 'awards' } {
  const far = { progress: null as Progress | null };
  const seen = previewAwards(book, file.bytes, (progress) => {
    far.progress = progress;
  });
  seen.catch(() => {}); // told to whoever asks for it
  return Object.assign(far, { kind: 'awards', ...file, seen } as const);
}

export const proposeIt: Act = {
  path: 'awards/propose',
  roles: ['clerk'],
  async run({ book }, { session }, sent) {
    const { draft } = session;
    if (draft?.kind !== 'awards') return { to: 'awards', isGood: false, text: '没有等待提交的表' };
    if (isOtherDraft(draft, sent)) return { to: 'awards', isGood: false, text: otherDraftText };
    const seen = await soon(draft.seen);
    if (seen === null) return { to: 'awards', isGood: false, text: `${draft.name} 还在读，没有提交：请等它读完，核对后再提交` };
    session.draft = null;
    if (seen.ok && seen.value.known !== null) return { to: 'awards', isGood: false, text: knownText(seen.value.known) };
    const kept = seen.ok ? await proposeAwards(book, { text: draft.bytes, by: session.clerk.name, seen: seen.value }) : seen;
    if (!kept.ok)
      return {
        to: 'awards',
        isGood: false,
        text: kept.code === 'known' ? '这份表刚才已经提交过' : '这份表现在有不对的地方，没有提交：请重新上传',
      };
    const { batch, rows, points } = kept.value;
    return {
      to: 'awards',
      isGood: true,
      text: `第 ${batch} 批已提交，等另一个人放行`,
      deed: { what: 'propose_awards', about: `第 ${batch} 批 ${countText(rows)} 户 ${pointsText(points)} 积分` },
    };
  },
};

function knownText(batch: number): string {
  return `这份表已经作为第 ${batch} 批提交过；撤回过的表，改动后才能再提交`;
}

export const dropAwards: Act = {
  path: 'awards/drop',
  roles: ['clerk'],
  run(_desk, { session }) {
    session.draft = null;
    return Promise.resolve({ to: 'awards', isGood: true, text: '没有提交' });
  },
};

export const releaseIt: Act = {
  path: 'awards/release',
  roles: ['releaser'],
  async run({ book }, { session: { clerk } }, sent) {
    const batch = numberSaid(sent.text('batch'));
    const begun = await beginRelease(book, { batch, by: clerk.name, shown: sent.text('list') });
    if (!begun.ok) return { to: pathOf(batch), isGood: false, text: refusedRelease[begun.code] };
    begun.value.end.catch(() => {}); // the next start or night goes on, and tells people
    const isPosted = (await soon(begun.value.end.then(() => true))) === true;
    return {
      to: isPosted ? 'awards' : pathOf(batch),
      isGood: true,
      text: isPosted ? `第 ${batch} 批已放行，下一夜到各店` : `第 ${batch} 批已放行，正在逐户入账；断电也不会丢，开机后接着入`,
      deed: { what: 'release_awards', about: `第 ${batch} 批` },
    };
  },
};

const refusedRelease: Readonly<Record<ReleaseRefusal, string>> = {
  unknown: '没有这一批',
  released: '这一批已经放行过',
  withdrawn: '这一批已经撤回，不能放行',
  same_person: '提交的人不能自己放行',
  not_shown: '要放行的不是您刚才看的那份表，没有放行：请逐户再看一遍',
  changed: '这一批的文件被改过或不见了，不能放行：请保留现场并报告',
  nobody: '没有姓名，不能放行',
};

const notShown = { changed: refusedRelease.changed, busy: '正在读别的大表，请过一分钟再看' } as const;

export const withdrawIt: Act = {
  path: 'awards/withdraw',
  roles: ['clerk', 'releaser'],
  async run({ book }, { session: { clerk } }, sent) {
    const batch = numberSaid(sent.text('batch'));
    return withdrawn(await findBatch(book, batch), clerk, {
      withdraw: () => withdrawAwards(book, { batch, by: clerk.name }),
      it: '这一批',
      done: { to: 'awards', text: `第 ${batch} 批已撤回，不会再放行`, deed: { what: 'withdraw_awards', about: `第 ${batch} 批` } },
      elseTo: pathOf(batch),
    });
  },
};

function pathOf(batch: number): string {
  return `awards?batch=${batch}`;
}

const shown = 50;

async function show({ book }: Desk, visit: Visit): Promise<View> {
  const asked = visit.query.get('batch');
  if (asked !== null) return batchView(book, visit, numberSaid(asked));
  const back = visit.query.get('back');
  if (back !== null) return backView(book, visit, numberSaid(back));
  const expired = await expiryView(book, visit);
  if (expired !== null) return expired;
  const batches = await newestBatches(book, shown);
  const now = book.wallMs();
  const waiting = batches.filter(({ state }) => state.is === 'waiting');
  const ended = batches.filter(({ state }) => state.is !== 'waiting');
  const isClerk = visit.session.clerk.role === 'clerk';
  const draft = isClerk ? await draftOf(visit, now) : null;
  const isGoingOn = draft?.isGoingOn === true || batches.some(({ state }) => state.is === 'releasing');
  return {
    title: '赋分',
    ...(isGoingOn ? { refreshSeconds: againSeconds } : {}),
    body: html`<h2>提交一批</h2>
      ${draft === null ? html`<p class="empty">由经办提交。</p>` : draft.body}
      <h2>等待放行</h2>
      ${table({
        caption: '等待放行的批次',
        heads: ['批次', '#户数', '#积分', '提交人', '提交时间', '明细'],
        rows: waiting.map(
          (each) =>
            html`<tr>
              <th scope="row">第 ${each.id} 批</th>
              <td class="number">${countText(each.rows)}</td>
              <td class="number">${pointsText(each.points)}</td>
              <td>${each.proposedBy}</td>
              <td>${momentText(each.at, now)}</td>
              <td>${linkTo(each, nextStep(each, visit))}</td>
            </tr>`,
        ),
        empty: '没有等待放行的批次。经办提交的赋分表会列在这里，由复核逐户看过再放行。',
      })}
      ${await waitingBacks(book)}
      <h2>已放行和已撤回</h2>
      ${table({
        caption: '已放行和已撤回的批次',
        heads: ['批次', '#户数', '#积分', '提交人', '结果', '明细'],
        rows: ended.map(
          (each) =>
            html`<tr>
              <th scope="row">第 ${each.id} 批</th>
              <td class="number">${countText(each.rows)}</td>
              <td class="number">${pointsText(each.points)}</td>
              <td>${each.proposedBy}</td>
              <td>${stateText(each, now)}</td>
              <td>${linkTo(each, '逐户看')}</td>
            </tr>`,
        ),
        empty: '放行或撤回过的批次会列在这里。',
      })}
      ${await expiryPart(book)}`,
  };
}

/** What this person comes to a waiting batch for. */
function nextStep(batch: Batch, { session: { clerk } }: Visit): string {
  if (clerk.role === 'releaser' && personOf(clerk.name) !== personOf(batch.proposedBy)) return '逐户看，再放行';
  return mayWithdraw(batch, clerk) ? '逐户看，或撤回' : '逐户看';
}

function linkTo({ id }: Batch, text: string): Html {
  return html`<a href="/clerk/${pathOf(id)}" aria-label="第 ${id} 批：${text}">${text}</a>`;
}

function stateText({ state }: Batch, now: number): Html {
  if (state.is === 'waiting') return html`<span class="state late">等待放行</span>`;
  if (state.is === 'releasing')
    return html`<span class="state late">正在入账</span> 已入 ${countText(state.rows)} 户，${state.by} ${momentText(state.at, now)} 放行`;
  const who = [state.by, state.at === null ? null : momentText(state.at, now)].filter((each) => each !== null).join(' ');
  return state.is === 'released' ? html`<span class="state good">已放行</span> ${who}` : html`<span class="state bad">已撤回</span> ${who}`;
}

/** One batch with the rows of its kept list above what may be done with it. */
async function batchView(book: CountyBook, visit: Visit, number: number): Promise<View> {
  const found = await soon(seeBatch(book, number).then((batch) => ({ batch })));
  const back = html`<p><a href="/clerk/awards">回到赋分</a></p>`;
  if (found === null)
    return {
      title: `赋分第 ${number} 批`,
      refreshSeconds: againSeconds,
      body: html`${back}
        <p class="empty">正在读这一批的表，请稍等…</p>`,
    };
  const { batch: seen } = found;
  if (seen === null)
    return {
      title: '赋分',
      body: html`<p class="notice bad">没有这一批</p>
        ${back}`,
    };
  const { batch, first, largest, twins } = seen;
  const now = book.wallMs();
  const { state } = batch;
  return {
    title: `赋分第 ${batch.id} 批`,
    ...(state.is === 'releasing' ? { refreshSeconds: againSeconds } : {}),
    body: html`${back}
      ${state.is === 'releasing' ? progressPart('已放行，正在逐户入账', { step: 'taking', done: state.rows, of: batch.rows }) : null}
      <ul class="figures">
        <li><b>${countText(batch.rows)}</b>户</li>
        <li><b>${pointsText(batch.points)}</b>积分</li>
        ${largest === null ? null : html`<li><b>${pointsText(largest.points)}</b>积分，最多的一户：${accountText(largest.account)} ${largest.names}</li>`}
        <li><b class="text">${batch.proposedBy}</b>${momentText(batch.at, now)} 提交</li>
      </ul>
      <p>${stateText(batch, now)}</p>
      ${first.ok ? rowTable(first.value, batch.rows) : html`<p class="notice bad">${notShown[first.code]}</p>`}
      <p class="hint">提交时留下的表，指纹 <code>${batch.sha256}</code></p>
      ${twinsPart(twins, now)} ${batch.state.is === 'waiting' ? stepsOf(batch, visit, first.ok) : null}
      ${batch.state.is === 'released' ? await backPart(book, visit, batch.id) : null}`,
  };
}

function stepsOf(batch: Batch, { session }: Visit, isWhole: boolean): Html {
  const { clerk } = session;
  const number = html`<input type="hidden" name="batch" value="${batch.id}" />`;
  const isOwn = personOf(clerk.name) === personOf(batch.proposedBy);
  const release = form(session, {
    act: 'awards/release',
    body: html`${number}<input type="hidden" name="list" value="${batch.sha256}" /><button class="main">放行第 ${batch.id} 批</button>`,
  });
  const withdraw = form(session, {
    act: 'awards/withdraw',
    body: html`${number}<button class="quiet">撤回第 ${batch.id} 批</button>`,
  });
  return html`${clerk.role !== 'releaser' ? html`<p>等复核放行。</p>` : isOwn ? html`<p>您提交的，等别人放行。</p>` : null}
    <div class="row">${clerk.role === 'releaser' && !isOwn && isWhole ? release : null} ${mayWithdraw(batch, clerk) ? withdraw : null}</div>
    ${mayWithdraw(batch, clerk) ? html`<p class="hint">撤回后这一批不能再放行，记录保留。</p>` : null}`;
}

/** Batches that give every household the same: perhaps another month, perhaps one list sent twice. */
function twinsPart(twins: readonly Twin[], now: number): Html {
  return html`${twins.map(
    ({ batch, proposedBy, at, reason }) =>
      html`<p class="notice bad">
        与<a href="/clerk/${pathOf(batch)}">第 ${batch} 批</a>逐户相同（${proposedBy} ${momentText(at, now)}
        提交，事由“${reason}”）：请确认不是同一份表交了两次
      </p>`,
  )}`;
}

/** The first awards of a list of so many. */
function rowTable(first: readonly AwardRow[], rows: number): Html {
  return html`${table({
    caption: '逐户明细，按表里的次序',
    heads: ['账户', '姓名', '#积分', '事由'],
    rows: first.map(
      ({ account, names, points, reason }) =>
        html`<tr>
          <th scope="row">${account}</th>
          <td>${names === '' ? '—' : names}</td>
          <td class="number">${pointsText(points)}</td>
          <td>${reason === '' ? '—' : reason}</td>
        </tr>`,
    ),
    empty: '表里没有一行。',
  })}
  ${rows > first.length ? html`<p>这里是前 ${first.length} 户，还有 ${countText(rows - first.length)} 户没有显示。</p>` : null}`;
}

/** The list that this clerk is at. `isGoingOn`: it is being read. */
async function draftOf(visit: Visit, now: number): Promise<{ readonly isGoingOn: boolean; readonly body: Html }> {
  const { session } = visit;
  const { draft } = session;
  const upload = uploadForm(visit, { act: 'awards/upload', label: '赋分表', columns: '账户,积分,事由' });
  if (draft?.kind !== 'awards') return { isGoingOn: false, body: upload };
  const seen = await soon(draft.seen);
  if (seen !== null) return { isGoingOn: false, body: seenPart({ draft, seen, upload, now }, visit) };
  return {
    isGoingOn: true,
    body: html`${progressPart(draft.name, draft.progress ?? { step: 'reading', done: 0, of: 1 })}
    ${form(session, { act: 'awards/drop', body: html`<button class="quiet">不要了</button>` })}`,
  };
}

interface Seen {
  readonly draft: Draft;
  readonly seen: Awaited<ReturnType<typeof previewAwards>>;
  readonly upload: Html;
  readonly now: number;
}

function seenPart({ draft, seen, upload, now }: Seen, { session }: Visit): Html {
  const { name } = draft;
  if (!seen.ok)
    return html`<p class="notice bad">${name}：${refusalText(seen.code)}</p>
      ${upload}`;
  const { rows, points, first, faults, format, known, twins } = seen.value;
  if (faults.length > 0)
    return html`<h3>${name}</h3>
      ${faultTable(faults)}${upload}`;
  if (rows === 0)
    return html`<p class="notice bad">${name}：表里没有一行</p>
      ${upload}`;
  if (known !== null)
    return html`<p class="notice bad">${name}：${knownText(known)}。<a href="/clerk/${pathOf(known)}">看第 ${known} 批</a></p>
      ${upload}`;
  return html`<section class="card">
    <h3>${name}：${countText(rows)} 户，共 ${pointsText(points)} 积分</h3>
    ${format === 'GB18030' ? html`<p>这份表是按 GB18030（GBK）读的：请看事由的字对不对。</p>` : null} ${rowTable(first, rows)}
    ${twinsPart(twins, now)}
    <p>提交后由另一个人放行，下一夜到各店。</p>
    <div class="row">
      ${form(session, { act: 'awards/propose', body: html`${draftMark(draft)}<button class="main">提交，等放行</button>` })}
      ${form(session, { act: 'awards/drop', body: html`<button class="quiet">不要了</button>` })}
    </div>
  </section>`;
}
