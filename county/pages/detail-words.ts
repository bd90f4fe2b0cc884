// What an exception was raised about, in Chinese, with points as people write them. The book keeps it in the words of the program that
// raised it; what is not known here is shown as it was said. Judges nothing.

import type { CountyException } from '../book/exceptions.ts';
import { countText, pointsText, yuanText } from './amounts.ts';
import { whatInChinese, whyInChinese } from './check-words.ts';
import { fileFaultInChinese, forTechnicians } from './file-words.ts';

/** '' where it says nothing that a person can use: the id of an event, which the page shows by its paper. */
export function detailInChinese({ code, detail }: Pick<CountyException, 'code' | 'detail'>): string {
  const [, said = '', answered] = /^([^]*?)(?:; still so, answered before: (\d+))?$/.exec(detail) ?? [];
  const text = textOf(code, said);
  return answered === undefined ? text : `${text}${text === '' ? '' : '；'}处理过 ${answered} 次，仍是这样`;
}

function textOf(code: string, said: string): string {
  for (const [codes, pattern, say] of words) {
    const match = codes.includes(code) ? pattern.exec(said) : null;
    if (match !== null) return say(...match.slice(1));
  }
  return (ofFiles.includes(code) ? fileFaultInChinese(said) : null) ?? said;
}

/** Raised about a whole file. */
const ofFiles: readonly string[] = ['fork', 'out_of_balance', 'rejected', 'revoked', 'unknown_down_file'];

type Saying = readonly [codes: readonly string[], pattern: RegExp, say: (...groups: string[]) => string];

const points = (hundredths: string): string => `${pointsText(Number(hundredths))} 积分`;
const many = (count: string): string => countText(Number(count));
/** One of them, as told-worth.ts names it. */
function untoldInChinese(what: string): string {
  const [, kind, said = '', day] = /^(event|share) (\S+)(?: of (\S+))?$/.exec(what) ?? [];
  return `${day === undefined ? '' : `${day} `}${kind === 'share' ? `的让利（按千分之 ${said}）` : `第 ${said} 条凭证的折价或结算价`}`;
}

const accountText = (account: string): string => (account === 'none' ? '没有写账户' : `账户 ${account}`);

const advancedInChinese = (said: string): string =>
  said
    .split(', ')
    .filter((each) => each !== '…')
    .map((each) => each.replace(/^(.+) (\d+)$/, (_, account: string, amount: string) => `账户 ${account} ${points(amount)}`))
    .join('、') + (said.endsWith('…') ? '等' : '');

const reclaimInChinese = (kind: string, number: string, through: string | undefined): string => {
  if (kind === 'taking back') return `赋分收回第 ${number} 号`;
  return kind === 'expiry' ? `积分到期第 ${number} 号（截至 ${through ?? ''}）` : `收回回收积分第 ${number} 号`;
};

/** What two persons do by hand, as repairs.ts names it. */
const repairNames: Readonly<Record<string, string>> = {
  lost_papers: '补录凭证',
  adjust: '补付或扣回',
  release_kiosk: '放弃终端',
  last_days: '代为结算',
  write_off: '核销',
};

const creditCaps: Readonly<Record<string, string>> = {
  credit: '一次回收',
  material: '一户一天一种回收物',
  account: '一户一天',
  operator: '一个营业员一天',
  kiosk: '一台终端一天',
};

const oddDates: Readonly<Record<string, string>> = { closed: '终端已经日结过', early: '终端启用以前', ahead: '县里还没有到' };

