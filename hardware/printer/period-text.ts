// The words of a day's end and of the open day's figures (Z and X), in the three languages side by side. The Tibetan awaits a
// native reader.

import type { Language } from '../../db/model/catalogue.ts';
import type { ExceptionName } from '../../db/model/figures.ts';
import { countText, kilogramsText } from '../../db/model/format.ts';
import type { DifferenceReason } from '../../db/model/reasons.ts';

/** The words of one language; money, points and copies are written as ReceiptWords says. */
export interface PeriodWords {
  readonly closing: string;
  readonly report: string;
  /** Across a paper that closes nothing; whoever checks the shop's papers reads Chinese. */
  readonly notClosed: readonly string[];
  readonly businessDate: string;
  readonly closedAt: string;
  readonly printedAt: string;
  readonly operator: string;
  readonly records: string;
  /** A forgotten day, closed on a later date. */
  readonly forgotten: string;
  readonly leave: string;
  readonly byOwner: string;
  readonly withLeave: string;
  readonly withoutLeave: string;
  readonly sales: string;
  readonly returns: string;
  readonly times: string;
  readonly goods: string;
  readonly rounding: string;
  readonly worth: string;
  readonly cash: string;
  readonly other: string;
  readonly pointsUsed: string;
  readonly pointsBack: string;
  readonly redeemed: string;
  readonly onePoint: (yuan: string) => string;
  readonly pointsGoods: string;
  readonly pointsGoodsPoints: string;
  readonly pointsGoodsFen: string;
  readonly unpriced: string;
  readonly recycling: string;
  readonly credits: string;
  readonly creditPoints: string;
  readonly reversals: string;
  readonly reversalPoints: string;
  readonly kilograms: (grams: number) => string;
  readonly pieces: (count: number) => string;
  readonly timesOf: (count: number) => string;
  readonly byOperator: string;
  readonly nobody: string;
  readonly drawer: string;
  readonly drawerOpening: string;
  readonly float: string;
  readonly drawerSales: string;
  readonly drawerReturns: string;
  readonly cashIn: string;
  readonly cashOut: string;
  /** Of shifts that were handed over within the period. */
  readonly handOvers: string;
  readonly expected: string;
  readonly counted: string;
  /** So many of a note or coin, of that value in fen. */
  readonly notes: (valueFen: number, count: number) => string;
  readonly over: string;
  readonly short: string;
  readonly exact: string;
  readonly reason: string;
  readonly reasons: { readonly [reason in DifferenceReason]: string };
  readonly accounts: string;
  readonly accountNames: { readonly [name in ShownAccount]: string };
  readonly exceptions: string;
  readonly none: string;
  readonly exceptionNames: { readonly [name in ExceptionName]: string };
  readonly perpetual: string;
  readonly checkpoint: string;
  readonly checkpointCode: string;
  readonly signature: string;
  readonly scanToCheckClosing: string;
}

/** Accounts whose opening and closing a slip tells: what the county owes in points and in money. */
export const shownAccounts = ['red/PTS', 'cash/county-receivable/CNY', 'cash/drawer/CNY'] as const;
export type ShownAccount = (typeof shownAccounts)[number];

const jiao = 10;
const yuan = 100;

