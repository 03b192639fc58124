/** What the options are called in the user's language. */
import { useTranslation } from 'react-i18next'
import { optionNames, type OptionName } from '../../shared/options.ts'

export function useOptionLabels(): Readonly<Record<OptionName, string>> {
  const { t } = useTranslation()
  return Object.fromEntries(optionNames.map((name) => [name, t(`option.${name}`)])) as Record<OptionName, string>
}
