// What a shop sees when the till's page crashed three times in five minutes. Needs no script and nothing of the built page.

/** Stands alone: the built page may be what is broken. Every sale that was shown as paid is in the book. */
export const safePage = `<!doctype html>
<html lang="zh-Hans">
  <head>
    <meta charset="utf-8" />
    <title>积分终端</title>
    <link rel="stylesheet" href="/safe.css" />
  </head>
  <body>
    <main>
      <h1>收银页面多次出错</h1>
      <p>已完成的销售都已保存。请点“重新打开”；仍不行，请关机重启，并联系县积分办。</p>
      <p lang="bo">དངུལ་བསྡུའི་ཤོག་ངོས་ལ་ཐེངས་མང་ནོར་འཁྲུལ་བྱུང་། འཚོང་ཟིན་པ་ཚང་མ་ཉར་ཡོད། ཡང་བསྐྱར་ཁ་ཕྱེས།</p>
      <p lang="en">The till's page failed several times. Every finished sale is saved. Open it again; if it still fails, restart the computer and call the county's points office.</p>
      <a href="/index.html">重新打开 · ཡང་བསྐྱར་ཁ་ཕྱེས། · Open again</a>
    </main>
  </body>
</html>
`;

export const safeStyle = `
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #fff; color: #1a1a1a; font: 22px/1.6 sans-serif; }
main { max-width: 44em; padding: 2em; }
a { display: inline-block; padding: 1em 2em; border-radius: 8px; background: #1a4fa3; color: #fff; text-decoration: none; }
`;
