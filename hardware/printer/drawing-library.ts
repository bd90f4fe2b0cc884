// Loads the drawing library at the first drawing and not before. Draws nothing.

import { createRequire } from 'node:module';
import type * as Canvas from '@napi-rs/canvas';

/**
 * The library, 30 MB of it: loading takes longer than all else of the engine's start, and no screen needs it. Throws at
 * each use where it cannot be loaded on this machine.
 */
export function drawingLibrary(): typeof Canvas {
  library ??= createRequire(import.meta.url)('@napi-rs/canvas') as typeof Canvas; // the package's own types
  return library;
}

let library: typeof Canvas | null = null;
