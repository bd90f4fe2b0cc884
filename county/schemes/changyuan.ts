// 长源社区 (长春市南关区, Jilin): volunteers' hours, goods priced in points. Its services and vouchers (R7–R9) are not goods
// and are left out. Place names are invented but for 长源社区 and 长山花园社区, which the report names.

import { fen, points } from '../../db/model/amounts.ts';
import type { CountyPlan } from './county-plan.ts';

export const changyuan: CountyPlan = {
  code: '220102',
  zh: '长春市南关区',
  bo: null,
  prefix: 'CY',
  scheme: {
    id: 'changyuan',
    version: 1,
    zh: '长源社区志愿服务积分兑换办法',
    bo: null,
    pointValueFen: null, // R6: a kettle at 120分, no rate to money
    pointsStep: points(100),
    cashRounding: { unitFen: fen(10), mode: 'nearest' },
    saleCapPoints: points(2_000_00), // assumed: a community's shelf, not a supermarket's
    dayCapPoints: points(2_000_00),
    accountKind: 'person',
    // R22: 按年进行积分兑换 in some communities. Kept open all year here, or the demo would sell on a few days only
    redemptionWindow: null,
    groups: [
      { id: 'volunteer', zh: '志愿者', bo: null, mayRedeem: true },
      { id: 'party', zh: '双报到党员', bo: null, mayRedeem: true },
      { id: 'partner', zh: '共建单位', bo: null, mayRedeem: true }, // R12: partner units have their own card
    ],
    // About four points a yuan (a kettle of 30 yuan for 120分): reconciliation.md R3 times four
    roaming: { saleCapPoints: points(400_00), staleDays: 7, halfAfterDays: 3, kioskCapPoints: points(6_000_00) },
    recycling: null, // R16: points are for hours of service
    labels: [],
  },
  roamCap: points(200_00),
  townKioskCap: points(24_000_00),
  pricing: { in: 'points', pointsPerYuan: 4 },
  markets: ['桃源街道', '民康街道', '新春街道', '长通街道', '全安街道'],
  villages: [
    '桃源街道长源社区',
    '桃源街道长山花园社区',
    '桃源街道桃园社区',
    '桃源街道东岭社区',
    '民康街道民安社区',
    '民康街道平治社区',
    '民康街道九圣祠社区',
    '新春街道永吉社区',
    '新春街道春光社区',
    '新春街道义和社区',
    '长通街道通化路社区',
    '长通街道湖光社区',
    '长通街道长安社区',
    '全安街道平泉社区',
    '全安街道先锋社区',
    '全安街道中海社区',
    '民康街道文庙社区',
    '长通街道南湖社区',
    '新春街道金宇社区',
    '全安街道东风社区',
  ],
  shopZh: { market: '志愿服务积分超市', village: '志愿服务积分兑换点' },
  shopBo: null,
  people: { names: 'han', tibetanPermille: 0, groupPermille: [800, 150, 50] },
  balances: {
    bands: [
      { permille: 200, from: 0, to: 0 },
      { permille: 450, from: 1, to: 200 },
      { permille: 300, from: 200, to: 600 },
      { permille: 48, from: 600, to: 1_500 },
      { permille: 2, from: 1_500, to: 3_000 },
    ],
    halfPermille: 0,
    top: points(3_000_00),
    topElsewhere: points(2_400_00),
    award: points(20_00),
  },
};
