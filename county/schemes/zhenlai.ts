// 镇赉县 (Jilin, 爱心超市): points for work, bottles picked up by the thousand among it; goods are priced in points only.
// Place names are invented but for 大岗村 and 望海村, which the report names.

import { fen, points } from '../../db/model/amounts.ts';
import type { CountyPlan } from './county-plan.ts';
import { byCount, byWeight, can, containers, drinkBottle, film, paper, pesticideBottle } from './materials.ts';

export const zhenlai: CountyPlan = {
  code: '220821',
  zh: '镇赉县',
  bo: null,
  prefix: 'ZL',
  scheme: {
    id: 'zhenlai',
    version: 1,
    zh: '镇赉县“爱心超市”积分办法',
    bo: null,
    pointValueFen: null, // R3: neither a jiao nor a yuan, goods carry a price in points
    pointsStep: points(100),
    cashRounding: { unitFen: fen(10), mode: 'down' }, // for the few goods that are sold for money
    saleCapPoints: points(20_000_00), // above R3's 12,700 points for a freezer and more, which is one sale
    dayCapPoints: points(20_000_00),
    accountKind: 'person', // R15: he who picked the bottles up was credited
    redemptionWindow: null,
    groups: [
      { id: 'villager', zh: '村民', bo: null, mayRedeem: true },
      { id: 'party', zh: '党员', bo: null, mayRedeem: true },
    ],
    // About five points a yuan: reconciliation.md R3 times five
    roaming: { saleCapPoints: points(500_00), staleDays: 7, halfAfterDays: 3, kioskCapPoints: points(7_500_00) },
    recycling: {
      materials: [
        byCount(pesticideBottle, 1, 20_000), // R15: 捡拾了12000多个农药瓶,获得了12700分, a point a bottle
        // No other rate is told: these are assumed, at five points a yuan
        byCount(drinkBottle, 4, 5_000),
        byCount(can, 2, 5_000),
        byWeight(film, points(5_00)),
        byWeight(paper, points(4_00)),
      ],
      containers,
      creditStep: points(100),
      // R15's 12,700 points are one credit: caps of reconciliation.md R3 would refuse it, so above its 50 yuan a day the owner approves
      accountDayCap: points(20_000_00),
      operatorDayCap: points(30_000_00),
      kioskDayCap: points(40_000_00),
      approvalAbove: points(250_00),
      typeTwiceAbove: 200,
      sameBag: { minutes: 5, grams: 20 }, // assumed
    },
    labels: [],
    settlement: { cycle: 'month' }, // assumed
  },
  roamCap: points(250_00),
  townKioskCap: points(30_000_00),
  pricing: { in: 'points', pointsPerYuan: 5 }, // R3: 12,700 points for 2,400 yuan are 5.3, rounded in the resident's favour
  markets: ['镇赉镇', '坦途镇', '东屏镇', '建平乡', '嘎什根乡'],
  villages: [
    '建平乡大岗村',
    '嘎什根乡望海村',
    '嘎什根乡新立村',
    '嘎什根乡后围村',
    '嘎什根乡前进村',
    '嘎什根乡永胜村',
    '嘎什根乡东兴村',
    '建平乡民生村',
    '建平乡富裕村',
    '建平乡合心村',
    '镇赉镇南岗村',
    '镇赉镇新城村',
    '镇赉镇北湖村',
    '坦途镇向阳村',
    '坦途镇乌木村',
    '坦途镇三合村',
    '东屏镇胜利村',
    '东屏镇丰收村',
    '东屏镇红旗村',
    '东屏镇团结村',
  ],
  shopZh: { market: '爱心超市', village: '爱心超市' },
  shopBo: null,
  people: { names: 'han', tibetanPermille: 0, groupPermille: [900, 100] },
  balances: {
    // Assumed: of the shape of 通榆 at five points a yuan
    bands: [
      { permille: 200, from: 0, to: 0 },
      { permille: 450, from: 1, to: 200 },
      { permille: 300, from: 200, to: 800 },
      { permille: 48, from: 800, to: 4_000 },
      { permille: 2, from: 4_000, to: 8_000 },
    ],
    halfPermille: 0,
    top: points(12_700_00), // R15: the largest that is told of one person here
    topElsewhere: points(9_000_00),
    award: points(50_00), // assumed: ten yuan
  },
};
