// Money in the Chinese capitals of a bank's or an accountant's paper (人民币大写, 票据法 and 会计基础工作规范 52). Only writes.

import type { Fen } from './amounts.ts';

/**
 * 1,234.50 yuan as 人民币壹仟贰佰叁拾肆元伍角整; 0.05 as 人民币伍分; nothing as 人民币零元整; what is negative begins with 人民币负. One 零
 * stands for however many zeros are between figures.
 */
export function capitals(amount: Fen): string {
  const whole = BigInt(Math.abs(amount));
  const [yuan, jiao, remainder] = [whole / 100n, Number((whole / 10n) % 10n), Number(whole % 10n)];
  const sign = amount < 0 ? '负' : '';
  if (whole === 0n) return `${prefix}零元整`;
  const parts = yuan === 0n ? '' : `${yuanCapitals(String(yuan))}元`;
  if (jiao === 0 && remainder === 0) return `${prefix}${sign}${parts}整`;
  if (remainder === 0) return `${prefix}${sign}${parts}${digits[jiao]}角整`;
  const tenths = jiao > 0 ? `${digits[jiao]}角` : parts === '' ? '' : '零';
  return `${prefix}${sign}${parts}${tenths}${digits[remainder]}分`;
}

const prefix = '人民币';
const digits = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'] as const;
const places = ['', '拾', '佰', '仟'] as const;
/** Of each four figures, from the right; 2^53 fen has 14 figures of yuan. 亿 also closes what stands before it in 万. */
const groups = ['', '万', '亿', '万'] as const;
const closesHigher = 2;

function yuanCapitals(yuan: string): string {
  let text = '';
  let owesZero = false;
  for (let group = Math.ceil(yuan.length / 4) - 1; group >= 0; group--) {
    const four = yuan.slice(Math.max(0, yuan.length - 4 * (group + 1)), yuan.length - 4 * group);
    for (const [i, figure] of four.split('').entries()) {
      if (figure === '0') owesZero = true;
      else {
        text += `${owesZero && text !== '' ? '零' : ''}${digits[Number(figure)]}${places[four.length - 1 - i]}`;
        owesZero = false;
      }
    }
    if (Number(four) > 0 || (group === closesHigher && text !== '')) text += groups[group];
  }
  return text;
}
