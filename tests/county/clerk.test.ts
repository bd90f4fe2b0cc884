// The clerk's lists and changes, as they are typed, and a real kiosk that applies the files which the night makes of them.

import { createSecretKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { expect, onTestFinished, test } from 'vitest';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { enrolByKey } from '../../county/book/enrol.ts';
import { takeIn } from '../../county/book/intake.ts';
import { statementOf } from '../../county/book/statement.ts';
import { checkCommands } from '../../county/check-command.ts';
import { clerkCommands } from '../../county/clerk-commands.ts';
import { repairCommands } from '../../county/repair-commands.ts';
import { createCounty } from '../../county/create.ts';
import { residentTag } from '../../county/keys.ts';
import { night } from '../../county/night.ts';
import { takeBackCommands } from '../../county/take-back-command.ts';
import { readOptions } from '../../county/serve/command.ts';
import { makeHome, readSigner } from '../../db/home.ts';
import { openCard } from '../../db/model/card.ts';
import { verifyPin } from '../../db/model/pin.ts';
import { dayMs } from '../../db/model/time.ts';
import { createBook } from '../../db/open-book.ts';
import { activeKeys, allGoods, allOperators, currentScheme, deniedIssue, findResident, goodsCodes } from '../../db/reference.ts';
import { withSignIns } from '../support/at-work.ts';
import { openDay } from '../support/closing.ts';
import { aPair, cut, uploadOf } from '../support/county-book.ts';
import { apply, cardKey, goods, handClock, morning, scheme, temporary } from '../support/county.ts';
import { aStore } from '../support/county-store.ts';
import { sell, today } from '../support/sell.ts';

const tagBytes = Buffer.alloc(32, 7);

/** A county and its kiosk, and what a clerk types there. */
async function anOffice() {
  const { county, kiosk } = await aPair(onTestFinished);
  writeFileSync(join(county.folder.keys, 'card.pem'), cardKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  writeFileSync(join(county.folder.keys, 'tag.key'), `${tagBytes.toString('base64url')}\n`);
  const folder = temporary(onTestFinished);
  const file = (text: string, name = 'list.csv'): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  return { county, kiosk, folder, file, type: (line: string) => type(county, folder, line) };
}

/** The exit code and what was said. Blanks divide words: none is within one here. */
async function type(county: CountyBook, folder: string, line: string): Promise<readonly [number, string]> {
  const [name = '', ...words] = line.split(' ');
  const said: string[] = [];
  const options = readOptions(words, folder);
  if (!options.ok) return [2, ''];
  const terminal = { say: (text: string) => said.push(text), complain: (text: string) => said.push(text) };
  return [
    await { ...clerkCommands, ...checkCommands, ...takeBackCommands, ...repairCommands }[name]!(county, options.value, terminal),
    said.join(''),
  ];
}

test('what the office writes by day, the kiosk has the next morning: prices, people, cards, operators; rules on their day', async () => {
  const { county, kiosk, folder, file, type } = await anOffice();
  const { home, book } = kiosk;
  const list =
    '编号,名称,藏文名称,规格,条码,类别,售价,积分价,结算价,在售\n1,,,,,,13.00,,,\n2,,,,,,,,,否\nG9,糌粑,རྩམ་པ།,2.5kg,2001234567893,米面,-,25,22.50,\n';
  expect(await type(`goods --file ${file(list)}`)).toEqual([
    0,
    '1 new, 1 changed, 1 left, 0 as they were; give your name with --by to take it\n',
  ]);
  expect(await type('goods --file list.csv --by 次仁')).toEqual([
    0,
    '1 new, 1 changed, 1 left, 0 as they were: the next night tells the kiosks\n',
  ]);
  expect(await type('goods --file list.csv --by 次仁')).toEqual([
    0,
    '0 new, 0 changed, 0 left, 3 as they were: the next night tells the kiosks\n',
  ]);
  const people = '编号,账户,姓名,类别,村,语言,归属,在册\n77,a77,索朗曲珍,村民,加麻乡,藏语,qj-03,\n2,,,,,,,否\n';
  expect(await type(`residents --file ${file(people)} --by 次仁`)).toEqual([
    0,
    '1 new, 0 changed, 1 left, 0 as they were: the next night tells the kiosks\n',
  ]);
  expect(await type('cards issue --resident 77 --by 次仁')).toEqual([0, 'card 1 of 77, good until 2029-12-31\n']);
  expect(await type('cards replace --resident 77 --until 2030-06-30 --by 次仁')).toEqual([
    0,
    'card 2 of 77, good until 2030-06-30; those before it are denied\n',
  ]);
  expect(await type('operators add --kiosk qj-03 --operator op9 --name 德吉 --role staff --pin 407192 --by 次仁')).toEqual([
    0,
    'op9: added; the next night tells qj-03\n',
  ]);
  const rules = JSON.stringify({ ...scheme, version: 2, saleCapPoints: 5_000 });
  expect(await type(`scheme --file ${file(rules, 'rules.json')} --from 2026-11-22 --by 次仁`)).toEqual([
    0,
    'version 2 of the rules is sent by the night of 2026-11-22\n',
  ]);
  expect(await type(`award --file ${file('account,points,reason\na77,60,help\n')} --by 次仁`)).toEqual([
    0,
    "1 awards, 60 points\nbatch 1 waits for another person's --release 1\n",
  ]);
  const shown = expect.stringMatching(
    /^batch 1 of 次仁: 1 awards, 60 points, list [\w-]{43}\nthe largest: a77 {2}索朗曲珍 {2}60 {2}help\n {2}a77 {2}索朗曲珍 {2}60 {2}help\n/,
  );
  expect(await type('award --release 1')).toEqual([0, shown]);
  expect(await type('award --release 1')).toEqual([0, expect.stringContaining('it waits: another person releases it with --by NAME\n')]);
  expect(await type('award --release 1 --by 次仁')).toEqual([
    1,
    expect.stringContaining('not released: who proposed it does not release it: another person does\n'),
  ]);
  expect(await type('award --release 1 --by 边巴')).toEqual([0, shown]);
  expect(await type('award --release 1')).toEqual([0, expect.stringContaining('it is released, by 边巴\n')]);
  expect(await type('award --withdraw 1 --by 边巴')).toEqual([1, 'not withdrawn: it is released already\n']);
  for (const what of ['award', 'take-back', 'adjust'])
    expect([what, await type(`${what} --withdraw x1 --by 边巴`)]).toEqual([what, [1, expect.stringMatching(/^not withdrawn: /)]]);
  await type(`award --file ${file('account,points,reason\na77,61,help\n')} --by 次仁`);
  expect(await type('award --withdraw 2 --by 次仁')).toEqual([0, 'batch 2 is withdrawn: nobody can release it\n']);
  expect(await type('award --release 2 --by 边巴')).toEqual([1, expect.stringContaining('not released: it was withdrawn\n')]);

  const [written] = await night(county);
  expect(written).toMatchObject({ kind: 'written', kiosk: 'qj-03', downSeq: 2 });
  kiosk.clock.turn(60_000);
  expect(await apply(home, book, join(county.folder.down, 'qj-03', '00000002.jsonl.gz'))).toEqual({ kind: 'applied', downSeq: 2 });
  expect(allGoods(book.db).filter(({ id }) => id !== '3')).toEqual([
    goods('1', { priceFen: 1_300 as never }),
    { ...allGoods(book.db).find(({ id }) => id === '2')!, onSale: false },
    goods('G9', {
      zh: '糌粑',
      bo: 'རྩམ་པ།',
      size: '2.5kg',
      codes: ['2001234567893'],
      initials: 'zb',
      pinyin: 'zan ba',
      category: 'grain',
      picture: 'rice',
      priceFen: null,
      pricePoints: 2_500 as never,
      settlementFen: 2_250 as never,
    }),
  ]);
  expect(goodsCodes(book.db).get('2001234567893')).toBe('G9');
  expect([findResident(book.db, '77'), findResident(book.db, '2')?.active]).toEqual([
    {
      id: '77',
      accountId: 'a77',
      name: '索朗曲珍',
      group: 'villager',
      village: '加麻乡',
      language: 'bo',
      tag: residentTag(createSecretKey(tagBytes), '77'),
      active: true,
    },
    false,
  ]);
  const added = allOperators(book.db).find(({ id }) => id === 'op9');
  expect({ ...added, pinHash: await verifyPin('407192', added!.pinHash) }).toEqual({
    id: 'op9',
    name: '德吉',
    role: 'staff',
    pinHash: { ok: true, rehash: false },
    active: true,
  });
  expect(await type('cards sheet --resident 77 --out sheet.html')).toEqual([0, `1 cards to print: ${join(folder, 'sheet.html')}\n`]);
  expect(openCard(codeOn(join(folder, 'sheet.html')), (kid) => activeKeys(book.db, 'card').get(kid) ?? null)).toEqual({
    ok: true,
    value: { kid: 1, county: '540525', residentId: '77', issue: 2, expiresOn: '2030-06-30' },
  });
  expect(deniedIssue(book.db, '77')).toBe(1);
  openDay(book, today);
  expect(sell(book, { resident: '77', goods: [['1', 1]], chosenPoints: 1_000 })).toMatchObject({ kind: 'SALE', amt: 1_000 });
  expect(currentScheme(book.db)?.version).toBe(1);

  await night({ ...county, wallMs: () => morning + dayMs });
  expect(await apply(home, book, join(county.folder.down, 'qj-03', '00000003.jsonl.gz'))).toEqual({ kind: 'applied', downSeq: 3 });
  expect(currentScheme(book.db)).toMatchObject({ version: 2, saleCapPoints: 5_000 });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  expect(await type('statement --account a77')).toEqual([0, expect.stringContaining('期初 0\n')]);
  const statement = await county.read((db) => statementOf(db, { account: 'a77' }));
  expect(statement).toMatchObject({
    ok: true,
    value: {
      home: 'qj-03',
      residents: ['77'],
      opening: 0,
      closing: 5_000,
      held: [{ part: 'esc', kiosk: 'qj-03', amount: 5_000 }],
      suspense: 0,
      rows: [
        { kind: 'award', moved: 6_000, balance: 6_000, at: null, parts: [{ part: 'main', kiosk: '', amount: 6_000 }] },
        { kind: 'allocate', moved: 0, balance: 6_000, at: null },
        {
          kind: 'SALE',
          day: today,
          moved: -1_000,
          balance: 5_000,
          at: { kiosk: 'qj-03', shop: '白日社区文明超市' },
          isRoaming: false,
          parts: [{ part: 'esc', kiosk: 'qj-03', amount: -1_000 }],
        },
      ],
    },
  });
});

/** What the one code on a sheet says, read from its squares as a scanner sees them. */
function codeOn(path: string): string {
  const html = readFileSync(path, 'utf8');
  const side = Number(/viewBox="0 0 (\d+) /.exec(html)![1]);
  const scale = 4;
  const width = side * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, run] of html.matchAll(/M(\d+) (\d+)h(\d+)v1/g))
    for (let i = 0; i < scale; i += 1)
      for (let j = 0; j < Number(run) * scale; j += 1)
        pixels.fill(
          0,
          ((Number(y) * scale + i) * width + Number(x) * scale + j) * 4,
          ((Number(y) * scale + i) * width + Number(x) * scale + j) * 4 + 3,
        );
  const read = jsQR as unknown as (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null; // its types say a module
  return read(pixels, width, width)!.data;
}

test('what is spent away from home stands in the statement with its shop, its two days and what it leaves due', async () => {
  const { county, kiosk, file, type } = await anOffice();
  const { home, book } = kiosk;
  openDay(book, today);
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  sell(book, { resident: '2', goods: [['1', 1]], chosenPoints: 0 });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  await type(`award --file ${file('account,points,reason\na2,100,help\n')} --by 次仁`);
  await type('award --release 1 --by 边巴');
  await night(county);
  const [code, text] = await type('statement --account a2 --json');
  const said = JSON.parse(text) as { readonly rows: readonly object[] };
  expect([code, said]).toMatchObject([
    0,
    {
      opening: 0,
      closing: 7_000,
      rows: [
        { kind: 'SALE', moved: -3_000, isRoaming: true, balance: -3_000, parts: [{ part: 'due', kiosk: 'qj-03', amount: -3_000 }] },
        { kind: 'SALE', moved: 0, isRoaming: false, balance: -3_000, parts: [] },
        { kind: 'award', moved: 10_000, balance: 7_000 },
        { kind: 'allocate', moved: 0, balance: 7_000 },
      ],
      held: [{ part: 'esc', kiosk: 'qj-04', amount: 7_000 }],
    },
  ]);
  expect(await type('statement --account a2 --from 2026-11-22 --json')).toEqual([0, expect.stringContaining('"opening":7000,"rows":[]')]);
  expect(await type('statement --account a9')).toEqual([1, 'no account a9\n']);
  const [, receipt] = text.match(/"paper":\s*"([^"]+)"/)!;
  const whose = `no account ${receipt}: it is the number of a paper of account a2\n`;
  expect(await type(`statement --account ${receipt}`)).toEqual([1, whose]);
  expect(await type(`move-home --account ${receipt} --to qj-03 --by 次仁`)).toEqual([1, whose]);
  expect(await type(`voucher --account ${receipt} --kiosk qj-03 --points 1 --by 次仁`)).toEqual([1, `no voucher: ${whose}`]);
  expect(await type('voucher --account a9 --kiosk qj-03 --points 1 --by 次仁')).toEqual([1, 'no voucher: no account a9\n']);
  expect(await type('move-home --account a2 --to qj-03 --by 次仁')).toEqual([
    0,
    'a2 is at home at qj-03; its points are asked back from where it was, and follow night by night\n',
  ]);
});

test('lists with faults change nothing, and each fault is told', async () => {
  const { county, file, type } = await anOffice();
  const before = await county.read((db) => db.prepare('SELECT t, key, entry FROM master ORDER BY t, key').all());
  const people =
    '编号,账户,姓名,类别,村,归属,在册\n0,a8,张三,村民,村,qj-03,\n78,a8,=1+1,村民,村,qj-03,\n79,a9,李四,村民,村,qj-99,\n80,a10,王五,贵族,村,qj-03,\n81,,赵六,村民,村,qj-03,\n1,a1,,,,qj-04,\n1,,,,,,也许\n82,a11,钱七,村民,,qj-03,也许\n';
  expect(await type(`residents --file ${file(people)} --by 次仁`)).toEqual([
    1,
    `row 2: id: Invalid string: must match pattern /^[1-9][0-9]{0,15}$/
row 3: =1+1 begins like a formula
row 4: no kiosk qj-99
row 5: 贵族 is no group of the scheme
row 6: a new resident needs an account
row 7: a1 is at home at qj-03: move-home moves its points, too
row 8: 1 stands twice in this list
row 9: 也许 is neither 是 nor 否
nothing was taken: mend the list and give it again
`,
  ]);
  const shelf =
    '编号,名称,条码,类别,售价,积分价\nG1,甲,2000000000001,米面,1,\nG2,乙,6901234567890,米面,1,\nG3,丙,,矿石,1,\nG4,丁,,米面,0.001,\nG5,戊,,米面,,\nG6,己,12345,米面,1,\nG7,庚,12345,米面,1,\n';
  expect(await type(`goods --file ${file(shelf)} --by 次仁`)).toEqual([
    1,
    `row 2: code 2000000000001 is of 1
row 2: code 2000000000001 has a wrong check digit
row 3: code 6901234567890 has a wrong check digit
row 4: 矿石 is no category
row 5: 0.001 is no price in yuan
row 5: : goods without any price
row 6: : goods without any price
row 8: code 12345 is of G6
nothing was taken: mend the list and give it again
`,
  ]);
  expect(await type(`goods --file ${file('编号,价格\n1,2\n')} --by 次仁`)).toEqual([
    1,
    expect.stringMatching(/^the first row must name these columns, in any order: id 编号, zh 名称\?, /),
  ]);
  expect(await county.read((db) => db.prepare('SELECT t, key, entry FROM master ORDER BY t, key').all())).toEqual(before);
});

test('what would leave a shop or a resident without help is refused, with the reason', async () => {
  const { county, file, type } = await anOffice();
  const add = 'operators add --kiosk qj-03 --operator boss --name 央金 --role owner --by 次仁';
  expect(await type(`${add} --pin 123456`)).toEqual([
    1,
    'a colleague guesses this PIN first: no runs, dates, columns of keys or repeated digits\n',
  ]);
  expect(await type(add)).toEqual([
    0,
    expect.stringMatching(/^boss: added; the next night tells qj-03\nPIN \d{6}: it is told this once and kept nowhere\n$/),
  ]);
  const stays = 'the last owner of a shop stays: add another first (roles: cashier, staff, owner)\n';
  expect(await type('operators remove --kiosk qj-03 --operator boss --by 次仁')).toEqual([1, stays]);
  expect(await type('operators change --kiosk qj-03 --operator boss --role staff --by 次仁')).toEqual([1, stays]);
  expect(await type('operators remove --kiosk qj-03 --operator op1 --by 次仁')).toEqual([0, 'op1: removed; the next night tells qj-03\n']);
  expect(await type('operators --kiosk qj-03')).toEqual([0, 'boss  央金  owner\nop1  卓玛  cashier  removed\n']);

  expect(await type('cards deny --resident 1 --by 次仁')).toEqual([1, '1: has no card\n']);
  expect(await type('cards issue --home qj-03 --by 次仁')).toEqual([0, '1 cards, good until 2029-12-31\n']);
  expect(await type('cards issue --resident 1 --by 次仁')).toEqual([1, '1: has a card: replace it\nno card was issued\n']);
  expect(await type('cards deny --resident 1 --by 次仁')).toEqual([0, 'cards of 1 up to 1 are denied: the next night tells every kiosk\n']);
  expect(await type('cards deny --resident 1 --by 次仁')).toEqual([1, '1: the cards are denied already\n']);
  expect(await type('cards sheet --resident 1 --out sheet.html')).toEqual([1, 'nobody there has a card: issue them first\n']);

  expect(await type(`scheme --file ${file(JSON.stringify(scheme))} --by 次仁`)).toEqual([
    1,
    'its version is not above every one that was told or is to be told: a kiosk would never take it\n',
  ]);
  const odd = JSON.stringify({ ...scheme, version: 2, pointValueFen: 1, pointsStep: 50 });
  expect(await type(`scheme --file ${file(odd)} --by 次仁`)).toEqual([1, expect.stringContaining('is not a whole number of fen')]);
  expect(await type('kiosks set --kiosk qj-04 --store changzhu --zh 昌珠超市 --share 150 --by 次仁')).toEqual([
    0,
    'qj-04: the next night tells it\n',
  ]);
  expect(await type('kiosks')).toEqual([
    0,
    'qj-03  白日社区文明超市  baire  expected, it has no key yet  2 accounts  file 1\nqj-04  昌珠超市  changzhu  expected, it has no key yet  1 accounts  file 0\n',
  ]);
  expect(await county.read((db) => db.prepare(`SELECT share_permille FROM kiosk WHERE kiosk = 'qj-04'`).get())).toEqual({
    share_permille: 150,
  });
});

test('a county made from nothing: keys, a shop, its rules and people, and a kiosk that sells by its first file', async () => {
  const folder = temporary(onTestFinished);
  const data = join(folder, 'county');
  const clock = { wallMs: () => morning };
  const store = aStore(onTestFinished);
  const made = await createCounty(data, { code: '540525', clock, store });
  if (!made.ok) throw new Error(made.code);
  expect(await createCounty(data, { code: '540525', clock, store })).toEqual({ ok: false, code: 'exists' });
  const opened = openCounty(data, clock, store);
  if (!opened.ok) throw new Error(opened.code);
  const county = opened.value;
  onTestFinished(() => county.close());
  const home = makeHome(join(folder, 'kiosk'), { enrolment: { ...made.value, store: 'baire', kiosk: 'qj-03' }, diskReserveBytes: 0 });
  const bare = createBook(home, handClock(), 'test');
  onTestFinished(() => bare.close());
  const book = withSignIns(bare);
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(scheme));
  writeFileSync(join(folder, 'goods.csv'), 'id,zh,category,yuan\nG1,青稞,grain,30\n');
  writeFileSync(join(folder, 'people.csv'), 'resident,account,name,group,village,home\n5,a5,扎西,villager,白日,qj-03\n');
  writeFileSync(join(folder, 'awards.csv'), 'account,points,reason\na5,100,help\n');
  for (const line of [
    'kiosks set --kiosk qj-03 --store baire --zh 白日超市 --name 琼结县 --by 次仁',
    'scheme --file rules.json --by 次仁',
    'operators add --kiosk qj-03 --operator op1 --name 卓玛 --role owner --pin 864209 --by 次仁',
    'goods --file goods.csv --by 次仁',
    'residents --file people.csv --by 次仁',
    'cards issue --home qj-03 --by 次仁',
    'award --file awards.csv --by 次仁',
    'award --release 1 --by 边巴',
  ])
    expect([line, await type(county, folder, line)]).toEqual([line, [0, expect.any(String)]]);
  expect((await night(county)).map(({ kind }) => kind)).toEqual(['not_begun']);
  const key = readSigner(home)!.publicKey;
  expect(await enrolByKey(county, { kiosk: 'qj-03', store: 'baire', key })).toEqual({ ok: true, value: null });
  expect(await night(county)).toMatchObject([{ kind: 'written', kiosk: 'qj-03', downSeq: 1 }]);
  expect(await apply(home, book, join(county.folder.down, 'qj-03', '00000001.jsonl.gz'))).toEqual({ kind: 'applied', downSeq: 1 });
  openDay(book, today);
  expect(sell(book, { resident: '5', goods: [['G1', 1]], chosenPoints: 5_000 })).toMatchObject({ kind: 'SALE', amt: 5_000 });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  expect(await county.read((db) => statementOf(db, { account: 'a5' }))).toMatchObject({ value: { closing: 5_000 } });
});
