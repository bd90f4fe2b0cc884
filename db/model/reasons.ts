// Why something was done that an owner may ask about: the lists a person chooses from, as codes. The words are the page's and the
// paper's.

export const returnReasons = ['faulty', 'wrong_goods', 'changed_mind', 'wrong_amount', 'wrong_resident'] as const;
export type ReturnReason = (typeof returnReasons)[number];

export const cashReasons = { in: ['change', 'correction', 'other'], out: ['bank', 'purchase', 'change', 'correction', 'other'] } as const;
export type CashReason = (typeof cashReasons)['in' | 'out'][number];

/** What a person chooses from: who pressed wrongly goes back, and the drawer stays shut. */
export const noSaleReasons = ['change', 'check', 'other'] as const;
/** What events may say: `mistake` could once be chosen. */
export const readNoSaleReasons = [...noSaleReasons, 'mistake'] as const;
export type NoSaleReason = (typeof readNoSaleReasons)[number];

export const differenceReasons = ['miscount', 'wrong_change', 'unknown', 'other'] as const;
export type DifferenceReason = (typeof differenceReasons)[number];

export const reversalReasons = ['wrong_resident', 'wrong_material', 'wrong_amount', 'not_handed_in'] as const;
export type ReversalReason = (typeof reversalReasons)[number];
