// What the county's people read of an exception: no word of a program, points and yuan as people write them.

import { expect, test } from 'vitest';
import type { RaisedCode } from '../../county/book/exceptions.ts';
import { detailInChinese } from '../../county/pages/detail-words.ts';
import { faultInChinese } from '../../county/pages/words.ts';

const id = '019a0b1c-2222-7abc-8def-001122334455';

test.each([
  ['over_sale_cap', '12050 of 10000', '120.5 积分，上限 100 积分'],
  ['beyond_rights', '300 of a1', '3 积分，账户 a1'],
  ['unknown_account', 'a9', '账户 a9'],
  ['unknown_account', 'none', '没有写账户'],
  ['unknown_voucher', 'a1 7 of 5000', '账户 a1，第 7 号积分凭证，50 积分'],
  ['disputed_credit', id, ''],
  ['id_twice', id, ''],
  ['does_not_add_up', 'SALE', ''],
  ['settlement_differs', '12', '结算单第 12 号'],
  ['restored', 'incarnation 2 goes on after event 40', '现在是第 2 代，从第 40 条凭证之后接着记'],
  ['restored_behind', "3 events after 40 are in the county's book and not in the kiosk's", '第 40 条凭证之后的 3 条，县账里有，终端忘了'],
  [
    'restored_behind',
    "3 events after 40 are in the county's book and not in the kiosk's; still so, answered before: 2",
    '第 40 条凭证之后的 3 条，县账里有，终端忘了；处理过 2 次，仍是这样',
  ],
  [
    'put_back',
    'epoch 2: 4 files of kiosks, 1 to them and 0 lists of awards were taken up; 3 things are lost. Words of the clerk that reached no file are lost, too',
    '补收了终端文件 4 份、下行文件 1 份、赋分表 0 份；还有 3 件找不回来。备份之后办事员键入、没有进过任何文件的，要重做',
  ],
  [
    'put_back',
    'epoch 2: 4 files of kiosks, 1 to them and 0 lists of awards and 1 takings back were taken up; 3 things are lost. Words of the clerk that reached no file are lost, too',
    '补收了终端文件 4 份、下行文件 1 份、赋分表 0 份、收回 1 次；还有 3 件找不回来。备份之后办事员键入、没有进过任何文件的，要重做',
  ],
  [
    'put_back',
    'file 7 told qj-02 of 36000000 hundredths for 582 accounts and nothing in the book says why (a1 60000, a2 1250, …): the county advanced them; do again what was lost and award nothing for it, that repays them',
    '第 7 号下行文件告诉过终端 qj-02 的 360,000 积分，账里找不到来由，县里先垫：582 户（账户 a1 600 积分、账户 a2 12.5 积分等）。不要为它另外赋分或扣分；把丢了的操作重做一遍，先还这笔垫付',
  ],
  [
    'put_back',
    'adjust 3 of qj-02 waited: propose it again',
    '终端 qj-02 的补付或扣回第 3 号，备份时在等放行，后来做没做过没有凭据，已撤回：还该做的，另提一次',
  ],
  [
    'clock',
    "the server's clock says 2031-01-01, and nothing that it knows is later than 2026-11-22: no night runs",
    '服务器的钟说是 2031-01-01，已有的账最晚到 2026-11-22；不再过夜',
  ],
  [
    'committee_key',
    "log/committee/zz.pub is another key than the committee's of the name committee",
    '文件 log/committee/zz.pub，名称 committee',
  ],
  ['rejected', "line 9: the signature is not this kiosk's", '文件第 9 行的签名不是这台终端的'],
  ['rejected', 'something new', 'something new'],
] as const satisfies readonly (readonly [RaisedCode, string, string])[])('%s about %s', (code, detail, told) => {
  expect(detailInChinese({ code, detail })).toBe(told);
});

test.each([
  ['no account a9', '没有账户 a9'],
  ['no account QJ-02-000008', '没有账户 QJ-02-000008，请核对；若抄的是小票号，到“居民”里查它，就看到是哪个账户'],
  ['qj-02-r000002 is no ticket of a credit that the county has', '县里没有编号是“qj-02-r000002”的回收凭条：编号里的 R 要大写，照凭条上写'],
  [
    'qj-02-000002 is no ticket of a credit that the county has',
    '“qj-02-000002”像是小票号，不是回收凭条：凭条的编号里有 R，如 qj-02-R000002',
  ],
  ['no account ', '没有写账户'],
  ['no reason is given', '没有写事由'],
  [' is no amount of points', '没有写积分数'],
  [' is no amount of yuan', '没有写金额'],
  ['9007199254740992 is no amount of points', '9007199254740992 积分：一次给一户太多了'],
  ['1e3 is no amount of points', '“1e3”不是积分数（如 12 或 12.50）'],
  ['10000000.01 points are too many for one award', '10000000.01 积分：一次给一户太多了'],
  ['r1 stands twice in this list', 'r1 在表里出现两次'],
  ['a quote that does not end', '引号没有收尾'],
  ['more than 3 cells, or longer than 2000 characters', '格数多于表头的 3 格，或一行太长'],
  ['=1+1 begins like a formula', '“=1+1”像公式开头（= + - @），不接收'],
  ['no accepted settlement 7 of qj-03', '终端“qj-03”没有已受理的第“7”号结算单'],
  ['x is no amount of yuan', '“x”不是金额（如 123.45）'],
  ['25/11 is no day', '“25/11”不是日期（如 2026-11-25）'],
  ['this payment was taken before', '这笔付款已经记过'],
  ['9.00 yuan are more than is left to pay of settlement 7', '9.00 元比第 7 号结算单还没付的多'],
  [
    '9.00 yuan are more than is to be paid to qj-03 now: the rest is held back',
    '9.00 元比终端 qj-03 现在该付的多：其余的扣着，等它的下一张结算单',
  ],
])('a row with the fault “%s” is told in Chinese', (what, told) => {
  expect(faultInChinese(what)).toBe(told);
});
