// What the three-way check says of a difference, in Chinese, with points and yuan as people write them. Compares nothing.

import { pointsText, yuanText } from './amounts.ts';

/** The check's reason; what is not known here stays as it was said. */
export function whyInChinese(why: string): string {
  for (const [pattern, say] of reasons) {
    const match = pattern.exec(why);
    if (match !== null) return say(...match.slice(1));
  }
  return why;
}

/** What the check compares; what is not known here stays as it was said. */
export function whatInChinese(what: string): string {
  for (const [pattern, say] of compared) {
    const match = pattern.exec(what);
    if (match !== null) return say(...match.slice(1));
  }
  return what;
}

type Saying = readonly [RegExp, (...groups: string[]) => string];

const yuan = (fen: string): string => yuanText(Number(fen));
const points = (hundredths: string): string => pointsText(Number(hundredths));

const compared: readonly Saying[] = [
  [/^day (\d+) of (.+)$/, (number, day) => `${day} 的日结（第 ${number} 次）`],
  [/^settlement (\d+)$/, (number) => `结算单第 ${number} 号`],
  [/^rights of residents$/, () => '居民额度'],
  [/^roaming$/, () => '漫游待补'],
  [/^points taken back$/, () => '收回的积分'],
  [/^file (\d+)$/, (number) => `第 ${number} 号文件`],
  [/^everything since$/, () => '之后的一切'],
  [/^county batch (\d+)$/, (number) => `县补结第 ${number} 批`],
];

