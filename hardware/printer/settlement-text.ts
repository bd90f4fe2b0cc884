// The words of a settlement's slip, in the three languages side by side. The Tibetan awaits a native reader.

import type { Language } from '../../db/model/catalogue.ts';

/** The words of one language; money, points and copies are written as ReceiptWords says. */
export interface SettlementWords {
  readonly title: string;
  /** Across the paper, true of it at any time; whoever pays by it reads Chinese. */
  readonly byAnswer: readonly string[];
  readonly period: string;
  readonly closings: string;
  readonly preparedAt: string;
  readonly operator: string;
  readonly redeemed: string;
  readonly onePoint: (yuan: string) => string;
  readonly pointsGoods: string;
  readonly unpriced: string;
  readonly gross: string;
  readonly share: (permille: string) => string;
  /** The days that were closed under it came to so much. */
  readonly shareOf: (yuan: string) => string;
  readonly adjustments: string;
  readonly owed: string;
  /** Instead, where more came back than was sold. */
  readonly owedToCounty: string;
  readonly credited: string;
  readonly creditedCount: string;
  readonly creditedPoints: string;
  readonly budget: string;
  readonly budgetYear: string;
  readonly budgetUsed: string;
  readonly budgetAsOf: string;
  readonly none: string;
  readonly signatures: readonly string[];
  readonly scanToCheckSettlement: string;
}

export const settlementWords: { readonly [language in Language]: SettlementWords } = {
  zh: {
    title: '结算单',
    byAnswer: ['以县里回文为准'],
    period: '营业日',
    closings: '日结单第',
    preparedAt: '制单时间',
    operator: '制单人',
    redeemed: '积分抵扣（减退货）',
    onePoint: (value) => `每积分 ${value}`,
    pointsGoods: '积分商品（减退货）',
    unpriced: '没有结算价的件数',
    gross: '小计',
    share: (permille) => `商户承担 ${permille}`,
    shareOf: (yuan) => `按这个比例结的日子共 ${yuan}`,
    adjustments: '县里更正',
    owed: '县里应付本店',
    owedToCounty: '本店应退县里',
    credited: '同期回收（不计入金额）',
    creditedCount: '回收笔数',
    creditedPoints: '发出积分',
    budget: '县里预算',
    budgetYear: '全年',
    budgetUsed: '已用',
    budgetAsOf: '截至',
    none: '无',
    signatures: ['店主签字', '村委会（盖章）', '县积分办（盖章）'],
    scanToCheckSettlement: '扫码可核对本单',
  },
  bo: {
    title: 'རྩིས་བཤད་འཛིན་བྱང་།',
    byAnswer: ['རྫོང་གི་ལན་ལ་གཞིགས།', '以县里回文为准'],
    period: 'ཚོང་ལས་ཉིན་མོ།',
    closings: 'ཉིན་རྩིས་ཨང་།',
    preparedAt: 'བཟོས་དུས།',
    operator: 'བཟོ་མཁན།',
    redeemed: 'སྐར་གྲངས་ཀྱིས་བཅག་པ། (སླར་སློག་བཅད་ནས།)',
    onePoint: (value) => `སྐར་གྲངས་ 1 = ${value}`,
    pointsGoods: 'སྐར་གྲངས་ཅ་དངོས། (སླར་སློག་བཅད་ནས།)',
    unpriced: 'རྩིས་གོང་མེད་པའི་གྲངས།',
    gross: 'ཁྱོན་བསྡོམས།',
    share: (permille) => `ཚོང་ཁང་གི་ཆ། ${permille}`,
    shareOf: (yuan) => `ཆ་འདིའི་ཉིན་རྣམས་ཀྱི་བསྡོམས། ${yuan}`,
    adjustments: 'རྫོང་གིས་བཅོས་པ།',
    owed: 'རྫོང་གིས་ཚོང་ཁང་ལ་སྤྲོད་རྒྱུ།',
    owedToCounty: 'ཚོང་ཁང་གིས་རྫོང་ལ་ཕྱིར་སློག་རྒྱུ།',
    credited: 'ཕྱིར་བསྡུ། (དངུལ་ལ་མི་རྩི།)',
    creditedCount: 'ཕྱིར་བསྡུ་ཐེངས་གྲངས།',
    creditedPoints: 'སྐར་གྲངས་སྤྲད་པ།',
    budget: 'རྫོང་གི་སྔོན་རྩིས།',
    budgetYear: 'ལོ་གཅིག',
    budgetUsed: 'སྤྱད་ཟིན་པ།',
    budgetAsOf: 'དུས་ཚོད།',
    none: 'མེད།',
    signatures: ['ཚོང་བདག་གི་མིང་རྟགས། 店主', 'གྲོང་ཚོའི་ཐམ་ག 村委会', 'རྫོང་གི་ཐམ་ག 县积分办'],
    scanToCheckSettlement: 'བཤེར་ནས་ཞིབ་བཤེར་བྱས་ཆོག',
  },
  en: {
    title: 'Settlement',
    byAnswer: ['The county has the last word', '以县里回文为准'],
    period: 'Business dates',
    closings: 'Closings',
    preparedAt: 'Prepared at',
    operator: 'Prepared by',
    redeemed: 'Points off prices, less returns',
    onePoint: (value) => `One point = ${value}`,
    pointsGoods: 'Goods priced in points, less returns',
    unpriced: 'Pieces without a settlement price',
    gross: 'Together',
    share: (permille) => `Merchant’s share ${permille}`,
    shareOf: (yuan) => `of days that came to ${yuan}`,
    adjustments: 'Put right by the county',
    owed: 'The county owes the shop',
    owedToCounty: 'The shop owes the county',
    credited: 'Recycling in these days, no money',
    creditedCount: 'Credits',
    creditedPoints: 'Points given',
    budget: 'Budget of the county',
    budgetYear: 'of the year',
    budgetUsed: 'used',
    budgetAsOf: 'as of',
    none: 'none',
    signatures: ['Owner’s signature', 'Village committee, seal', 'County points office, seal'],
    scanToCheckSettlement: 'Scan to check this settlement',
  },
};
