// 操作记录: what people did on these pages, newest first. Changes nothing.

import { momentText } from './amounts.ts';
import { newestActs } from './clerks.ts';
import { html } from './html.ts';
import { table } from './layout.ts';
import type { Desk, Page } from './page.ts';
import { deedNames } from './words.ts';

export const journalPage: Page = { path: 'journal', name: '操作记录', show };

const shown = 200;

async function show({ book }: Desk) {
  const acts = await book.read((db) => newestActs(db, shown));
  const now = book.wallMs();
  return {
    title: '操作记录',
    body: html`<p class="lead">谁在这些页面上做了什么。只增不改，最近 ${shown} 条。</p>
      ${table({
        caption: '操作记录',
        heads: ['时间', '姓名', '做了什么', '对象'],
        rows: acts.map(
          ({ name, what, about, at }) =>
            html`<tr>
              <td>${momentText(at, now)}</td>
              <th scope="row">${name}</th>
              <td>${deedNames[what]}</td>
              <td>${about}</td>
            </tr>`,
        ),
        empty: '还没有操作。',
      })}`,
  };
}
