// Every word printed on a receipt, in the three languages side by side. The Tibetan awaits a native reader.

import type { Fen, Points } from '../../db/model/amounts.ts';
import type { Language } from '../../db/model/catalogue.ts';
import { kilogramsText, pointsText, yuanText } from '../../db/model/format.ts';

/** The words of one language. Units are whole words: 分 alone would be read as fen, and so would སྐར་. */
export interface ReceiptWords {
  readonly yuan: (amount: Fen) => string;
  readonly points: (amount: Points) => string;
  readonly copy: (copy: number) => string;
  readonly receiptNumber: string;
  /** Printed only where the business date is not the date of the clock. */
  readonly businessDate: string;
  readonly operator: string;
  readonly resident: string;
  readonly pieces: string;
  readonly total: string;
  /** Of the goods priced in points, beside a total in yuan. */
  readonly totalInPoints: string;
  readonly pointsUsed: string;
  /** Instead of the former, where other points paid for goods priced so. */
  readonly pointsForDiscount: string;
  readonly pointsWorth: string;
  /** Of one line: the points it took. */
  readonly lineTook: (points: string) => string;
  /** Of loose goods: the net weight, at the price of a kilogram. */
  readonly weighed: (grams: number, perKilogram: Fen) => string;
  /** Instead, where the label of a bag says only its price. */
  readonly byLabel: (perKilogram: Fen) => string;
  readonly rounding: string;
  readonly due: string;
  readonly cashTendered: string;
  readonly change: string;
  readonly otherPayment: string;
  readonly usableHere: string;
  readonly usableBefore: string;
  readonly usedNow: string;
  readonly usableAfter: string;
  readonly countyBalance: string;
  /** Whose acts are in the county's balance: all up to the county's last file, and since then this shop's alone. */
  readonly asOf: (date: string) => string;
  readonly scanToCheck: string;
}

export const receiptWords: { readonly [language in Language]: ReceiptWords } = {
  zh: {
    yuan: (amount) => `${yuanText(amount)}\u00a0元`,
    points: (amount) => `${pointsText(amount)}\u00a0积分`,
    copy: (copy) => `补打 ${copy}`,
    receiptNumber: '小票号',
    businessDate: '营业日',
    operator: '操作员',
    resident: '居民',
    pieces: '件数',
    total: '合计',
    totalInPoints: '积分商品合计',
    pointsUsed: '使用积分',
    pointsForDiscount: '抵扣用积分',
    pointsWorth: '积分抵扣',
    lineTook: (points) => `用 ${points}`,
    weighed: (grams, perKilogram) => `${kilogramsText(grams)}\u00a0公斤\u00a0× ${yuanText(perKilogram)}\u00a0元/公斤`,
    byLabel: (perKilogram) => `按标签价（${yuanText(perKilogram)}\u00a0元/公斤）`,
    rounding: '现金抹零',
    due: '应付',
    cashTendered: '收现金',
    change: '找零',
    otherPayment: '其他方式支付',
    usableHere: '本店可用积分',
    usableBefore: '使用前',
    usedNow: '本次使用',
    usableAfter: '现在可用',
    countyBalance: '全县积分余额',
    asOf: (date) => `县里到 ${date}，本店到本单`,
    scanToCheck: '扫码可核对本单',
  },
  bo: {
    yuan: (amount) => `སྒོར་\u00a0${yuanText(amount)}`,
    points: (amount) => `སྐར་གྲངས་\u00a0${pointsText(amount)}`,
    copy: (copy) => `བསྐྱར་པར། ${copy} · 补打 ${copy}`, // whoever checks the shop's papers reads Chinese
    receiptNumber: 'འཛིན་བྱང་ཨང་།',
    businessDate: 'ཚོང་ལས་ཉིན་མོ།',
    operator: 'བཀོལ་སྤྱོད་པ།',
    resident: 'སྡོད་དམངས།',
    pieces: 'ཅ་དངོས་གྲངས།',
    total: 'ཁྱོན་བསྡོམས།',
    totalInPoints: 'སྐར་གྲངས་བསྡོམས།',
    pointsUsed: 'བེད་སྤྱད་པ།',
    pointsForDiscount: 'བཅག་པར་སྤྱད་པ།',
    pointsWorth: 'བཅག་པ།',
    lineTook: (points) => points,
    weighed: (grams, perKilogram) => `སྤྱི་རྒྱ་\u00a0${kilogramsText(grams)}\u00a0× སྒོར་\u00a0${yuanText(perKilogram)}`, // one line of narrow paper
    byLabel: (perKilogram) => `གོང་ཚད་བྱང་བུ། (སྤྱི་རྒྱ་རེར་ སྒོར་\u00a0${yuanText(perKilogram)})`,
    rounding: 'དངུལ་སིལ་ཆ་སྙོམས།',
    due: 'སྤྲོད་དགོས་པ།',
    cashTendered: 'དངུལ་རྐྱང་འབྱོར་བ།',
    change: 'ཕྱིར་སྤྲད་དངུལ།',
    otherPayment: 'སྤྲོད་ཚུལ་གཞན།',
    usableHere: 'འདིར་སྤྱོད་ཆོག་པའི་སྐར་གྲངས།',
    usableBefore: 'སྤྱོད་གོང་།',
    usedNow: 'ད་ཐེངས་བེད་སྤྱད་པ།',
    usableAfter: 'ད་ལྟ་སྤྱོད་ཆོག་པ།',
    countyBalance: 'རྫོང་ཡོངས་ཀྱི་ལྷག་གྲངས།',
    asOf: (date) => `རྫོང་། ${date} བར། འདིར་ད་ལྟ།`,
    scanToCheck: 'བཤེར་ནས་ཞིབ་བཤེར་བྱས་ཆོག',
  },
  en: {
    yuan: (amount) => `¥${yuanText(amount)}`.replace('¥-', '-¥'),
    points: (amount) => `${pointsText(amount)}\u00a0${amount === 100 ? 'point' : 'points'}`,
    copy: (copy) => `COPY ${copy} · 补打 ${copy}`, // whoever checks the shop's papers reads Chinese
    receiptNumber: 'Receipt',
    businessDate: 'Business date',
    operator: 'Operator',
    resident: 'Resident',
    pieces: 'Items',
    total: 'Total',
    totalInPoints: 'Total in points',
    pointsUsed: 'Points used',
    pointsForDiscount: 'Points off the price',
    pointsWorth: 'Paid by points',
    lineTook: (points) => `used ${points}`,
    weighed: (grams, perKilogram) => `${kilogramsText(grams)}\u00a0kg\u00a0× ¥${yuanText(perKilogram)}/kg`,
    byLabel: (perKilogram) => `price on the label (¥${yuanText(perKilogram)}/kg)`,
    rounding: 'Cash rounding',
    due: 'To pay',
    cashTendered: 'Cash received',
    change: 'Change',
    otherPayment: 'Paid otherwise',
    usableHere: 'Points usable in this shop',
    usableBefore: 'Before',
    usedNow: 'Used now',
    usableAfter: 'Usable now',
    countyBalance: 'Points county-wide',
    asOf: (date) => `to ${date}, this shop to now`,
    scanToCheck: 'Scan to check this receipt',
  },
};
