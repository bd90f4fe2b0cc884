// Names of people who do not exist. Common given names and surnames, combined by lot; no list of real persons stands behind it.

import { draw, drawFrom, lot } from './lots.ts';

/** A plausible full name for person `index`. The purpose keeps residents and operators apart. */
export function personName(kind: 'tibetan' | 'han', seed: number, index: number, purpose: number = lot.name): string {
  if (kind === 'tibetan') return drawFrom(tibetanFirst, seed, purpose, index) + drawFrom(tibetanSecond, seed, purpose + givenOffset, index);
  const given = draw(seed, purpose + givenOffset, index, hanGiven.length * (hanGiven.length + 1));
  const first = hanGiven[given % hanGiven.length]!;
  const second = hanGiven[Math.floor(given / hanGiven.length)] ?? ''; // one past the end: a name of two characters
  return drawFrom(surnames, seed, purpose, index) + first + second;
}

/** Keeps the lot of the given name apart from every purpose of draw.ts. */
const givenOffset = 100;

const tibetanFirst = words(`
  格桑 扎西 次仁 达瓦 尼玛 边巴 旦增 洛桑 普布 米玛 白玛 仁增 巴桑 索朗 强巴 平措 贡觉 益西 阿旺 晋美 土登 群培 拉巴
  云丹 嘉央 桑旦 江白 斯朗 次旺 德庆 赤列 欧珠
`);

const tibetanSecond = words(`
  卓玛 拉姆 央金 德吉 曲珍 卓嘎 措姆 白珍 玉珍 旺姆 央宗 群宗 罗布 多吉 次旦 顿珠 曲扎 旺堆 加措 坚参 朗杰 曲培 旺久
  伦珠 边觉 班典 桑布 旺扎
`);

const surnames = words(`
  王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕
  苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 和 熊 欧阳
`);

const hanGiven = words(`
  伟 芳 秀 英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 兰 霞 平 刚 桂 香 玉 珍 凤 梅 云 莲 红 春 建 国 华 德 福 贵 生 文 学 志
  成 海 山 林 波 宁 雪 月
`);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
