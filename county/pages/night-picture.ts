// A picture of what moved in a night: shops on the left with what they sent, the county's book in the middle, shops on the right with what
// they get. The same stands in tables beside it, for those who hear the page.

import type { Down, Moved, Up } from '../serve/moved.ts';
import { countText, pointsText, yuanText } from './amounts.ts';
import { type Html, html } from './html.ts';

const width = 1_180;
const box = { width: 300, height: 114, gap: 18 };
/** Lines of words that a box has room for; upWords and downWords may have more, which the table shows. */
const wordsMax = 3;
const county = { x: 490, width: 200 };
const top = 46;
/** Beyond that the tables are easier to read. */
const rowsMax = 7;

/** `label`: what the picture shows, in a sentence. */
export function nightPicture(
  moved: Moved,
  { names, label }: { readonly names: ReadonlyMap<string, string>; readonly label: string },
): Html {
  const rows = rowsOf(moved);
  const shown = rows.slice(0, rowsMax);
  const rest = rows.length - shown.length;
  const height = top + Math.max(1, shown.length) * (box.height + box.gap) + (rest > 0 ? 30 : 6);
  const bottom = height - (rest > 0 ? 36 : 12);
  const middle = (top + bottom) / 2;
  return html`<div class="picture">
    <svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
      <defs>
        <marker id="up-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
          <path class="up-head" d="M0 0 10 5 0 10z" />
        </marker>
        <marker id="down-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
          <path class="down-head" d="M0 0 10 5 0 10z" />
        </marker>
      </defs>
      <text x="10" y="26" class="strong up-text">各店送上来的</text>
      <text x="${width - 10}" y="26" text-anchor="end" class="strong down-text">县里发下去的</text>
      <rect class="county-box" x="${county.x}" y="${top}" width="${county.width}" height="${bottom - top}" rx="10" />
      <text x="${county.x + county.width / 2}" y="${middle - 14}" text-anchor="middle" class="strong on-main">县账簿</text>
      <text x="${county.x + county.width / 2}" y="${middle + 12}" text-anchor="middle" class="on-main">
        收 ${moved.up.reduce((sum, { events }) => sum + events, 0)} 条凭证
      </text>
      <text x="${county.x + county.width / 2}" y="${middle + 36}" text-anchor="middle" class="on-main">
        发 ${moved.down.filter(({ downSeq }) => downSeq !== null).length} 份文件
      </text>
      ${shown.map(({ kiosk, up, down }, i) => {
        const y = top + i * (box.height + box.gap);
        return html`${upSide(names.get(kiosk) ?? kiosk, up, y)}${downSide(names.get(kiosk) ?? kiosk, down, y)}`;
      })}
      ${rest > 0 ? html`<text x="10" y="${height - 10}" class="soft">另有 ${rest} 个终端见下表</text>` : null}
    </svg>
  </div>`;
}

interface Row {
  readonly kiosk: string;
  readonly up: Up | null;
  readonly down: Down | null;
}

/** Those that sent something first, then those that get something that moves points. */
function rowsOf({ up, down }: Moved): readonly Row[] {
  const kiosks = [...new Set([...up.map(({ kiosk }) => kiosk), ...down.filter(movesPoints).map(({ kiosk }) => kiosk)])];
  return kiosks.map((kiosk) => ({
    kiosk,
    up: up.find((each) => each.kiosk === kiosk) ?? null,
    down: down.find((each) => each.kiosk === kiosk) ?? null,
  }));
}

/** What moves points, and what asks for some. */
export function movesPoints({ granted, roamingSettled, asks, settlements }: Down): boolean {
  return granted !== 0 || roamingSettled !== 0 || asks > 0 || settlements.length > 0;
}

