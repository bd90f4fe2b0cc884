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
  [/^roaming$/, () => '漫游未结清'],
];

const reasons: readonly Saying[] = [
  [/^0 of (\d+) fen are paid$/, (owed) => `应付 ${yuan(owed)} 元，等银行付款`],
  [/^(\d+) of (\d+) fen are paid$/, (paid, owed) => `应付 ${yuan(owed)} 元，已付 ${yuan(paid)} 元`],
  [/^(\d+) fen are paid of (\d+)$/, (paid, owed) => `应付 ${yuan(owed)} 元，却付了 ${yuan(paid)} 元`],
  [/^(-?\d+) by files and vouchers that it has not applied$/, (amount) => `县里已发 ${points(amount)} 分，终端还没回话说用上了`],
  [
    /^(-?\d+) funded that it has not heard of, (-?\d+) came back after$/,
    (funded, back) => `县里已补 ${points(funded)} 分，终端还没回话说知道了${back === '0' ? '' : `；之后退回 ${points(back)} 分`}`,
  ],
  [/^in no settlement yet$/, () => '店里还没有把这一天出到结算单里'],
  [/^not accepted yet: /, () => '县里还没受理：送到后的那一夜受理，或等人核定'],
  [/^closed at (\S+) by the kiosk's clock$/, (day) => `终端的钟说是 ${day} 日结的`],
  [/^incarnation (\d+) goes on from before this closing$/, (inc) => `终端恢复后，第 ${inc} 代从这次日结以前接着记`],
  [/^it gave up its rights, and nobody has answered what it forgot$/, () => '终端恢复后放弃了额度，还没有人处理它忘掉的那一段'],
  [/^it forgot some that it had roamed$/, () => '终端恢复后忘了一部分漫游'],
  [/^(-?\d+) are asked back of what it forgot to have spent$/, (amount) => `它忘记用掉的 ${points(amount)} 分正在收回`],
  [/^(-?\d+) in suspense, by its exceptions$/, (amount) => `${points(amount)} 分在暂记，见异常`],
  [/^two histories of this kiosk came; /, () => '同一终端来了两段历史，由监督处理异常'],
  [
    /^the county's own days make (-?\d+) points and (-?\d+) fen(; raised as settlement_differs)?$/,
    (amount, fen, raised) => `按县账各天算是 ${points(amount)} 分 ${yuan(fen)} 元${raised === undefined ? '' : '，已记为异常'}`,
  ],
  [/^the kiosk signed (-?\d+) fen, the county owes (-?\d+)$/, (signed, owed) => `终端签的是 ${yuan(signed)} 元，县里应付 ${yuan(owed)} 元`],
  [
    /^the shop's sheet is of event (\d+), the kiosk sent (\d+) so far$/,
    (sheet, sent) => `店里的单子到第 ${sheet} 条凭证，终端只送到第 ${sent} 条`,
  ],
  [/^the book has it and no file of the kiosk does$/, () => '县账里有，终端送来的文件里没有'],
];
