// The last nights as the night's page lists them, and between them when the book was put back: to which state, what was taken up again, and
// which nights it knows no more. Reads the book; decides nothing.

import { businessDate } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { takenUpKind } from '../book/taken-up.ts';
import { secondText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { table } from './layout.ts';
import { shopsText } from './shops.ts';

/** A night that the book knows: the kiosks whose files were taken in since what stands before it, and how many files it made for them. */
interface Night {
  readonly is: 'night';
  readonly day: string;
  /** When it was done, epoch ms. */
  readonly at: number;
  readonly kiosks: readonly string[];
  readonly files: number;
}

/** The nights of a day that a put-back lost, told by the files that they made, which were taken up: how many there were these do not say. */
interface LostNight {
  readonly is: 'lost';
  readonly day: string;
  /** When the last of its files was made, epoch ms. */
  readonly at: number;
  readonly files: number;
}

interface PutBack {
  readonly is: 'put_back';
  /** When all that lay beside the book was taken up, epoch ms. */
  readonly at: number;
  /** Of the last that the copy knew, epoch ms. */
  readonly stateAt: number;
  readonly kiosks: readonly string[];
  readonly files: number;
  readonly lost: readonly LostNight[];
}

/** Newest first; a night that was lost stands below the put-back that lost it. */
export type PastNight = Night | LostNight | PutBack;

const nightsShown = 14;

/** The newest nights and put-backs of the book. */
export function pastNights(db: ReadableDatabase): readonly PastNight[] {
  const ends = endsOf(db);
  const taken = prepared<[number], Taken>(db, `SELECT kiosk, at FROM answer WHERE verdict = 'ACCEPTED' ORDER BY number DESC LIMIT ?`).all(
    takenLooked,
  );
  return ends.slice(0, nightsShown).flatMap((end, i): readonly PastNight[] => {
    const before = ends[i + 1];
    const kiosks = kiosksOf(taken, { from: before?.at ?? 0, until: end.at });
    const since = before?.entry ?? 0;
    if (end.kind === 'night') return [{ is: 'night', day: end.about, at: end.at, kiosks, files: filesBetween(db, since, end.entry) }];
    const lost = lostNights(db, end, ends.slice(0, i).findLast(({ kind }) => kind === 'put_back') ?? null);
    const files = lost.reduce((sum, night) => sum + night.files, 0);
    return [{ is: 'put_back', at: end.at, stateAt: stateBefore(db, end), kiosks, files, lost }, ...lost.toReversed()];
  });
}

interface Taken {
  readonly kiosk: string;
  readonly at: number;
}

/** Some weeks of a large county's files: what is older has no row here. */
const takenLooked = 5_000;

/** A night, or a put-back that has taken up all there was. */
interface End {
  readonly kind: 'night' | 'put_back';
  readonly entry: number;
  readonly about: string;
  readonly at: number;
  /** Of a put-back: its first entry. */
  readonly begun: { readonly entry: number } | null;
}

/** One more than are shown: what lies between two of them is asked for. */
function endsOf(db: ReadableDatabase): readonly End[] {
  const acts = prepared<[number], Omit<End, 'begun'>>(
    db,
    `SELECT entry, kind, about, at FROM act WHERE kind = 'night' OR (kind = 'put_back' AND about NOT LIKE '% begun') ORDER BY entry DESC LIMIT ?`,
  ).all(2 * nightsShown);
  const begin = prepared<[string], { entry: number }>(db, `SELECT entry FROM act WHERE kind = 'put_back' AND about = ?`);
  return acts
    .map((act): End => ({ ...act, begun: act.kind === 'night' ? null : (begin.get(`${act.about} begun`) ?? null) }))
    .filter(({ kind, begun }) => kind === 'night' || begun !== null)
    .filter((end) => end.kind === 'night' || isPutBack(db, end));
}

/** A book that goes on under a later epoch only because files were brought says both words in one act, and was not put back anew (evidence.ts). */
function isPutBack(db: ReadableDatabase, { about }: End): boolean {
  return (
    prepared<[string], object>(db, `SELECT 1 FROM exception WHERE code = 'put_back' AND kiosk = '' AND detail LIKE ?`).get(
      `${about}: %`,
    ) !== undefined
  );
}

function kiosksOf(taken: readonly Taken[], { from, until }: { readonly from: number; readonly until: number }): readonly string[] {
  return [...new Set(taken.filter(({ at }) => at > from && at <= until).map(({ kiosk }) => kiosk))].toSorted();
}

/** Files that a night made, which told their kiosks something. */
function filesBetween(db: ReadableDatabase, from: number, until: number): number {
  return prepared<[number, number], { n: number }>(
    db,
    `SELECT count(*) AS n FROM down_file JOIN act ON act.entry = down_file.entry
      WHERE tells = 1 AND act.kind = 'down' AND down_file.entry > ? AND down_file.entry < ?`,
  ).get(from, until)!.n; // an aggregate has a row
}

/** When the last that the copy knew was done or came, epoch ms. */
function stateBefore(db: ReadableDatabase, { begun }: End): number {
  const { entry } = begun!; // endsOf asked for it
  const act = prepared<[number], { entry: number; at: number }>(
    db,
    'SELECT entry, at FROM act WHERE entry < ? ORDER BY entry DESC LIMIT 1',
  ).get(entry);
  const came = prepared<[number, number], { at: number }>(
    db,
    `SELECT answer.at AS at FROM event JOIN answer ON answer.kiosk = event.kiosk AND answer.inc = file_inc AND answer.file_seq = event.file_seq
      WHERE event.entry < ? AND event.entry > ? AND verdict = 'ACCEPTED' ORDER BY event.entry DESC LIMIT 1`,
  ).get(entry, act?.entry ?? 0);
  return came?.at ?? act?.at ?? 0;
}

/** By the day that each file was made on, the oldest first. `next`: the put-back after it. */
function lostNights(db: ReadableDatabase, { begun }: End, next: End | null): readonly LostNight[] {
  const files = prepared<[string, number, number], { at: number }>(
    db,
    `SELECT as_of AS at FROM down_file JOIN act ON act.entry = down_file.entry
      WHERE tells = 1 AND act.kind = ? AND down_file.entry > ? AND down_file.entry < ? ORDER BY as_of`,
  ).all(takenUpKind, begun!.entry, next?.begun?.entry ?? Number.MAX_SAFE_INTEGER); // endsOf asked for begun
  const nights = new Map<string, LostNight>();
  for (const { at } of files) {
    const day = businessDate(at);
    nights.set(day, { is: 'lost', day, at, files: (nights.get(day)?.files ?? 0) + 1 });
  }
  return [...nights.values()];
}

/** The list of the page. */
export function pastNightsTable(
  nights: readonly PastNight[],
  { names, now }: { readonly names: ReadonlyMap<string, string>; readonly now: number },
): Html {
  return table({
    caption: '最近几夜',
    heads: ['日期', '完成时间', '上一夜以来送来文件的店', '#发下去的文件'],
    rows: nights.map((night) => rowOf(night, { names, now })),
    empty: '还没有过过夜。每过一夜，这里多一行：哪些店送来文件，发下去几份。',
  });
}

function rowOf(night: PastNight, { names, now }: { readonly names: ReadonlyMap<string, string>; readonly now: number }): Html {
  if (night.is === 'put_back')
    return html`<tr>
      <th scope="row" class="whole"><span class="state late">县账放回</span></th>
      <td class="whole">${secondText(night.at, now)}</td>
      <td>
        县账从备份放回，回到 ${secondText(night.stateAt, now)}
        为止的账。${lostText(night.lost)}补收了终端文件的店：${shopsText(night.kiosks, names, shopsNamed)}。
      </td>
      <td class="number">—<small>补记 ${night.files} 份</small></td>
    </tr>`;
  if (night.is === 'lost')
    return html`<tr>
      <th scope="row" class="whole">${night.day}</th>
      <td class="whole">约 ${secondText(night.at, now)}</td>
      <td>
        <span class="state late">放回时丢了</span> 这一天过的夜不在账里；发下去的文件还在，已经补记。那时店里送来的，算在上面补收的里面。
      </td>
      <td class="number">—<small>补记 ${night.files} 份</small></td>
    </tr>`;
  return html`<tr>
    <th scope="row" class="whole">${night.day}</th>
    <td class="whole">${secondText(night.at, now)}</td>
    <td>${shopsText(night.kiosks, names, shopsNamed)}</td>
    <td class="number">${night.files}</td>
  </tr>`;
}

function lostText(lost: readonly LostNight[]): string {
  if (lost.length === 0) return '这以后过的夜都不在账里，留下的文件里也看不出有哪几夜。';
  return `按留下的文件，这以后有 ${lost.length} 天过的夜丢了：${lost.map(({ day }) => day).join('、')}。`;
}

const shopsNamed = 3;
