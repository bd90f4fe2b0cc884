// The frame of the clerk's pages: whose county, where one is, who is signed in. Shows no county business itself.

import { type Html, html } from './html.ts';
import type { Page, View } from './page.ts';
import type { Session } from './sessions.ts';
import { roleNames } from './words.ts';

export interface Frame {
  readonly county: string;
  readonly isDemo: boolean;
  readonly pages: readonly Page[];
  readonly path: string;
  readonly session: Session | null;
}

export function framed(view: View, { county, isDemo, pages, path, session }: Frame): string {
  const notice = session?.notice ?? null;
  return html`<!doctype html>
    <html lang="zh-Hans">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${view.refreshSeconds === undefined ? null : html`<meta http-equiv="refresh" content="${view.refreshSeconds}" />`}
        <title>${view.title} · ${county}积分</title>
        <link rel="stylesheet" href="/clerk/clerk.css" />
      </head>
      <body>
        <a class="skip" href="#main">跳到正文</a>
        <header>
          <p class="county">${county}<span>积分县级服务器</span>${isDemo ? html`<strong class="demo">演示</strong>` : null}</p>
          ${session === null ? null : navigation(pages, path)} ${session === null ? null : whoIs(session)}
        </header>
        <main id="main" tabindex="-1">
          <h1>${view.title}</h1>
          ${notice === null ? null : html`<p class="notice ${notice.isGood ? 'good' : 'bad'}" role="status">${notice.text}</p>`}
          ${view.body}
        </main>
      </body>
    </html> `.text;
}

function navigation(pages: readonly Page[], path: string): Html {
  return html`<nav aria-label="页面">
    <ul>
      ${pages.map(
        (page) => html`<li><a href="/clerk/${page.path}" ${page.path === path ? html` aria-current="page"` : null}>${page.name}</a></li>`,
      )}
    </ul>
  </nav>`;
}

function whoIs({ clerk, formToken }: Session): Html {
  return html`<div class="who">
    <a href="/clerk/password">${clerk.name}</a><span>${roleNames[clerk.role]}</span>
    <form method="post" action="/clerk/sign-out">
      <input type="hidden" name="form" value="${formToken}" /><button class="quiet">退出</button>
    </form>
  </div>`;
}

/** A form with the token that says which session it belongs to. */
export function form(
  session: Session,
  { act, isUpload = false, body }: { readonly act: string; readonly isUpload?: boolean; readonly body: Html },
): Html {
  return html`<form method="post" action="/clerk/${act}" ${isUpload ? html` enctype="multipart/form-data"` : null}>
    <input type="hidden" name="form" value="${session.formToken}" />${body}
  </form>`;
}

/** What a field of this form had when it was refused just now; else `otherwise`. */
export function typedIn({ typed }: Session, act: string, field: string, otherwise = ''): string {
  return (typed?.act === act ? typed.fields[field] : undefined) ?? otherwise;
}

/** A table with a caption for those who hear it; `empty` stands where there is no row. */
export function table(of: {
  readonly caption: string;
  /** Heads of columns; those that begin with # are numbers. */
  readonly heads: readonly string[];
  readonly rows: readonly Html[];
  readonly empty: string;
}): Html {
  if (of.rows.length === 0) return html`<p class="empty">${of.empty}</p>`;
  return html`<div class="table" role="region" aria-label="${of.caption}" tabindex="0">
    <table>
      <caption>
        ${of.caption}
      </caption>
      <thead>
        <tr>
          ${of.heads.map((head) =>
            head.startsWith('#') ? html`<th scope="col" class="number">${head.slice(1)}</th>` : html`<th scope="col">${head}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${of.rows}
      </tbody>
    </table>
  </div>`;
}
