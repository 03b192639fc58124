/** An engine that hears while it works: the receiver follows its settings from its start to its stop. */
import type { Engine } from '../engine/engine-api.ts'
import type { Receiver } from './receiver.ts'

export function hearing(engine: Engine, receiver: Receiver): Engine {
  let started = false
  return {
    ...engine,
    start: async () => {
      await engine.start()
      started = true
      await receiver.follow(engine.settings())
    },
    stop: async () => {
      started = false
      await receiver.stop()
      await engine.stop()
    },
    change: (change) => {
      const settings = engine.change(change)
      if (started) void receiver.follow(settings)
      return settings
    },
    doctor: async () => [...(await engine.doctor()), ...receiver.checks(engine.settings())],
  }
}
