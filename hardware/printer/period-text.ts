// The words of a day's end and of the open day's figures (Z and X), in the three languages side by side. The Tibetan awaits a
// native reader.

import type { Language } from '../../db/model/catalogue.ts';
import type { ExceptionName } from '../../db/model/figures.ts';
import { countText, kilogramsText } from '../../db/model/format.ts';
import type { DifferenceReason } from '../../db/model/reasons.ts';

/** What was sold or came back, as the screen calls it too: figures are found again by their words. */
export interface PaidWords {
  readonly count: string;
  readonly total: string;
  readonly rounding: string;
  readonly worth: string;
  readonly cash: string;
  readonly other: string;
  readonly points: string;
}

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
  readonly sold: PaidWords;
  readonly returned: PaidWords;
  /** Of one operator. */
  readonly cashNet: string;
  readonly pointsTaken: string;
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
  /** Counted so often before it was right, and what each count before the last was over or short by. */
  readonly recounted: (count: number, before: string) => string;
  readonly listComma: string;
  /** Where the drawer is not told: on X. */
  readonly notTold: string;
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
    records: '账簿条目',
    forgotten: '补结：当天忘了结，后来补的',
    leave: '店主',
    byOwner: '店主本人结账',
    withLeave: '店主已批准',
    withoutLeave: '未经店主批准',
    sales: '卖货',
    returns: '退货',
    sold: {
      count: '卖了几次',
      total: '卖货合计',
      rounding: '抹零',
      worth: '积分抵的钱',
      cash: '收现金',
      other: '收手机付款',
      points: '用积分',
    },
    returned: {
      count: '退了几次',
      total: '退货合计',
      rounding: '退货抹零',
      worth: '退回积分抵的钱',
      cash: '退现金',
      other: '退手机付款',
      points: '退回积分',
    },
    cashNet: '收现金减退款',
    pointsTaken: '收积分',
    redeemed: '积分抵钱（减退货）',
    onePoint: (value) => `每积分抵 ${value}`,
    pointsGoods: '积分商品（减退货）',
    pointsGoodsPoints: '商品收积分',
    pointsGoodsFen: '积分商品县里结算价',
    unpriced: '县里没给结算价的件数',
    recycling: '回收',
    credits: '给了几次积分',
    creditPoints: '回收给的积分',
    reversals: '收回几次',
    reversalPoints: '收回的积分',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0公斤`,
    pieces: (count) => `${countText(count)}\u00a0个`,
    timesOf: (count) => `${countText(count)}\u00a0次`,
    byOperator: '每个人',
    nobody: '没有登录的时候',
    drawer: '钱箱',
    drawerOpening: '开始时钱箱里',
    float: '开班放进零钱',
    drawerSales: '卖货收现金',
    drawerReturns: '退货付现金',
    cashIn: '放进钱',
    cashOut: '取出钱',
    handOvers: '交班时数出来多或少',
    expected: '账上应有',
    counted: '数出来',
    notes: (value, count) => `${value >= yuan ? `${value / yuan}\u00a0元` : `${value / jiao}\u00a0角`}\u00a0×\u00a0${countText(count)}`,
    over: '多了',
    short: '少了',
    exact: '正好，一分不差',
    recounted: (count, before) => `数了 ${count} 次，先前差：${before}`,
    listComma: '、',
    notTold: '数完钱箱才告诉应有多少。',
    reason: '原因',
    reasons: { miscount: '先前数错了', wrong_change: '找错了零钱', unknown: '不知道', other: '别的原因' },
    accounts: '账户（上次结账 → 本次）',
    accountNames: { 'red/PTS': '店里收到的积分', 'cash/county-receivable/CNY': '县里欠店里的', 'cash/drawer/CNY': '钱箱' },
    exceptions: '特别的事（次数）',
    none: '无',
    exceptionNames: {
      return: '退货',
      reversal: '收回积分',
      dispute: '收不回的积分，由县里决定',
      reprint: '补打',
      noSale: '没卖货开钱箱',
      cashOut: '从钱箱取钱',
      lineRemoved: '收款前删掉商品',
      bagRemoved: '给积分前删掉袋子',
      pinRefused: '密码输错',
      approval: '店主批准',
      selfApproval: '自己批准自己',
      refused: '没有做成的事',
      restart: '程序启动（含开账）',
      clockStep: '电脑时间跳了',
      dateConfirmed: '开班时确认过日期',
      recount: '重新数钱箱',
      idleLock: '没人用，自动锁屏',
      restored: '从备份恢复',
    },
    perpetual: '开账以来（从不清零）',
    checkpoint: '核对码算到（本日结是下一条）',
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
    records: 'རྩིས་དེབ་ཟིན་ཐོ།',
    forgotten: 'ཕྱིས་སུ་རྩིས་བརྒྱབ་པ། 补结',
    leave: 'ཚོང་བདག',
    byOwner: 'ཚོང་བདག་རང་གིས་བརྒྱབ།',
    withLeave: 'ཚོང་བདག་གིས་ཆོག་མཆན་སྤྲད།',
    withoutLeave: 'ཆོག་མཆན་མེད།',
    sales: 'བཙོངས་པ།',
    returns: 'སླར་སློག',
    sold: {
      count: 'བཙོངས་ཐེངས།',
      total: 'བཙོངས་པའི་བསྡོམས།',
      rounding: 'སིལ་གྲངས་བཅད་པ།',
      worth: 'སྐར་གྲངས་ཀྱི་རིན།',
      cash: 'དངུལ་རྐྱང་འབྱོར་བ།',
      other: 'ཁ་པར་གྱིས་འབྱོར་བ།',
      points: 'སྤྱད་པའི་སྐར་གྲངས།',
    },
    returned: {
      count: 'སླར་སློག་ཐེངས།',
      total: 'སླར་སློག་བསྡོམས།',
      rounding: 'སླར་སློག་སིལ་གྲངས།',
      worth: 'སླར་སློག་སྐར་གྲངས་ཀྱི་རིན།',
      cash: 'དངུལ་རྐྱང་ཕྱིར་སྤྲད།',
      other: 'ཁ་པར་གྱིས་ཕྱིར་སྤྲད།',
      points: 'སྐར་གྲངས་ཕྱིར་སྤྲད།',
    },
    cashNet: 'དངུལ་རྐྱང་། སྤྲད་པ་བཅད་རྗེས།',
    pointsTaken: 'སྐར་གྲངས་འབྱོར་བ།',
    redeemed: 'སྐར་གྲངས་སྤྱད་པ། (སླར་སློག་བཅད་རྗེས།)',
    onePoint: (value) => `སྐར་གྲངས་ 1 = ${value}`,
    pointsGoods: 'སྐར་གྲངས་ཚོང་ཟོག (སླར་སློག་བཅད་རྗེས།)',
    pointsGoodsPoints: 'སྐར་གྲངས་འབྱོར་བ།',
    pointsGoodsFen: 'དེ་དག་གི་རྫོང་གི་རིན་གོང་།',
    unpriced: 'རྫོང་གིས་རིན་གོང་མ་བཟོས་པའི་གྲངས།',
    recycling: 'ཕྱིར་བསྡུའི་སྐར་གྲངས།',
    credits: 'སྐར་གྲངས་སྤྲད་ཐེངས།',
    creditPoints: 'བསྡུ་རྫས་ལ་སྤྲད་པའི་སྐར་གྲངས།',
    reversals: 'ཕྱིར་བསྡུས་ཐེངས།',
    reversalPoints: 'ཕྱིར་བསྡུས་པའི་སྐར་གྲངས།',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0kg`,
    pieces: (count) => `གྲངས་\u00a0${countText(count)}`,
    timesOf: (count) => `ཐེངས་\u00a0${countText(count)}`,
    byOperator: 'མི་སོ་སོ།',
    nobody: 'སུ་ཡང་མེད་པའི་སྐབས།',
    drawer: 'དངུལ་སྒམ།',
    drawerOpening: 'འགོ་འཛུགས་དུས་དངུལ་སྒམ་ནང་།',
    float: 'ལས་རེས་ཀྱི་སིལ་དངུལ།',
    drawerSales: 'བཙོངས་པའི་དངུལ་རྐྱང་།',
    drawerReturns: 'སླར་སློག་ལ་སྤྲད་པ།',
    cashIn: 'ནང་དུ་བཞག་པ།',
    cashOut: 'ཕྱིར་བཏོན་པ།',
    handOvers: 'ལས་རེས་བརྗེ་དུས་ཀྱི་ལྷག་ཆད།',
    expected: 'རྩིས་ཐོར་ཡོད་དགོས།',
    counted: 'བགྲངས་པའི་གྲངས།',
    notes: (value, count) => `སྒོར་\u00a0${value >= yuan ? value / yuan : (value / yuan).toFixed(1)}\u00a0×\u00a0${countText(count)}`,
    over: 'ལྷག་པ།',
    short: 'ཆད་པ།',
    exact: 'ཡང་དག་འགྲིག',
    recounted: (count, before) => `བགྲངས་ཐེངས་ ${count} སྔོན་མའི་ཁྱད་པར། ${before}`,
    listComma: ' · ',
    notTold: 'དངུལ་སྒམ་བགྲངས་རྗེས་བཤད་རྒྱུ།',
    reason: 'རྒྱུ་མཚན།',
    reasons: { miscount: 'སྔོན་མ་ནོར་བགྲངས།', wrong_change: 'ཕྱིར་སློག་ནོར་བ།', unknown: 'མི་ཤེས།', other: 'གཞན།' },
    accounts: 'རྩིས་ཐོ། (སྔོན་མ → ད་ལྟ།)',
    accountNames: {
      'red/PTS': 'ཚོང་ཁང་ལ་འབྱོར་བའི་སྐར་གྲངས།',
      'cash/county-receivable/CNY': 'རྫོང་ནས་ལེན་རྒྱུ།',
      'cash/drawer/CNY': 'དངུལ་སྒམ།',
    },
    exceptions: 'དམིགས་བསལ། (ཐེངས་གྲངས།)',
    none: 'མེད།',
    exceptionNames: {
      return: 'སླར་སློག',
      reversal: 'སྐར་གྲངས་ཕྱིར་བསྡུས།',
      dispute: 'རྫོང་གིས་ཐག་གཅོད་པའི་སྐར་གྲངས།',
      reprint: 'སླར་པར།',
      noSale: 'མ་བཙོངས་པར་དངུལ་སྒམ་ཕྱེ་བ།',
      cashOut: 'དངུལ་སྒམ་ནས་བཏོན་པ།',
      lineRemoved: 'དངུལ་མ་བསྡུས་གོང་ཚོང་ཟོག་བསུབས།',
      bagRemoved: 'སྐར་གྲངས་མ་སྤྲད་གོང་ཁུག་མ་བསུབས།',
      pinRefused: 'གསང་ཨང་ནོར་བ།',
      approval: 'ཚོང་བདག་གི་ཆོག་མཆན།',
      selfApproval: 'རང་ལ་རང་གིས་ཆོག་མཆན།',
      refused: 'མ་འགྲུབ་པའི་བྱ་བ།',
      restart: 'བྱ་རིམ་འགོ་བཙུགས།',
      clockStep: 'གློག་ཀླད་དུས་ཚོད་མཆོངས་པ།',
      dateConfirmed: 'ལས་རེས་འགོར་ཚེས་གྲངས་གཏན་འཁེལ།',
      recount: 'དངུལ་སྒམ་ཡང་བགྲངས་པ།',
      idleLock: 'སུས་ཀྱང་མ་སྤྱད་པར་ཟྭ་རྒྱག',
      restored: 'གྲབས་ཉར་ནས་སླར་གསོ།',
    },
    perpetual: 'ཐོག་མ་ནས་བསྡོམས།',
    checkpoint: 'ཉིན་རྩིས་འདིའི་སྔོན་ཁྱོན་བསྡོམས།',
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
    records: 'Entries of the book',
    forgotten: 'CLOSED LATE: the day had been forgotten · 补结',
    leave: 'Owner',
    byOwner: 'closed by the owner',
    withLeave: 'approved',
    withoutLeave: 'not approved',
    sales: 'Sales',
    returns: 'Returns',
    sold: {
      count: 'Number of sales',
      total: 'Sales',
      rounding: 'Rounding',
      worth: 'Worth of the points',
      cash: 'In cash',
      other: 'By phone',
      points: 'Points used',
    },
    returned: {
      count: 'Number of returns',
      total: 'Returns',
      rounding: 'Rounding of returns',
      worth: 'Worth of points given back',
      cash: 'Cash given back',
      other: 'Phone payments given back',
      points: 'Points given back',
    },
    cashNet: 'Cash taken, less given back',
    pointsTaken: 'Points taken',
    redeemed: 'Points off prices, less returns',
    onePoint: (value) => `One point = ${value}`,
    pointsGoods: 'Goods priced in points, less returns',
    pointsGoodsPoints: 'Points taken',
    pointsGoodsFen: 'Their settlement price',
    unpriced: 'Pieces without a settlement price',
    recycling: 'Recycling',
    credits: 'Number of credits',
    creditPoints: 'Points for recycling',
    reversals: 'Credits taken back',
    reversalPoints: 'Points taken back',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0kg`,
    pieces: (count) => `${countText(count)}\u00a0${count === 1 ? 'piece' : 'pieces'}`,
    timesOf: (count) => `${countText(count)}\u00a0×`,
    byOperator: 'By person',
    nobody: 'While nobody was signed in',
    drawer: 'Drawer',
    drawerOpening: 'In the drawer before',
    float: 'Float of the shifts',
    drawerSales: 'Cash of sales',
    drawerReturns: 'Cash of returns',
    cashIn: 'Put in',
    cashOut: 'Taken out',
    handOvers: 'Over or short at hand-overs',
    expected: 'Should be there by the book',
    counted: 'Counted',
    notes: (value, count) => `¥${value >= yuan ? value / yuan : (value / yuan).toFixed(1)}\u00a0×\u00a0${countText(count)}`,
    over: 'Over by',
    short: 'Short by',
    exact: 'Exact to the fen',
    recounted: (count, before) => `Counted ${count} times; before that: ${before}`,
    listComma: ', ',
    notTold: 'Told once the drawer was counted.',
    reason: 'Reason',
    reasons: { miscount: 'Counted wrong before', wrong_change: 'Wrong change given', unknown: 'Not known', other: 'Another reason' },
    accounts: 'Accounts, before → now',
    accountNames: {
      'red/PTS': 'Points the shop took',
      'cash/county-receivable/CNY': 'Owed by the county',
      'cash/drawer/CNY': 'Drawer',
    },
    exceptions: 'Exceptions, how often',
    none: 'none',
    exceptionNames: {
      return: 'Returns',
      reversal: 'Credits taken back',
      dispute: 'Credits left to the county',
      reprint: 'Copies printed',
      noSale: 'Drawer opened without a sale',
      cashOut: 'Cash taken out',
      lineRemoved: 'Goods removed before paying',
      bagRemoved: 'Bags removed before crediting',
      pinRefused: 'Wrong PINs',
      approval: 'Approvals',
      selfApproval: 'Approved by the same person',
      refused: 'Acts refused',
      restart: 'Program starts',
      clockStep: 'Jumps of the clock',
      dateConfirmed: 'Dates confirmed at opening',
      recount: 'Drawer counted again',
      idleLock: 'Locked by itself',
      restored: 'Restored from a backup',
    },
    perpetual: 'Since the book began, never reset',
    checkpoint: 'The code covers entries up to (this closing is the next)',
    checkpointCode: 'Check code',
    signature: 'Owner’s signature',
    scanToCheckClosing: 'Scan to check the book',
  },
};
