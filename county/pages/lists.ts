// Lists that a clerk uploads: looked at first, sent on by a second press, and what is wrong told by its row. Reads no list itself.

import type { ListRefusal, RowFault } from '../book/list-file.ts';
import { type Html, html } from './html.ts';
import { form, table } from './layout.ts';
import type { Visit } from './page.ts';
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

const faultsShown = 100;

/** Every fault with its row as the spreadsheet counts it: the header is row 1. */
export function faultTable(faults: readonly RowFault[]): Html {
  return html`<p class="notice bad">有 ${faults.length} 处不对，整张表都没有接收。改好后再传一次。</p>
    ${table({
      caption: '不对的行',
      heads: ['#表中第几行', '哪里不对'],
      rows: faults.slice(0, faultsShown).map(
        ({ row, what }) =>
          html`<tr>
            <td class="number">${row + 1}</td>
            <td>${faultInChinese(what)}</td>
          </tr>`,
      ),
      empty: '',
    })}
    ${faults.length > faultsShown ? html`<p>还有 ${faults.length - faultsShown} 处。</p>` : null}`;
}

export function refusalText(code: ListRefusal): string {
  return refusals[code];
}

const refusals: Readonly<Record<ListRefusal, string>> = {
  not_a_list: '表头不对：列名要与下面写的一致，不多不重',
  encoding: '文字编码认不出：请存成 XLSX，或 UTF-8 的 CSV',
  old_workbook: '这是旧版 Excel（.xls）：请另存为 XLSX 或 CSV',
  damaged: '文件打不开：不是完整的 XLSX',
  too_large: '表太大，或有格子落在很远的地方',
  formulas: '有的格子是公式：请选择性粘贴为数值再传',
};
