export function ensureWindow(node: string): void
