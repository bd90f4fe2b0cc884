// Lists that a clerk uploads: looked at first, sent on by a second press, and what is wrong told by its row. Reads no list itself.

import { hash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type ListRefusal, type RowFault, rowTold } from '../book/list-file.ts';
import type { Progress } from '../book/slices.ts';
import { countText } from './amounts.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import type { Form, Visit } from './page.ts';
import type { Draft } from './sessions.ts';
import { faultInChinese } from './words.ts';

/** The form that takes a file. */
export function uploadForm({ session }: Visit, of: { readonly act: string; readonly label: string; readonly columns: string }): Html {
  return form(session, {
    act: of.act,
    isUpload: true,
    body: html`<div class="row">
        <label for="file">${of.label}</label><input id="file" name="file" type="file" accept=".csv,.xlsx" required /><button>
          先看一看
        </button>
      </div>
      <p class="hint">CSV 或 XLSX，第一行是表头：<code>${of.columns}</code></p>`,
  });
}

/** How long a page waits for a long list before it shows how far that is instead. */
const patienceMs = 1_500;
/** Then it asks again. */
export const againSeconds = 2;

/** What the work came to; null: it goes on. */
export async function soon<Value>(work: Promise<Value>): Promise<Value | null> {
  const timer = new AbortController();
  const late = setTimeout(patienceMs, null, { signal: timer.signal }).catch(() => null);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

/** How far a long list is. */
export function progressPart(title: string, { step, done, of }: Progress): Html {
  return html`<section class="card" aria-live="polite">
    <h3>${title}</h3>
    <p>${stepNames[step]} <progress max="${of}" value="${done}"></progress> ${countText(done)} / ${countText(of)} 行</p>
    <p class="hint">别的事照常办，可以离开这一页，过一会儿再回来。</p>
  </section>`;
}

const stepNames: Readonly<Record<Progress['step'], string>> = { reading: '正在读表', checking: '正在核对账户', taking: '正在入账' };

/** In the form that sends a list on: which list its page shows. */
export function draftMark(draft: Draft): Html {
  return html`<input type="hidden" name="list" value="${shaOf(draft)}" />`;
}

/** Whether a list came, in another window, after the page that this form stands on: nobody looked at that one here. */
export function isOtherDraft(draft: Draft, sent: Form): boolean {
  const shown = sent.text('list');
  return shown !== '' && shown !== shaOf(draft);
}

export const otherDraftText = '您在别的窗口又传了一份表，还没有提交：请核对现在这一份';

function shaOf({ bytes }: Draft): string {
  return hash('sha256', bytes, 'base64url');
}

const faultsShown = 100;

/** Every fault with its row as the spreadsheet counts it. */
export function faultTable(faults: readonly RowFault[]): Html {
  return html`<p class="notice bad">有 ${countText(faults.length)} 处不对，整张表都没有接收。改好后再传一次。</p>
    ${table({
      caption: '不对的行',
      heads: ['#表中第几行', '哪里不对'],
      rows: faults.slice(0, faultsShown).map(
        (fault) =>
          html`<tr>
            <td class="number">${rowTold(fault)}</td>
            <td>${faultInChinese(fault.what)}</td>
          </tr>`,
      ),
      empty: '',
    })}
    ${faults.length > faultsShown ? html`<p>还有 ${countText(faults.length - faultsShown)} 处。</p>` : null}`;
}

export const emptyFileText = '文件是空的';

/** Of what was typed where points belong. */
export function noPointsText(typed: string): string {
  return faultInChinese(`${typed} is no amount of points`);
}

export function refusalText(code: ListRefusal): string {
  return refusals[code];
}

const refusals: Readonly<Record<ListRefusal, string>> = {
  not_a_list: '表头不对：列名要与下面写的一致，不多不重',
  encoding: '文件打不开：不是 XLSX，也不是认得出文字的 CSV（请存成 XLSX，或 UTF-8 的 CSV）',
  old_workbook: '这是旧版 Excel（.xls）：请另存为 XLSX 或 CSV',
  damaged: '文件打不开：不是 XLSX，也不是 CSV；或者 XLSX 没有传完整',
  too_large: '表太大，或有格子落在很远的地方；几十万行的表请存成 UTF-8 的 CSV',
  busy: '正在读别的大表，请过一分钟再传',
  formulas: '有的格子是公式：请选择性粘贴为数值再传',
};
