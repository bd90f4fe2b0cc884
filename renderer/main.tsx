// The page as shops run it: connects to the engine and starts. Everything else is start-page.tsx.

import { openWire } from './host.ts';
import { startPage } from './start-page.tsx';
import { openStore } from './store.ts';

void startPage(openStore(() => openWire(window)));
