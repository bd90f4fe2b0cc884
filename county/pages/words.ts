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

const meanings: Readonly<Record<RaisedCode, Meaning>> = {
  unknown_account: {
    name: '查无此账户',
    what: '终端上给一个县里没有的账户记了积分变动，货已给出，分已入账到暂记。',
    remedy: '核对名册：是漏登的户就补登，再写明处理结果。',
  },
  denied_account: {
    name: '停用账户仍在用',
    what: '这个账户没有可用的人了，但终端那时还不知道，仍办了一笔。',
    remedy: '问店里是谁来办的；商户照常结算，由县里决定是否追回。',
  },
  beyond_rights: {
    name: '超出本店额度',
    what: '终端办的数额超过它手里的额度。正常的终端做不到这一点。',
    remedy: '请技术人员检查该终端；差额记在暂记，查清后写明由谁承担。',
  },
  unknown_voucher: {
    name: '陌生的凭条',
    what: '终端收了一张县里没有发过的凭条，照它加了额度。',
    remedy: '立即检查县里的签名密钥是否外泄；查清后写明结果。',
  },
  after_restoration: {
    name: '恢复之后又来了旧段的账',
    what: '终端恢复后，它被恢复掉的那一段又送来了；那段的额度县里已经收回过。',
    remedy: '查是否有两台机器同用一个身份；核对小票后写明由谁承担。',
  },
  over_sale_cap: { name: '超过单笔上限', what: '一笔超过积分办法定的单笔上限。', remedy: '看小票和店主的批准，写明是否属实。' },
  over_roaming_line: {
    name: '超过漫游额度',
    what: '在外店用的积分超过县里给的漫游额度。',
    remedy: '看是不是旧文件所致；多次出现请技术人员检查。',
  },
  over_kiosk_roaming: { name: '超过本店漫游总额', what: '这个终端一期内的漫游合计超过上限。', remedy: '核对该店近几日的小票。' },
  does_not_add_up: { name: '凭证不平', what: '一条凭证自己的数额加不平。', remedy: '保留文件，请技术人员检查该终端的程序。' },
  id_twice: { name: '编号重复', what: '两笔用了同一个编号，两笔都已入账。', remedy: '看小票：是同一笔就让店里冲回一笔。' },
  return_without_sale: { name: '退货没有原单', what: '退的货找不到当初的销售。', remedy: '向店里要原小票；常见于终端恢复之后。' },
  return_beyond_sale: { name: '退货多于原单', what: '退的比买的多。', remedy: '核对两张小票，写明结果。' },
  reversal_without_credit: { name: '冲回没有原回收', what: '被冲回的回收积分在县里找不到。', remedy: '核对回收登记，写明结果。' },
  disputed_credit: {
    name: '回收积分有异议',
    what: '店里对一笔回收积分提出异议，积分已被用掉一部分。',
    remedy: '找当事人核实称重与照片，写明结果。',
  },
  put_back: {
    name: '县账从备份放回',
    what: '县账是从旧备份放回的。没有留下文件的操作（县里人员的录入、未入档的发放）丢了；没重新联系上的终端收不到县里文件，店里照常卖货。',
    remedy: '看数据目录里的 put-back 报告，把丢了的操作重新做一遍；等各终端都联系上再写明结果。写明之后，没联系上的终端不再挡住日志签名。',
  },
  unknown_down_file: {
    name: '终端用了陌生的下行文件',
    what: '终端说它用了一份县账里没有的文件。',
    remedy:
      '县账刚从备份放回的：把该终端 down 目录里的文件拷到县里 down 目录该终端名下，再运行 put-back；店里照常卖货。没放回过的：立即请技术人员检查县里的签名密钥。',
  },
  other_key: { name: '终端换了密钥', what: '终端换了签名密钥，没有经过登记。', remedy: '确认是否换了机器；不是，就停用该终端。' },
  restored: {
    name: '终端从备份恢复',
    what: '终端从备份恢复过，接着原来的记录继续。',
    remedy: '问店里何时、为何恢复；核对恢复前后的小票后写明结果。',
  },
  restored_behind: {
    name: '终端恢复到了旧状态',
    what: '终端忘记了县里已入账的一段。它的额度已冻结，在有人处理之前收不到新文件。',
    remedy: '把备份之后的纸质小票补登完，再写明结果；之后的夜里会重新发给额度。',
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
    remedy: '请技术人员比对；终端保留着原文件，不会丢。',
  },
  revoked: {
    name: '已吊销的终端送来文件',
    what: '这台终端的密钥已吊销，它还在送文件。文件留着，一条也没有入账。',
    remedy: '查明机器在谁手里、文件是吊销前还是吊销后做的；对照小票写明哪些确实发生过。',
  },
  rejected: { name: '文件被拒收', what: '签名或内容不对，一条也没有入账。', remedy: '确认终端是否登记、文件是否损坏；让店里重发。' },
  book_untrue: {
    name: '县账簿自查不符',
    what: '县账簿自己的余额与凭证重算的不同：有人直接改过数据库，或程序有错。',
    remedy: '停止放行和付款；保留数据目录，请技术人员用 check 命令查明，再写明结果。',
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
  import_payments: '导入付款',
  read_statement: '查看居民账单',
  check: '三方核对',
  demo_night: '演示过夜',
};

/** What the readers of lists say of a row, said in Chinese; what is not known here stays as it was said. */
export function faultInChinese(what: string): string {
  for (const [pattern, say] of faultWords) {
    const match = pattern.exec(what);
    if (match !== null) return say(match[1] ?? '', match[2] ?? '');
  }
  return what;
}

const faultWords: readonly (readonly [RegExp, (what: string, other: string) => string])[] = [
  [/^no account (.*)$/, (what) => `没有账户 ${what}`],
  [/^(.*) is no amount of points$/, (what) => `“${what}”不是积分数（如 12 或 12.50）`],
  [/^(.*) points are too many for one award$/, (what) => `${what} 分：一次给一户太多了`],
  [/^(.*) stands twice in this list$/, (what) => `${what} 在表里出现两次`],
  [/^(\d+) cells without quotes are expected$/, (what) => `应有 ${what} 格，不带引号`],
  [/^a quote that does not end$/, () => '引号没有收尾'],
  [/^more than (\d+) cells/, (what) => `格数多于表头的 ${what} 格，或一行太长`],
  [/^(.*) begins like a formula$/, (what) => `“${what}”像公式开头（= + - @），不接收`],
  [/^no accepted settlement (.*)$/, (what) => `没有已受理的结算单：${what.replace(' of ', '，终端 ')}`],
  [/^(.*) is no amount of yuan$/, (what) => `“${what}”不是金额（如 123.45）`],
  [/^(.*) is no day$/, (what) => `“${what}”不是日期（如 2026-11-25）`],
  [/^the reference is too long/, () => '流水号太长，或有认不出的字'],
  [/^this payment was taken before$/, () => '这笔付款已经记过'],
  [/^(.*) yuan are more than is left to pay of settlement (\d+)$/, (what, number) => `${what} 元比第 ${number} 号结算单还没付的多`],
];
