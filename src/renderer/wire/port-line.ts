/** The engine's side of the contract over a port that the desktop has handed over. Apart, since only the desktop has a port. */
import { RPCLink } from '@orpc/client/message-port'
import { JobError } from '../../shared/failure.ts'
import type { WireLine } from './host.ts'

type WindowPort = Pick<InstanceType<typeof MessagePort>, 'addEventListener' | 'postMessage' | 'start'>

export function lineOver(port: WindowPort): WireLine {
  const underWay = new Set<(error: JobError) => void>()
  let isClosed = false
  const closed = new Promise<void>((resolve) =>
    port.addEventListener('close', () => {
      isClosed = true
      for (const giveUp of underWay) giveUp(new JobError('offline'))
      resolve()
    }),
  )
  const inner = new RPCLink({ port })
  port.start()
  return {
    link: {
      // A closed port takes what is sent and says nothing, so a call that was just setting out would wait for ever.
      call: async (path, input, options) => {
        if (isClosed) throw new JobError('offline')
        // One promise a call: what waits on one that lasts as long as the line is held on to for as long.
        const { promise: lost, reject } = Promise.withResolvers<never>()
        underWay.add(reject)
        return await Promise.race([inner.call(path, input, options), lost]).finally(() => underWay.delete(reject))
      },
    },
    closed,
  }
}
