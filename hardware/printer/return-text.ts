// The words that a return slip has beyond a receipt's, in the three languages side by side. The Tibetan awaits a native reader.

import type { Language } from '../../db/model/catalogue.ts';
import type { ReturnReason } from '../../db/model/reasons.ts';

/** The words of one language; what both papers say is of ReceiptWords. */
export interface ReturnWords {
  readonly title: string;
  readonly returnNumber: string;
  /** The receipt of the sale, and its day. */
  readonly oldReceipt: string;
  readonly oldDay: string;
  readonly reason: string;
  readonly reasons: { readonly [reason in ReturnReason]: string };
  readonly approvedBy: string;
  readonly cameBack: string;
  readonly total: string;
  /** Of that, what points had paid and come back as points. */
  readonly paidByPoints: string;
  readonly lineByPoints: string;
  readonly roundingBack: string;
  readonly pointsBack: string;
  readonly cashBack: string;
  readonly otherBack: string;
  readonly before: string;
  readonly backNow: string;
  readonly scanToCheckReturn: string;
}

export const returnWords: { readonly [language in Language]: ReturnWords } = {
  zh: {
    title: '退货单',
    returnNumber: '退货单号',
    oldReceipt: '原小票号',
    oldDay: '原营业日',
    reason: '退货原因',
    reasons: {
      faulty: '货有毛病',
      wrong_goods: '拿错了货',
      changed_mind: '顾客不要了',
      wrong_amount: '数量或金额错了',
      wrong_resident: '刷错了人',
    },
    approvedBy: '批准人',
    cameBack: '退回件数',
    total: '退货金额',
    paidByPoints: '其中积分付的',
    lineByPoints: '积分付的',
    roundingBack: '现金抹零退回',
    pointsBack: '退回积分',
    cashBack: '退回现金',
    otherBack: '按其他方式退回',
    before: '退货前',
    backNow: '本次退回',
    scanToCheckReturn: '扫码可核对本单',
  },
  bo: {
    title: 'སླར་སློག་འཛིན་བྱང་།',
    returnNumber: 'སླར་སློག་ཨང་།',
    oldReceipt: 'འཛིན་བྱང་རྙིང་པའི་ཨང་།',
    oldDay: 'སྔར་གྱི་ཉིན་མོ།',
    reason: 'རྒྱུ་མཚན།',
    reasons: {
      faulty: 'ཅ་དངོས་སྐྱོན་ཅན།',
      wrong_goods: 'ཅ་དངོས་ནོར་བ།',
      changed_mind: 'མི་དགོས་པ།',
      wrong_amount: 'གྲངས་འབོར་ནོར་བ།',
      wrong_resident: 'མི་ནོར་བ།',
    },
    approvedBy: 'ཆོག་མཆན་སྤྲོད་མཁན།',
    cameBack: 'སླར་སློག་གྲངས།',
    total: 'སླར་སློག་བསྡོམས།',
    paidByPoints: 'སྐར་གྲངས་ཀྱིས་སྤྲད་པ།',
    lineByPoints: 'སྐར་གྲངས་ཀྱིས་སྤྲད་པ།',
    roundingBack: 'དངུལ་སིལ་ཆ་སླར་སློག',
    pointsBack: 'སྐར་གྲངས་སླར་སློག',
    cashBack: 'དངུལ་རྐྱང་སླར་སློག',
    otherBack: 'སྤྲོད་ཚུལ་གཞན་ནས་སླར་སློག',
    before: 'སླར་སློག་གོང་།',
    backNow: 'ད་ཐེངས་སླར་སློག',
    scanToCheckReturn: 'བཤེར་ནས་ཞིབ་བཤེར་བྱས་ཆོག',
  },
  en: {
    title: 'Return',
    returnNumber: 'Return',
    oldReceipt: 'Of receipt',
    oldDay: 'Of business date',
    reason: 'Reason',
    reasons: {
      faulty: 'faulty goods',
      wrong_goods: 'wrong goods',
      changed_mind: 'changed their mind',
      wrong_amount: 'wrong quantity or amount',
      wrong_resident: 'wrong resident',
    },
    approvedBy: 'Approved by',
    cameBack: 'Items back',
    total: 'Returned',
    paidByPoints: 'of it paid by points',
    lineByPoints: 'paid by points',
    roundingBack: 'Cash rounding undone',
    pointsBack: 'Points back',
    cashBack: 'Cash back',
    otherBack: 'Back as it was paid otherwise',
    before: 'Before',
    backNow: 'Back now',
    scanToCheckReturn: 'Scan to check this return',
  },
};