const words: readonly Saying[] = [
  [['over_sale_cap', 'over_roaming_line', 'over_kiosk_roaming'], /^(\d+) of (\d+)$/, (is, cap) => `${points(is)}，上限 ${points(cap)}`],
  [
    ['over_credit_cap'],
    /^(\S+) (credit|material|account|operator|kiosk): (\d+) beyond, most (\d+) of (\d+)(?: by (.+))?$/,
    (day, cap, beyond, sum, limit, holder) =>
      `${day}，${creditCaps[cap] ?? cap}：共超出 ${points(beyond)}；最多的${holder === undefined ? '' : ` ${holder} `}是 ${points(sum)}，上限 ${points(limit)}`,
  ],
  [
    ['over_credit_cap'],
    /^dates (closed|early|ahead): (\d+) on (\d+), (\S+) to (\S+), told on (\S+)$/,
    (oddness, amount, count, first, last, told) =>
      `${points(amount)}记在${oddDates[oddness] ?? oddness}的日期上：共 ${many(count)} 个，${first} 至 ${last}；收到时县里是 ${told}`,
  ],
  [['beyond_rights', 'after_restoration'], /^(\d+) of (.+)$/, (amount, account) => `${points(amount)}，${accountText(account)}`],
  [['unknown_account', 'denied_account'], /^(.+)$/, (account) => accountText(account)],
  [
    ['unknown_voucher'],
    /^(.+) (\d+) of (\d+)$/,
    (account, number, amount) => `${accountText(account)}，第 ${number} 号积分凭证，${points(amount)}`,
  ],
  [['return_without_sale', 'return_beyond_sale', 'reversal_without_credit', 'disputed_credit', 'id_twice'], /^[0-9a-f-]{36}$/, () => ''],
  [['does_not_add_up'], /^[A-Z_]+$/, () => ''],
  [['settlement_differs'], /^(\d+)$/, (number) => `结算单第 ${number} 号`],
  [
    ['settlement_differs'],
    /^(\d+): event (\d+) of (\S+)$/,
    (number, seq, day) => `结算单第 ${number} 号：${day} 第 ${seq} 条凭证的折价或结算价，不是县里告诉这台终端的`,
  ],
  [
    ['settlement_differs'],
    /^(\d+): share (\S+) of (\S+)$/,
    (number, permille, day) => `结算单第 ${number} 号：${day} 的让利按千分之 ${permille} 算，不是县里告诉这台终端的`,
  ],
  [
    ['settlement_differs'],
    /^last days: event (\d+)(?: of (\S+))?$/,
    (seq, day) => `没有结算的营业日：${day === undefined ? '' : `${day} `}第 ${seq} 条凭证的折价或结算价，不是县里告诉这台终端的`,
  ],
  [
    ['settlement_differs'],
    /^last days: share (\S+) of (\S+)$/,
    (permille, day) => `没有结算的营业日：${day} 的让利按千分之 ${permille} 算，不是县里告诉这台终端的`,
  ],
  [
    ['settlement_differs'],
    /^last days: (\d+) otherwise than told, (\d+) hundredths and (\d+) fen: ([^…]+?)(, …)?$/,
    (count, amount, fen, named, more) =>
      `没有结算的营业日：${many(count)} 处不是按县里告诉这台终端的算的，涉及 ${points(amount)}、${yuanText(Number(fen))} 元：${named.split(', ').map(untoldInChinese).join('、')}${more === undefined ? '' : ' 等'}`,
  ],
  [['unknown_down_file'], /^(\d+) (\S+)$/, (number, sha) => `第 ${number} 号下行文件，指纹 ${sha}`],
  [['restored'], /^incarnation (\d+) goes on after event (\d+)$/, (inc, seq) => `现在是第 ${inc} 代，从第 ${seq} 条凭证之后接着记`],
  [
    ['restored_behind'],
    /^(\d+) events after (\d+) are in the county's book and not in the kiosk's$/,
    (count, seq) => `第 ${seq} 条凭证之后的 ${many(count)} 条，县账里有，终端忘了`,
  ],
  [
    ['restored_behind'],
    /^a second incarnation (\d+), which held nothing, goes on after event (\d+)$/,
    (inc, seq) => `第 ${inc} 代出现了第二次，从第 ${seq} 条凭证之后接着记，手里没有额度`,
  ],
  [
    ['put_back'],
    /^epoch (\d+): (\d+) files of kiosks, (\d+) to them and (\d+) lists of awards(?: and (\d+) takings back)? were taken up; (\d+) things are lost\./,
    (_epoch, up, down, awards, takeBacks, lost) =>
      `补收了终端文件 ${up} 份、下行文件 ${down} 份、赋分表 ${awards} 份${takeBacks === undefined ? '' : `、收回 ${takeBacks} 次`}；还有 ${lost} 件找不回来。备份之后办事员键入、没有进过任何文件的，要重做`,
  ],
  [
    ['put_back'],
    /^voucher (\d+) of (.+) was of (\d+) hundredths more than lie unallocated$/,
    (number, account, amount) => `账户 ${account} 的第 ${number} 号积分凭证，比现在还没分配的积分多 ${points(amount)}`,
  ],
  [
    ['put_back'],
    /^taking back (\d+) of awards (\d+) was found and not done again: less is left of (\d+) of them than it takes \(([^…]+?)(, …)?\)$/,
    (number, batch, count, named, more) =>
      `找到了第 ${number} 次收回（第 ${batch} 号赋分表），没有再收：这张表里有 ${many(count)} 户剩下的赋分已经不够收（${named.split(', ').join('、')}${more === undefined ? '' : ' 等'}），多半是丢了之后又另收过一次。还有该收的，另提一次`,
  ],
  [
    ['put_back'],
    /^(disallowing|expiry) (\d+) (?:of credits|through (\S+)) was found and not done again: less is left of (\d+) of them than it takes \(([^…]+?)(, …)?\)$/,
    (kind, number, through, count, named, more) =>
      `找到了${reclaimInChinese(kind, number, through)}，没有再收：有 ${many(count)} 行剩下的积分已经不够收（${named.split(', ').join('、')}${more === undefined ? '' : ' 等'}），多半是丢了之后又另收过一次。还有该收的，另提一次`,
  ],
  [
    ['put_back'],
    /^(taking back|disallowing|expiry) (\d+) (?:of awards \d+|of credits|through (\S+)) was found and not done again: people withdrew it \((.+)\)$/,
    (kind, number, through, by) =>
      `找到了${reclaimInChinese(kind, number, through)}，没有再收：丢了之后 ${by} 把它撤回了。还该收的，另提一次`,
  ],
  [
    ['put_back'],
    /^(taking back|disallowing) (\d+) (?:of awards \d+|of credits) was found and not done again: people proposed (\d+) of them anew after the loss \(([^…]+?)(, …)?\)$/,
    (kind, number, count, named, more) =>
      `找到了${reclaimInChinese(kind, number, undefined)}，没有再收：丢了之后，其中 ${many(count)} 行又另提过（${named.split(', ').join('、')}${more === undefined ? '' : ' 等'}）。还有该收的，另提一次`,
  ],
  [
    ['put_back'],
    /^(disallowing|expiry) (\d+) (?:of credits|through (\S+)) was found and waits: (\d+) of its rows are of what is not in the book \(([^…]+?)(, …)?\)$/,
    (kind, number, through, count, named, more) =>
      `找到了${reclaimInChinese(kind, number, through)}，还没有再收：有 ${many(count)} 行说的，县账里还没有（${named.split(', ').join('、')}${more === undefined ? '' : ' 等'}）。等店里的文件补来，之后的夜里自己接着收；不要另提一次`,
  ],
  [
    ['put_back'],
    /^(\d+) files to (\S+) from (\d+) on are void: it had applied another of that number$/,
    (count, kiosk, from) => `发给终端 ${kiosk} 的第 ${from} 号起 ${many(count)} 份下行文件作废：终端早用了同号的另一份，已补进县账`,
  ],
  [
    ['clock'],
    /^the server's clock says (\S+), and nothing that it knows is later than (\S+): no night runs$/,
    (day, known) => `服务器的钟说是 ${day}，已有的账最晚到 ${known}；不再过夜`,
  ],
  [
    ['committee_key'],
    /^log\/committee\/(\S+) is another key than the committee's of the name (\S+)$/,
    (file, name) => `文件 log/committee/${file}，名称 ${name}`,
  ],
  [['other_key'], /^signed with another key than is due: (\S+)$/, (key) => `用的密钥是 ${key}…，不是该用的那一把`],
  [['other_key'], /^signed with a key that was stolen: (\S+)$/, (key) => `用的密钥 ${key}… 已报被盗`],
  [['ended_key'], /^signed with a key that is not in force: (\S+)$/, (key) => `用的密钥 ${key}… 已经换下`],
  [['rejected'], /^line (\d+): the signature is not this kiosk's$/, (line) => `文件第 ${line} 行的签名不是这台终端的`],
  [['other_key'], /^([A-Za-z0-9_-]{8})[A-Za-z0-9_-]{35}$/, (key) => `恢复时写的密钥是 ${key}…，不是该用的那一把`],
  [
    ['put_back'],
    /^(\S+) was given (\d+) hundredths at (\S+) and nothing in the book says why: do not award them again$/,
    (account, amount, kiosk) => `账户 ${account} 在终端 ${kiosk} 有 ${points(amount)}，县账里找不到来由：不要再赋一次`,
  ],
  [
    ['put_back'],
    /^file (\d+) told (\S+) of (\d+) hundredths for (\d+) accounts and nothing in the book says why \(([^)]*)\): /,
    (number, kiosk, amount, count, first) =>
      `第 ${number} 号下行文件告诉过终端 ${kiosk} 的 ${points(amount)}，账里找不到来由，县里先垫：${many(count)} 户（${advancedInChinese(first)}）。不要为它另外赋分或扣分；把丢了的操作重做一遍，先还这笔垫付`,
  ],
  [
    ['repaid_by_list'],
    /^awards (\d+) of before the loss repaid (\d+) hundredths of (\d+) accounts \(([^)]*)\) that people had written off: /,
    (batch, amount, count, first) => `赋分第 ${batch} 批还了核销的 ${points(amount)}：${many(count)} 户（${advancedInChinese(first)}）`,
  ],
  [
    ['put_back'],
    /^settlement (\d+) of (\S+) was (accepted|paid)(?: (\d+) fen)?, and is not in the book$/,
    (number, kiosk, state, fen) =>
      `终端 ${kiosk} 的结算单第 ${number} 号${state === 'paid' ? `付过${fen === undefined ? '' : ` ${yuanText(Number(fen))} 元`}` : '受理过'}，县账里没有这张单`,
  ],
  [
    ['put_back'],
    /^([a-z_]+) (\d+) of (\S+) waited: propose it again$/,
    (kind, number, kiosk) =>
      `终端 ${kiosk} 的${repairNames[kind] ?? kind}第 ${number} 号，备份时在等放行，后来做没做过没有凭据，已撤回：还该做的，另提一次`,
  ],
  [
    ['log_contradicted'],
    /^(\S+) is damaged or changed: the book does not know which root was signed there$/,
    (path) => `文件 ${path} 坏了或被改过，县账不知道那里签过哪一个根`,
  ],
  [
    ['log_contradicted'],
    /^(\S+) holds root (\S+) of (\d+) entries; (?:the log ends at (\d+)|the log has another root there)$/,
    (who, root, held, size) =>
      `${who} 手里有第 ${held} 条时的根 ${root}；${size === undefined ? '县里的日志在那里是另一个根' : `县里的日志只到第 ${size} 条`}`,
  ],
  [
    ['committee_silent'],
    /^the committee signed (?:no root yet|last the root of (\S+)); for (\d+) days one of (\S+) waits$/,
    (signed, days, since) => `${signed === undefined ? '还没有签过' : `最近签的是 ${signed} 的根`}；${since} 的根已经等了 ${days} 天`,
  ],
  [['book_untrue'], /^R6 (\S+(?:, \S+)*): ([^]*)$/, (rule, place) => `账簿规则 ${rule} 不成立${forTechnicians(place)}`],
  [['book_untrue'], /^([^:]+): ([^]*)$/, (what, why) => `${whatInChinese(what)}：${whyInChinese(why)}`],
  [['disk_full'], /^files of kiosks found no room$/, () => '店里送来的文件放不下'],
  [['night_failed'], /^file: ([^]*)$/, (error) => `给它做文件没有做成${forTechnicians(error)}`],
  [['night_failed'], /^finish: ([^]*)$/, (error) => `做好的文件没有放好${forTechnicians(error)}`],
  [['night_failed'], /^release (\d+): ([^]*)$/, (batch, error) => `第 ${batch} 批赋分没有入完账${forTechnicians(error)}`],
  [['night_failed'], /^papers: ([^]*)$/, (error) => `放行、撤回的签字文件没有补写成${forTechnicians(error)}`],
  [['night_failed'], /^take back (\d+): ([^]*)$/, (number, error) => `赋分收回第 ${number} 号没有入完账${forTechnicians(error)}`],
  [['night_failed'], /^reclaim (\d+): ([^]*)$/, (number, error) => `收回第 ${number} 号没有入完账${forTechnicians(error)}`],
  [['night_failed'], /^settle (\S+): ([^]*)$/, (kiosk, error) => `终端 ${kiosk} 忘掉的账没有结清${forTechnicians(error)}`],
  [['night_failed'], /^allocate (\S+): ([^]*)$/, (account, error) => `账户 ${account} 的积分没有分配成${forTechnicians(error)}`],
  [['night_failed'], /^ask (\S+): ([^]*)$/, (account, error) => `账户 ${account} 的漫游没有向归属店要回${forTechnicians(error)}`],
  [['night_failed'], /^lapsed (\S+): ([^]*)$/, (kiosk, error) => `终端 ${kiosk} 没用上的取用没有要回${forTechnicians(error)}`],
];
