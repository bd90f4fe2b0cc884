// The screens of what is past and what came of it, and the switch among them that stands over each. Where nothing is taken in
// there are only sales, and no switch.

import { useTranslation } from 'react-i18next';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { Button } from '../parts/button.tsx';

/** Sales, credits, what was collected. */
export const pastViews = ['recent', 'credits', 'collected'] as const;
export type PastView = (typeof pastViews)[number];

/** Where the one key to them leads: to what is done at the place where it is pressed. */
export function firstPastView({ place, desk }: Pick<Snapshot, 'place' | 'desk'>): PastView {
  return place === 'desk' && desk !== null ? 'credits' : 'recent';
}

export function isPastView(view: string): view is PastView {
  return pastViews.some((each) => each === view);
}

interface PastSwitchProps {
  readonly view: PastView;
  readonly hasDesk: boolean;
  readonly onView: (view: PastView) => void;
}

export function PastSwitch({ view, hasDesk, onView }: PastSwitchProps) {
  const { t } = useTranslation(['recent', 'credits', 'collected']);
  const titles = { recent: t('recent:title'), credits: t('credits:title'), collected: t('collected:title') };
  if (!hasDesk) return titles.recent;
  return pastViews.map((each) => (
    <Button key={each} chosen={each === view} onPress={() => onView(each)}>
      {titles[each]}
    </Button>
  ));
}
