/** The engine's side of the contract over a port that the desktop has handed over. */
import { RPCLink } from '@orpc/client/message-port'
import { JobError } from '../shared/failure.ts'
import type { Line } from './host.ts'

type WindowPort = Pick<InstanceType<typeof MessagePort>, 'addEventListener' | 'postMessage' | 'start'>

export function lineOver(port: WindowPort): Line {
  const closed = new Promise<void>((resolve) => port.addEventListener('close', () => resolve()))
  // A closed port takes what is sent and says nothing, so a call that was just setting out would wait for ever.
  const lost = closed.then(() => {
    throw new JobError('offline')
  })
  lost.catch(() => {})
  const inner = new RPCLink({ port })
  port.start()
  return {
    link: { call: async (path, input, options) => await Promise.race([inner.call(path, input, options), lost]) },
    closed,
  }
}
