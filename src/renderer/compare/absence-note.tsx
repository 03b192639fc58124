/** In the place of a picture or a waveform: why it is not there. The other one is shown all the same. */
import { IconFileOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { factsOf, type Failure } from '../../shared/failure.ts'
import { describeFailure } from '../app/outcomes.ts'
import css from './absence-note.module.css'
import type { ComparedFile } from './compared.ts'

export function AbsenceNote({ compared, failure }: { readonly compared: ComparedFile; readonly failure: Failure | null }) {
  const { t } = useTranslation()
  if (failure === null && compared.absence === null) return null
  const absence = compared.absence ?? (failure?.code === 'source-missing' ? compared.ifMissing : null)
  const path = failure === null ? undefined : factsOf(failure)['path']
  return (
    <div className={css.note} role="note">
      <IconFileOff size={22} aria-hidden />
      <p>
        {absence === null && failure !== null
          ? describeFailure(withoutPath(failure)).message
          : t(`comparison.absent.${absence ?? 'address'}`)}
      </p>
      {typeof path === 'string' && <p className={css.path}>{path}</p>}
    </div>
  )
}

/** It stands below, whole. */
function withoutPath(failure: Failure): Failure {
  const { path: _, ...facts } = factsOf(failure)
  return { ...failure, facts } as Failure
}
