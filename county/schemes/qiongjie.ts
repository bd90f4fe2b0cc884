// 琼结县 (Tibet, 文明实践银行): a point is a discount of one jiao, held by persons; cadres take no part.
// Place names are invented but for 白日社区 and 昌嘎村, which the report names. Tibetan awaits a native reader.

import { fen, points } from '../../db/model/amounts.ts';
import type { CountyPlan } from './county-plan.ts';
import { battery, byCount, byWeight, can, containers, glass, iron, paper, plasticBottle } from './materials.ts';

export const qiongjie: CountyPlan = {
  code: '540525',
  zh: '琼结县',
  bo: 'འཕྱོངས་རྒྱས་རྫོང',
  prefix: 'QJ',
  scheme: {
    id: 'qiongjie',
    version: 1,
    zh: '琼结县文明实践银行积分办法',
    bo: 'འཕྱོངས་རྒྱས་རྫོང་དཔལ་ཡོན་ལག་ལེན་དངུལ་ཁང',
    pointValueFen: 10, // R1: 1分对应0.1元钱
    pointsStep: points(100), // R1: the report knows whole points only
    cashRounding: { unitFen: fen(10), mode: 'down' }, // one jiao is the smallest coin still taken; in the customer's favour
    saleCapPoints: points(30_000_00), // above R3's freezer of 2,400 yuan = 24,000 points, which is one sale
    dayCapPoints: points(30_000_00), // the same, so that splitting a sale does not pass the cap
    accountKind: 'person', // R20; the article's resident has points of her own
    redemptionWindow: null, // R24: redeemed in ordinary opening hours, all year
    groups: [
      // R12: 针对党员、村民、未成年人等不同群体制定不同积分制度
      { id: 'villager', zh: '村民', bo: 'གྲོང་མི', mayRedeem: true },
      { id: 'party', zh: '党员', bo: 'ཏང་ཡོན', mayRedeem: true },
      { id: 'minor', zh: '未成年人', bo: 'ན་ཚོད་མ་ལོན་པ', mayRedeem: true },
      { id: 'cadre', zh: '机关干部', bo: 'ལས་བྱེད་པ', mayRedeem: false }, // R11: 机关干部之外的全覆盖
    ],
    // reconciliation.md R3 counts points of one yuan; a point here is a tenth of that
    roaming: { saleCapPoints: points(1_000_00), staleDays: 7, halfAfterDays: 3, kioskCapPoints: points(15_000_00) },
    // R14: weighed and sorted at the village office. No rate is told: these are assumed, about what a dealer pays for a kilogram
    recycling: {
      materials: [
        byWeight(plasticBottle, points(15_00)),
        byWeight(can, points(60_00)),
        byWeight(paper, points(8_00)),
        byWeight(glass, points(1_00)),
        byWeight(iron, points(15_00)),
        { ...byCount(battery, 2, 500), dayCap: points(50_00) },
      ],
      containers,
      creditStep: points(100), // R1: whole points only
      // reconciliation.md R3 caps credits at 50 yuan a resident and 2,000 yuan a kiosk a day; a point here is a jiao
      accountDayCap: points(500_00),
      operatorDayCap: null, // R14: one official serves the village, and is the kiosk's cap
      kioskDayCap: points(20_000_00),
      approvalAbove: points(200_00), // assumed: 20 yuan an account and business date, thirteen kilograms of bottles
      typeTwiceAbove: 100,
      sameBag: { minutes: 5, grams: 20 }, // assumed
    },
    // Assumed: what counter scales come set to, one layout for the weight and one for the price
    labels: [
      { prefix: '21', embeds: 'grams', goodsDigits: 5, valueDigits: 5 },
      { prefix: '22', embeds: 'fen', goodsDigits: 5, valueDigits: 5 },
    ],
    settlement: { cycle: 'month' }, // assumed: nothing is told of how often the shops are paid
  },
  // R29: 每年投入120万元经费作为保障; what is used is assumed
  budget: { zh: '文明实践银行年度经费', yearFen: fen(120_000_000), usedFen: fen(81_642_350) },
  marketSharePermille: 20, // R28: 商家也将一部分利润赞助到文明实践活动中; how much is not told
  roamCap: points(500_00),
  townKioskCap: points(60_000_00),
  pricing: { in: 'yuan', pointsPerYuan: 10 }, // R5: 都能通过积分兑换折成现金
  markets: ['琼结镇白日社区', '琼结镇雪社区', '加麻乡政府驻地', '下水乡政府驻地', '拉玉乡政府驻地'], // R18: 5家超市
  villages: [
    // R18: 20个行政村
    '加麻乡昌嘎村',
    '加麻乡白松村',
    '加麻乡江塘村',
    '加麻乡朗珠村',
    '加麻乡曲德村',
    '下水乡措杰村',
    '下水乡唐巴村',
    '下水乡门中村',
    '下水乡久河村',
    '下水乡朗嘎村',
    '拉玉乡强吉村',
    '拉玉乡苏日村',
    '拉玉乡白那村',
    '拉玉乡卓康村',
    '拉玉乡达玉村',
    '琼结镇仲堆村',
    '琼结镇下堆村',
    '琼结镇山坡村',
    '琼结镇河滩村',
    '琼结镇桑嘎村',
  ],
  shopZh: { market: '文明超市', village: '文明积分兑换点' },
  shopBo: 'འཕྱོངས་རྒྱས་རྫོང་ཚོང་ཁང་ཨང',
  people: { names: 'tibetan', tibetanPermille: 820, groupPermille: [790, 90, 100, 20] },
  balances: {
    // S0: ~1,000 points in a year and 200 now; together about the year's budget of 1.2 million yuan
    bands: [
      { permille: 100, from: 0, to: 0 },
      { permille: 450, from: 1, to: 300 },
      { permille: 350, from: 300, to: 1_000 },
      { permille: 90, from: 1_000, to: 4_000 },
      { permille: 10, from: 4_000, to: 12_000 },
    ],
    halfPermille: 20,
    top: points(18_000_00), // the largest balance reported anywhere (S4)
    topElsewhere: points(12_700_00), // R15: the largest single credit
    award: points(30_00),
  },
};