function upSide(name: string, up: Up | null, y: number): Html {
  const right = 10 + box.width;
  const centre = y + box.height / 2;
  if (up === null)
    return html`<rect
        class="quiet-box"
        x="10"
        y="${y}"
        width="${box.width}"
        height="${box.height}"
        rx="8"
      />${line(24, y + 28, name, 'strong')}${line(24, y + 54, '没有新文件', 'soft')}
      <path class="none" d="M${right} ${centre}H${county.x}" />`;
  const { files, events } = up;
  return html`<rect
      class="shop-box"
      x="10"
      y="${y}"
      width="${box.width}"
      height="${box.height}"
      rx="8"
    />${line(24, y + 28, name, 'strong')}${upWords(up)
      .slice(0, wordsMax)
      .map((text, i) => line(24, y + 53 + i * 24, text, ''))}
    <path class="up" d="M${right} ${centre}H${county.x - 2}" marker-end="url(#up-head)" />
    ${line(right + 12, centre - 10, filesText(files), 'soft')}${line(right + 12, centre + 22, `${events} 条凭证`, 'soft')}`;
}

function downSide(name: string, down: Down | null, y: number): Html {
  const left = width - 10 - box.width;
  const from = county.x + county.width;
  const centre = y + box.height / 2;
  if (down === null || down.downSeq === null)
    return html`<rect
        class="quiet-box"
        x="${left}"
        y="${y}"
        width="${box.width}"
        height="${box.height}"
        rx="8"
      />${line(left + 14, y + 28, name, 'strong')}${line(left + 14, y + 54, '没有文件', 'soft')}
      <path class="none" d="M${from} ${centre}H${left}" />`;
  return html`<rect
      class="shop-box"
      x="${left}"
      y="${y}"
      width="${box.width}"
      height="${box.height}"
      rx="8"
    />${line(left + 14, y + 28, name, 'strong')}${downWords(down)
      .slice(0, wordsMax)
      .map((text, i) => line(left + 14, y + 53 + i * 24, text, ''))}
    <path class="down" d="M${from} ${centre}H${left - 2}" marker-end="url(#down-head)" />
    ${line(from + 14, centre - 10, `第 ${down.downSeq} 号文件`, 'soft')}${line(from + 14, centre + 22, `${countText(down.lines)} 行`, 'soft')}`;
}

function line(x: number, y: number, text: string, kind: string): Html {
  return html`<text x="${x}" y="${y}" class="${kind}">${text}</text>`;
}

export function filesText(files: readonly number[]): string {
  return files.length > 2 ? `第 ${files[0]!}–${files.at(-1)!} 号文件` : `第 ${files.join('、')} 号文件`; // it has more than two
}

/** What a shop did, the greatest first in a reader's mind. */
export function upWords({ sales, redeemed, credited, returned, reversed, handedBack }: Up): readonly string[] {
  const words = [
    sales > 0 ? `${countText(sales)} 笔销售，兑换 ${pointsText(redeemed)} 积分` : null,
    handedBack > 0 ? `还回额度 ${pointsText(handedBack)} 积分` : null,
    credited > 0 ? `回收给出 ${pointsText(credited)} 积分` : null,
    returned > 0 ? `退货退回 ${pointsText(returned)} 积分` : null,
    reversed > 0 ? `冲回回收 ${pointsText(reversed)} 积分` : null,
  ].filter((each) => each !== null);
  return words.length > 0 ? words : ['没有动积分'];
}

const settlementStates = { accepted: '已受理', paid: '已付' } as const;

export function downWords({ granted, grants, roamingSettled, askedBack, asks, settlements }: Down): readonly string[] {
  const words = [
    ...settlements.map(
      ({ number, state, paidFen }) =>
        `结算单第 ${number} 号${settlementStates[state]}${paidFen === null ? '' : ` ${yuanText(paidFen)} 元`}`,
    ),
    asks > 0 ? `要求 ${countText(asks)} 户还回额度 ${pointsText(askedBack)} 积分` : null,
    granted !== 0 ? `${countText(grants)} 户额度 +${pointsText(granted)} 积分` : null,
    roamingSettled !== 0 ? `漫游结清 ${pointsText(roamingSettled)} 积分` : null,
  ].filter((each) => each !== null);
  return words.length > 0 ? words : ['没有动积分'];
}
