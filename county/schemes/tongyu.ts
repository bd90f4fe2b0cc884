// 通榆县 (Jilin, 德行天下通榆): a point is one yuan, halves happen, and the household holds them.
// Place names are invented but for 八面村, 兴盛村, 四井子村 and 晓光村, which the report names.

import { fen, points } from '../../db/model/amounts.ts';
import type { CountyPlan } from './county-plan.ts';
import { byCount, byWeight, can, containers, glass, iron, paper, pesticideBottle, plasticBottle } from './materials.ts';

export const tongyu: CountyPlan = {
  code: '220822',
  zh: '通榆县',
  bo: null,
  prefix: 'TY',
  scheme: {
    id: 'tongyu',
    version: 1,
    zh: '通榆县“小积分”激活“大德治”积分办法',
    bo: null,
    pointValueFen: 100, // R2: 一积分是一块钱
    pointsStep: points(50), // R4: 累积32498.5元, so half points are spent
    cashRounding: { unitFen: fen(10), mode: 'down' },
    saleCapPoints: points(3_000_00), // above R3's freezer of 2,400 yuan
    dayCapPoints: points(3_000_00),
    accountKind: 'household', // R20: 参与“小积分”活动的村民已达52767户
    redemptionWindow: null, // R22 has yearly windows in other counties; here shops redeem all year (R26 pays T+1)
    groups: [
      { id: 'villager', zh: '村民', bo: null, mayRedeem: true },
      { id: 'party', zh: '党员', bo: null, mayRedeem: true },
      { id: 'volunteer', zh: '志愿者', bo: null, mayRedeem: true }, // R16: paid by the hour, 干一个小时给15积分
    ],
    roaming: { saleCapPoints: points(100_00), staleDays: 7, halfAfterDays: 3, kioskCapPoints: points(1_500_00) }, // reconciliation.md R3
    // No recycling is told of here; assumed, so that half points (R4) are earned as they are spent. A point is a yuan, and the
    // rates are about what a dealer pays for a kilogram
    recycling: {
      materials: [
        byWeight(plasticBottle, points(1_50)),
        byWeight(can, points(6_00)),
        byWeight(paper, points(80)),
        byWeight(glass, points(10)), // half a point is five kilograms
        byWeight(iron, points(1_50)),
        byCount(pesticideBottle, 10, 1_000),
      ],
      containers,
      creditStep: points(50), // what can be spent (R4)
      accountDayCap: points(50_00), // this, and the kiosk's: reconciliation.md R3
      operatorDayCap: points(1_000_00), // assumed: half the kiosk's, so that no one person credits it all
      kioskDayCap: points(2_000_00),
      approvalAbove: points(20_00), // assumed
      typeTwiceAbove: 200,
      sameBag: { minutes: 5, grams: 20 }, // assumed
    },
    labels: [{ prefix: '23', embeds: 'fen', goodsDigits: 4, valueDigits: 6 }], // assumed: prices up to 9,999.99 yuan
    settlement: { cycle: 'day' }, // R26: 村民兑换资金‘T+1’到账(24小时内到账)
  },
  roamCap: points(50_00),
  townKioskCap: points(6_000_00), // R19: 晓光村的村民经常来 the town supermarket
  pricing: { in: 'yuan', pointsPerYuan: 1 },
  markets: ['开通镇', '瞻榆镇', '乌兰花镇', '新兴乡', '八面乡'],
  villages: [
    '八面乡八面村',
    '八面乡兴盛村',
    '八面乡四井子村',
    '开通镇晓光村',
    '开通镇福利村',
    '开通镇平安村',
    '瞻榆镇东关村',
    '瞻榆镇西关村',
    '瞻榆镇向阳村',
    '乌兰花镇建国村',
    '乌兰花镇春光村',
    '乌兰花镇长安村',
    '新兴乡新荣村',
    '新兴乡三合村',
    '新兴乡德胜村',
    '八面乡同乐村',
    '八面乡双岗村',
    '开通镇永久村',
    '瞻榆镇红星村',
    '新兴乡团结村',
  ],
  shopZh: { market: '德行天下签约超市', village: '德行天下积分兑换点' },
  shopBo: null,
  people: { names: 'han', tibetanPermille: 0, groupPermille: [820, 80, 100] },
  balances: {
    // S4: 4.659 million points outstanding over 52,767 households, 88 each
    bands: [
      { permille: 200, from: 0, to: 0 },
      { permille: 500, from: 1, to: 60 },
      { permille: 250, from: 60, to: 250 },
      { permille: 45, from: 250, to: 1_000 },
      { permille: 5, from: 1_000, to: 2_000 },
    ],
    halfPermille: 500,
    top: points(18_000_00), // S4: 群众最高获取18000多积分
    topElsewhere: points(12_700_00),
    award: points(7_50),
  },
};
