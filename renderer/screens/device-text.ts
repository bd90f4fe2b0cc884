// The state of printer and scanner as one sentence. Names the state only; what to do stands where it is asked.

import { useTranslation } from 'react-i18next';
import type { PrinterView, ScannerView } from '../../electron/ipc/snapshot.ts';

/** The two sentences, in the page's language. */
export function useDeviceTexts(): {
  readonly printer: (state: PrinterView['state']) => string;
  readonly scanner: (state: ScannerView['state']) => string;
} {
  const { t } = useTranslation(['printing', 'scanner']);
  return {
    printer: (state) =>
      state === 'ready' || state === 'near_end' || state === 'connecting' ? t(`printing:${state}`) : t(`printing:failure_${state}.what`),
    scanner: (state) => t(`scanner:${state}`),
  };
}
