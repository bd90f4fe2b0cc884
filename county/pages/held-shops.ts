// Why the county says nothing to some shops, and why it signs no root of its log: what a clerk is told of both, and what ends it. Judges
// nothing: county/night.ts and county/log/steps.ts do.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { Unsigned } from '../log/unsigned.ts';
import { type HeldBy, heldBy } from '../night.ts';
import { type Html, html } from './html.ts';
import { table } from './layout.ts';
import { shopsText } from './shops.ts';

/** Each kiosk whose file is not made now, and why. */
export function heldKiosks(db: ReadableDatabase): ReadonlyMap<string, HeldBy> {
  const kiosks = prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk').all();
  return new Map(
    kiosks.flatMap(({ kiosk }) => {
      const why = heldBy(db, kiosk);
      return why === null ? [] : [[kiosk, why] as const];
    }),
  );
}

/** A reason, and what a clerk does about it. */
export const heldWords: Readonly<Record<HeldBy, { readonly why: string; readonly remedy: string }>> = {
  quarantined: {
    why: '同一终端来了两段历史，已隔离，送来的先不入账',
    remedy: '监督员先处理异常“同一终端两段历史”。写明结果后，下一夜给它文件。',
  },
  revoked: { why: '密钥已吊销，送来的不入账', remedy: '不再给它文件：把它名下的账户迁到别的店，用新的终端号重新登记。' },
  restored: { why: '终端从备份恢复过，还没有人写明结果', remedy: '处理异常“终端从备份恢复”。写明结果后，下一夜给它文件。' },
  restored_behind: {
    why: '终端恢复到了旧状态，忘了一段',
    remedy: '先请技术人员补登店里交来的小票，再处理异常“终端恢复到了旧状态”。写明结果后，下一夜给它文件。',
  },
  put_back: {
    why: '县账从备份放回以后，还没有收到它的文件',
    remedy: '请店里上传（账目 → 上传 → 现在上传），或用 U 盘送来；收齐以后，下一夜给它文件。',
  },
  log_contradicted: {
    why: '店里拿着的日志根，县里还没有接得上的',
    remedy: '有异常“总账日志被证明不一致”的，由监督员先处理；没有的，等县里签出新的根，下一夜再给。',
  },
  clock: { why: '服务器时钟不可信', remedy: '处理异常“服务器时钟不可信”。' },
};

/** A row for each reason; null: every shop gets its file. */
export function heldPart(held: ReadonlyMap<string, HeldBy>, names: ReadonlyMap<string, string>): Html | null {
  if (held.size === 0) return null;
  const reasons = [...new Set(held.values())];
  return html`<h2>暂时不给文件的店</h2>
    <p class="hint">这些店照常卖货。县里的新赋分、额度、结算受理和付款，要等给了文件才到店里。</p>
    ${table({
      caption: '暂时不给文件的店',
      heads: ['为什么', '#家数', '店', '怎么办'],
      rows: reasons.map((reason) => {
        const kiosks = [...held].filter(([, why]) => why === reason).map(([kiosk]) => kiosk);
        return html`<tr>
          <th scope="row">${heldWords[reason].why}</th>
          <td class="number">${kiosks.length}</td>
          <td>${shopsText(kiosks, names, shopsNamed)}</td>
          <td>${heldWords[reason].remedy}</td>
        </tr>`;
      }),
      empty: '',
    })}`;
}

/** A county has some dozens. */
const shopsNamed = 12;

/** Above the page, where there is something to say. */
export function unsignedPart(unsigned: Unsigned | null, names: ReadonlyMap<string, string>): Html | null {
  if (unsigned === null) return null;
  const text =
    unsigned.why === 'contradicted'
      ? '每天的日志根现在不签：有人手里的日志根与县里的不同。由监督员到“异常”里处理“总账日志被证明不一致”。'
      : `每天的日志根现在不签：县账从备份放回以后，还有 ${unsigned.kiosks.length} 家店没有联系上（${shopsText(unsigned.kiosks, names, 3)}），它们手里的日志可能比县里的长。请这些店上传，或用 U 盘送来，收到后的那一夜就签；来不了的，由监督员到“异常”里写明“县账从备份放回”的结果，下一夜就签。`;
  return html`<p class="notice bad">${text}</p>`;
}
