export function isOldEnough(version: string, oldest?: readonly [number, number]): boolean;
export function installationOf(files: readonly (string | Uint8Array)[], platform?: string): string;
export function hintFor(output: string): string;
