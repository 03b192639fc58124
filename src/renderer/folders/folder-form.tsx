/** A rule as it is written or changed, with what it would do while it is. */
import { Accordion, Button, Group, Radio, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { existingChoices, plainRule, type ExistingChoice, type Folder, type Rule } from '../../shared/folders.ts'
import { useBeside } from '../app/context.tsx'
import { countText } from '../ui/quantities.ts'
import { asksAboutOldFiles, useFoldersChanged } from './folder-queries.ts'
import css from './folder-form.module.css'
import { Dialog } from '../ui/dialog.tsx'
import { FolderRehearsal, useRehearsal } from './folder-rehearsal.tsx'
import { ruleSections, sectionSentence } from './folder-texts.ts'
import { guarded } from '../app/outcomes.ts'
import { ruleForms, type RuleFields } from './rule-sections.tsx'

interface FolderFormProps {
  /** The folder that is changed; `new`: one is added. */
  readonly of: Folder | 'new' | null
  readonly close: () => void
}

export function FolderForm({ of, close }: FolderFormProps) {
  const { t } = useTranslation()
  return (
    <Dialog
      opened={of !== null}
      onClose={close}
      title={t(of === 'new' ? 'folders.add' : 'folders.edit')}
      classNames={{ title: css.title ?? '', header: css.head ?? '', body: css.dialog ?? '', content: css.content ?? '' }}
      size="1080px"
    >
      {of !== null && <Fields of={of} close={close} />}
    </Dialog>
  )
}

function Fields({ of, close }: { readonly of: Folder | 'new'; readonly close: () => void }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useFoldersChanged()
  const [rule, setRule] = useState<Rule>(of === 'new' ? plainRule('', [{ target: 'mp3', preset: null, options: {} }]) : of.rule)
  const [existing, setExisting] = useState<ExistingChoice>('ignore')
  const [isAskingOld, setAskingOld] = useState(false)
  const [debounced] = useDebouncedValue(rule, 350)
  const [isAsNew, setAsNew] = useState(false)
  // Without a folder's number, nothing that its ledger knows counts.
  const rehearsal = useRehearsal(debounced, of === 'new' || isAsNew ? null : of.id)
  const set = (change: Partial<Rule>) => setRule({ ...rule, ...change })
  const isReady = rule.path.trim() !== ''
  const save = async (oldFiles: 'again' | 'keep') => {
    if (of === 'new') await calls.folders.add({ rule, on: true, existing })
    else await calls.folders.change({ id: of.id, rule, oldFiles })
    await changed()
    close()
  }
  const submit = () => {
    if (!isReady) return
    if (of !== 'new' && countHandled(of) > 0 && asksAboutOldFiles(of.rule, rule)) setAskingOld(true)
    else guarded(async () => await save('keep'))
  }
  const fields = { rule, set }
  return (
    <>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <div className={css.fields}>
          <PathField {...fields} />
          <Accordion
            multiple
            defaultValue={['outputs']}
            classNames={{ control: css.control ?? '', content: css.section ?? '', item: css.item ?? '' }}
            order={3}
          >
            {ruleSections.map((section) => (
              <Accordion.Item key={section} value={section}>
                <Accordion.Control>
                  <span className={css.heading}>{t(`rule.section.${section}`)}</span>
                  <span className={css.summary}>{sectionSentence(section, rule, t)}</span>
                </Accordion.Control>
                <Accordion.Panel>{ruleForms[section](fields)}</Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        </div>
        <aside className={css.aside}>
          <FolderRehearsal path={debounced.path} {...rehearsal}>
            {of !== 'new' && (
              <Switch
                size="xs"
                label={t('rule.asNew')}
                checked={isAsNew}
                onChange={(event) => setAsNew(event.currentTarget.checked)}
              />
            )}
          </FolderRehearsal>
        </aside>
        <footer className={css.foot}>
          {of === 'new' && <Existing count={rehearsal.data?.convert ?? null} value={existing} onChange={setExisting} />}
          <Group gap="xs" ml="auto">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" disabled={!isReady}>
              {t(of === 'new' ? 'folders.start' : 'common.save')}
            </Button>
          </Group>
        </footer>
      </form>
      {of !== 'new' && (
        <OldFiles
          opened={isAskingOld}
          count={countHandled(of)}
          close={() => setAskingOld(false)}
          onAnswer={(answer) => guarded(async () => await save(answer))}
        />
      )}
    </>
  )
}

function PathField({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { chooseFolder } = host
  return (
    <Stack gap="sm" mb="md">
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          label={t('folders.path')}
          value={rule.path}
          onChange={(event) => set({ path: event.currentTarget.value.trim() })}
          spellCheck={false}
          flex={1}
          data-autofocus
        />
        {chooseFolder !== null && (
          <Button
            variant="default"
            onClick={() =>
              guarded(async () => {
                const path = await chooseFolder()
                if (path !== null) set({ path })
              })
            }
          >
            {t('folders.choose')}
          </Button>
        )}
      </Group>
      <Switch
        label={t('folders.recursive')}
        checked={rule.recursive}
        onChange={(event) => set({ recursive: event.currentTarget.checked })}
      />
    </Stack>
  )
}

interface ExistingProps {
  /** How many files are there that the rule would convert; null where that is not known. */
  readonly count: number | null
  readonly value: ExistingChoice
  readonly onChange: (choice: ExistingChoice) => void
}

function Existing({ count, value, onChange }: ExistingProps) {
  const { t } = useTranslation()
  return (
    <Radio.Group
      aria-label={t('folders.existing')}
      value={value}
      onChange={(chosen) => onChange(existingChoices.find((each) => each === chosen) ?? 'ignore')}
    >
      <Group gap="md">
        <Text size="sm">{count === null ? t('folders.existing') : t('rule.existing', { count, amount: countText(count) })}</Text>
        {existingChoices.toReversed().map((choice) => (
          <Radio key={choice} value={choice} label={t(`folders.${choice}`)} />
        ))}
      </Group>
    </Radio.Group>
  )
}

function countHandled({ counts }: Folder): number {
  return counts.done + counts.left + counts.failed + counts.quarantined
}

interface OldFilesProps {
  readonly opened: boolean
  readonly count: number
  readonly close: () => void
  readonly onAnswer: (answer: 'again' | 'keep') => void
}

/** After a change of a rule: whether files that were handled before count as new. */
function OldFiles({ opened, count, close, onAnswer }: OldFilesProps) {
  const { t } = useTranslation()
  return (
    <Dialog opened={opened} onClose={close} title={t('rule.oldTitle')}>
      <Stack>
        <Text>{t('rule.oldWhy', { count, amount: countText(count) })}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => onAnswer('again')}>
            {t('rule.oldAgain')}
          </Button>
          <Button onClick={() => onAnswer('keep')} data-autofocus>
            {t('rule.oldKeep')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
