// 兰坪县 (Yunnan, 平安积分): goods stand on the shelf priced in points, and a point is worth nothing in money.
// Place names are invented but for 永福社区 and 干竹河村, which the report names.

import { fen, points } from '../../db/model/amounts.ts';
import type { CountyPlan } from './county-plan.ts';

export const lanping: CountyPlan = {
  code: '533325',
  zh: '兰坪白族普米族自治县',
  bo: null,
  prefix: 'LP',
  scheme: {
    id: 'lanping',
    version: 1,
    zh: '兰坪县“平安积分”积分超市办法',
    bo: null,
    pointValueFen: null, // R6: 旁边则清楚标注着兑换所需的积分
    pointsStep: points(100),
    cashRounding: { unitFen: fen(10), mode: 'down' }, // for the few goods that are sold for money
    saleCapPoints: null, // no cap reported
    dayCapPoints: null,
    accountKind: 'person', // R25: 每個月拿著積分卡就能兌換
    redemptionWindow: null, // R21: Fridays are busy, but not the only day
    groups: [
      // R12: 設置黨員、網格員、群眾三類積分項目
      { id: 'resident', zh: '群众', bo: null, mayRedeem: true },
      { id: 'party', zh: '党员', bo: null, mayRedeem: true },
      { id: 'grid', zh: '网格员', bo: null, mayRedeem: true },
    ],
    // 一个杯子15分、一条毛巾5分 (R6): about one yuan a point, so the figures of reconciliation.md R3 stand unscaled
    roaming: { saleCapPoints: points(100_00), staleDays: 7, halfAfterDays: 3, kioskCapPoints: points(1_500_00) },
    recycling: null, // the report tells of none
    labels: [],
  },
  roamCap: points(50_00),
  townKioskCap: points(6_000_00),
  pricing: { in: 'points', pointsPerYuan: 1 },
  markets: ['金顶街道', '翠屏街道', '兔峨乡', '中排乡', '通甸镇'],
  villages: [
    '兔峨乡永福社区',
    '翠屏街道干竹河村',
    '中排乡大宗村',
    '中排乡小龙村',
    '中排乡北甸村',
    '兔峨乡江边村',
    '兔峨乡松坪村',
    '兔峨乡石登村',
    '金顶街道新村',
    '金顶街道官坪村',
    '金顶街道高坪村',
    '翠屏街道江头村',
    '翠屏街道文兴村',
    '通甸镇东明村',
    '通甸镇丰华村',
    '通甸镇下甸村',
    '通甸镇水俸村',
    '中排乡德庆村',
    '兔峨乡腊马村',
    '金顶街道箐门村',
  ],
  shopZh: { market: '平安积分超市', village: '平安积分超市' },
  shopBo: null,
  people: { names: 'han', tibetanPermille: 0, groupPermille: [880, 80, 40] },
  balances: {
    bands: [
      { permille: 150, from: 0, to: 0 },
      { permille: 550, from: 1, to: 60 },
      { permille: 260, from: 60, to: 200 },
      { permille: 38, from: 200, to: 600 },
      { permille: 2, from: 600, to: 1_500 },
    ],
    halfPermille: 0,
    top: points(3_000_00), // S1: the best station saved 积分3000多分; no larger one is told of a person here
    topElsewhere: points(1_200_00),
    award: points(10_00), // R16: 給您加10分
  },
};
