export function ensureWindow(node: string): void
export function ensureDesktop(node: string): void
