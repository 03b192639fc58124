/** What the commands that listen on a port have in common: reading it, why it cannot be had, and waiting for the end. */
import { InvalidArgumentError } from 'commander'
import { UsageError } from './exit.ts'

export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Use a port number up to 65535.')
  return port
}

export function portError(error: unknown, host: string, port: number): unknown {
  const { code } = error as { code?: unknown }
  if (code === 'EADDRINUSE')
    return new UsageError(`Port ${port} is already in use.`, 'Choose another one with --port.', { cause: error })
  if (code === 'EACCES')
    return new UsageError(`You are not allowed to use port ${port}.`, 'Choose one above 1023.', { cause: error })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new UsageError(`${host} is not an address of this machine.`, 'Leave --host out, or use 0.0.0.0 for all addresses.', {
      cause: error,
    })
  return error
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

export function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
