// What codes mean to the county's people, in Chinese: roles, exceptions, states, refusals, deeds. Decides nothing.

import type { RaisedCode } from '../book/exceptions.ts';
import type { ClerkDeed, ClerkRole } from './clerks.ts';

export const roleNames: Readonly<Record<ClerkRole, string>> = { clerk: '经办', releaser: '复核', committee: '监督' };

/** What happened, and what a person does about it. */
export interface Meaning {
  readonly name: string;
  readonly what: string;
  readonly remedy: string;
}

/** What a kiosk that was put back waits for (rights.ts, frozenBy; R4), as the shop and its residents feel it. */
const untilAnswered =
  '写明结果以前，这家店不能用积分，也不能联网取用、收不到积分凭证；县里不给它文件，新的赋分、结算受理和付款都告诉不了它。收现金卖货、回收照常，账照样送上来入账。';

const meanings: Readonly<Record<RaisedCode, Meaning>> = {
  unknown_account: {
    name: '查无此账户',
    what: '终端给一个县里没有的账户记了一笔。货已经给出，这些积分先记在暂记里。',
    remedy: '到村里核对这户是谁：是漏登的就补登；查不到的，写明由谁承担。',
  },
  denied_account: {
    name: '停用账户仍在用',
    what: '这个账户里已经没有还在用的人，但终端那时还不知道，照样办了一笔。',
    remedy: '问店里是谁来办的。商户照常结算；要不要向本人追回由县里决定，把决定写在下面。',
  },
  beyond_rights: {
    name: '超出本店额度',
    what: '终端办的数额超过它手里的额度。正常的终端做不到这一点。',
    remedy: '打电话请技术人员检查这台终端。差额先记在暂记里，查清后写明由谁承担。',
  },
  unknown_voucher: {
    name: '陌生的积分凭证',
    what: '终端收了一张县里没有发过的积分凭证，照它加了额度。',
    remedy: '马上告诉技术人员：查县里的签名密钥有没有外泄，积分凭证是谁拿来的。查清后写明结果。',
  },
  after_restoration: {
    name: '恢复之后又来了旧段的账',
    what: '终端恢复后，它被恢复掉的那一段又送来了；那段的额度县里已经收回过。',
    remedy: '问店里旧机器是不是又开过：旧机器不能再开。核对小票后写明由谁承担。',
  },
  over_sale_cap: {
    name: '超过单笔上限',
    what: '一笔超过积分办法定的单笔上限。',
    remedy: '向店里要这张小票，问店主是否批准过，写明是否属实。',
  },
  over_roaming_line: {
    name: '超过漫游额度',
    what: '在外店用的积分超过县里给的漫游额度。',
    remedy: '问店里那几天是不是断网。只有一次，写明“断网”即可；再出现就请技术人员检查这台终端。',
  },
  over_kiosk_roaming: {
    name: '超过本店漫游总额',
    what: '这个终端一期内的漫游合计超过上限。',
    remedy: '问店里那几天是不是断网、外村来的人是不是多。核对小票，写明结果。',
  },
  does_not_add_up: {
    name: '凭证不平',
    what: '一条凭证自己的数额加不平。',
    remedy: '什么都不要删，请技术人员检查这台终端的程序；查清后写明结果。',
  },
  id_twice: {
    name: '编号重复',
    what: '两笔用了同一个编号，两笔都已入账。',
    remedy: '看小票：是同一笔就让店里退回一笔；不是同一笔，写明即可。',
  },
  return_without_sale: {
    name: '退货没有原单',
    what: '退的货找不到当初的销售。',
    remedy: '向店里要原来那张小票（常见于终端恢复之后）。对得上就写明；对不上，写明由谁承担。',
  },
  return_beyond_sale: { name: '退货多于原单', what: '退的比买的多。', remedy: '核对两张小票，写明结果。' },
  reversal_without_credit: { name: '冲回没有原回收', what: '被冲回的回收积分在县里找不到。', remedy: '核对回收登记，写明结果。' },
  over_credit_cap: {
    name: '回收积分超过每日上限',
    what: '终端一天里给的回收积分超过积分办法定的上限。正常的终端会当场拦下：有人可能拿着它的密钥在造积分。',
    remedy:
      '马上问店里那天收了多少回收物，核对秤重记录、回收小票和装车数。对不上的，按凭条收回它的积分（两个人），请监督委员会决定要不要吊销这台终端的密钥，并写明；对得上的，写明原因。',
  },
  disputed_credit: {
    name: '回收积分有异议',
    what: '店里对一笔回收积分提出异议，积分已被用掉一部分。',
    remedy: '找当事人核实称重与照片。不该给的，按凭条收回它的积分（两个人）；该给的不用动。写明结果。',
  },
  put_back: {
    name: '县账从备份放回',
    what: '县账是从旧备份放回的。没有留下文件的操作（县里人员的录入、未入档的发放）丢了；没重新联系上的终端收不到县里文件，店里照常卖货。还有终端没联系上、这一项又没有写明结果时，每天的日志根不签（监督委员会也就没有新的根可签）：还差哪几家，看“过夜”。',
    remedy:
      '请技术人员打印数据目录里的 put-back 报告。要重做：备份之后补登过的小票、改过的归属店、放行过的终端、报告里列出的赋分表、银行回执，还有重新出现的异常；账里已有的会被拒绝，不会算两次。不要重做：已经发出的积分凭证；县里先垫的积分也不要另外赋分或扣分，重做丢了的操作会先还垫付；确定再也不会重做的，在“敞口”里由经办提交核销、复核放行，扣还过的退给居民。先补登小票，再处理“终端从备份恢复”。请没联系上的店上传，或用 U 盘送来；等各终端都联系上再写明结果。确实来不了的，写明以后不再等它们，下一夜就签日志根。',
  },
  unknown_down_file: {
    name: '终端用了陌生的下行文件',
    what: '终端说它用了一份县账里没有的文件。',
    remedy:
      '店里照常卖货，马上请技术人员来。县账刚从备份放回的：把该终端 down 目录里的文件拷到县里 down 目录该终端名下（同号而内容不同的，先把县里那份移到 superseded 目录该终端名下、以代次为名的目录里），再运行 put-back；没放回过的：检查县里的签名密钥有没有外泄。',
  },
  other_key: {
    name: '终端用了别的密钥',
    what: '有文件不是用这台终端现在的密钥签的：店里恢复了换密钥以前的备份，或者有人拿着它的旧密钥。已报被盗的密钥签的也在这里。这样的文件没有入账。',
    remedy:
      '先问店里：密钥是不是店里或县里让换的，店里是不是恢复过旧备份。换过、也恢复过，那台旧机器只是坏了或丢了：请技术人员运行 enrol-again，把一次性登记码告诉店里。密钥不是自己人换的，或那台机器被偷：现在的密钥就在别人手里，恢复备份后运行 enrol-again --stolen，那台机器的文件从此一律拒收。换过、没恢复过：有人拿着旧密钥，查是谁。谁也说不清：运行 revoke 吊销。查清后写明结果。',
  },
  ended_key: {
    name: '换下的密钥还在记账',
    what: '有文件是用这台终端已经换下的密钥签的，常见于旧机器后来又连上。货可能已经给出，所以入了账，但钱在有人处理之前不付。',
    remedy:
      '向店里核对：是旧机器没发完的账，写明即可，之后的夜里补结给店里。旧机器是被偷的：请技术人员运行 enrol-again --stolen，这以后的一律拒收；已入账的先用 adjust 扣回（处理之后就会付），再写明结果。',
  },
  restored: {
    name: '终端从备份恢复',
    what: `终端从备份恢复过，接着原来的记录继续。${untilAnswered}`,
    remedy:
      '问店里何时、为何恢复；核对恢复前后的小票后写明结果，下一夜给它文件，店里收到就又能用积分。县账放回旧备份以后它会再出现：先把当时补登过的小票再补登一遍，再写明结果；已经重新发给店里的额度不会发第二次。',
  },
  restored_behind: {
    name: '终端恢复到了旧状态',
    what: `终端从备份恢复过，忘记了县里已入账的一段。${untilAnswered}`,
    remedy: '请店里把备份之后开出的小票和凭条都交来，由技术人员补登、另一人放行；补登完再写明结果，之后的夜里会重新发给额度。',
  },
  settlement_differs: {
    name: '结算单与县账不符',
    what: '店里签的结算单与县里重算的数不同。积分已按县账转入，钱等人核定。',
    remedy: '对照当日日结和小票，写明按哪个数付；处理后下一夜即为"已受理"。',
  },
  fork: {
    name: '同一终端两段历史',
    what: '同一个编号来了两份不同的文件。终端已隔离，两份都保留着。',
    remedy: '查是否复制了硬盘或两台机器同用一个身份；查清后写明结果，终端才能再发文件。',
  },
  out_of_balance: {
    name: '文件对不平',
    what: '文件的合计与县里重算的不同，一条也没有入账。',
    remedy: '打电话请技术人员比对。终端还留着这份文件，不会丢；店里照常卖货。查清后写明结果。',
  },
  revoked: {
    name: '已吊销的终端送来文件',
    what: '这台终端的密钥已吊销，它还在送文件。文件留着，一条也没有入账。',
    remedy: '查明机器在谁手里、文件是吊销前还是吊销后做的；对照小票写明哪些确实发生过。',
  },
  rejected: {
    name: '文件被拒收',
    what: '签名或内容不对，一条也没有入账。',
    remedy: '让店里再发一次，或用 U 盘送来；还是被拒收，请技术人员看终端是否登记过。之后写明结果。',
  },
  night_failed: {
    name: '过夜有一件没办成',
    what: '夜里给一台终端做文件或放好文件，或给一户分配积分，没有做成。别的终端都已照常收到文件；这一件每夜会再试。店里照常卖货。',
    remedy: '什么都不要删，把详情告诉技术人员。如果这户或这台终端还有别的异常，先处理那些；办成以后写明原因。',
  },
  disk_full: {
    name: '服务器磁盘满过',
    what: '服务器没有地方放，店里送来的文件没有收下。店里照常卖货，文件还在店里，会自动再送，不会丢，也不会算两次。',
    remedy: '请技术人员马上给服务器腾出地方（不要删数据目录里的东西）。各店的文件都收到以后，写明原因。',
  },
  clock: {
    name: '服务器时钟不可信',
    what: '服务器的时钟比县账里已知的最晚日期晚了七天以上。这一夜没有运行：日期一旦写进发给终端的文件，就收不回来。店里照常卖货。',
    remedy:
      '看日历。服务器的钟错了，请技术人员改正；没错（比如停机了很久），请技术人员运行 county -- clock --day 今天的日期 --by 姓名。之后写明结果。',
  },
  committee_key: {
    name: '监督委员会名下另有密钥',
    what: 'log/committee 里有一个文件，名称与监督委员会的密钥相同，密钥却是另一把。它签的名不采用，店里照常卖货。',
    remedy:
      '问监督委员会：是他们的新密钥，请他们换个名称重做（committee-key --name），再由现用的密钥指定（committee-next）；不是，问清是谁放的。请技术人员把文件移走，再写明结果。',
  },
  committee_silent: {
    name: '监督委员会很久没有签名',
    what: '监督委员会一周以上没有在县里的日志根上签名。没有签过的那一段，只有县里自己和各店的终端作证。店里照常卖货。',
    remedy:
      '请监督委员会拿自己的密钥来签最新的根（技术人员运行 cosign）。密钥丢了或坏了，请他们另做一把，按换密钥的办法告诉各店。签好以后写明结果；一周后还没有签，会再提醒。',
  },
  repaid_by_list: {
    name: '找到的赋分表还了核销的积分',
    what: '县账放回时丢了的一张赋分表找到了，补入了账。先前核销的垫付，当作就是为这张表垫的，由它还上，居民没有少也没有多。但同一户如果还有别的表没有找到，县账分不出当时是为哪一张垫的。',
    remedy:
      '对照丢失前的赋分记录看这些户：那时只有这一张表给过它，就不用做什么。还有别的表给过它：另一张能找到的，等找到了补入账，自己会给；再也找不到的，把少给的积分用一张新的赋分表补给居民。写明结果。',
  },
  book_untrue: {
    name: '县账簿自查不符',
    what: '县账簿自己的余额与凭证重算的不同：有人直接改过数据库，或程序有错。',
    remedy: '先不要放行赋分、不要付款，什么都不要删。请技术人员用 check 命令查明，再写明结果。',
  },
  log_contradicted: {
    name: '总账日志被证明不一致',
    what: '有人手里的日志根与县里的不同：县里的历史可能被改过或被旧备份盖过。',
    remedy: '停止签发；由监督委员会保管证据，查清后写明结果。',
  },
};

