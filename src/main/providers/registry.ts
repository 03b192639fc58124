/**
 * The online providers, each made from the user's settings and keys as they are when it is asked.
 * Apart, as the one place that lists the online providers.
 */
import { defaultOnlineProvider, type OnlineProviderId } from '../../shared/model.ts'
import type { Settings } from '../../shared/settings.ts'
import type { Clock, Log, Random, Secrets } from '../engine/ports.ts'
import { baseAddress as converterAppBase } from './converter-app/about.ts'
import { createConverterApp } from './converter-app/index.ts'
import { baseAddress as conversoBase } from './converso/about.ts'
import { createConverso } from './converso/index.ts'
import { callbacks } from './kit/callback.ts'
import { baseAddress as musicgptBase, isMusicgptPlan } from './musicgpt/about.ts'
import { createMusicgpt } from './musicgpt/index.ts'
import type { Provider } from './provider.ts'
import type { Memory, RemoteOptions } from './kit/service.ts'
import { baseAddress as xconvertBase } from './xconvert/about.ts'
import { createXconvert } from './xconvert/index.ts'

export interface OnlinePorts {
  readonly settings: () => Settings
  readonly secrets: Secrets
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly memory: (id: OnlineProviderId) => Memory
}

export function createOnline({ settings, secrets, memory, ...outside }: OnlinePorts): readonly Provider[] {
  const callback = callbacks({ settings, secrets, ...outside })
  const own = (id: OnlineProviderId) => settings().online[id] ?? defaultOnlineProvider
  const options = (id: OnlineProviderId, base: string): RemoteOptions => ({
    ...outside,
    // Getters: a changed setting counts for the next call.
    get baseUrl() {
      return own(id).baseUrl === '' ? base : own(id).baseUrl.replace(/\/+$/, '')
    },
    get bytesPerSecond() {
      return settings().bytesPerSecond
    },
    key: async () => await secrets.get(id),
    callback: async () => await callback(id),
    memory: memory(id),
  })
  const plan = () => {
    const { plan: name } = own('musicgpt')
    return isMusicgptPlan(name) ? name : 'free'
  }
  // One for all calls of this run: a question to the support of xconvert can name it, and it is in the log.
  const requestId = outside.random.key()
  outside.log.debug('calls to xconvert are known there by', { requestId })
  return [
    createXconvert(options('xconvert', xconvertBase), { 'X-Request-Id': requestId }),
    createConverterApp(options('converter-app', converterAppBase)),
    createMusicgpt(options('musicgpt', musicgptBase), plan),
    createConverso(options('converso', conversoBase)),
  ]
}
