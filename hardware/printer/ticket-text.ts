// The words that a ticket has beyond a receipt's, in the three languages side by side. The Tibetan awaits a native reader.

import type { Language } from '../../db/model/catalogue.ts';
import { countText, kilogramsText } from '../../db/model/format.ts';

/** The words of one language; what both papers say is of ReceiptWords. */
export interface TicketWords {
  readonly title: string;
  readonly ticketNumber: string;
  readonly approved: string;
  /** On a copy; the Chinese one stands on every ticket: whoever takes the paper back reads Chinese. */
  readonly reversed: string;
  /** Beside a sign, under the name of what must be kept apart. */
  readonly hazardous: string;
  /** In Tibetan too by the sign that scales and sacks bear: the word stands once, in the rate. */
  readonly kilograms: (grams: number) => string;
  readonly counted: (count: number) => string;
  /** Before the sum of several bags. */
  readonly bagsTogether: (count: number, units: string) => string;
  /** The bags that have no row of their own. */
  readonly otherBags: (count: number, units: string) => string;
  /** What the scale itself took off: nobody told us how much. */
  readonly taredByScale: (net: string) => string;
  /** A vessel weighed on the pan, and one of known weight whose name the scheme no longer has. */
  readonly weighedVessel: string;
  readonly container: string;
  /** Points for every `per` grams or pieces. */
  readonly rateByWeight: (per: number, points: string) => string;
  readonly rateByCount: (per: number, points: string) => string;
  /** What is left over and earns nothing. */
  readonly remainder: (units: string) => string;
  readonly given: string;
  readonly before: string;
  readonly scaleNumber: string;
  readonly verifiedOn: string;
  readonly simulatedScale: string;
  readonly scanToCheckTicket: string;
}

const kilogram = 1_000;

export const ticketWords: { readonly [language in Language]: TicketWords } = {
  zh: {
    title: '回收积分单',
    ticketNumber: '凭条号',
    approved: '本单经过批准',
    reversed: '本单积分已收回',
    hazardous: '有害垃圾',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0公斤`,
    counted: (count) => `${countText(count)}\u00a0个`,
    bagsTogether: (count, units) => `${count}\u00a0袋共\u00a0${units}`,
    otherBags: (count, units) => `其余\u00a0${count}\u00a0袋共\u00a0${units}`,
    taredByScale: (net) => `净重\u00a0${net}（秤上已去皮）`,
    weighedVessel: '皮重',
    container: '容器',
    rateByWeight: (per, points) => (per === kilogram ? `每公斤 ${points}` : `每\u00a0${kilogramsText(per)}\u00a0公斤 ${points}`),
    rateByCount: (per, points) => (per === 1 ? `每个 ${points}` : `每\u00a0${countText(per)}\u00a0个 ${points}`),
    remainder: (units) => `零头\u00a0${units}`,
    given: '本次积分',
    before: '之前可用',
    scaleNumber: '秤',
    verifiedOn: '检定',
    simulatedScale: '模拟秤：没有称过实物',
    scanToCheckTicket: '扫码可核对本凭条',
  },
  bo: {
    title: 'ཕྱིར་བསྡུའི་འཛིན་བྱང་།',
    ticketNumber: 'འཛིན་བྱང་ཨང་།',
    approved: 'འཛིན་བྱང་འདིར་ཆོག་མཆན་ཐོབ་ཡོད།',
    reversed: 'སྐར་གྲངས་འདི་ཕྱིར་བསྡུས་ཟིན།',
    hazardous: 'གནོད་ཅན་གད་སྙིགས།',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0kg`,
    counted: (count) => `གྲངས་\u00a0${countText(count)}`,
    bagsTogether: (count, units) => `ཁུག་མ་\u00a0${count} བསྡོམས། ${units}`,
    otherBags: (count, units) => `ཁུག་མ་གཞན་\u00a0${count} བསྡོམས། ${units}`,
    taredByScale: (net) => `${net} (རྒྱ་མས་སྣོད་བཅད་ཟིན།)`,
    weighedVessel: 'སྣོད་',
    container: 'སྣོད།',
    rateByWeight: (per, points) => (per === kilogram ? `སྤྱི་རྒྱ་རེར་ ${points}` : `སྤྱི་རྒྱ་\u00a0${kilogramsText(per)} རེར་ ${points}`),
    rateByCount: (per, points) => (per === 1 ? `རེ་རེར་ ${points}` : `གྲངས་\u00a0${countText(per)} རེར་ ${points}`),
    remainder: (units) => `ལྷག་མ།\u00a0${units}`,
    given: 'ད་ཐེངས་ཐོབ་པ།',
    before: 'འདིའི་གོང་།',
    scaleNumber: 'རྒྱ་མ།',
    verifiedOn: 'ཚད་བཤེར།',
    simulatedScale: 'དཔེ་སྟོན་རྒྱ་མ། དངོས་པོ་བཅལ་མེད།',
    scanToCheckTicket: 'བཤེར་ནས་ཞིབ་བཤེར་བྱས་ཆོག',
  },
  en: {
    title: 'Recycling ticket',
    ticketNumber: 'Ticket',
    approved: 'This credit was approved',
    reversed: 'These points were taken back',
    hazardous: 'Hazardous',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0kg`,
    counted: (count) => `${countText(count)}\u00a0${count === 1 ? 'piece' : 'pieces'}`,
    bagsTogether: (count, units) => `${count}\u00a0bags, ${units}`,
    otherBags: (count, units) => `${count}\u00a0more bags, ${units}`,
    taredByScale: (net) => `${net} (tare taken off by the scale)`,
    weighedVessel: 'tare',
    container: 'container',
    rateByWeight: (per, points) => `${points} per\u00a0${per === kilogram ? 'kg' : `${kilogramsText(per)}\u00a0kg`}`,
    rateByCount: (per, points) => `${points} per\u00a0${per === 1 ? 'piece' : `${countText(per)}\u00a0pieces`}`,
    remainder: (units) => `left over\u00a0${units}`,
    given: 'Points given',
    before: 'Before',
    scaleNumber: 'Scale',
    verifiedOn: 'verified',
    simulatedScale: 'SIMULATED SCALE, nothing weighed',
    scanToCheckTicket: 'Scan to check this ticket',
  },
};
