/** `beside formats`, from the providers' data alone: no engine, no database, no schema is loaded for it. */
import { families, formatIds, formats as table, type FormatId } from '../../../shared/formats.ts'
import { allowedValues, optionTable, type OptionName } from '../../../shared/options.ts'
import type { ProviderId } from '../../../shared/job.ts'
import type { Pairing } from '../../providers/provider.ts'
import { localPairings } from '../../providers/local/pairings.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import type { Screen } from '../screen.ts'

export interface FormatsWords {
  readonly from?: FormatId
  readonly with?: ProviderId
  readonly json?: true
}

export function formats(words: FormatsWords, { screen }: Around): ExitStatus {
  if (words.from !== undefined) return targetsOf(words.from, words, screen)
  const reads = new Set(localPairings.flatMap(({ from }) => from))
  const writes = new Set(localPairings.flatMap(({ to }) => to))
  const known = formatIds.filter((id) => reads.has(id) || writes.has(id))
  if (words.json === true) {
    for (const id of known) {
      const { title, family, extensions } = table[id]
      screen.print(
        JSON.stringify({ type: 'format', id, title, family, extensions, reads: reads.has(id), writes: writes.has(id) }),
      )
    }
    return exit.done
  }
  const widest = Math.max(...known.map((id) => table[id].title.length))
  for (const family of families) {
    const ids = known.filter((id) => table[id].family === family)
    if (ids.length === 0) continue
    screen.print(screen.paint('bold', `${family[0]?.toUpperCase()}${family.slice(1)}`))
    for (const id of ids) {
      const ways = reads.has(id) ? (writes.has(id) ? 'reads and writes' : 'reads           ') : '          writes'
      screen.print(
        `  ${id.padEnd(6)}  ${table[id].title.padEnd(widest)}  ${ways}  ${table[id].extensions.map((ending) => `.${ending}`).join(' ')}`,
      )
    }
  }
  screen.print(screen.paint('dim', '`beside formats --from FORMAT` shows what one of them can become, and with which options.'))
  return exit.done
}

function targetsOf(from: FormatId, words: FormatsWords, screen: Screen): ExitStatus {
  const pairings = localPairings.filter((pairing) => pairing.from.includes(from))
  const targets = formatIds.flatMap((to) => {
    const pairing = pairings.find((each) => each.to.includes(to))
    return pairing === undefined ? [] : [{ to, pairing }]
  })
  if (words.json === true) {
    for (const { to, pairing } of targets) {
      screen.print(JSON.stringify({ type: 'pair', from, to, provider: 'local', options: optionsOf(pairing) }))
    }
    return exit.done
  }
  if (targets.length === 0) {
    screen.print(`${table[from].title} can be written but not read.`)
    return exit.done
  }
  screen.print(`${screen.paint('bold', table[from].title)} becomes, on this machine:`)
  for (const { to, pairing } of targets) screen.print(`  ${to.padEnd(5)}  ${screen.paint('dim', pairing.options.join(' '))}`)
  const options = new Set(targets.flatMap(({ pairing }) => pairing.options))
  screen.print('Options for --set:')
  for (const name of options) screen.print(`  ${name.padEnd(16)}  ${optionTable[name].meaning}: ${allowedValues(name)}`)
  return exit.done
}

/** An option with the values that this pair takes, where they are fewer than the vocabulary's. */
function optionsOf({ options, values }: Pairing): readonly { readonly name: OptionName; readonly values?: readonly unknown[] }[] {
  return options.map((name) => ({ name, ...(values?.[name] === undefined ? {} : { values: values[name] }) }))
}
