/** Formats by family, as a short table. */
import { useTranslation } from 'react-i18next'
import { families, formats, type FormatId } from '../../shared/formats.ts'
import css from './providers.module.css'

export function FormatTable({ name, ids }: { readonly name: string; readonly ids: readonly FormatId[] }) {
  const { t } = useTranslation()
  return (
    <>
      <h3 className={css.part}>{name}</h3>
      <dl className={css.formats}>
        {families
          .map((family) => ({ family, own: ids.filter((id) => formats[id].family === family) }))
          .filter(({ own }) => own.length > 0)
          .map(({ family, own }) => (
            <div key={family}>
              <dt>{t(`family.${family}`)}</dt>
              <dd>{own.map((id) => formats[id].title).join(' · ')}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}