const reasons: readonly Saying[] = [
  [/^0 of (\d+) fen are paid$/, (owed) => `应付 ${yuan(owed)} 元，等银行付款`],
  [/^(\d+) of (\d+) fen are paid$/, (paid, owed) => `应付 ${yuan(owed)} 元，已付 ${yuan(paid)} 元`],
  [/^(\d+) fen are paid of (\d+)$/, (paid, owed) => `应付 ${yuan(owed)} 元，却付了 ${yuan(paid)} 元`],
  [/^(-?\d+) by files and vouchers that it has not applied$/, (amount) => `县里已发 ${points(amount)} 积分，终端还没回话说用上了`],
  [
    /^(-?\d+) funded that it has not heard of, (-?\d+) came back after$/,
    (funded, back) => `县里已补 ${points(funded)} 积分，终端还没回话说知道了${back === '0' ? '' : `；之后退回 ${points(back)} 积分`}`,
  ],
  [
    /^(\d+) are asked back from the shops, (\d+) are owed and paid by later awards$/,
    (due, owed) => `${points(due)} 积分正在向各店要回；${points(owed)} 积分已经用掉，记为透支，以后的赋分先还`,
  ],
  [/^in no settlement yet$/, () => '店里还没有把这一天出到结算单里'],
  [/^not accepted yet: /, () => '县里还没受理：送到后的那一夜受理，或等人核定'],
  [/^closed at (\S+) by the kiosk's clock$/, (day) => `终端的钟说是 ${day} 日结的`],
  [/^incarnation (\d+) goes on from before this closing$/, (inc) => `终端恢复后，第 ${inc} 代从这次日结以前接着记`],
  [/^it gave up its rights, and nobody has answered what it forgot$/, () => '终端恢复后放弃了额度，还没有人处理它忘掉的那一段'],
  [/^it forgot some that it had roamed$/, () => '终端恢复后忘了一部分漫游'],
  [/^(-?\d+) are asked back of what it forgot to have spent$/, (amount) => `它忘记用掉的 ${points(amount)} 积分正在收回`],
  [/^(-?\d+) in suspense, by its exceptions$/, (amount) => `${points(amount)} 积分在暂记，见异常`],
  [/^two histories of this kiosk came; /, () => '同一终端来了两段历史，由监督处理异常'],
  [
    /^the county's own days make (-?\d+) points and (-?\d+) fen(; raised as settlement_differs)?$/,
    (amount, fen, raised) => `按县账各天算是 ${points(amount)} 积分 ${yuan(fen)} 元${raised === undefined ? '' : '，已记为异常'}`,
  ],
  [/^the kiosk signed (-?\d+) fen, the county owes (-?\d+)$/, (signed, owed) => `终端签的是 ${yuan(signed)} 元，县里应付 ${yuan(owed)} 元`],
  [
    /^the shop's sheet is of event (\d+), the kiosk sent (\d+) so far$/,
    (sheet, sent) => `店里的单子到第 ${sheet} 条凭证，终端只送到第 ${sent} 条`,
  ],
  [/^what it forgot: nothing is to be paid of it$/, () => '终端忘掉的那一段，没有要付的钱'],
  [/^what it forgot: its next settlement has it$/, () => '终端忘掉的那一段，由它的下一张结算单一并付款'],
  [/^what it forgot: its settlement (\d+) has it$/, (number) => `终端忘掉的那一段，已在结算单第 ${number} 号里`],
  [/^settlement (\d+) has (-?\d+) fen of it$/, (number, fen) => `结算单第 ${number} 号里写的是 ${yuan(fen)} 元`],
  [/^the kiosk does not come back: /, () => '终端不再回来：由县里自己出的结算付给店里'],
  [
    /^(-?\d+) roamed by accounts that the county did not know, by its exceptions$/,
    (amount) => `${points(amount)} 积分是县里没有的账户用掉的，见异常`,
  ],
  [/^its bytes are not those that were signed: unreadable$/, () => '县里存的这份文件不见了，或读不出来：请技术人员从备份或店里拷来'],
  [/^its bytes are not those that were signed: /, () => '文件不是当初签过的那一份：请技术人员查'],
  [/^the county has another closing of this day$/, () => '这一天县账里是另一份日结：请技术人员查'],
  [/^its Z line is not what its closing says$/, () => '文件里的日结与日结单不一致：请技术人员查'],
  [
    /^redeemed by the county's postings (-?\d+), by the kiosk's slip (-?\d+)$/,
    (county, kiosk) => `兑换的积分：县账 ${points(county)} 积分，终端的日结单 ${points(kiosk)} 积分`,
  ],
  [
    /^worth by the county's events (-?\d+) fen, by the kiosk's slip (-?\d+)$/,
    (county, kiosk) => `折合的钱：县账 ${yuan(county)} 元，终端的日结单 ${yuan(kiosk)} 元`,
  ],
  [/^its settlement has (-?\d+) points and (-?\d+) fen of it$/, (amount, fen) => `结算单里这一天是 ${points(amount)} 积分 ${yuan(fen)} 元`],
  [/^the county has another settlement of this number$/, () => '这个号的结算单，县账里是另一份：请技术人员查'],
  [
    /^its days were of (-?\d+) points, the county moved (-?\d+)$/,
    (days, county) => `各天合计 ${points(days)} 积分，县账转了 ${points(county)} 积分`,
  ],
  [/^the shop's sheet has (.+)$/, (other) => `店里的单子写的是 ${other}`],
  [/^no such kiosk$/, () => '县里没有这台终端'],
  [/^event (\d+) of the kiosk is here, and is no such settlement$/, (seq) => `终端的第 ${seq} 条凭证在县里，不是这张结算单`],
  [/^they are not what was given and used$/, () => '与发下的、用掉的对不上：请技术人员查'],
  [/^it is not what was roamed and funded$/, () => '与漫游用掉的、县里补的对不上：请技术人员查'],
  [/^file (\d+)\/(\d+) waits: two histories of this kiosk came$/, (_inc, file) => `第 ${file} 号文件在等：同一终端来了两段历史`],
  [/^file (\d+)\/(\d+) waits for one before it: /, (_inc, file) => `第 ${file} 号文件在等前面缺的那份`],
  [
    /^file (\d+)\/(\d+) was posted, and this is not in the book$/,
    (_inc, file) => `第 ${file} 号文件记过账，县账里却没有这一项：请技术人员查`,
  ],
  [/^the book has it and no file of the kiosk does$/, () => '县账里有，终端送来的文件里没有'],
];