/** A code that these words do not know yet is shown as it is, rather than hidden. */
export function meaningOf(code: string): Meaning {
  return Object.hasOwn(meanings, code)
    ? meanings[code as RaisedCode] // asked just before
    : { name: code, what: '新的异常种类，请看详情。', remedy: '请技术人员说明，再写明处理结果。' };
}

export const deedNames: Readonly<Record<ClerkDeed, string>> = {
  sign_in: '登录',
  sign_in_refused: '登录被拒（密码不对）',
  sign_out: '退出',
  password: '改了密码',
  ask_files: '要求终端立即交换',
  answer: '处理异常',
  propose_awards: '提交赋分',
  release_awards: '放行赋分',
  withdraw_awards: '撤回赋分',
  propose_take_back: '提交收回赋分',
  release_take_back: '放行收回赋分',
  withdraw_take_back: '撤回收回赋分',
  propose_disallow: '提交收回回收积分',
  release_disallow: '放行收回回收积分',
  withdraw_disallow: '撤回收回回收积分',
  propose_expiry: '提交积分到期',
  release_expiry: '放行积分到期',
  withdraw_expiry: '撤回积分到期',
  propose_write_off: '提交核销先垫的积分',
  release_write_off: '放行核销先垫的积分',
  withdraw_write_off: '撤回核销先垫的积分',
  import_payments: '导入付款',
  read_statement: '查看居民账单',
  check: '三方核对',
  demo_night: '演示过夜',
  put_back: '县账从备份放回',
  took_up: '放回后补收',
  put_back_lost: '放回后找不回来',
  put_back_advanced: '放回后县里先垫',
};

