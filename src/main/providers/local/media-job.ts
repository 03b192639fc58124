/** One conversion of sound or film, as its passes see it. */
import type { MediaFacts } from '../../../shared/media.ts'
import type { ProviderOrder } from '../provider.ts'
import type { Stages } from './stages.ts'

export interface MediaJob {
  readonly path: string
  readonly temp: string
  readonly facts: MediaFacts
  readonly order: ProviderOrder
  /** FFmpeg's options that open the source, cut as ordered. */
  readonly input: readonly string[]
  readonly stages: Stages
}
