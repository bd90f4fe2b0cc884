// 赋分: a list is uploaded, looked at with its faults by row, proposed, and released by another person. county/book/awards.ts does each.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { previewAwards, proposeAwards, releaseAwards } from '../book/awards.ts';
import type { CountyBook } from '../book/county-book.ts';
import { momentText, pointsText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import { faultTable, refusalText, uploadForm } from './lists.ts';
import type { Act, Desk, Page, View, Visit } from './page.ts';

export const awardsPage: Page = { path: 'awards', name: '赋分', show };

export const uploadAwards: Act = {
  path: 'awards/upload',
  roles: ['clerk'],
  async run({ book }, { session }, sent) {
    const file = await sent.file('file');
    if (file === null) return { to: 'awards', isGood: false, text: '没有选文件' };
    session.draft = { kind: 'awards', ...file };
    const seen = await previewAwards(book, file.bytes);
    if (!seen.ok || seen.value.rows === 0 || seen.value.faults.length > 0)
      return { to: 'awards', isGood: false, text: `${file.name} 没有接收，原因在下面` };
    return { to: 'awards', isGood: true, text: `已读取 ${file.name}，还没有提交：请核对` };
  },
};

export const proposeIt: Act = {
  path: 'awards/propose',
  roles: ['clerk'],
  async run({ book }, { session }) {
    const { draft } = session;
    session.draft = null;
    if (draft?.kind !== 'awards') return { to: 'awards', isGood: false, text: '没有等待提交的表' };
    const kept = await proposeAwards(book, { text: draft.bytes, by: session.clerk.name });
    if (!kept.ok)
      return {
        to: 'awards',
        isGood: false,
        text: kept.code === 'known' ? '这份表已经提交过' : '这份表现在有不对的地方，没有提交：请重新上传',
      };
    const { batch, rows, points } = kept.value;
    return {
      to: 'awards',
      isGood: true,
      text: `第 ${batch} 批已提交，等另一个人放行`,
      deed: { what: 'propose_awards', about: `第 ${batch} 批 ${rows} 户 ${pointsText(points)} 分` },
    };
  },
};

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
    const batch = Number(sent.text('batch'));
    const done = await releaseAwards(book, { batch, by: clerk.name });
    return done.ok
      ? {
          to: 'awards',
          isGood: true,
          text: `第 ${batch} 批已放行，下一夜到各店`,
          deed: { what: 'release_awards', about: `第 ${batch} 批` },
        }
      : { to: 'awards', isGood: false, text: refusedRelease[done.code] };
  },
};

const refusedRelease: Readonly<Record<Extract<Awaited<ReturnType<typeof releaseAwards>>, { ok: false }>['code'], string>> = {
  unknown: '没有这一批',
  released: '这一批已经放行过',
  same_person: '提交的人不能自己放行',
  changed: '这一批的文件被改过，不能放行：请保留现场并报告',
  nobody: '没有姓名，不能放行',
};

interface Batch {
  readonly id: number;
  readonly rows: number;
  readonly points: number;
  readonly proposedBy: string;
  readonly at: number;
  readonly releasedBy: string | null;
  readonly releasedAt: number | null;
}

const shown = 50;

async function show({ book }: Desk, visit: Visit): Promise<View> {
  const rows = await book.read(batches);
  const now = book.wallMs();
  const waiting = rows.filter(({ releasedBy }) => releasedBy === null);
  const released = rows.filter(({ releasedBy }) => releasedBy !== null);
  return {
    title: '赋分',
    body: html`<h2>提交一批</h2>
      ${visit.session.clerk.role === 'clerk' ? await draftOf(book, visit) : html`<p class="empty">由经办提交。</p>`}
      <h2>等待放行</h2>
      ${table({
        caption: '等待放行的批次',
        heads: ['批次', '#户数', '#积分', '提交人', '提交时间', '放行'],
        rows: waiting.map(
          (each) =>
            html`<tr>
              <th scope="row">第 ${each.id} 批</th>
              <td class="number">${each.rows}</td>
              <td class="number">${pointsText(each.points)}</td>
              <td>${each.proposedBy}</td>
              <td>${momentText(each.at, now)}</td>
              <td>${releaseCell(each, visit)}</td>
            </tr>`,
        ),
        empty: '没有等待放行的批次。',
      })}
      <h2>已放行</h2>
      ${table({
        caption: '已放行的批次',
        heads: ['批次', '#户数', '#积分', '提交人', '放行人', '放行时间'],
        rows: released.map(
          (each) =>
            html`<tr>
              <th scope="row">第 ${each.id} 批</th>
              <td class="number">${each.rows}</td>
              <td class="number">${pointsText(each.points)}</td>
              <td>${each.proposedBy}</td>
              <td>${each.releasedBy}</td>
              <td>${each.releasedAt === null ? null : momentText(each.releasedAt, now)}</td>
            </tr>`,
        ),
        empty: '还没有。',
      })}`,
  };
}

function releaseCell({ id, proposedBy }: Batch, { session }: Visit): Html {
  if (session.clerk.role !== 'releaser') return html`等复核放行`;
  if (session.clerk.name === proposedBy) return html`您提交的，等别人放行`;
  return form(session, {
    act: 'awards/release',
    body: html`<input type="hidden" name="batch" value="${id}" /><button class="main small" aria-label="放行第 ${id} 批">放行</button>`,
  });
}

async function draftOf(book: CountyBook, visit: Visit): Promise<Html> {
  const { session } = visit;
  const { draft } = session;
  const upload = uploadForm(visit, { act: 'awards/upload', label: '赋分表', columns: '账户,积分,事由' });
  if (draft?.kind !== 'awards') return upload;
  const seen = await previewAwards(book, draft.bytes);
  if (!seen.ok)
    return html`<p class="notice bad">${draft.name}：${refusalText(seen.code)}</p>
      ${upload}`;
  const { rows, points, faults } = seen.value;
  if (faults.length > 0)
    return html`<h3>${draft.name}</h3>
      ${faultTable(faults)}${upload}`;
  if (rows === 0)
    return html`<p class="notice bad">${draft.name}：表里没有一行</p>
      ${upload}`;
  return html`<section class="card">
    <h3>${draft.name}：${rows} 户，共 ${pointsText(points)} 分</h3>
    <p>提交后由另一个人放行，下一夜到各店。</p>
    <div class="row">
      ${form(session, { act: 'awards/propose', body: html`<button class="main">提交，等放行</button>` })}
      ${form(session, { act: 'awards/drop', body: html`<button class="quiet">不要了</button>` })}
    </div>
  </section>`;
}

function batches(db: ReadableDatabase): readonly Batch[] {
  return prepared<[number], Batch>(
    db,
    `SELECT id, rows, points, proposed_by AS "proposedBy", award_batch.at AS at, released_by AS "releasedBy", award_release.at AS "releasedAt"
       FROM award_batch LEFT JOIN award_release ON award_release.batch = award_batch.id ORDER BY id DESC LIMIT ?`,
  ).all(shown);
}