export const periodWords: { readonly [language in Language]: PeriodWords } = {
  zh: {
    closing: '日结单',
    report: '当日报表',
    notClosed: ['未日结 · 中间报表'],
    businessDate: '营业日',
    closedAt: '结账时间',
    printedAt: '打印时间',
    operator: '操作员',
    records: '记录',
    forgotten: '补结：当天忘了结，后来补的',
    leave: '店主',
    byOwner: '店主本人结账',
    withLeave: '店主已批准',
    withoutLeave: '未经店主批准',
    sales: '销售',
    returns: '退货',
    times: '笔数',
    goods: '商品金额',
    rounding: '现金抹零',
    worth: '积分抵扣',
    cash: '现金',
    other: '其他方式',
    pointsUsed: '使用积分',
    pointsBack: '退回积分',
    redeemed: '积分抵扣（减退货）',
    onePoint: (value) => `每积分抵 ${value}`,
    pointsGoods: '积分商品（减退货）',
    pointsGoodsPoints: '商品收积分',
    pointsGoodsFen: '县里结算价',
    unpriced: '没有结算价的件数',
    recycling: '回收积分',
    credits: '回收笔数',
    creditPoints: '发出积分',
    reversals: '收回的笔数',
    reversalPoints: '收回的积分',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0公斤`,
    pieces: (count) => `${countText(count)}\u00a0个`,
    timesOf: (count) => `${countText(count)}\u00a0笔`,
    byOperator: '按操作员',
    nobody: '无人登录',
    drawer: '钱箱',
    drawerOpening: '上次结账留下',
    float: '备用金调整',
    drawerSales: '销售收进',
    drawerReturns: '退货付出',
    cashIn: '放入',
    cashOut: '取出',
    handOvers: '交班时长款短款',
    expected: '账上应有',
    counted: '实际点出',
    notes: (value, count) => `${value >= yuan ? `${value / yuan}\u00a0元` : `${value / jiao}\u00a0角`}\u00a0×\u00a0${countText(count)}`,
    over: '长款（多出）',
    short: '短款（少了）',
    exact: '账款相符',
    reason: '原因',
    reasons: { miscount: '点错了数', wrong_change: '找错了钱', unknown: '不清楚', other: '其他' },
    accounts: '账户（上次结账 → 本次）',
    accountNames: { 'red/PTS': '已收积分', 'cash/county-receivable/CNY': '县里欠本店', 'cash/drawer/CNY': '钱箱现金' },
    exceptions: '异常情况（次数）',
    none: '无',
    exceptionNames: {
      return: '退货',
      reversal: '收回已发的积分',
      dispute: '回收积分有争议',
      reprint: '补打',
      noSale: '没有销售开钱箱',
      cashOut: '取出现金',
      lineRemoved: '删去商品',
      bagRemoved: '删去回收袋',
      pinRefused: '密码输错',
      approval: '批准',
      selfApproval: '自己批准自己',
      refused: '被拒绝的操作',
      restart: '程序重新启动',
      clockStep: '时钟跳动',
      dateConfirmed: '确认过日期',
      recount: '点钱箱',
      idleLock: '无人操作自动锁屏',
      restored: '从备份恢复',
    },
    perpetual: '开机以来累计（从不清零）',
    checkpoint: '账本记录数',
    checkpointCode: '核对码',
    signature: '店主签字',
    scanToCheckClosing: '扫码可核对账本',
  },
  bo: {
    closing: 'ཉིན་རྩིས་འཛིན་བྱང་།',
    report: 'དེ་རིང་གི་རྩིས་ཐོ།',
    notClosed: ['ཉིན་རྩིས་བརྒྱབ་མེད།', '未日结 · 中间报表'],
    businessDate: 'ཚོང་ལས་ཉིན་མོ།',
    closedAt: 'རྩིས་བརྒྱབ་དུས།',
    printedAt: 'པར་བརྒྱབ་དུས།',
    operator: 'བཀོལ་སྤྱོད་པ།',
    records: 'ཟིན་ཐོ།',
    forgotten: 'ཕྱིས་སུ་རྩིས་བརྒྱབ་པ། 补结',
    leave: 'ཚོང་བདག',
    byOwner: 'ཚོང་བདག་རང་གིས་བརྒྱབ།',
    withLeave: 'ཚོང་བདག་གིས་ཆོག་མཆན་སྤྲད།',
    withoutLeave: 'ཆོག་མཆན་མེད།',
    sales: 'བཙོངས་པ།',
    returns: 'ཕྱིར་སློག',
    times: 'ཐེངས་གྲངས།',
    goods: 'ཅ་དངོས་རིན་གོང་།',
    rounding: 'དངུལ་སིལ་ཆ་སྙོམས།',
    worth: 'སྐར་གྲངས་ཀྱིས་བཅག་པ།',
    cash: 'དངུལ་རྐྱང་།',
    other: 'སྤྲོད་ཚུལ་གཞན།',
    pointsUsed: 'སྐར་གྲངས་སྤྱད་པ།',
    pointsBack: 'སྐར་གྲངས་ཕྱིར་སློག',
    redeemed: 'སྐར་གྲངས་ཀྱིས་བཅག་པ། (ཕྱིར་སློག་བཅད་ནས།)',
    onePoint: (value) => `སྐར་གྲངས་ 1 = ${value}`,
    pointsGoods: 'སྐར་གྲངས་ཅ་དངོས། (ཕྱིར་སློག་བཅད་ནས།)',
    pointsGoodsPoints: 'སྐར་གྲངས་འབྱོར་བ།',
    pointsGoodsFen: 'རྫོང་གི་རྩིས་གོང་།',
    unpriced: 'རྩིས་གོང་མེད་པའི་གྲངས།',
    recycling: 'ཕྱིར་བསྡུའི་སྐར་གྲངས།',
    credits: 'ཕྱིར་བསྡུ་ཐེངས་གྲངས།',
    creditPoints: 'སྐར་གྲངས་སྤྲད་པ།',
    reversals: 'ཕྱིར་ལེན་ཐེངས་གྲངས།',
    reversalPoints: 'སྐར་གྲངས་ཕྱིར་ལེན།',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0kg`,
    pieces: (count) => `གྲངས་\u00a0${countText(count)}`,
    timesOf: (count) => `ཐེངས་\u00a0${countText(count)}`,
    byOperator: 'བཀོལ་སྤྱོད་པ་སོ་སོ།',
    nobody: 'སུ་ཡང་མེད།',
    drawer: 'དངུལ་སྒམ།',
    drawerOpening: 'སྔོན་མའི་ལྷག་མ།',
    float: 'རྩ་དངུལ་སྙོམས་པ།',
    drawerSales: 'བཙོངས་ནས་འབྱོར་བ།',
    drawerReturns: 'ཕྱིར་སློག་སྤྲད་པ།',
    cashIn: 'ནང་བཅུག་པ།',
    cashOut: 'ཕྱིར་བླངས་པ།',
    handOvers: 'ལས་རེས་བརྗེ་དུས་ཀྱི་ལྷག་ཆད།',
    expected: 'རྩིས་ཐོར་ཡོད་དགོས་པ།',
    counted: 'དངོས་སུ་བགྲངས་པ།',
    notes: (value, count) => `སྒོར་\u00a0${value >= yuan ? value / yuan : (value / yuan).toFixed(1)}\u00a0×\u00a0${countText(count)}`,
    over: 'ལྷག་པ། 长款',
    short: 'ཆད་པ། 短款',
    exact: 'རྩིས་མཐུན་པ།',
    reason: 'རྒྱུ་མཚན།',
    reasons: { miscount: 'བགྲང་ནོར།', wrong_change: 'དངུལ་ཕྱིར་སྤྲོད་ནོར་བ།', unknown: 'མི་ཤེས།', other: 'གཞན།' },
    accounts: 'རྩིས་ཐོ། (སྔོན་མ → ད་ལྟ།)',
    accountNames: {
      'red/PTS': 'སྐར་གྲངས་བསྡུས་པ།',
      'cash/county-receivable/CNY': 'རྫོང་གིས་སྤྲོད་རྒྱུ།',
      'cash/drawer/CNY': 'དངུལ་སྒམ་ནང་གི་དངུལ།',
    },
    exceptions: 'དམིགས་བསལ། (ཐེངས་གྲངས།)',
    none: 'མེད།',
    exceptionNames: {
      return: 'ཕྱིར་སློག',
      reversal: 'ཕྱིར་བསྡུའི་སྐར་གྲངས་ཕྱིར་ལེན།',
      dispute: 'ཕྱིར་བསྡུའི་སྐར་གྲངས་རྩོད་གཞི།',
      reprint: 'བསྐྱར་པར།',
      noSale: 'མ་བཙོངས་པར་སྒམ་ཕྱེ་བ།',
      cashOut: 'དངུལ་ཕྱིར་བླངས་པ།',
      lineRemoved: 'ཅ་དངོས་བསུབས་པ།',
      bagRemoved: 'ཁུག་མ་བསུབས་པ།',
      pinRefused: 'གསང་གྲངས་ནོར་བ།',
      approval: 'ཆོག་མཆན།',
      selfApproval: 'རང་གིས་རང་ལ་ཆོག་མཆན།',
      refused: 'བཀག་པ།',
      restart: 'བསྐྱར་དུ་སྒོ་ཕྱེ་བ།',
      clockStep: 'ཆུ་ཚོད་འགྱུར་བ།',
      dateConfirmed: 'ཚེས་གྲངས་གཏན་འཁེལ།',
      recount: 'དངུལ་སྒམ་བགྲངས་པ།',
      idleLock: 'རང་འགུལ་གྱིས་ཟྭ་བརྒྱབ།',
      restored: 'གྲབས་ཉར་ནས་སླར་གསོ།',
    },
    perpetual: 'ཐོག་མ་ནས་བསྡོམས།',
    checkpoint: 'རྩིས་དེབ་ཟིན་ཐོའི་གྲངས།',
    checkpointCode: 'ཞིབ་བཤེར་ཨང་།',
    signature: 'ཚོང་བདག་གི་མིང་རྟགས།',
    scanToCheckClosing: 'བཤེར་ནས་ཞིབ་བཤེར་བྱས་ཆོག',
  },
  en: {
    closing: 'Day closed (Z)',
    report: 'Report (X)',
    notClosed: ['DAY NOT CLOSED', '未日结 · 中间报表'],
    businessDate: 'Business date',
    closedAt: 'Closed at',
    printedAt: 'Printed at',
    operator: 'Operator',
    records: 'Records',
    forgotten: 'CLOSED LATE: the day had been forgotten · 补结',
    leave: 'Owner',
    byOwner: 'closed by the owner',
    withLeave: 'approved',
    withoutLeave: 'not approved',
    sales: 'Sales',
    returns: 'Returns',
    times: 'How many',
    goods: 'Price of the goods',
    rounding: 'Cash rounding',
    worth: 'Paid by points',
    cash: 'Cash',
    other: 'Paid otherwise',
    pointsUsed: 'Points used',
    pointsBack: 'Points back',
    redeemed: 'Points off prices, less returns',
    onePoint: (value) => `One point = ${value}`,
    pointsGoods: 'Goods priced in points, less returns',
    pointsGoodsPoints: 'Points taken',
    pointsGoodsFen: 'At the county’s price',
    unpriced: 'Pieces without such a price',
    recycling: 'Recycling',
    credits: 'Credits',
    creditPoints: 'Points given',
    reversals: 'Credits taken back',
    reversalPoints: 'Points taken back',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0kg`,
    pieces: (count) => `${countText(count)}\u00a0${count === 1 ? 'piece' : 'pieces'}`,
    timesOf: (count) => `${countText(count)}\u00a0×`,
    byOperator: 'By operator',
    nobody: 'nobody signed in',
    drawer: 'Drawer',
    drawerOpening: 'Left by the closing before',
    float: 'Float, put in or taken out',
    drawerSales: 'From sales',
    drawerReturns: 'Given back',
    cashIn: 'Put in',
    cashOut: 'Taken out',
    handOvers: 'Over or short at hand-overs',
    expected: 'Expected',
    counted: 'Counted',
    notes: (value, count) => `¥${value >= yuan ? value / yuan : (value / yuan).toFixed(1)}\u00a0×\u00a0${countText(count)}`,
    over: 'Over',
    short: 'Short',
    exact: 'Exact',
    reason: 'Reason',
    reasons: { miscount: 'miscounted', wrong_change: 'wrong change given', unknown: 'not known', other: 'other' },
    accounts: 'Accounts, before → now',
    accountNames: {
      'red/PTS': 'Points redeemed here',
      'cash/county-receivable/CNY': 'Claim on the county',
      'cash/drawer/CNY': 'Cash in the drawer',
    },
    exceptions: 'Exceptions, how often',
    none: 'none',
    exceptionNames: {
      return: 'returns',
      reversal: 'credits taken back',
      dispute: 'credits in dispute',
      reprint: 'reprints',
      noSale: 'drawer opened without a sale',
      cashOut: 'cash taken out',
      lineRemoved: 'goods removed from a sale',
      bagRemoved: 'bags removed from a credit',
      pinRefused: 'wrong PINs',
      approval: 'approvals',
      selfApproval: 'approved by themselves',
      refused: 'refused acts',
      restart: 'restarts',
      clockStep: 'clock steps',
      dateConfirmed: 'dates confirmed',
      recount: 'drawer counts',
      idleLock: 'locked when idle',
      restored: 'restored from a backup',
    },
    perpetual: 'Since the book began, never reset',
    checkpoint: 'Records in the book',
    checkpointCode: 'Check code',
    signature: 'Owner’s signature',
    scanToCheckClosing: 'Scan to check the book',
  },
};
