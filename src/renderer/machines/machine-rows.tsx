/** One machine: a row that is read at a glance, and below it, when asked for, all that it does and has proved. */
import { ActionIcon, Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FleetMachine, MachineState } from '../../shared/fleet.ts'
import { useBeside, useLive } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import { countText, momentText, percentText, waitText } from '../ui/quantities.ts'
import { Checks } from './checks.tsx'
import { useFleetMoved } from './fleet-queries.ts'
import { labelOf, machineTone, placesOf, tasksOf, verbFor, type MachineVerb } from './machine-texts.ts'
import css from './machines.module.css'
import { Task } from './task.tsx'

/** More make the row too high to look through; the rest is below it. */
const maxShown = 2

export function MachineRows({ machine }: { readonly machine: FleetMachine }) {
  const { t } = useTranslation()
  const [isOpen, more] = useDisclosure(false)
  const id = useId()
  const { name, state, doneLately, load, startedAtMs, version } = machine
  const label = labelOf(machine)
  const isHere = state !== 'gone'
  const trouble = state === 'unfit' ? machine.checks.filter((line) => line.state === 'trouble') : []
  return (
    <tbody className={css.machine} data-state={state}>
      <tr>
        <th scope="row">
          <span className={css.name}>
            <span title={name}>{name}</span>
            <span className={css.state} data-tone={machineTone(label)}>
              {t(`machines.state.${label}`)}
            </span>
          </span>
          <small>{isHere ? `${t('machines.since', { time: momentText(startedAtMs) })} · ${version}` : version}</small>
        </th>
        <td className={css.doing}>
          <Doing machine={machine} />
        </td>
        <td className={css.figure}>{isHere ? countText(doneLately) : '–'}</td>
        <td className={css.figure}>{isHere && load !== null ? percentText(load) : '–'}</td>
        <td className={css.actions}>
          <Group gap={4} wrap="nowrap" justify="flex-end">
            <MachineButton machine={machine} />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-expanded={isOpen}
              aria-controls={isOpen ? id : undefined}
              aria-label={t('machines.detailsOf', { name })}
              title={t('machines.details')}
              onClick={more.toggle}
            >
              <IconChevronRight size={17} className={isOpen ? css.turned : undefined} aria-hidden />
            </ActionIcon>
          </Group>
        </td>
      </tr>
      {trouble.length > 0 && !isOpen && (
        <tr>
          <td colSpan={5} className={css.trouble}>
            <Checks lines={trouble} />
          </td>
        </tr>
      )}
      {isOpen && (
        <tr id={id}>
          <td colSpan={5} className={css.more}>
            <More machine={machine} />
          </td>
        </tr>
      )}
    </tbody>
  )
}

/** What it works on; where that is nothing, why. */
function Doing({ machine }: { readonly machine: FleetMachine }) {
  const { t } = useTranslation()
  const { version } = useLive()
  const { state, checks, silentMs } = machine
  const tasks = tasksOf(machine)
  if (tasks.length > 0 && state !== 'gone') {
    return (
      <>
        {tasks.slice(0, maxShown).map((task, index) => (
          <Task key={`${task.sinceMs} ${index}`} task={task} />
        ))}
        {tasks.length > maxShown && <small>{t('machines.moreTasks', { count: tasks.length - maxShown })}</small>}
      </>
    )
  }
  switch (state) {
    case 'gone':
      return t('machines.silent', { time: waitText(silentMs) })
    case 'unfit':
      return t(checks.length === 0 ? 'machines.checking' : 'machines.rests')
    case 'other-version':
      return <span className={css.warned}>{t('machines.update', { version })}</span>
    case 'resting':
      return t('machines.rests')
    case 'draining':
      return t('machines.takesNoMore')
    case 'working':
      return t('machines.nothing')
  }
}

/** So long a machine may take until it is seen to have heard. */
const hearsWithinMs = 12_000

function MachineButton({ machine }: { readonly machine: FleetMachine }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const moved = useFleetMoved()
  const [asked, setAsked] = useState<{ readonly before: MachineState; readonly untilMs: number } | null>(null)
  const verb = verbFor(machine)
  if (verb === null) return null
  const { name, state } = machine
  const tell = async (what: MachineVerb) => {
    setAsked({ before: state, untilMs: Date.now() + hearsWithinMs })
    try {
      await calls.fleet[what]({ machine: name })
      await moved()
    } catch (error) {
      setAsked(null)
      throw error
    }
  }
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={`${t(`machines.${verb}`)}: ${name}`}
      title={t(`machines.${verb}Help`)}
      loading={asked !== null && asked.before === state && Date.now() < asked.untilMs}
      onClick={() => guarded(async () => await tell(verb))}
    >
      {t(`machines.${verb}`)}
    </Button>
  )
}

function More({ machine }: { readonly machine: FleetMachine }) {
  const { t } = useTranslation()
  const { places, programs } = placesOf(machine, t)
  const tasks = tasksOf(machine)
  return (
    <div className={css.parts}>
      {tasks.length > maxShown && (
        <section>
          <h3>{t('machines.now')}</h3>
          <div className={css.tasks}>
            {tasks.map((task, index) => (
              <Task key={`${task.sinceMs} ${index}`} task={task} />
            ))}
          </div>
        </section>
      )}
      <section>
        <h3>{t('machines.checks')}</h3>
        {machine.checks.length === 0 ? t('machines.checking') : <Checks lines={machine.checks} />}
      </section>
      {places !== '' && (
        <section>
          <h3>{t('machines.places')}</h3>
          <p>{places}</p>
          {programs !== '' && <p>{t('machines.programs', { programs })}</p>}
        </section>
      )}
    </div>
  )
}
