// 操作记录: what people did on these pages, and what a put-back lost and took up, newest first. Changes nothing.

import { momentText } from './amounts.ts';
import { type ClerkAct, newestActs } from './clerks.ts';
import { html } from './html.ts';
import { table } from './layout.ts';
import type { Desk, Page } from './page.ts';
import { accountText } from './statement-words.ts';
import { deedNames } from './words.ts';

export const journalPage: Page = { path: 'journal', name: '操作记录', show };

const shown = 200;

async function show({ book }: Desk) {
  const acts = await book.read((db) => newestActs(db, shown));
  const now = book.wallMs();
  return {
    title: '操作记录',
    body: html`<p class="lead">谁在这些页面上做了什么；县账从备份放回时丢了什么、补回什么。只增不改，最近 ${shown} 条。</p>
      ${table({
        caption: '操作记录',
        heads: ['时间', '姓名', '做了什么', '对象'],
        rows: acts.map(
          (act) =>
            html`<tr>
              <td class="whole">${momentText(act.at, now)}</td>
              <th scope="row" class="whole">${act.name}</th>
              <td class="whole">${deedNames[act.what]}</td>
              <td>${aboutText(act)}</td>
            </tr>`,
        ),
        empty: '还没有操作。登录、放行、处理异常、导入付款，每一步都会列在这里。',
      })}`,
  };
}

/** What was written down beside a deed, with the word for what it is. */
function aboutText({ what, about }: ClerkAct): string {
  if (what === 'read_statement') return accountText(about);
  if (what === 'answer') return `异常第 ${about} 项`;
  return what === 'ask_files' && about !== everyKiosk ? `终端 ${about}` : about;
}

/** As inbox.ts writes down that all were asked. */
const everyKiosk = '全部';
