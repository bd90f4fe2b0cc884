// What a page may have of the machine: nothing. Devices belong to the engine.

/** Every permission that Electron asks about is refused, also one that a later Chromium invents (security.md 2.5). */
export function isPermitted(_permission: string): false {
  return false;
}
