// The pages of signing in and of one's own password. Who may is asked in clerks.ts.

import { type Clerk, demoPassword } from './clerks.ts';
import { html } from './html.ts';
import { form } from './layout.ts';
import type { View, Visit } from './page.ts';
import { roleNames } from './words.ts';

/** `trouble`: why the last try was refused. */
export function signInView({
  demoPeople,
  hasClerks,
  trouble,
}: {
  /** Whom it offers, with the password that all of them still have. */
  readonly demoPeople: readonly Clerk[];
  readonly hasClerks: boolean;
  readonly trouble: string | null;
}): View {
  return {
    title: '登录',
    body: html`<div class="narrow">
      ${trouble === null ? null : html`<p class="notice bad" role="alert">${trouble}</p>`}
      ${
        hasClerks
          ? null
          : html`<p class="notice bad">
              还没有人可以登录。在服务器上运行：<code>npm run county -- clerk add --data 目录 --name 姓名 --role clerk</code>
            </p>`
      }
      <form method="post" action="/clerk/sign-in" class="stack">
        <label for="name">姓名</label><input id="name" name="name" autocomplete="username" maxlength="40" required />
        <label for="password">密码</label
        ><input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required />
        <button class="main">登录</button>
      </form>
      ${
        demoPeople.length > 0
          ? html`<section class="demo-sign-in">
              <h2>这是演示县</h2>
              <p>里面没有真人真账。密码都是 <code>${demoPassword}</code>，也可以直接点：</p>
              <ul>
                ${demoPeople.map(
                  ({ name, role }) =>
                    html`<li>
                      <form method="post" action="/clerk/sign-in">
                        <input type="hidden" name="name" value="${name}" /><input type="hidden" name="password" value="${demoPassword}" />
                        <button>以${name}登录</button>
                      </form>
                      <small>${roleNames[role]}：${roleWork[role]}</small>
                    </li>`,
                )}
              </ul>
            </section>`
          : null
      }
    </div>`,
  };
}

const roleWork = {
  clerk: '看收件，处理异常，导入赋分和付款',
  releaser: '逐户看过后放行或撤回别人提交的赋分',
  committee: '处理归监督的异常，查看一切',
} as const;

export function passwordView({ session }: Visit): View {
  return {
    title: '修改密码',
    body: html`<div class="narrow">
      ${form(session, {
        act: 'password',
        body: html`<div class="stack">
          <label for="old">现在的密码</label
          ><input id="old" name="old" type="password" autocomplete="current-password" maxlength="200" required />
          <label for="fresh">新密码（至少 10 位）</label
          ><input id="fresh" name="fresh" type="password" autocomplete="new-password" minlength="10" maxlength="200" required />
          <label for="again">再输一遍</label
          ><input id="again" name="again" type="password" autocomplete="new-password" minlength="10" maxlength="200" required />
          <button class="main">修改</button>
        </div>`,
      })}
    </div>`,
  };
}