/** What the readers of lists say of a row, said in Chinese; what is not known here stays as it was said. */
export function faultInChinese(what: string): string {
  for (const [pattern, say] of faultWords) {
    const match = pattern.exec(what);
    if (match !== null) return say(match[1] ?? '', match[2] ?? '', match[3] ?? '');
  }
  return what;
}

const faultWords: readonly (readonly [RegExp, (what: string, other: string, third: string) => string])[] = [
  // ends as the numbers of receipts, tickets and return slips do
  [/^no account (.*-[RT]?\d{6})$/, (what) => `没有账户 ${what}，请核对；若抄的是小票号，到“居民”里查它，就看到是哪个账户`],
  [/^no account (.*)$/, (what) => (what === '' ? '没有写账户' : `没有账户 ${what}`)],
  [/^ is no amount of (points|yuan)$/, (what) => (what === 'yuan' ? '没有写金额' : '没有写积分数')],
  [/^(\d{14,}) is no amount of points$/, (what) => `${what} 积分：一次给一户太多了`],
  [/^(.*) is no amount of points$/, (what) => `“${what}”不是积分数（如 12 或 12.50）`],
  [/^(.*) points are too many for one award$/, (what) => `${what} 积分：一次给一户太多了`],
  [/^no reason is given$/, () => '没有写事由'],
  [/^(.*) is not in this list of awards$/, (account) => `这一批里没有账户 ${account}`],
  [/^(.*) points are more than are left of this award: (.*)$/, (points, left) => `要收 ${points} 积分：这一批给它的只剩 ${left} 积分`],
  [
    /^(.*-r\d{6,12}) is no ticket of a credit that the county has$/,
    (ticket) => `县里没有编号是“${ticket}”的回收凭条：编号里的 R 要大写，照凭条上写`,
  ],
  [
    /^(.*-\d{6,12}) is no ticket of a credit that the county has$/,
    (number) => `“${number}”像是小票号，不是回收凭条：凭条的编号里有 R，如 ${number.replace(/-(\d+)$/, '-R$1')}`,
  ],
  [/^(.*) is no ticket of a credit that the county has$/, (ticket) => `县里没有编号是“${ticket}”的回收凭条`],
  [
    /^the county does not know account (.*) of ticket (.*): its points are in suspense$/,
    (account, ticket) => `凭条 ${ticket} 的账户 ${account} 县里没有，积分记在暂记里：先补登这一户`,
  ],
  [/^nothing is left of ticket (.*)$/, (ticket) => `凭条 ${ticket} 已经没有可以收回的积分`],
  [
    /^(.*) points are more than are left of ticket (.*): (.*)$/,
    (points, ticket, left) => `要收 ${points} 积分：凭条 ${ticket} 只剩 ${left} 积分`,
  ],
  [/^(.*) stands twice in this list$/, (what) => `${what} 在表里出现两次`],
  [/^(\d+) cells without quotes are expected$/, (what) => `应有 ${what} 格，不带引号`],
  [/^a quote that does not end$/, () => '引号没有收尾'],
  [/^more than (\d+) cells/, (what) => `格数多于表头的 ${what} 格，或一行太长`],
  [/^(.*) begins like a formula$/, (what) => `“${what}”像公式开头（= + - @），不接收`],
  [/^no accepted settlement (.*) of (.*)$/, (number, kiosk) => `终端“${kiosk}”没有已受理的第“${number}”号结算单`],
  [/^(.*) is no amount of yuan$/, (what) => `“${what}”不是金额（如 123.45）`],
  [/^(.*) is still to come$/, (day) => `付款日还没有到：${day}`],
  [/^(.*) is no day$/, (what) => `“${what}”不是日期（如 2026-11-25）`],
  [/^the reference is too long/, () => '流水号太长，或有认不出的字'],
  [/^this payment was taken before$/, () => '这笔付款已经记过'],
  [
    /^(.*) yuan are more than is to be paid to (\S+) now: the rest is held back$/,
    (what, kiosk) => `${what} 元比终端 ${kiosk} 现在该付的多：其余的扣着，等它的下一张结算单`,
  ],
  [/^(.*) yuan are more than is left to pay of settlement (\d+)$/, (what, number) => `${what} 元比第 ${number} 号结算单还没付的多`],
];
