// The screens of the accounts, by name. Draws nothing.

/** The hub, and where its tiles lead. */
export const officeViews = ['office', 'closing', 'period', 'closings', 'settlements', 'drawer', 'owner', 'upload', 'upkeep'] as const;
export type OfficeView = (typeof officeViews)[number];

export function isOfficeView(view: string): view is OfficeView {
  return officeViews.some((each) => each === view);
}
