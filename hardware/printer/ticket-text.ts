// The words that a ticket has beyond a receipt's, in the three languages side by side. The Tibetan awaits a native reader.

import type { Language } from '../../db/model/catalogue.ts';
import { countText, kilogramsText } from '../../db/model/format.ts';

/** The words of one language; what both papers say is of ReceiptWords. */
export interface TicketWords {
  readonly title: string;
  readonly ticketNumber: string;
  readonly approved: string;
  readonly reversed: string;
  /** Beside a sign, under the name of what must be kept apart. */
  readonly hazardous: string;
  readonly kilograms: (grams: number) => string;
  readonly counted: (count: number) => string;
  readonly countedBag: (number: number) => string;
  /** Beside its net weight. */
  readonly weighedBag: (number: number) => string;
  /** The bags that have no row of their own. */
  readonly otherBags: (count: number) => string;
  /** How a net weight came about: what the scale said, and who took what off. */
  readonly untared: (gross: string) => string;
  readonly taredByPan: (gross: string, tare: string) => string;
  readonly taredByContainer: (gross: string, tare: string) => string;
  readonly taredByScale: string;
  /** Points for every `per` grams or pieces. */
  readonly rateByWeight: (per: number, points: string) => string;
  readonly rateByCount: (per: number, points: string) => string;
  readonly remainder: string;
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
    ticketNumber: '积分单号',
    approved: '本单经过批准',
    reversed: '本单积分已收回',
    hazardous: '有害垃圾',
    kilograms: (grams) => `${kilogramsText(grams)}\u00a0公斤`,
    counted: (count) => `${countText(count)}\u00a0个`,
    countedBag: (number) => `第\u00a0${number}\u00a0袋`,
    weighedBag: (number) => `第\u00a0${number}\u00a0袋净重`,
    otherBags: (count) => `其余\u00a0${count}\u00a0袋`,
    untared: (gross) => `毛重\u00a0${gross} 未去皮`,
    taredByPan: (gross, tare) => `毛重\u00a0${gross} 皮重\u00a0${tare}（称得）`,
    taredByContainer: (gross, tare) => `毛重\u00a0${gross} 皮重\u00a0${tare}（容器）`,
    taredByScale: '秤上已去皮',
    rateByWeight: (per, points) => (per === kilogram ? `每公斤 ${points}` : `每\u00a0${kilogramsText(per)}\u00a0公斤 ${points}`),
    rateByCount: (per, points) => (per === 1 ? `每个 ${points}` : `每\u00a0${countText(per)}\u00a0个 ${points}`),
    remainder: '零头（不计分）',
    given: '本次积分',
    before: '之前可用',
    scaleNumber: '秤的编号',
    verifiedOn: '检定日期',
    simulatedScale: '模拟秤：没有称过实物',
    scanToCheckTicket: '扫码可核对本积分单',
  },
  bo: {
    title: 'ཕྱིར་བསྡུའི་འཛིན་བྱང་།',
    ticketNumber: 'འཛིན་བྱང་ཨང་།',
    approved: 'འཛིན་བྱང་འདིར་ཆོག་མཆན་ཐོབ་ཡོད།',
    reversed: 'སྐར་གྲངས་འདི་ཕྱིར་བསྡུས་ཟིན།',
    hazardous: 'གནོད་ཅན་གད་སྙིགས།',
    kilograms: (grams) => `སྤྱི་རྒྱ་\u00a0${kilogramsText(grams)}`,
    counted: (count) => `གྲངས་\u00a0${countText(count)}`,
    countedBag: (number) => `ཁུག་མ་\u00a0${number}`,
    weighedBag: (number) => `ཁུག་མ་\u00a0${number} དག་ལྗིད།`,
    otherBags: (count) => `ཁུག་མ་གཞན་\u00a0${count}`,
    untared: (gross) => `སྤྱི་ལྗིད་\u00a0${gross} སྣོད་བཅད་མེད།`,
    taredByPan: (gross, tare) => `སྤྱི་ལྗིད་\u00a0${gross} སྣོད་\u00a0${tare} (བཅལ།)`,
    taredByContainer: (gross, tare) => `སྤྱི་ལྗིད་\u00a0${gross} སྣོད་\u00a0${tare} (རེའུ།)`,
    taredByScale: 'རྒྱ་མས་སྣོད་ལྗིད་བཅད་ཟིན།',
    rateByWeight: (per, points) => (per === kilogram ? `སྤྱི་རྒྱ་རེར་ ${points}` : `སྤྱི་རྒྱ་\u00a0${kilogramsText(per)} རེར་ ${points}`),
    rateByCount: (per, points) => (per === 1 ? `རེ་རེར་ ${points}` : `གྲངས་\u00a0${countText(per)} རེར་ ${points}`),
    remainder: 'ལྷག་མ། སྐར་གྲངས་མེད།',
    given: 'ད་ཐེངས་ཐོབ་པ།',
    before: 'འདིའི་གོང་།',
    scaleNumber: 'རྒྱ་མའི་ཨང་།',
    verifiedOn: 'ཚད་བཤེར་ཉིན་མོ།',
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
    countedBag: (number) => `Bag\u00a0${number}`,
    weighedBag: (number) => `Bag\u00a0${number}, net`,
    otherBags: (count) => `${count}\u00a0more bags`,
    untared: (gross) => `gross\u00a0${gross} no\u00a0tare`,
    taredByPan: (gross, tare) => `gross\u00a0${gross} tare\u00a0${tare} (weighed)`,
    taredByContainer: (gross, tare) => `gross\u00a0${gross} tare\u00a0${tare} (container)`,
    taredByScale: 'tare taken off by the scale',
    rateByWeight: (per, points) => `${points} per\u00a0${per === kilogram ? 'kg' : `${kilogramsText(per)}\u00a0kg`}`,
    rateByCount: (per, points) => `${points} per\u00a0${per === 1 ? 'piece' : `${countText(per)}\u00a0pieces`}`,
    remainder: 'Left over, no points',
    given: 'Points given',
    before: 'Before',
    scaleNumber: 'Scale number',
    verifiedOn: 'Scale verified',
    simulatedScale: 'SIMULATED SCALE, nothing weighed',
    scanToCheckTicket: 'Scan to check this ticket',
  },
};
