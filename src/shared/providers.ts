/** What every part of Beside knows of providers: what they are called, and the stages of a conversion that they report. */
import type { OnlineProviderId } from './model.ts'

/** Proper names, the same in every language. This machine has a name in each. */
export const onlineTitles = {
  xconvert: 'xconvert',
  musicgpt: 'MusicGPT',
  'converter-app': 'Converter App',
  converso: 'Converso',
} as const satisfies Readonly<Record<OnlineProviderId, string>>

/** Online services go through the first four; the others are this machine's. */
export const stages = [
  'uploading',
  'queued',
  'processing',
  'downloading',
  'measuring-loudness',
  'choosing-colours',
  'drawing',
  'converting',
] as const
export type Stage = (typeof stages)[number]

/** What an online service, an address or a result is refused for, where the code of the failure says less. */
export const providerDetails = [
  'no-status',
  'no-result',
  'no-job',
  'not-every-job',
  'job-of-another',
  'no-reason',
  'key-or-plan',
  'redirect-loop',
  'redirected-upload',
  'result-address',
  'result-address-private',
  'only-addresses',
  'only-web-addresses',
  'address-too-long',
  'address-with-password',
  'address-private',
  'retention-over',
  'partial-result',
  'bytes-received',
  'no-connection',
  'upload-stalled',
  'silent',
  'download-stalled',
  'connection-broken',
  'answer-not-json',
  'unexpected-form',
  'empty-result',
  'error-instead',
  'text-instead',
  'zip-unreadable',
  'zip-damaged',
  'zip-empty',
  'zip-too-many',
  'zip-too-large',
  'zip-name',
  'zip-link',
  'zip-encrypted',
  'zip-compression',
] as const
