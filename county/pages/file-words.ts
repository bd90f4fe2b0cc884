// Why a kiosk's file was not posted, in Chinese, and where in it: what intake says in the words of the program. Judges no file.

/** null: these words do not know it. */
export function fileFaultInChinese(said: string): string | null {
  const [, line, ofLine = ''] = /^line (\d+): ([^]*)$/.exec(said) ?? [];
  const text = factOf(line === undefined ? said : ofLine);
  if (line === undefined) return text;
  return text === null ? `文件第 ${line} 行不合格式${forTechnicians(ofLine)}` : `文件第 ${line} 行：${text}`;
}

/** What a program said of a fault has no other words: it is for whoever is called. */
export function forTechnicians(said: string): string {
  return `（给技术人员：${said}）`;
}

function factOf(said: string): string | null {
  for (const [pattern, say] of facts) {
    const match = pattern.exec(said);
    if (match !== null) return say(...match.slice(1));
  }
  return null;
}

type Fact = readonly [RegExp, (...groups: string[]) => string];

const facts: readonly Fact[] = [
  // of the file as a whole
  [/^unknown kiosk$/, () => '县里没有这台终端'],
  [/^no key of this kiosk is enrolled$/, () => '这台终端还没有登记密钥'],
  [/^the key of this kiosk is revoked$/, () => '这台终端的密钥已吊销'],
  [/^the content is not what was signed$/, () => '内容不是签过名的那一份'],
  [/^note: no_trusted_signature$/, () => '文件的签名单上没有认得的签名'],
  [/^note: of another file$/, () => '文件的签名单是别的文件的'],
  [/^note: \S+$/, () => '文件的签名单不合格式'],
  [/^checkpoint: no trusted signature$/, () => '文件的校验单上没有认得的签名'],
  [/^checkpoint: another tree head$/, () => '文件的校验值与内容不符'],
  [/^not a gzip file of ours$/, () => '不是终端压缩的文件'],
  [/^not a whole gzip file$/, () => '文件不完整，解不开'],
  [/^goes on after its end$/, () => '文件结尾之后还有内容'],
  [/^oversized$/, () => '解开以后太大'],
  [/^a line is too long$/, () => '有一行太长'],
  [/^a line is not UTF-8$/, () => '有一行的文字编码不对'],
  [/^the last line has no end$/, () => '最后一行没有收尾'],
  [/^its new key was known before$/, () => '它换上的新密钥，县里以前见过'],
  [/^ends in incarnation (\d+), not (\d+)$/, (is, said) => `文件写的是第 ${said} 代，内容到了第 ${is} 代`],
  // two histories, and what is missing
  [/^quarantined$/, () => '终端已隔离'],
  [
    /^file (\d+) came with other content before(?:: (\S+))?$/,
    (file, sha) => `第 ${file} 号文件以前来过，内容不同${sha === undefined ? '' : `；这一份的指纹 ${sha}`}`,
  ],
  [
    /^does not follow the file that was posted before it(?:: (\S+))?$/,
    (sha) => `接的不是已经入账的前一份文件${sha === undefined ? '' : `；这一份的指纹 ${sha}`}`,
  ],
  [
    /^event (\d+) is another than the one that was posted(?:: (\S+))?$/,
    (seq, sha) => `第 ${seq} 条凭证与已经入账的不是同一条${sha === undefined ? '' : `；这一份的指纹 ${sha}`}`,
  ],
  [
    /^another event (\d+) was posted before(?:: (\S+))?$/,
    (seq, sha) => `第 ${seq} 条凭证以前入账的是另一条${sha === undefined ? '' : `；这一份的指纹 ${sha}`}`,
  ],
  [
    /^a second (beginning|history) of incarnation (\d+)(?:: (\S+))?$/,
    (what, inc, sha) =>
      `第 ${inc} 代${what === 'history' ? '有了第二段历史' : '又开始了一次'}${sha === undefined ? '' : `；这一份的指纹 ${sha}`}`,
  ],
  [/^file (\d+) must come first$/, (file) => `要先收到第 ${file} 号文件`],
  [/^events before (\d+) of incarnation (\d+) are missing$/, (seq, inc) => `第 ${inc} 代第 ${seq} 条以前的凭证还没来`],
  [
    /^county file (\d+) is lost, bring it from folder down of (\S+)$/,
    (file, kiosk) => `终端用过的第 ${file} 号下行文件，县里丢了：把终端 ${kiosk} 的 down 目录里那份拷来`,
  ],
  // of a line
  [/^not the file that the note speaks of$/, () => '不是签名单所说的那份文件'],
  [/^not the key of this kiosk$/, () => '写的不是这台终端的密钥'],
  [/^not the key that is due after the event before$/, () => '写的不是这时该用的密钥'],
  [/^no events$/, () => '一条凭证也没有'],
  [/^of another kiosk$/, () => '是别的终端的凭证'],
  [/^of incarnation (\d+), not (\d+)$/, (is, due) => `是第 ${is} 代的凭证，该是第 ${due} 代`],
  [/^event (\d+) where (\d+) is next$/, (is, due) => `是第 ${is} 条凭证，该是第 ${due} 条`],
  [/^does not follow the event before it$/, () => '接的不是前一条凭证'],
  [/^goes on from another event than the one before it$/, () => '恢复时接的不是前一条凭证'],
  [/^goes past its new key$/, () => '换了密钥以后还在用旧密钥记'],
  [/^gives up another key than the one in force$/, () => '换下的不是现用的密钥'],
  [/^names no new key$/, () => '没有写出新密钥'],
  [/^does not prove that the kiosk has its new key$/, () => '没有证明新密钥在它手里'],
  [/^([A-Z_]+) has no figures: ([^]*)$/, (_kind, error) => `这条凭证的数额算不出来${forTechnicians(error)}`],
  [/^the points of the file are beyond 2\^53$/, () => '文件里的积分大得没法计'],
  [/^the rights that are given up are beyond 2\^53$/, () => '交回的额度大得没法计'],
  [/^a counter would be (\d+) and (\d+)$/, () => '一户的累计数大得没法计'],
  [/^what the file grants with the vouchers taken is beyond 2\^53$/, () => '下行文件加上积分凭证的额度大得没法计'],
  [/^(-?[\d.e+]+) would be moved$/, () => '一笔的数额大得没法计'],
  [/^the balance of (\S+) would not stay within 2\^53$/, () => '余额会大得没法计'],
  [/^closing (\d+): (.+)$/, (number, what) => `第 ${number} 次日结${closingFact(what)}`],
  [/^not closing (\d+)$/, (number) => `不是第 ${number} 次日结的汇总`],
  [/^no counters of (\S+)$/, (account) => `没有账户 ${account} 的累计数`],
  [/^counters of (\S+)$/, (account) => `账户 ${account} 的累计数与县账不同`],
  [/^after the trailer$/, () => '合计行之后还有内容'],
  [/^the file ends$/, () => '文件到这里就断了'],
  [/^no signature$/, () => '没有签名'],
  [/^not JSON$/, () => '不是凭证的格式'],
  [/^not canonical JSON$/, () => '凭证的写法不标准'],
  [/^an event of kind (\S+), which this county does not know$/, (kind) => `有县里不认识的凭证种类 ${kind}：县里的程序要升级`],
  [/^(\S+) is not of its form$/, (member) => `有一项不合格式${forTechnicians(member)}`],
  [/^(?:t|lines|events|kinds|hashTotal|size|root|headLeaf)$/, () => '合计与县里算出来的不同'],
];

function closingFact(what: string): string {
  const next = /^(\d+) is next$/.exec(what);
  if (next !== null) return `，该是第 ${next[1]} 次`;
  if (what === 'begins with another event than its day') return '不是从这一天的第一条凭证开始';
  if (what === 'another tree head') return '的校验值与内容不符';
  if (what === 'accounts') return '的各科目余额与县账不同';
  if (what === 'perpetual totals') return '的累计总数与县账不同';
  if (what === 'redeemed') return '兑换的积分与县账不同';
  const figures = /^figures: (.+)$/.exec(what);
  return figures === null ? `不对${forTechnicians(what)}` : `的数字与县账不同${forTechnicians(figures[1]!)}`; // the pattern has it
}
